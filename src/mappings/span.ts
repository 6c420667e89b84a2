/**
 * A span of time as a whole: its start, its end, whether it is all day, its zone. One lens, so that two people who move
 * the same appointment at once make one conflict, and no half of one is joined to half of the other.
 */
import { isObject, sameValue, type Json, type Values } from '../connector/values.ts'
import type { Lens, Policy, Side, Way } from '../core/flow.ts'
import { addDays, instantAt, instantOf, isDate, type WallClock } from './dates.ts'

/** How one side holds a span. A text holds a date where it is all day, and else an instant, or the time of a wall clock. */
export interface SpanForm {
  readonly start: string
  readonly end: string
  readonly type: 'text' | 'date' | 'instant'
  /** A truth value that says whether it is all day. Absent: a text says so by what it holds. */
  readonly allDay: string | null
  /** The name of a zone. */
  readonly zone: string | null
  /** Whether the end of a span of whole days is its last day, and not the day after. */
  readonly endsOnLast: boolean
}

export interface SpanOptions {
  readonly id: string
  readonly forms: { readonly [side in Side]: SpanForm }
  /** Whose days they are, and whose clock, where an item does not say so. Null: nothing is assumed. */
  readonly zone: string | null
  /** Null: there is no such zone. */
  readonly clock: (zone: string) => WallClock | null
  /** How long a span of time lasts that has no end, in minutes; null: it cannot be read. */
  readonly minutes: number | null
  readonly way?: Way
  readonly policy?: Policy
}

type Span = { readonly days: true; readonly from: string; readonly to: string } | Timed
type Timed = { readonly days: false; readonly from: string; readonly to: string; readonly zone?: string }
/** Null: there is no span. */
type Read = Span | null | { readonly why: string }

export function span(options: SpanOptions): Lens {
  const { id, forms, way, policy } = options
  const read = (side: Side, values: Values): Json => {
    const found = spanIn(values, forms[side], options)
    if (found === null) return null
    return 'why' in found ? { unreadable: held(values, forms[side]) } : found
  }
  return {
    id,
    way: way ?? 'both',
    fields: { a: fieldsOf(forms.a), b: fieldsOf(forms.b) },
    ...(policy === undefined ? {} : { policy }),
    read,
    write(side, value, old) {
      const form = forms[side]
      const before = old === null ? {} : held(old, form)
      const stays = old !== null && sameValue(read(side, old), value)
      return stays ? before : (written(asSpan(value), form, before, options) ?? emptied(form))
    },
    unreadable(side, values) {
      const found = spanIn(values, forms[side], options)
      return found !== null && 'why' in found ? { why: found.why } : null
    },
  }
}

function fieldsOf({ start, end, allDay, zone }: SpanForm): readonly string[] {
  return [start, end, ...(allDay === null ? [] : [allDay]), ...(zone === null ? [] : [zone])]
}

function held(values: Values, form: SpanForm): { [field: string]: Json } {
  return Object.fromEntries(fieldsOf(form).map((field) => [field, values[field] ?? null]))
}

function emptied(form: SpanForm): Values {
  return Object.fromEntries(fieldsOf(form).map((field) => [field, null]))
}

/** Both sides tell zones, so that the zone is part of what is compared. */
function isZoned({ forms }: SpanOptions): boolean {
  return forms.a.zone !== null && forms.b.zone !== null
}

function spanIn(values: Values, form: SpanForm, options: SpanOptions): Read {
  const [start, end] = [values[form.start] ?? null, values[form.end] ?? null]
  if (start === null && end === null) return null
  if (typeof start !== 'string' || (end !== null && typeof end !== 'string')) return { why: 'it has no start' }
  const own = form.zone === null ? null : (values[form.zone] ?? null)
  if (own !== null && (typeof own !== 'string' || options.clock(own) === null))
    return { why: `${JSON.stringify(own)} is no time zone` }
  const clock = options.clock(own ?? options.zone ?? '')
  const isAllDay = form.allDay === null ? isDate(start) : values[form.allDay] === true
  const found = isAllDay ? daysOf(start, end, form, clock) : timesOf(start, end, form, clock, options)
  if ('why' in found) return found
  if (found.to < found.from || (found.days && found.to === found.from)) return { why: 'it ends before it starts' }
  return found.days || own === null || !isZoned(options) ? found : { ...found, zone: own }
}

