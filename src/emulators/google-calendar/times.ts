/** Days and moments of events: read, placed in time zones, and written as the API writes them. */
import { invalid } from './errors.ts'

/** A whole day, or a moment with the zone that it was given in. */
export type When = { readonly day: string } | { readonly at: number; readonly zone: string | null }

export interface TimeBody {
  readonly date?: string | null | undefined
  readonly dateTime?: string | null | undefined
  readonly timeZone?: string | null | undefined
}

const DAY = /^\d{4}-\d\d-\d\d$/
const RFC3339 = /^(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.\d+)?([Zz]|[+-]\d\d:\d\d)?$/
const COMPACT = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z)?$/
const DAY_MS = 86_400_000

/** `name`: what a refusal calls the time. */
export function whenOf(body: TimeBody, name: 'start' | 'end'): When {
  const { date, dateTime } = body
  const zone = body.timeZone ?? null
  if (zone !== null && !isZone(zone)) throw invalid(`Invalid time zone definition for ${name} time.`)
  if (typeof date === 'string' && typeof dateTime === 'string')
    throw invalid(`The ${name} time holds both a date and a time.`)
  if (typeof date === 'string') {
    if (!isDay(date)) throw invalid(`Invalid value for: Invalid format: "${date}"`)
    return { day: date }
  }
  if (typeof dateTime !== 'string') throw invalid(`Missing ${name} time.`)
  const match = RFC3339.exec(dateTime)
  const [, local = '', offset] = match ?? []
  if (match === null || !isDay(local.slice(0, 10))) throw invalid(`Invalid value for: Invalid format: "${dateTime}"`)
  if (offset === undefined && zone === null) throw invalid(`Missing time zone definition for ${name} time.`)
  const at = offset === undefined ? instantOf(local, zone ?? 'UTC') : Date.parse(`${local}${offset}`.toUpperCase())
  if (Number.isNaN(at)) throw invalid(`Invalid value for: Invalid format: "${dateTime}"`)
  return { at, zone }
}

/** A bound of a search: RFC 3339 with an offset; milliseconds are ignored. */
export function boundOf(text: string, name: string): number {
  const [, local, offset] = RFC3339.exec(text) ?? []
  const at = local === undefined || offset === undefined ? Number.NaN : Date.parse(`${local}${offset}`.toUpperCase())
  if (Number.isNaN(at)) throw invalid('Bad Request', name)
  return at
}

/** Days begin at midnight of the zone. */
export function startOf(when: When, zone: string): number {
  return 'at' in when ? when.at : instantOf(`${when.day}T00:00:00`, zone)
}

export function jsonOf(
  when: When,
  zone: string,
  always: boolean,
): { date?: string; dateTime?: string; timeZone?: string } {
  if ('day' in when) return { date: when.day }
  const told = when.zone ?? (always ? zone : null)
  return { dateTime: momentText(when.at, zone), ...(told === null ? {} : { timeZone: told }) }
}

function momentText(at: number, zone: string): string {
  const offset = offsetAt(at, zone)
  const local = new Date(at + offset).toISOString().slice(0, 19)
  if (zone === 'UTC') return `${local}Z`
  return `${local}${offset < 0 ? '-' : '+'}${new Date(Math.abs(offset)).toISOString().slice(11, 16)}`
}

/** The part of an instance's id that tells its original start. */
export function compact(when: When): string {
  if ('day' in when) return when.day.replaceAll('-', '')
  return new Date(when.at)
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '')
}

export function parseCompact(text: string): When | null {
  const [, year, month, day, hour, minute, second] = COMPACT.exec(text) ?? []
  if (year === undefined) return null
  if (hour === undefined) return { day: `${year}-${month}-${day}` }
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return Number.isNaN(at) ? null : { at, zone: null }
}

export function sameTime(one: When, other: When): boolean {
  return 'day' in one ? 'day' in other && one.day === other.day : 'at' in other && one.at === other.at
}

/** The end of an instance that starts at `start`, as long after it as `of` is long. */
export function endAfter(start: When, of: { readonly start: When; readonly end: When }): When {
  if ('day' in start) {
    const days = 'day' in of.start && 'day' in of.end ? (dayMs(of.end.day) - dayMs(of.start.day)) / DAY_MS : 1
    return { day: dayAfter(start.day, days) }
  }
  const { start: from, end: to } = of
  const ms = 'at' in from && 'at' in to ? to.at - from.at : 0
  return { at: start.at + ms, zone: 'at' in to ? to.zone : null }
}

export function dayMs(day: string): number {
  return Date.parse(`${day}T00:00:00Z`)
}

export function dayAfter(day: string, days: number): string {
  return new Date(dayMs(day) + days * DAY_MS).toISOString().slice(0, 10)
}

export function isZone(name: string): boolean {
  try {
    return /^[A-Za-z]/.test(name) && formatOf(name).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(zone: string): Intl.DateTimeFormat {
  const made =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'iso8601',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
  formats.set(zone, made)
  return made
}

/** How far local time is ahead of UTC, in milliseconds. */
function offsetAt(at: number, zone: string): number {
  if (zone === 'UTC') return 0
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  )
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000
}

/** Of a local time that comes twice the first; one that a clock change skips is moved on by the gap. */
export function instantOf(local: string, zone: string): number {
  const asUtc = Date.parse(`${local.toUpperCase()}Z`)
  if (zone === 'UTC' || Number.isNaN(asUtc)) return asUtc
  const before = offsetAt(asUtc - DAY_MS, zone)
  const after = offsetAt(asUtc + DAY_MS, zone)
  const real = [before, after].map((offset) => asUtc - offset).filter((at) => at + offsetAt(at, zone) === asUtc)
  return real.length > 0 ? Math.min(...real) : asUtc - before
}

/** As the recurrence library takes a moment: RFC 9557. */
export function zonedText(at: number, zone: string): { readonly timeZoneId: string; toString(): string } {
  const text = `${momentText(at, zone)}[${zone}]`
  return { timeZoneId: zone, toString: () => text }
}

function isDay(text: string): boolean {
  return DAY.test(text) && !Number.isNaN(dayMs(text)) && dayAfter(text, 0) === text
}
