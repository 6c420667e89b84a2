/** Exact dates and instants: a date is '2026-11-20', an instant is '2026-11-20T09:30:00.000Z'. */

const DAY_MS = 86_400_000

const LONG_MONTHS: readonly number[] = [1, 3, 5, 7, 8, 10, 12]

/** Whether the text is a day that exists, written as a date. */
export function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const [year, month, day] = [Number(text.slice(0, 4)), Number(text.slice(5, 7)), Number(text.slice(8))]
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return LONG_MONTHS.includes(month) ? 31 : 30
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}

/** An instant as it is kept: most are, and they are compared often. */
const KEPT = /^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/

/** Undefined: it is no instant. The same instant always has the same text. */
export function instantOf(text: string): string | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[-+]\d\d:\d\d)$/.test(text)) return undefined
  if (!isDate(text.slice(0, 10))) return undefined
  if (KEPT.test(text)) return text
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString()
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10)
}

/** The wall clock of a zone: '2026-11-20T10:30:00.000'. */
export type WallClock = (instant: string) => string

/** Throws a RangeError where there is no such zone. */
export function wallClock(zone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US-u-nu-latn', {
    timeZone: zone,
    calendar: 'iso8601',
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
  })
  return (instant) => {
    const parts = new Map(format.formatToParts(new Date(instant)).map(({ type, value }) => [type, value]))
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? ''
    const date = `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`
    return `${date}T${part('hour')}:${part('minute')}:${part('second')}.${part('fractionalSecond')}`
  }
}

/**
 * The instant at which the zone's clock shows this. Of two it is the earlier one; where the clock leaps over it, it is as
 * much later as the clock leaps.
 */
export function instantAt(wall: string, clock: WallClock): string {
  const asIfUtc = Date.parse(`${wall}Z`)
  const offsetAt = (ms: number): number => Date.parse(`${clock(new Date(ms).toISOString())}Z`) - ms
  const offsets = [offsetAt(asIfUtc - DAY_MS), offsetAt(asIfUtc + DAY_MS)]
  const found = offsets.map((offset) => asIfUtc - offset).filter((ms) => ms + offsetAt(ms) === asIfUtc)
  return new Date(Math.min(...(found.length > 0 ? found : [asIfUtc - (offsets[0] ?? 0)]))).toISOString()
}
