/**
 * Views of the documented tables: what is there now, with names in the place of numbers. A new name changes one row, and
 * shows in all of them.
 */
import type { DatabaseConfig, Ingested } from './config.ts'
import { quoted, tableName, type Dialect } from './dialect.ts'
import { columnsOf, DELETED, ingested, inSchema } from './ingest.ts'

/** The name of what a column names; of several where it holds a set. */
interface Named {
  readonly as: string
  readonly column: string
  readonly of: Ingested
  /** What is shown of it: its name where nothing is said. */
  readonly shows?: string
  readonly set?: true
}

const PROJECT: Named = { as: 'project', column: 'scope', of: 'projects' }
const TAGS: Named = { as: 'tags', column: 'tag_ids', of: 'tags', set: true }

const VIEWS: { readonly [table in Ingested]?: readonly Named[] } = {
  tasks: [
    PROJECT,
    { as: 'task_list', column: 'task_list_id', of: 'task_lists' },
    { as: 'assignees', column: 'assignee_ids', of: 'people', set: true },
    TAGS,
    { as: 'created_by', column: 'created_by_id', of: 'people' },
    { as: 'completed_by', column: 'completed_by_id', of: 'people' },
  ],
  time_entries: [
    PROJECT,
    { as: 'task', column: 'task_id', of: 'tasks' },
    { as: 'person', column: 'person_id', of: 'people' },
    TAGS,
  ],
  comments: [
    { as: 'task', column: 'task_id', of: 'tasks' },
    { as: 'conversation', column: 'conversation_id', of: 'conversations', shows: 'subject' },
    { as: 'author', column: 'author_id', of: 'people' },
  ],
  conversations: [
    { as: 'team', column: 'team_id', of: 'teams' },
    { as: 'assignees', column: 'assignee_ids', of: 'people', set: true },
    { as: 'labels', column: 'label_ids', of: 'labels', set: true },
  ],
  emails: [
    { as: 'conversation', column: 'conversation_id', of: 'conversations', shows: 'subject' },
    { as: 'author', column: 'author_id', of: 'people' },
  ],
}

export interface View {
  readonly name: string
  /** The statement that makes it; it changes when the view does. */
  readonly sql: string
  /** Of the table that it shows whole: PostgreSQL shows those that were there when the view was made. */
  readonly columns: readonly string[]
}

/** Those whose tables are all there. */
export function viewsOf(config: DatabaseConfig, { words }: Dialect): readonly View[] {
  const there = ingested(config)
  return there.flatMap((table) => {
    const names = VIEWS[table]?.filter(({ of }) => there.includes(of)) ?? []
    if (names.length === 0) return []
    const name = inSchema(`current_${table}`, config)
    const shown = names.map((each) => `${expression(each, config, words.name)} AS ${quoted(each.as)}`)
    const sql = `CREATE VIEW ${tableName(name)} AS SELECT t.*, ${shown.join(', ')} FROM ${tableName(inSchema(table, config))} t WHERE t.${quoted(DELETED)} IS NULL`
    return [{ name, sql, columns: Object.keys(columnsOf(table, config)) }]
  })
}

function expression({ column, of, shows = 'name', set }: Named, config: DatabaseConfig, dialect: string): string {
  const from = `${tableName(inSchema(of, config))} n WHERE n."source" = t."source" AND n."id"`
  const shown = `n.${quoted(shows)}`
  if (set !== true) return `(SELECT ${shown} FROM ${from} = t.${quoted(column)})`
  if (dialect === 'postgres')
    return `(SELECT array_agg(${shown} ORDER BY ${shown}) FROM ${from} = ANY (t.${quoted(column)}))`
  const rows = `SELECT ${shown} AS shown FROM ${from} IN (SELECT value FROM json_each(t.${quoted(column)})) ORDER BY 1`
  return `(SELECT nullif(json_group_array(shown), '[]') FROM (${rows}))`
}
