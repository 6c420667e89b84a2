/** Lenses for pairs of kinds that the configuration itself describes. */
import type { Field } from '../connector/values.ts'
import { other, SIDES, type KindFacts, type Lens, type Origin, type Pair, type Way } from '../core/flow.ts'
import { direct } from '../mappings/direct.ts'
import { files } from '../mappings/files.ts'
import { people } from '../mappings/people.ts'
import { reference } from '../mappings/reference.ts'
import { related } from '../mappings/form.ts'
import { signed } from '../mappings/signed.ts'
import { title } from '../mappings/title.ts'
import { formsOf } from './conversions.ts'
import type { FieldSetting } from './flow-schema.ts'
import { isFile, lensFrom } from './functions.ts'
import { constantLens, rulesLens, templateLens } from './made-fields.ts'
import { fieldOf, readWay, type FieldContext, type Named } from './named.ts'
import { readPolicy } from './policies.ts'
import { spanLens } from './spans.ts'
import type { Path } from './problem.ts'

const TITLE_LENGTH = 255

/** Null where a finding was reported. */
export function lensOf(id: string, setting: FieldSetting, path: Path, context: FieldContext): Lens | null {
  if (setting.lens !== undefined) return ownLens(id, setting, setting.lens, path, context)
  if (setting.as === 'span') return spanLens(id, setting, path, context)
  const made = madeOf(id, setting, path, context)
  if (made !== undefined) return made
  const a = fieldOf('a', setting.a, path, context)
  const b = fieldOf('b', setting.b, path, context)
  const way = readWay(setting, path, context)
  const policy = readPolicy(setting, path, context)
  if (a === null || b === null || way === null || policy === null) return null
  const unfit = misfit({ a, b }, way, setting, context.kinds)
  if (unfit !== null) {
    const message = `${a.name} of a ${context.kinds.a.kind} cannot be related to ${b.name} of a ${context.kinds.b.kind}: ${unfit}`
    context.report({ code: 'unfit-fields', path, message, remedy: 'relate it to another field, or leave it out' })
    return null
  }
  const options = { id, a: a.name, b: b.name, way: settled(way, a, b), ...(policy === undefined ? {} : { policy }) }
  if (a.field.type === 'file') return files(options)
  if (isPerson(a.field, setting)) return people({ ...options, set: a.field.many === 'set' })
  if (setting.as === 'title') return title({ ...options, max: setting.max ?? TITLE_LENGTH, untitled: '(no text)' })
  if (setting.as === 'signed') return signed({ ...options, attribution: { a: attribution, b: attribution } })
  const forms = formsOf({ a, b }, setting, path, context.report)
  if (forms === null) return null
  if (forms !== undefined) return related({ ...options, forms })
  if (a.field.type === 'ref') return reference({ ...options, to: { a: a.field.to ?? '', b: b.field.to ?? '' } })
  return direct({
    ...options,
    set: a.field.many === 'set',
    ...(setting.max === undefined ? {} : { max: setting.max }),
  })
}

/** Null where a finding was reported. */
function ownLens(id: string, setting: FieldSetting, file: string, path: Path, context: FieldContext): Lens | null {
  const place = [...path, 'lens']
  const foreign = Object.keys(setting).find((option) => !['lens', 'way', 'conflict'].includes(option))
  if (foreign !== undefined) {
    const remedy = 'leave it out: the file says which fields it reads and writes'
    context.report({
      code: 'invalid',
      path: [...path, foreign],
      message: `\`${foreign}\` says nothing beside \`lens\``,
      remedy,
    })
    return null
  }
  if (!isFile(file)) {
    const remedy = 'begin it with ./ or /'
    context.report({ code: 'invalid', path: place, message: 'this names no file', remedy })
    return null
  }
  const way = readWay(setting, path, context)
  const policy = readPolicy(setting, path, context)
  return way === null || policy === null ? null : lensFrom(file, { id, way, policy }, place, context)
}

/** A field that one side gets, made of others. Undefined: it is none. Null: a finding was reported. */
function madeOf(id: string, setting: FieldSetting, path: Path, context: FieldContext): Lens | null | undefined {
  const { template, rules, value } = setting
  const said = MAKERS.filter((option) => setting[option] !== undefined)
  const [maker, second] = said
  if (maker === undefined) return undefined
  const sides = SIDES.filter((side) => setting[side] !== undefined)
  const [side] = sides
  if (second !== undefined || side === undefined || sides.length > 1) {
    const message =
      second === undefined
        ? `\`${maker}\` makes the field of one side`
        : `\`${maker}\` and \`${second}\` cannot both make it`
    const remedy = second === undefined ? 'name one field, with `a` or with `b`' : 'keep one of the two'
    context.report({ code: 'invalid', path: [...path, maker], message, remedy })
    return null
  }
  const target = fieldOf(side, setting[side], path, context)
  const way = readWay(setting, path, context)
  const policy = readPolicy(setting, path, context)
  if (target === null || way === null || policy === null) return null
  if (target.field.written === 'never') {
    const message = `${target.name} of a ${context.kinds[side].kind} is never written`
    context.report({ code: 'unfit-fields', path: [...path, side], message, remedy: 'name another field' })
    return null
  }
  const made = { id, setting, path, context, side, target, way, policy }
  if (template !== undefined) return templateLens(made, template)
  return rules !== undefined ? rulesLens(made, rules) : constantLens(made, value ?? null)
}

