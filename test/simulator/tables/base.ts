/** What a base of Airtable tells, as people see it there. */
import { ANN, BASE } from '../../connectors/airtable-base.ts'
import { hasBase } from './configuration.ts'
import { truth } from './said.ts'
import { TRUTHS, type Told } from './told.ts'
import type { Row, TablesWorld } from './world.ts'

/** Of people, and of nobody else. */
export const NOTES = 'Notes'

interface Kept {
  readonly table: string
  readonly columns: readonly string[]
  /** By column: the field that links to the record with that id, and its table. */
  readonly links?: { readonly [column: string]: readonly [field: string, table: string] }
}

/** The tables of the configuration, by the names that the documents have for them. */
const IN_BASE: { readonly [table: string]: Kept } = {
  people: { table: 'People', columns: ['name', 'email'] },
  task_lists: { table: 'Lists', columns: ['name'] },
  tasks: {
    table: 'Tasks',
    columns: ['name', 'description', 'completed', 'due_on', 'assignee_ids'],
    links: { task_list_id: ['task_list', 'Lists'] },
  },
  time_entries: {
    table: 'Time',
    columns: ['description', 'minutes', 'billable'],
    links: { task_id: ['task', 'Tasks'] },
  },
  conversations: { table: 'Conversations', columns: ['subject', 'closed', 'trashed', 'active_at', 'label_ids'] },
  emails: {
    table: 'Mails',
    columns: ['subject', 'from_address', 'to_addresses', 'sent_at'],
    links: { conversation_id: ['conversation', 'Conversations'] },
  },
  comments: {
    table: 'Comments',
    columns: ['body_text', 'author_id', 'task_state'],
    links: { conversation_id: ['conversation', 'Conversations'], task_id: ['task', 'Tasks'] },
  },
  labels: { table: 'Labels', columns: ['name'] },
}

export const TABLES_OF_BASE = Object.values(IN_BASE).map(({ table }) => table)

/** `key`: a table, a source and an id. */
export function tableInBase(key: string): string | null {
  return IN_BASE[key.split(' ')[0] ?? '']?.table ?? null
}

/** Records that have a source. A link is told as the id that its record has. */
export function inBase({ airtable, scenario }: Pick<TablesWorld, 'airtable' | 'scenario'>): readonly Told[] {
  if (!hasBase(scenario)) return []
  const person = airtable.as(ANN, BASE)
  const records = new Map(TABLES_OF_BASE.map((table) => [table, person.records(table)]))
  const idOf = (table: string, record: unknown): string =>
    String(records.get(table)?.find(({ id }) => id === record)?.fields['id'])
  return Object.entries(IN_BASE).flatMap(([name, { table, columns, links = {} }]) =>
    (records.get(table) ?? [])
      .filter(({ fields }) => fields['source'] !== undefined)
      .map(({ id: ref, fields }) => {
        const linked = Object.entries(links).map(([column, [field, to]]) => {
          const { [field]: held } = fields
          return [column, Array.isArray(held) ? held.map((each) => idOf(to, each)).join() : '']
        })
        return {
          key: `${name} ${String(fields['source'])} ${String(fields['id'])}`,
          place: 'base' as const,
          ref,
          says: {
            ...Object.fromEntries(columns.map((column) => [column, ofField(column, fields)])),
            ...Object.fromEntries(linked),
          },
          note: fields[NOTES] === undefined ? null : String(fields[NOTES]),
          isMarked: false,
        }
      }),
  )
}

function ofField(column: string, fields: Row): string {
  const value = fields[column]
  return TRUTHS.has(column) ? truth(value === true) : String(value ?? '')
}
