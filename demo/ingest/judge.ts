/**
 * Decides whether the tables say what Teamwork and Missive say, in a process of its own that knows only SQL and the two
 * HTTP APIs: it shares no code with the engine and its connectors. Reads a question from standard input, prints the
 * verdict, and exits with 0 where all agree, 1 where not, 2 where it could not tell.
 */
import { text } from 'node:stream/consumers'
import { isDeepStrictEqual } from 'node:util'
import { openApplication, type Row } from '../calendar/application.ts'
import { question, type Question, type Verdict } from './question.ts'
import { itemsOfMissive, itemsOfTeamwork, type Said } from './reading.ts'

const TABLES = [
  'tasks',
  'comments',
  'time_entries',
  'people',
  'tags',
  'conversations',
  'emails',
  'attachments',
] as const

async function rowsIn({ database }: Question): Promise<{ rows: Said[]; deleted: number }> {
  const application = await openApplication(database)
  const prefix = database.schema === '' ? '' : `${database.schema}.`
  const rows: Said[] = []
  let deleted = 0
  for (const table of TABLES) {
    const found = await application.run(`SELECT * FROM ${prefix}${table}`)
    deleted += found.filter((row) => row['deleted_at'] != null).length
    for (const row of found.filter((each) => each['deleted_at'] == null))
      rows.push({ key: `${row['source'] ?? ''} ${table} ${row['id'] ?? ''}`, says: saysRow(table, row) })
  }
  await application.close()
  return { rows, deleted }
}

function saysRow(table: (typeof TABLES)[number], row: Row): Said['says'] {
  const given = (...columns: readonly string[]): Said['says'] =>
    Object.fromEntries(columns.map((column) => [column, row[column] ?? null]))
  const truths = (...columns: readonly string[]): Said['says'] =>
    Object.fromEntries(columns.map((column) => [column, ['1', 't', 'true'].includes(row[column] ?? '')]))
  const sets = (...columns: readonly string[]): Said['says'] =>
    Object.fromEntries(columns.map((column) => [column, setIn(row[column] ?? null)]))
  switch (table) {
    case 'tasks':
      return {
        ...given('name', 'description', 'task_list_id', 'scope', 'due_on'),
        ...truths('completed'),
        ...sets('assignee_ids', 'tag_ids'),
      }
    case 'comments':
      return given('task_id', 'conversation_id', 'author_id', 'body_text')
    case 'time_entries':
      return { ...given('task_id', 'person_id', 'description'), minutes: Number(row['minutes'] ?? 0) }
    case 'people':
      return given('name', 'email')
    case 'tags':
      return given('name')
    case 'conversations':
      return { ...given('subject', 'team_id'), ...truths('trashed', 'closed'), ...sets('label_ids', 'assignee_ids') }
    case 'emails':
      return { ...given('conversation_id', 'subject', 'from_address', 'body_html'), ...sets('to_addresses') }
    case 'attachments':
      return { ...given('email_id', 'name'), size: Number(row['size'] ?? 0) }
  }
}

/** An array of PostgreSQL, or a JSON list. */
function setIn(value: string | null): readonly string[] | null {
  if (value === null) return null
  const found: unknown = value.startsWith('{')
    ? value
        .slice(1, -1)
        .split(',')
        .map((each) => each.replaceAll('"', ''))
    : JSON.parse(value)
  return Array.isArray(found) ? found.map(String).toSorted() : null
}

function compare(items: readonly Said[], rows: readonly Said[], deleted: number): Verdict {
  const found: Verdict = { ok: false, items: 0, lost: [], duplicates: [], stale: [], deleted }
  const byKey = Map.groupBy(rows, ({ key }) => key)
  for (const { key, says } of items) {
    const [row, second] = byKey.get(key) ?? []
    byKey.delete(key)
    if (row === undefined) found.lost.push({ item: key, why: `no row says ${JSON.stringify(says)}` })
    else if (second !== undefined) found.duplicates.push({ item: key, why: 'more than one row' })
    else if (isDeepStrictEqual({ ...row.says }, { ...says })) found.items += 1
    else found.stale.push({ item: key, why: `${JSON.stringify(says)}, and its row ${JSON.stringify(row.says)}` })
  }
  for (const key of byKey.keys()) found.stale.push({ item: key, why: 'it is there no more, and its row is not marked' })
  const { lost, duplicates, stale } = found
  return { ...found, ok: [lost, duplicates, stale].every((each) => each.length === 0) }
}

try {
  const asked = question.parse(JSON.parse(await text(process.stdin)))
  const { rows, deleted } = await rowsIn(asked)
  const items = [...(await itemsOfTeamwork(asked.teamwork)), ...(await itemsOfMissive(asked.missive))]
  const found = compare(items, rows, deleted)
  console.log(JSON.stringify(found))
  process.exitCode = found.ok ? 0 : 1
} catch (error) {
  console.error(`The judge could not read everything: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 2
}
