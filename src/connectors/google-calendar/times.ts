/** Times as items hold them: a date where it is all day, else an instant; and the window of time that is synced. */
import { ConnectorError } from '../../connector/index.ts'
import type { WireEvent, WireMoment } from './wire.ts'

const DAY_MS = 86_400_000
const DATE = /^\d{4}-\d\d-\d\d$/

/** '2026-11-20' or '2026-11-20T09:30:00.000Z'; null: it is not told. */
export function momentText(moment: WireMoment | undefined): string | null {
  if (moment?.dateTime !== undefined) return new Date(moment.dateTime).toISOString()
  return moment?.date ?? null
}

export function isDate(text: string): boolean {
  return DATE.test(text)
}

/** As it is sent; the other form is taken away, since a patch merges. */
export function momentBody(text: string, zone: string | null): Record<string, string | null> {
  if (isDate(text)) return { date: text, dateTime: null, timeZone: null }
  const ms = Date.parse(text)
  if (!/^\d{4}-\d\d-\d\dT/.test(text) || Number.isNaN(ms))
    throw new ConnectorError('rejected', `${JSON.stringify(text)} is neither a date nor an instant`)
  return { date: null, dateTime: new Date(ms).toISOString(), timeZone: zone }
}

/** The end of an occurrence that begins then and lasts as long as the one from `start` to `end`. */
export function endAfter(start: string, end: string, original: string): string {
  const lasts = Date.parse(end) - Date.parse(start)
  const ms = new Date(Date.parse(original) + lasts).toISOString()
  return isDate(original) ? ms.slice(0, 10) : ms
}

/** Whether any part of it lies after the beginning of the window. A series that may go on for ever does. */
export function isInWindow(event: WireEvent, from: number): boolean {
  if (event.recurrence !== undefined) return lastsUntil(event) >= from
  const own = momentText(event.end) ?? momentText(event.start)
  const times = [own, momentText(event.originalStartTime)].filter((time) => time !== null)
  // A date ends somewhere on earth half a day later than in London.
  return times.length === 0 || times.some((time) => Date.parse(time) + (isDate(time) ? DAY_MS / 2 : 0) >= from)
}

/** No occurrence ends later; Infinity where that is not known. */
function lastsUntil({ start, end, recurrence = [] }: WireEvent): number {
  const [begins, ends] = [Date.parse(momentText(start) ?? ''), Date.parse(momentText(end) ?? '')]
  const lasts = ends - begins
  const bounds = recurrence.map((line) => {
    if (line.startsWith('EX')) return ends
    const rule = /^RRULE:(.*)$/.exec(line)?.[1]
    return rule === undefined ? lastDate(line) + lasts : lastOf(rule, begins) + lasts
  })
  const last = Math.max(ends, ...bounds) + DAY_MS
  return Number.isNaN(last) ? Infinity : last
}

/** Of a rule with an end, or of one that counts days or weeks alone. */
function lastOf(rule: string, begins: number): number {
  const parts = new Map(rule.split(';').map((part) => part.split('=', 2) as [string, string]))
  const until = /^(\d{4})(\d\d)(\d\d)/.exec(parts.get('UNTIL') ?? '')
  if (until !== null) return Date.parse(`${until[1]}-${until[2]}-${until[3]}T00:00:00Z`) + DAY_MS
  const count = Number(parts.get('COUNT') ?? Number.NaN)
  const days = { DAILY: 1, WEEKLY: 7 }[parts.get('FREQ') ?? '']
  const isPlain = [...parts.keys()].every((name) => ['FREQ', 'COUNT', 'INTERVAL', 'WKST', 'BYDAY'].includes(name))
  if (days === undefined || Number.isNaN(count) || !isPlain || (days === 1 && parts.has('BYDAY'))) return Infinity
  return begins + count * Number(parts.get('INTERVAL') ?? 1) * days * DAY_MS
}

/** The last of the dates that a line names. */
function lastDate(line: string): number {
  const named = [...line.matchAll(/(\d{4})(\d\d)(\d\d)/g)]
  if (!line.startsWith('RDATE') || named.length === 0 || line.includes('PERIOD')) return Infinity
  return Math.max(...named.map(([, year, month, day]) => Date.parse(`${year}-${month}-${day}T00:00:00Z`))) + DAY_MS
}
