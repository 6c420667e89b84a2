/**
 * Teamwork → tables of a base of Airtable. One way.
 *
 * What people meet:
 * - A table of the configuration that is called as a documented one gets its rows, and each of its fields that is called as a
 *   column its values; what has another name is never touched.
 * - Links lead from tasks to their lists, and from comments and time to their tasks, where there are fields for them.
 * - What is deleted in Teamwork is deleted in the base.
 */
import type { Mapping } from './mapping.ts'
import { baseOf, recordsOf, type Links } from './records.ts'
import { ROWS, SOURCE } from './teamwork--database.ts'

const LINKS: { readonly [table: string]: Links } = {
  tasks: {
    task_list: { a: 'tasklist', to: ['tasklist', 'task_lists'] },
    parent: { a: 'parent', to: ['task', 'tasks'] },
  },
  comments: { task: { a: 'task', to: ['task', 'tasks'] } },
  time_entries: { task: { a: 'task', to: ['task', 'tasks'] } },
}

export const teamworkAirtable: Mapping = {
  connectors: { a: 'teamwork', b: 'airtable' },
  partial: true,
  pairs: [baseOf('project'), ...ROWS.map((each) => recordsOf(SOURCE, each, LINKS[each.table]))],
}
