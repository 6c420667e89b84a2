/** Spans of time, as the configuration describes them. */
import type { Side, Lens } from '../core/flow.ts'
import { span, wallClock, type SpanForm, type WallClock } from '../mappings/index.ts'
import type { FieldSetting } from './flow-schema.ts'
import { clockOf } from './formats.ts'
import type { SpanSide } from './lens-schema.ts'
import { fieldAt, readWay, type FieldContext, type Named } from './named.ts'
import { readPolicy } from './policies.ts'
import type { Path } from './problem.ts'

const OPTIONS: ReadonlySet<string> = new Set(['a', 'b', 'as', 'way', 'conflict', 'zone', 'minutes'])

/** Null where a finding was reported. */
export function spanLens(id: string, setting: FieldSetting, path: Path, context: FieldContext): Lens | null {
  const foreign = Object.keys(setting).find((option) => !OPTIONS.has(option))
  if (foreign !== undefined)
    return invalid(context, [...path, foreign], `\`${foreign}\` says nothing about a span`, 'leave it out')
  const a = formOf('a', setting.a, path, context)
  const b = formOf('b', setting.b, path, context)
  const way = readWay(setting, path, context)
  const policy = readPolicy(setting, path, context)
  const zone = setting.zone ?? null
  if (zone !== null && clockOf(zone, [...path, 'zone'], context.report) === null) return null
  if (a === null || b === null || way === null || policy === null) return null
  if (zone === null && [a, b].some((form) => form.type === 'instant' && form.allDay !== null && form.zone === null))
    return invalid(
      context,
      path,
      'nothing says whose day a whole day is',
      'add `zone:` with the time zone, such as Europe/Berlin, or the field that names it',
    )
  const minutes = setting.minutes ?? null
  return span({
    id,
    forms: { a, b },
    zone,
    clock: knownClock(),
    minutes,
    way,
    ...(policy === undefined ? {} : { policy }),
  })
}

/** Null: a finding was reported. */
function formOf(side: Side, given: FieldSetting[Side], path: Path, context: FieldContext): SpanForm | null {
  const place = [...path, side]
  if (typeof given !== 'object')
    return invalid(context, place, 'a span has a start and an end', `write \`${side}: { start: …, end: … }\``)
  const named = namedIn(side, given, place, context)
  if (named === null) return null
  const { start, end, allDay, zone } = named
  const type = start.field.type === 'rich' ? 'text' : start.field.type
  if (type !== 'text' && type !== 'date' && type !== 'instant')
    return invalid(context, [...place, 'start'], `${start.name} holds ${type}, which is no time`, 'name another field')
  if ((end.field.type === 'rich' ? 'text' : end.field.type) !== type)
    return invalid(
      context,
      [...place, 'end'],
      `${end.name} is of another type than ${start.name}`,
      'name another field',
    )
  if (allDay !== null && allDay.field.type !== 'boolean')
    return invalid(context, [...place, 'all_day'], `${allDay.name} is no truth value`, 'name another field')
  return {
    start: start.name,
    end: end.name,
    type,
    allDay: allDay?.name ?? null,
    zone: zone?.name ?? null,
    endsOnLast: given.end_is === 'last_day',
  }
}

interface Ends {
  readonly start: Named
  readonly end: Named
  readonly allDay: Named | null
  readonly zone: Named | null
}

function namedIn(side: Side, given: SpanSide, place: Path, context: FieldContext): Ends | null {
  const at = (option: 'start' | 'end' | 'all_day' | 'zone'): Named | null | undefined => {
    const name = given[option]
    if (name === undefined) return undefined
    const found = fieldAt(side, name, [...place, option], context)
    if (found === null || (found.field.written === undefined && found.field.many === undefined)) return found
    return invalid(context, [...place, option], `${name} is never written, or holds many values`, 'name another field')
  }
  const [start, end, allDay, zone] = [at('start'), at('end'), at('all_day'), at('zone')]
  if (start === null || end === null || allDay === null || zone === null) return null
  return start === undefined || end === undefined ? null : { start, end, allDay: allDay ?? null, zone: zone ?? null }
}

/** Items name zones, and few of them: each is made once. */
function knownClock(): (zone: string) => WallClock | null {
  const known = new Map<string, WallClock | null>()
  return (zone) => {
    const found = known.get(zone)
    if (found !== undefined) return found
    const made = zone === '' ? null : clockNamed(zone)
    if (known.size < MOST_ZONES) known.set(zone, made)
    return made
  }
}

const MOST_ZONES = 1000

function clockNamed(zone: string): WallClock | null {
  try {
    return wallClock(zone)
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function invalid({ report }: FieldContext, path: Path, message: string, remedy: string): null {
  report({ code: 'invalid', path, message, remedy })
  return null
}
