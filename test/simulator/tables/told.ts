/** What the tables of a database tell, as whoever queries them reads it. */
import { set, truth, type Said } from './said.ts'
import type { TablesWorld } from './world.ts'

/** A row, or a record. */
export interface Told {
  /** Its table, source and id. */
  readonly key: string
  readonly place: 'warehouse' | 'base'
  readonly ref: string
  /** Of each column that the table has. */
  readonly says: Said
  /** What people have put beside it. */
  readonly note: string | null
  /** As deleted. */
  readonly isMarked: boolean
}

export const TABLES = [
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
export const TRUTHS = new Set(['completed', 'billable', 'closed', 'trashed'])
const SETS = new Set(['assignee_ids', 'tag_ids', 'label_ids', 'to_addresses'])

export function inDatabase({ sql }: Pick<TablesWorld, 'sql'>): readonly Told[] {
  return TABLES.flatMap((table) =>
    sql(`SELECT * FROM ${table} ORDER BY source, id`).map(({ note, deleted_at: deleted, ...row }) => ({
      key: `${table} ${String(row['source'])} ${String(row['id'])}`,
      place: 'warehouse' as const,
      ref: String(row['id']),
      says: Object.fromEntries(Object.entries(row).map(([column, value]) => [column, ofCell(column, value)])),
      note: note === null ? null : String(note),
      isMarked: deleted !== null,
    })),
  )
}

function ofCell(column: string, value: unknown): string {
  if (value === null) return ''
  if (TRUTHS.has(column)) return truth(value === 1)
  if (!SETS.has(column)) return String(value)
  const all: unknown = JSON.parse(String(value))
  return Array.isArray(all) ? set(all.map(String)) : String(value)
}
