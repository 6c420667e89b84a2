/**
 * Teamwork → the documented tables of a database. One way.
 *
 * What people meet:
 * - A row keeps the numbers of Teamwork; names of people, tags, lists and projects stand in their own tables, once, and views
 *   show them beside the numbers. A new name changes one row.
 * - What is deleted is marked with the time, and stays. What comes back loses the mark.
 * - A project that is deleted, or out of reach, changes no row of its tasks.
 */
import type { Lens } from '../core/flow.ts'
import type { Mapping } from './mapping.ts'
import { reference } from './reference.ts'
import { rowsOf, scopeOf, type Rows } from './tables.ts'

export const SOURCE = 'teamwork'

export const ROWS: readonly Rows[] = [
  {
    kind: 'listedProject',
    table: 'projects',
    shows: { name: 'name', description: 'description', status: 'status', created_at: 'createdAt' },
  },
  {
    kind: 'person',
    table: 'people',
    shows: { name: 'name', email: 'email', title: 'title', administrator: 'administrator' },
  },
  { kind: 'tag', table: 'tags', shows: { name: 'name', colour: 'colour' } },
  { kind: 'tasklist', table: 'task_lists', shows: { name: 'name' } },
  {
    kind: 'task',
    table: 'tasks',
    shows: {
      task_list_id: 'tasklist',
      parent_id: 'parent',
      name: 'name',
      description: 'description',
      completed: 'completed',
      completed_at: 'completedAt',
      completed_by_id: 'completedBy',
      priority: 'priority',
      progress: 'progress',
      start_on: 'start',
      due_on: 'due',
      estimate_minutes: 'estimate',
      created_at: 'createdAt',
      created_by_id: 'createdById',
      updated_at: 'updatedAt',
    },
    sets: { assignee_ids: 'assigneeIds', tag_ids: 'tags' },
  },
  {
    kind: 'comment',
    table: 'comments',
    shows: { task_id: 'task', author_id: 'authorId', body_text: 'body', created_at: 'createdAt' },
  },
  {
    kind: 'time',
    table: 'time_entries',
    shows: {
      task_id: 'task',
      person_id: 'personId',
      began_at: 'began',
      minutes: 'minutes',
      description: 'description',
      billable: 'billable',
      created_at: 'createdAt',
      updated_at: 'updatedAt',
    },
    sets: { tag_ids: 'tags' },
  },
]

/** What goes from project to project: its row goes along. */
const IN_PROJECTS: ReadonlySet<string> = new Set(['tasklist', 'task', 'comment', 'time'])
const SCOPE: Lens = reference({
  id: 'scope',
  a: 'project',
  b: 'scope',
  to: { a: 'project', b: 'owner' },
  way: 'a→b',
})

export const teamworkDatabase: Mapping = {
  connectors: { a: 'teamwork', b: 'database' },
  partial: true,
  pairs: [
    scopeOf('project'),
    ...ROWS.map((each) => rowsOf(SOURCE, IN_PROJECTS.has(each.kind) ? { ...each, also: [SCOPE] } : each)),
  ],
}