function daysOf(start: string, end: string | null, form: SpanForm, clock: WallClock | null): Span | { why: string } {
  const day = (text: string): string | undefined => {
    if (form.type !== 'instant') return isDate(text) ? text : undefined
    const instant = instantOf(text)
    return instant === undefined || clock === null ? undefined : clock(instant).slice(0, 10)
  }
  const [from, last] = [day(start), end === null ? undefined : day(end)]
  if (from === undefined || (end !== null && last === undefined)) return { why: 'it is all day and tells no days' }
  const to = last === undefined ? addDays(from, 1) : form.endsOnLast ? addDays(last, 1) : last
  return { days: true, from, to }
}

const WALL = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/

function timesOf(
  start: string,
  end: string | null,
  form: SpanForm,
  clock: WallClock | null,
  { minutes }: SpanOptions,
): Span | { why: string } {
  const time = (text: string): string | undefined => {
    const isWall = form.type === 'text' && WALL.test(text) && isDate(text.slice(0, 10)) && clock !== null
    return isWall ? wallInstant(text, clock) : instantOf(text)
  }
  const from = time(start)
  if (from === undefined) return { why: 'its start is no time' }
  if (end === null && minutes === null) return { why: 'it has no end' }
  const to = end === null ? new Date(Date.parse(from) + (minutes ?? 0) * 60_000).toISOString() : time(end)
  return to === undefined ? { why: 'its end is no time' } : { days: false, from, to }
}

function wallInstant(text: string, clock: WallClock): string | undefined {
  const whole = text.replace(' ', 'T') + (text.length === 16 ? ':00' : '')
  return Number.isNaN(Date.parse(`${whole}Z`)) ? undefined : instantAt(whole, clock)
}

function asSpan(value: Json): Span | null {
  if (!isObject(value)) return null
  const { days, from, to, zone } = value
  if (typeof from !== 'string' || typeof to !== 'string') return null
  if (days === true) return { days, from, to }
  return { days: false, from, to, ...(typeof zone === 'string' ? { zone } : {}) }
}

/** Undefined: this side cannot hold it. */
function written(
  wanted: Span | null,
  form: SpanForm,
  before: { readonly [field: string]: Json },
  options: SpanOptions,
): Values | undefined {
  if (wanted === null) return undefined
  const kept = form.zone === null ? null : (before[form.zone] ?? null)
  const ownZone = typeof kept === 'string' && options.clock(kept) !== null ? kept : null
  const zone =
    !wanted.days && isZoned(options) ? (wanted.zone ?? null) : (ownZone ?? (wanted.days ? null : options.zone))
  const clock = options.clock(zone ?? options.zone ?? '')
  const times = wanted.days ? daysOn(wanted, form, clock) : timesOn(wanted, form, before, clock)
  if (times === undefined) return undefined
  const [start, end] = times
  return {
    [form.start]: start,
    [form.end]: end,
    ...(form.allDay === null ? {} : { [form.allDay]: wanted.days }),
    ...(form.zone === null ? {} : { [form.zone]: zone }),
  }
}

function daysOn({ from, to }: Span, form: SpanForm, clock: WallClock | null): [string, string] | undefined {
  const end = form.endsOnLast ? addDays(to, -1) : to
  if (form.type !== 'instant') return [from, end]
  if (form.allDay === null || clock === null) return undefined
  return [instantAt(`${from}T00:00:00.000`, clock), instantAt(`${end}T00:00:00.000`, clock)]
}

/** A wall clock's time stays one where its zone is told. */
function timesOn(
  { from, to }: Span,
  form: SpanForm,
  before: { readonly [field: string]: Json },
  clock: WallClock | null,
): [string, string] | undefined {
  if (form.type === 'date') return undefined
  const old = before[form.start]
  if (form.type !== 'text' || typeof old !== 'string' || !WALL.test(old) || clock === null) return [from, to]
  const wall = (instant: string): string | null => {
    const text = clock(instant).replace(/(:00)?\.000$/, '')
    return wallInstant(text, clock) === instant ? text : null
  }
  const [start, end] = [wall(from), wall(to)]
  return start === null || end === null ? [from, to] : [start, end]
}
