/**
 * Series and their instances. An instance has the id `<series>_<original start>` whether or not it was ever changed; one
 * that was changed or cancelled by itself is a record of its own, an exception.
 */
import type { Content } from './event-body.ts'
import { expansionOf, momentOf, type Expansion } from './recurrence.ts'
import type { CalendarRecord, EventRecord } from './state.ts'
import { compact, endAfter, parseCompact, startOf, type When } from './times.ts'

/** A series that is not deleted. */
export interface Series extends EventRecord {
  readonly content: Content
}

export function isSeries(record: EventRecord): record is Series {
  return record.content !== null && record.content.recurrence.length > 0
}

const expansions = new WeakMap<Content, Expansion>()

function expansionFor(content: Content): Expansion {
  const known = expansions.get(content) ?? expansionOf(content.recurrence, content.start)
  expansions.set(content, known)
  return known
}

export function instanceId(series: string, original: When): string {
  return `${series}_${compact(original)}`
}

/** The instance of a series that was never changed by itself. */
function plainInstance(series: Series, original: When): EventRecord {
  const { recurrence: _, ...content } = series.content
  const id = instanceId(series.id, original)
  return {
    ...series,
    id,
    place: null,
    instance: { series: series.id, original },
    content: { ...content, recurrence: [], start: original, end: endAfter(original, series.content) },
  }
}

/** What is left of a cancelled instance where nothing of its own is kept: the content that its series gives it. */
export function withoutOwn(calendar: CalendarRecord, record: EventRecord): EventRecord {
  const series = record.instance === null ? undefined : calendar.events.get(record.instance.series)
  if (record.instance === null || series === undefined || !isSeries(series)) return record
  return { ...record, content: plainInstance(series, record.instance.original).content }
}

/** An event by its id, be it an instance that has no record of its own; null when there is none. */
export function eventById(calendar: CalendarRecord, id: string): EventRecord | null {
  const record = calendar.events.get(id)
  if (record !== undefined) return record
  const [, seriesId = '', stamp = ''] = /^(.+)_([^_]+)$/.exec(id) ?? []
  const series = calendar.events.get(seriesId)
  const original = parseCompact(stamp)
  if (series === undefined || original === null || !isSeries(series)) return null
  if (!expansionFor(series.content).has(original)) return null
  const zone = 'at' in series.content.start ? series.content.start.zone : null
  return plainInstance(series, 'at' in original ? { ...original, zone } : original)
}

/** All instances whose original start lies between two moments, exceptions among them in their new form. */
export function instancesOf(calendar: CalendarRecord, series: Series, from: number, to: number): EventRecord[] {
  const originals = expansionFor(series.content).between(from, to)
  return originals.map((original) => {
    const exception = calendar.events.get(instanceId(series.id, original))
    return exception ?? plainInstance(series, original)
  })
}

export function exceptionsOf(calendar: CalendarRecord, series: string): EventRecord[] {
  return [...(calendar.exceptions.get(series) ?? [])].flatMap((id) => calendar.events.get(id) ?? [])
}

/** Whether the series still makes an instance at this start. */
export function makes(series: Series, original: When): boolean {
  return expansionFor(series.content).has(original)
}

/** An instance of a deleted series is deleted with it. */
export function asItIs(calendar: CalendarRecord, record: EventRecord): EventRecord {
  const series = record.instance === null ? undefined : calendar.events.get(record.instance.series)
  return series?.cancelled === true && !record.cancelled ? { ...record, cancelled: true } : record
}

/** How long an instance is, give or take the hours of clock changes. */
export function lengthOf(content: Content): number {
  return momentOf(content.end) - momentOf(content.start)
}

const DAY_MS = 86_400_000

/**
 * Instances that touch a window, cancelled exceptions among them. An exception that was moved is looked at by its own
 * times. Null: unbounded.
 */
export function instancesWithin(
  calendar: CalendarRecord,
  series: Series,
  window: { readonly from: number | null; readonly to: number; readonly zone: string },
): EventRecord[] {
  const begin = momentOf(series.content.start)
  const from = window.from === null ? begin - DAY_MS : Math.max(begin, window.from - lengthOf(series.content)) - DAY_MS
  const regular = instancesOf(calendar, series, from, window.to + DAY_MS)
  const seen = new Set(regular.map(({ id }) => id))
  const moved = exceptionsOf(calendar, series.id).filter(
    (record) => record.instance !== null && !seen.has(record.id) && makes(series, record.instance.original),
  )
  return [...regular, ...moved].filter((record) => touches(record, window)).map((record) => asItIs(calendar, record))
}

const SOON_MS = 60 * DAY_MS

/** Whether an instance touches a window. Most series show one soon, so that the rest need not be expanded. */
export function anyWithin(
  calendar: CalendarRecord,
  series: Series,
  window: { readonly from: number | null; readonly to: number; readonly zone: string },
): boolean {
  const begin = momentOf(series.content.start)
  const soon = Math.max(begin, window.from ?? begin) + SOON_MS
  const shows = (to: number): boolean =>
    instancesWithin(calendar, series, { ...window, to }).some(({ cancelled }) => series.cancelled || !cancelled)
  return shows(Math.min(soon, window.to)) || (soon < window.to && shows(window.to))
}

/** Bounds are exclusive: the end lies after the lower one, the start before the upper one. */
export function touches(
  record: EventRecord,
  window: { readonly from: number | null; readonly to: number | null; readonly zone: string },
): boolean {
  const start = record.content?.start ?? record.instance?.original
  const end = record.content?.end ?? record.instance?.original
  if (start === undefined || end === undefined) return false
  if (window.from !== null && startOf(end, window.zone) <= window.from) return false
  return window.to === null || startOf(start, window.zone) < window.to
}