const MAKERS = ['template', 'rules', 'value'] as const

interface Both {
  readonly a: Named
  readonly b: Named
}

/** A field that the engine never writes takes no part in what travels towards it. */
function settled(way: Way, a: Named, b: Named): Way {
  if (way !== 'both') return way
  if (a.field.written === 'never') return 'a→b'
  return b.field.written === 'never' ? 'b→a' : 'both'
}

function misfit({ a, b }: Both, way: Way, setting: FieldSetting, kinds: Pair['kinds']): string | null {
  if (a.field.written === 'never' && b.field.written === 'never') return 'neither can be written'
  if (a.field.type === 'file' || b.field.type === 'file') return misfitOfFiles({ a, b }, settled(way, a, b), kinds)
  if (
    setting.map === undefined &&
    a.field.many !== b.field.many &&
    !isList(a.field, b.field) &&
    !isList(b.field, a.field)
  )
    return 'only one of them holds many values'
  if (setting.as === 'person' || a.field.type === 'person') return misfitOfPeople(a, b, setting)
  const { as } = setting
  if (as === 'signed' || as === 'title')
    return isText(a.field) && isText(b.field) ? null : `\`as: ${as}\` needs text on both sides`
  if (a.field.type === 'ref' && b.field.type === 'ref') return misfitOfRefs(a, b, kinds)
  if (a.field.type === b.field.type || (isText(a.field) && isText(b.field))) return null
  if (setting.map !== undefined)
    return a.field.many === undefined && b.field.many === undefined ? null : 'a set has no map'
  if (SIDES.some((side) => isConverted({ a, b }[side].field, { a, b }[other(side)].field))) return null
  return `one holds ${a.field.type}, the other ${b.field.type}`
}

function misfitOfFiles({ a, b }: Both, way: Way, kinds: Pair['kinds']): string | null {
  if (a.field.type !== b.field.type) return `one holds ${a.field.type}, the other ${b.field.type}`
  // Their order says nothing: a set and a list are alike.
  if ((a.field.many === undefined) !== (b.field.many === undefined)) return 'only one of them holds many files'
  for (const side of SIDES) {
    const { kind, files: can } = kinds[side]
    const isRead = way === 'both' || way === (side === 'a' ? 'a→b' : 'b→a')
    const isWritten = way === 'both' || !isRead
    if (isRead && can?.opens !== true) return `the system of ${kind} hands out no files`
    if (isWritten && can?.uploads !== true) return `the system of ${kind} takes no files`
  }
  return null
}

function isPerson({ type }: Field, { as }: FieldSetting): boolean {
  return as === 'person' || type === 'person'
}

function misfitOfPeople(a: Named, b: Named, setting: FieldSetting): string | null {
  const other = [a, b].find(
    ({ field }) => field.type !== 'person' && !(setting.as === 'person' && field.type === 'text'),
  )
  if (other !== undefined) return `${other.name} holds no persons; of text that does, say \`as: person\``
  if (a.field.many !== b.field.many) return 'only one of them holds many values'
  return a.field.many === 'list' ? 'persons in an order do not travel' : null
}

function misfitOfRefs(a: Named, b: Named, kinds: Pair['kinds']): string | null {
  if (a.field.many !== undefined) return 'lists of references do not travel yet'
  const unclear = (facts: KindFacts, { field, name }: Named) =>
    field.to === undefined ? `${facts.kind}.${name} does not say which kind it points to` : null
  return unclear(kinds.a, a) ?? unclear(kinds.b, b)
}

/** A set of words in a text. */
function isList(text: Field, set: Field): boolean {
  return isText(text) && set.many === 'set' && set.type === 'text'
}

function isConverted(one: Field, two: Field): boolean {
  if (isText(one)) return ['decimal', 'date', 'instant', 'boolean'].includes(two.type) && two.many === undefined
  return one.type === 'date' && two.type === 'instant'
}

function isText(field: Field): boolean {
  return (field.type === 'text' || field.type === 'rich') && field.many === undefined
}

function attribution({ author }: Origin): string {
  return author === null ? '' : `${(author.name ?? author.ref).replace(/\s+/g, ' ').trim()}: `
}
