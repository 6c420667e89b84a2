/** The table, the calendars and Lockstep between them, as the acts of the demo use them. */
import type { EventJson } from '../../src/emulators/google-calendar/render.ts'
import type { Configuration } from '../configuration.ts'
import type { Screen } from '../screen.ts'
import { jsonIn, lockstep } from '../service.ts'
import type { Application, Row } from './application.ts'
import type { Claims } from './claims.ts'
import { OWNERS, type Owner } from './configuration.ts'
import type { Google } from './google.ts'
import { insert, type Entry } from './people.ts'

export interface Stage {
  readonly application: Application
  readonly google: Google
  readonly configuration: Configuration
  readonly screen: Screen
  readonly claims: Claims
  /** `own`: rows that the application itself has written since capture began. `changes`: what had to travel. */
  readonly tally: { own: number; changes: number; conflicts: number }
}

/** The one row with this title, if there is exactly one. */
export async function row({ application }: Stage, title: string): Promise<Row | null> {
  const found = await application.run(
    `SELECT * FROM ${application.table} WHERE title = $1 AND series_id IS NULL`,
    title,
  )
  return found.length === 1 ? (found[0] ?? null) : null
}

/** The exception of a series at one of its times, if there is exactly one. */
export async function exceptionRow({ application }: Stage, series: string, original: string): Promise<Row | null> {
  const found = await application.run(
    `SELECT e.* FROM ${application.table} e JOIN ${application.table} s ON s.id = e.series_id
     WHERE s.title = $1 AND e.original_start = $2`,
    series,
    original,
  )
  return found.length === 1 ? (found[0] ?? null) : null
}

export async function add({ application, tally }: Stage, entry: Entry): Promise<string> {
  tally.own += 1
  tally.changes += 1
  return insert(application, entry)
}

/** Sets columns of the row with this title. */
export async function set(stage: Stage, title: string, columns: Entry): Promise<void> {
  const { application, tally } = stage
  const names = Object.keys(columns)
  const sets = names.map((name, index) => `${name} = $${index + 2}`)
  const values = names.map((name) => columns[name] ?? null)
  tally.own += 1
  tally.changes += 1
  await application.run(
    `UPDATE ${application.table} SET ${sets.join(', ')} WHERE title = $1 AND series_id IS NULL`,
    title,
    ...values,
  )
}

/** The one event whose title begins so, if there is exactly one. */
export function event({ google }: Stage, owner: Owner, title: string): EventJson | null {
  const found = google.person
    .events(OWNERS[owner])
    .filter(({ summary, recurringEventId }) => recurringEventId === undefined && String(summary).startsWith(title))
  return found.length === 1 ? (found[0] ?? null) : null
}

/** What the series' event is at one of its times: with the id that Google gives it. */
export function occurrence(stage: Stage, owner: Owner, series: string, original: string): EventJson {
  const id = event(stage, owner, series)?.id ?? ''
  const stamp = original.replaceAll(/[-:]|\.\d+/g, '')
  return stage.google.person.event(OWNERS[owner], `${id}_${stamp}`)
}

export function edit(
  stage: Stage,
  owner: Owner,
  title: string,
  changes: Parameters<Google['person']['edit']>[2],
): void {
  stage.tally.changes += 1
  stage.google.person.edit(OWNERS[owner], event(stage, owner, title)?.id ?? '', changes)
}

export function timeIn(moment: unknown): string {
  if (typeof moment !== 'object' || moment === null) return ''
  if ('date' in moment) return String(moment.date)
  return 'dateTime' in moment ? new Date(String(moment.dateTime)).toISOString() : ''
}

export function timeOf(text: string | null | undefined): string {
  return text === null || text === undefined ? '' : new Date(text).toISOString()
}

/** A command that has to succeed; `codes`: how it may end. */
export async function ran(
  { configuration }: Stage,
  codes: readonly number[],
  ...command: readonly string[]
): Promise<string> {
  const { code, out, err } = await lockstep(configuration, ...command)
  if (code === null || !codes.includes(code))
    throw new Error(`lockstep ${command.join(' ')} ended with ${code ?? 'a signal'}: ${out}${err}`)
  return out
}

export async function listed(stage: Stage, ...command: readonly string[]): Promise<unknown> {
  return jsonIn(await ran(stage, [0, 3, 4], ...command, '--json'))
}
