/** What the tables tell, as whoever queries them reads it. */
import { ANN, BASE } from '../../connectors/airtable-base.ts'
import { set, truth, type Said } from './said.ts'
import type { Row, TablesWorld } from './world.ts'

/** A row, or a record. */
export interface Told {
  /** Its table, source and id. */
  readonly key: string
  readonly ref: string
  /** Of each column that the table has. */
  readonly says: Said
}

const TABLES = [
  'projects',
  'people',
  'tags',
  'task_lists',
  'tasks',
  'comments',
  'time_entries',
  'conversations',
  'emails',
  'attachments',
  'labels',
  'teams',
] as const
const TRUTHS = new Set(['completed', 'billable', 'closed', 'trashed'])
const SETS = new Set(['assignee_ids', 'tag_ids', 'label_ids', 'to_addresses'])

/** Rows that are not marked as deleted. */
export function inDatabase({ sql }: TablesWorld): readonly Told[] {
  return TABLES.flatMap((table) =>
    sql(`SELECT * FROM ${table} WHERE deleted_at IS NULL ORDER BY source, id`).map((row) => {
      const key = `${table} ${String(row['source'])} ${String(row['id'])}`
      return { key, ref: key, says: ofRow(row) }
    }),
  )
}

/** Columns of each table of the base. */
const IN_BASE: { readonly [table: string]: readonly [name: string, columns: readonly string[]] } = {
  people: ['People', ['name', 'email']],
  conversations: ['Conversations', ['subject', 'closed', 'trashed', 'active_at', 'label_ids']],
  emails: ['Mails', ['subject', 'from_address', 'to_addresses', 'sent_at', 'conversation_id']],
  comments: ['Comments', ['body_text', 'author_id', 'task_state', 'conversation_id']],
  labels: ['Labels', ['name']],
}

/** `key`: its table, source and id. */
export function isInBase(key: string): boolean {
  return Object.hasOwn(IN_BASE, key.split(' ')[0] ?? '')
}

/** Records that have a source; what people put beside them is no part of it. A link is told as the id that its record has. */
export function inBase({ airtable }: TablesWorld): readonly Told[] {
  const person = airtable.as(ANN, BASE)
  const conversations = new Map(person.records('Conversations').map(({ id, fields }) => [id, String(fields['id'])]))
  return Object.entries(IN_BASE).flatMap(([table, [name, columns]]) =>
    person
      .records(name)
      .filter(({ fields }) => fields['source'] !== undefined)
      .map(({ id: ref, fields }) => {
        const { conversation } = fields
        const linked = Array.isArray(conversation) ? conversation.map((each) => conversations.get(String(each))) : []
        const row = { ...fields, conversation_id: linked.join() }
        return {
          key: `${table} ${String(fields['source'])} ${String(fields['id'])}`,
          ref,
          says: Object.fromEntries(columns.map((column) => [column, ofField(column, row)])),
        }
      }),
  )
}

function ofField(column: string, fields: Row): string {
  const value = fields[column]
  return TRUTHS.has(column) ? truth(value === true) : String(value ?? '')
}

function ofRow(row: Row): Said {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, ofCell(column, value)]))
}

function ofCell(column: string, value: unknown): string {
  if (value === null) return ''
  if (TRUTHS.has(column)) return truth(value === 1)
  if (!SETS.has(column)) return String(value)
  const all: unknown = JSON.parse(String(value))
  return Array.isArray(all) ? set(all.map(String)) : String(value)
}
