/** Recurrence lines of RFC 5545: checked when they are written, and expanded into the starts of instances. */
import { RRuleTemporal } from 'rrule-temporal'
import { CalendarError, invalid, leftOut } from './errors.ts'
import { dayMs, instantOf, zonedText, type When } from './times.ts'

const LINE = /^(RRULE|EXRULE|RDATE|EXDATE)((?:;[A-Z]+=[^:;]+)*):(.+)$/
const STAMP = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/

/** Starts of instances. Days count as midnight UTC. */
export interface Expansion {
  /** In order; both moments are included. */
  between(from: number, to: number): When[]
  has(start: When): boolean
  /** Whether anything starts at or after a moment. */
  after(from: number): boolean
}

export function checkRecurrence(lines: readonly string[], start: When): void {
  if ('at' in start && start.zone === null) throw invalid('Missing time zone definition for start time.')
  try {
    if (!expansionOf(lines, start).after(momentOf(start))) throw invalid('Invalid recurrence rule.')
  } catch (error) {
    throw error instanceof CalendarError ? error : invalid('Invalid recurrence rule.')
  }
}

export function momentOf(when: When): number {
  return 'at' in when ? when.at : dayMs(when.day)
}

export function expansionOf(lines: readonly string[], start: When): Expansion {
  const rule = ruleOf(lines, start)
  const whenAt = (at: number): When =>
    'at' in start ? { at, zone: start.zone } : { day: new Date(at).toISOString().slice(0, 10) }
  const between = (from: number, to: number): When[] =>
    to < from ? [] : rule.between(new Date(from), new Date(to), true).map((found) => whenAt(found.epochMilliseconds))
  return {
    between,
    has: (when) => 'at' in when === 'at' in start && between(momentOf(when), momentOf(when)).length > 0,
    after: (from) => rule.next(new Date(from), true) !== null,
  }
}

function ruleOf(lines: readonly string[], start: When): RRuleTemporal {
  const zone = 'at' in start ? (start.zone ?? 'UTC') : 'UTC'
  const parts = lines.map(partOf)
  const rules = parts.filter(({ name }) => name === 'RRULE')
  if (parts.some(({ name }) => name === 'EXRULE')) throw leftOut('EXRULE')
  if (rules.length > 1) throw leftOut('more than one RRULE')
  const text = rules[0]?.value ?? 'FREQ=DAILY;COUNT=1'
  if (/COUNT=/.test(text) && /UNTIL=/.test(text)) throw invalid('Invalid recurrence rule.')
  const dates = (name: string) =>
    parts
      .filter((part) => part.name === name)
      .flatMap((part) => part.value.split(',').map((stamp) => zonedText(stampOf(stamp, part.zone ?? zone), zone)))
  return new RRuleTemporal({
    rruleString: `RRULE:${text}`,
    dtstart: zonedText(momentOf(start), zone),
    rDate: dates('RDATE'),
    exDate: dates('EXDATE'),
  })
}

function partOf(line: string): { readonly name: string; readonly value: string; readonly zone: string | null } {
  const [, name, parameters = '', value] = LINE.exec(line) ?? []
  if (name === undefined || value === undefined) throw invalid('Invalid recurrence rule.')
  return { name, value, zone: /;TZID=([^;]+)/.exec(parameters)?.[1] ?? null }
}

function stampOf(text: string, zone: string): number {
  const [, year, month, day, hour, minute, second, utc] = STAMP.exec(text) ?? []
  if (year === undefined) throw invalid('Invalid recurrence rule.')
  if (hour === undefined) return dayMs(`${year}-${month}-${day}`)
  return instantOf(`${year}-${month}-${day}T${hour}:${minute}:${second}`, utc === 'Z' ? 'UTC' : zone)
}
