/** Fields that are made of others on the far side: templates, rules and constants. One side is named, and gets them. */
import type { Field, Json } from '../connector/values.ts'
import { other, type Lens, type Policy, type Side, type Way } from '../core/flow.ts'
import {
  ambiguity,
  computed,
  constant,
  parseTemplate,
  ruled,
  ruledOrChosen,
  template,
  type Format,
} from '../mappings/index.ts'
import { valueOf } from './conversions.ts'
import { predicateOf } from './filter.ts'
import type { FieldSetting } from './flow-schema.ts'
import { fieldAt, type FieldContext, type Named } from './named.ts'
import { formatOf } from './formats.ts'
import type { Path } from './problem.ts'

export interface Made {
  readonly id: string
  readonly setting: FieldSetting
  readonly path: Path
  readonly context: FieldContext
  /** The side that is named, and its field. */
  readonly side: Side
  readonly target: Named
  readonly way: Way
  readonly policy: Policy | undefined
}

/** Whether changes travel towards the made field alone. */
function leadsOnlyTo({ way, side }: Made): boolean {
  return way.endsWith(side === 'b' ? 'a→b' : 'b→a')
}

function base({ id, side, policy }: Made): { id: string; side: Side; policy?: Policy } {
  return { id, side, ...(policy === undefined ? {} : { policy }) }
}

export function templateLens(made: Made, text: string): Lens | null {
  const { path, context, side, target, way } = made
  const { report, kinds } = context
  const place = [...path, 'template']
  if (!isText(target.field)) {
    const message = `${target.name} of a ${kinds[side].kind} holds no text`
    report({ code: 'unfit-fields', path: place, message, remedy: 'name a field that holds text' })
    return null
  }
  const parts = parseTemplate(text)
  if ('message' in parts) {
    report({ code: 'bad-template', path: place, ...parts })
    return null
  }
  const names = parts.flatMap((part) => ('field' in part ? [part.field] : []))
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  const formats = formatsOf(made, names)
  if (formats === null) return null
  const options = { ...base(made), text: target.name, parts, formats, way }
  if (leadsOnlyTo(made)) return computed(options)
  const mistake =
    twice === undefined
      ? ambiguity(parts, (name) => formats.get(name)?.free === true)
      : {
          message: `{${twice}} stands there twice`,
          remedy: 'name it once, or let the field be written in one direction only (`way`)',
        }
  if (mistake === null) return template(options)
  report({ code: 'bad-template', path: place, ...mistake })
  return null
}

function formatsOf(
  { setting, path, context, side }: Made,
  names: readonly string[],
): ReadonlyMap<string, Format> | null {
  const formats = new Map<string, Format>()
  let isRight = true
  for (const name of names) {
    const field = fieldAt(other(side), name, [...path, 'template'], context)?.field
    const place = [...path, 'formats', name]
    const format =
      field === undefined ? null : formatOf(name, field, setting.formats?.[name] ?? {}, place, context.report)
    if (format === null) isRight = false
    else formats.set(name, format)
  }
  for (const name of Object.keys(setting.formats ?? {}))
    if (!names.includes(name)) {
      const message = `the template names no field \`${name}\``
      context.report({
        code: 'unknown-field',
        path: [...path, 'formats', name],
        message,
        remedy: `name it in the template, or leave it out`,
      })
      isRight = false
    }
  return isRight ? formats : null
}

export function rulesLens(made: Made, rules: NonNullable<FieldSetting['rules']>): Lens | null {
  const { setting, path, context, side, target, way } = made
  const there = other(side)
  const compiled = rules.map(({ when = {}, value: written }, index) => {
    for (const name of Object.keys(when))
      if (fieldAt(there, name, [...path, 'rules', index, 'when'], context) === null) return null
    const value = heldOf(made, written, ['rules', index, 'value'])
    return value === undefined ? null : { when: predicateOf(when), value }
  })
  const right = compiled.filter((each) => each !== null)
  if (right.length < compiled.length) return null
  const options = { ...base(made), field: target.name, rules: right }
  if (setting.chosen === undefined)
    return ruled({ ...options, way: towards(side, way), others: setting.others ?? 'keep' })
  const chosen = fieldAt(there, setting.chosen, [...path, 'chosen'], context)
  if (chosen === null) return null
  if (chosen.field.type === target.field.type && chosen.field.many === target.field.many)
    return ruledOrChosen({ ...options, chosen: chosen.name })
  const message = `${chosen.name} holds ${chosen.field.type}, ${target.name} ${target.field.type}`
  context.report({ code: 'unfit-fields', path: [...path, 'chosen'], message, remedy: 'name a field of the same type' })
  return null
}

export function constantLens(made: Made, written: string | number | boolean | null): Lens | null {
  const value = heldOf(made, written, ['value'])
  const { side, target, way } = made
  return value === undefined ? null : constant({ ...base(made), field: target.name, value, way: towards(side, way) })
}

/** Undefined: a finding was reported. */
function heldOf(
  { target, path, context }: Made,
  written: string | number | boolean | null,
  at: Path,
): Json | undefined {
  if (written === null) return null
  const value = valueOf(written, target.field)
  if (value === undefined) {
    const message = `${target.name} holds ${target.field.many ?? target.field.type}, which this is not`
    context.report({
      code: 'invalid',
      path: [...path, ...at],
      message,
      remedy: 'write a value that the field can hold',
    })
  }
  return value
}

/** Nothing travels back from what is made by rule. */
function towards(side: Side, way: Way): Way {
  if (way !== 'both') return way
  return side === 'b' ? 'a→b' : 'b→a'
}

function isText({ type, many }: Field): boolean {
  return (type === 'text' || type === 'rich') && many === undefined
}
