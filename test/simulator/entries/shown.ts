/** What stands in the application's table and in the calendars, each told in the same words. */
import type { EventJson } from '../../../src/emulators/google-calendar/render.ts'
import { tokenIn, type Ledger } from '../ledger.ts'
import { ANN, CALENDARS, type EntriesWorld, type Row } from './world.ts'

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
export const WEEK = 7 * DAY

export function iso(ms: number): string {
  return new Date(ms).toISOString()
}

/** Of Berlin in winter. */
export function midnight(ms: number): number {
  return Math.floor((ms + HOUR) / DAY) * DAY - HOUR
}

export function compact(ms: number): string {
  return iso(ms).replace(/[-:]|\.\d+/g, '')
}

export function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function titleOf(event: EventJson): string {
  return stringOf(event['summary'])
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([each]) => each === name)?.[1]
    : undefined
}

export function isDay(event: EventJson): boolean {
  return member(event['start'], 'date') !== undefined
}

export function originalOf(event: EventJson): unknown {
  const when = event['originalStartTime'] ?? event['start']
  return member(when, 'dateTime') ?? member(when, 'date')
}

/** An entry, or what differs at one time of a series. */
export interface Shown {
  readonly ref: string
  /** What it is: the root of its text, or of its series' with the time. */
  readonly name: string
  readonly title: string
  /** Everything that both sides show. */
  readonly words: string
}

export function atTable({ sql }: EntriesWorld, ledger: Ledger): readonly Shown[] {
  const rows = sql('SELECT * FROM entries ORDER BY id')
  const byId = new Map(rows.map((row) => [row['id'], row]))
  return rows.flatMap((row) => {
    const series = byId.get(row['series_id'])
    const title = stringOf(row['title'])
    const ref = String(row['id'])
    if (row['series_id'] === null)
      return [{ ref, title, name: named(ledger, title), words: `${String(row['user_id'])} ${wordsOfRow(row)}` }]
    const name = `${named(ledger, stringOf(series?.['title']))} at ${stringOf(row['original_start'])}`
    const shown = titleOfRow(row)
    const isLike = series !== undefined && shown === titleOfRow(series) && row['starts_at'] === row['original_start']
    const words = row['cancelled'] === 1 ? 'cancelled' : `${shown} ${whenOfRow(row)}`
    return isLike && row['cancelled'] !== 1 ? [] : [{ ref, title, name, words: `${String(row['user_id'])} ${words}` }]
  })
}

function named(ledger: Ledger, title: string): string {
  return `t${ledger.rootOf(tokenIn(title)) ?? '?'}`
}

function titleOfRow(row: Row): string {
  return `${stringOf(row['title'])}${row['amount'] === null ? '' : ` · ${german(stringOf(row['amount']))} €`}`
}

function wordsOfRow(row: Row): string {
  const colour = Number(row['amount'] ?? 0) < 0 ? '11' : row['category'] === 'workshop' ? '10' : '9'
  return `${titleOfRow(row)} ${whenOfRow(row)} ${stringOf(row['recurrence'])} ${colour}`
}

function german(amount: string): string {
  return Number(amount).toFixed(2).replace('.', ',')
}

function whenOfRow(row: Row): string {
  const [from, to] = [Date.parse(stringOf(row['starts_at'])), Date.parse(stringOf(row['ends_at']))]
  if (row['all_day'] !== 1) return `${iso(from)} ${iso(to)}`
  return `${iso(from + HOUR).slice(0, 10)} ${iso(to + HOUR).slice(0, 10)}`
}

export function inCalendars({ google }: EntriesWorld, ledger: Ledger): readonly Shown[] {
  return [...CALENDARS].flatMap(([user, calendar]) => {
    const events = google.as(ANN).events(calendar)
    const byId = new Map(events.map((each) => [each.id, each]))
    return events.flatMap((event): Shown[] => {
      const series = byId.get(stringOf(event['recurringEventId']))
      const title = titleOf(event).replace(/\s/g, ' ')
      const ref = event.id
      if (event['recurringEventId'] === undefined) {
        const words = `${title} ${whenOfEvent(event)} ${ruleOf(event)} ${stringOf(event['colorId'])}`
        return event.status === 'cancelled'
          ? []
          : [{ ref, title, name: named(ledger, title), words: `${user} ${words}` }]
      }
      if (series === undefined) return []
      const original = iso(Date.parse(stringOf(originalOf(event))))
      const name = `${named(ledger, titleOf(series))} at ${original}`
      const isLike = titleOf(event) === titleOf(series) && whenOfEvent(event).startsWith(original)
      const words = event.status === 'cancelled' ? 'cancelled' : `${title} ${whenOfEvent(event)}`
      return isLike && event.status !== 'cancelled' ? [] : [{ ref, title, name, words: `${user} ${words}` }]
    })
  })
}

function ruleOf(event: EventJson): string {
  const rules = event['recurrence']
  return Array.isArray(rules) ? rules.map(String).join() : ''
}

function whenOfEvent(event: EventJson): string {
  const [from, to] = [event['start'], event['end']]
  const [first, last] = [member(from, 'date'), member(to, 'date')]
  if (first !== undefined) return `${String(first)} ${String(last)}`
  return `${iso(Date.parse(String(member(from, 'dateTime'))))} ${iso(Date.parse(String(member(to, 'dateTime'))))}`
}
