/** What the configuration names of a pair of kinds: a field, a way. */
import type { Field } from '../connector/values.ts'
import type { Pair, Side, Way } from '../core/flow.ts'
import type { FieldSetting } from './flow-schema.ts'
import { suggestion, type Finding, type Path } from './problem.ts'
import { directions, wayOf, type Between } from './sides.ts'

/** Loads a file that the configuration names. Throws where there is none, or where it cannot be run. */
export type LoadModule = (path: string) => unknown

export interface FieldContext {
  readonly between: Between
  readonly kinds: Pair['kinds']
  readonly report: (finding: Finding) => void
  readonly load: LoadModule
}

export interface Named {
  readonly name: string
  readonly field: Field
}

/** Null: a finding was reported. */
export function fieldOf(side: Side, name: FieldSetting[Side], path: Path, context: FieldContext): Named | null {
  const { fields, kind } = context.kinds[side]
  if (typeof name === 'object') {
    const remedy = 'add `as: span`, or name one field'
    context.report({ code: 'invalid', path: [...path, side], message: 'these are the fields of a span', remedy })
    return null
  }
  if (name === undefined) {
    const remedy = `add \`${side}: <a field of ${kind}>\`; it has ${Object.keys(fields).join(', ')}`
    context.report({ code: 'missing', path, message: `the field of side ${side} is not named`, remedy })
    return null
  }
  return fieldAt(side, name, [...path, side], context)
}

/** `place`: where it is named. Null: a finding was reported. */
export function fieldAt(side: Side, name: string, place: Path, context: FieldContext): Named | null {
  const { fields, kind } = context.kinds[side]
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (field !== undefined) return { name, field }
  context.report({
    code: 'unknown-field',
    path: place,
    message: `a ${kind} has no field \`${name}\``,
    remedy: suggestion(name, Object.keys(fields)),
  })
  return null
}

/** Null: a finding was reported. */
export function readWay(setting: FieldSetting, path: Path, { between, report }: FieldContext): Way | null {
  const words = setting.way ?? (setting.as === 'title' ? 'on create a->b' : 'both')
  const way = wayOf(words, between)
  if (way === null)
    report({
      code: 'bad-direction',
      path: [...path, 'way'],
      message: 'this is no way for changes to travel',
      remedy: `write ${directions(between)}, or \`on create\` before one of the last two`,
    })
  return way
}
