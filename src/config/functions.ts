/**
 * Functions that a file beside the configuration brings: a lens, or what settles a conflict.
 *
 * They have to be pure: the engine may call them at any time, as often as it likes, and after a crash again. Whatever they
 * throw is told of the item, and nothing is written.
 */
import { z } from 'zod'
import { json, values, whole } from '../connector/json.ts'
import { canonical, sameValue, type Json, type Values } from '../connector/values.ts'
import { SIDES, type Lens, type Policy, type Resolver, type Side, type Verdict, type Way } from '../core/flow.ts'
import { fieldAt, type FieldContext, type LoadModule } from './named.ts'
import type { Finding, Path } from './problem.ts'
import { sideOf, type Between } from './sides.ts'

const callable = z.custom<(...given: readonly unknown[]) => unknown>((value) => typeof value === 'function')
const resolverModule = z.object({ default: callable })
const lensModule = z.object({
  default: z.object({
    fields: z.object({ a: z.array(z.string()), b: z.array(z.string()) }),
    read: callable,
    write: callable,
  }),
})

const answer = z.union([z.string(), z.object({ value: json })])

export function isFile(words: string): boolean {
  return /^\.{0,2}\//.test(words)
}

/** Null: a finding was reported. */
export function resolverOf(file: string, path: Path, { between, load, report }: Loader): Resolver | null {
  const found = exported(file, resolverModule, 'a function ({ base, a, b }) => …', path, { load, report })
  if (found === null) return null
  return { name: file, settle: (contest) => settled(found.default, contest, between) }
}

export interface Loader {
  readonly between: Between
  readonly load: LoadModule
  readonly report: (finding: Finding) => void
}

function settled(
  decide: (contest: unknown) => unknown,
  contest: Parameters<Resolver['settle']>[0],
  between: Between,
): Verdict {
  try {
    const [given, again] = [decide(structuredClone(contest)), decide(structuredClone(contest))].map((each) =>
      answer.safeParse(each),
    )
    if (given?.success !== true) return { ask: 'it answers neither a side, nor { value }, nor ask' }
    if (again?.success !== true || canonical(again.data) !== canonical(given.data)) return { ask: UNSTEADY }
    if (typeof given.data !== 'string') return whole(given.data)
    const side = sideOf(given.data, between)
    if (side !== null) return { side }
    return { ask: given.data === 'ask' ? 'it leaves this to a person' : `it answers "${given.data}", which is no side` }
  } catch (error) {
    return { ask: `it failed: ${messageOf(error)}` }
  }
}

const UNSTEADY = 'it answers something else each time'

/** Null: a finding was reported. */
export function lensFrom(file: string, { id, way, policy }: Options, place: Path, context: FieldContext): Lens | null {
  const found = exported(
    file,
    lensModule,
    '{ fields: { a: […], b: […] }, read(side, values), write(side, value, old) }',
    place,
    context,
  )
  if (found === null) return null
  const { fields, read, write } = found.default
  const named = SIDES.flatMap((side) => fields[side].map((name) => fieldAt(side, name, place, context)))
  return named.includes(null) ? null : lensOf({ id, way, policy, fields, read, write })
}

interface Options {
  readonly id: string
  readonly way: Way
  readonly policy: Policy | undefined
}

interface Given extends Options {
  readonly fields: Lens['fields']
  readonly read: (...given: readonly unknown[]) => unknown
  readonly write: (...given: readonly unknown[]) => unknown
}

function lensOf({ id, way, policy, fields, ...given }: Given): Lens {
  const own = (side: Side, held: Values) =>
    structuredClone(fields[side].length === 0 ? held : pickOf(held, fields[side]))
  const reading = (side: Side, held: Values): { readonly value: Json } | { readonly why: string } => {
    try {
      const [one, two] = [json.parse(given.read(side, own(side, held))), json.parse(given.read(side, own(side, held)))]
      return sameValue(one, two) ? { value: whole(one) } : { why: UNSTEADY }
    } catch (error) {
      return { why: `cannot be read: ${error instanceof z.ZodError ? 'it answers no plain value' : messageOf(error)}` }
    }
  }
  const read = (side: Side, held: Values): Json => {
    const found = reading(side, held)
    return 'value' in found ? found.value : { unreadable: pickOf(held, fields[side]) }
  }
  return {
    id,
    way,
    fields,
    ...(policy === undefined ? {} : { policy }),
    read,
    write(side, value, old) {
      const before = pickOf(old ?? {}, fields[side])
      if (old !== null && sameValue(read(side, old), value)) return before
      try {
        const written = whole(
          values.parse(given.write(side, structuredClone(value), old === null ? null : own(side, old))),
        )
        return { ...before, ...pickOf({ ...before, ...written }, fields[side]) }
      } catch {
        // The plan reads back what it would write, and tells that this is not the value.
        return before
      }
    },
    unreadable(side, held) {
      const found = reading(side, held)
      return 'why' in found ? found : null
    },
  }
}

function pickOf(held: Values, names: readonly string[]): Values {
  return Object.fromEntries(names.map((name) => [name, held[name] ?? null]))
}

function exported<T>(
  file: string,
  shape: z.ZodType<T>,
  wanted: string,
  path: Path,
  { load, report }: Pick<Loader, 'load' | 'report'>,
): T | null {
  try {
    const parsed = shape.safeParse(load(file))
    if (parsed.success) return parsed.data
    const message = `${file} does not export what is wanted here`
    report({ code: 'bad-lens', path, message, remedy: `write \`export default ${wanted}\`; see docs/lenses.md` })
  } catch (error) {
    const message = `${file} cannot be loaded: ${messageOf(error).split('\n')[0] ?? ''}`
    const remedy =
      'name a file beside the configuration that Node can run; it may not wait (`await`) while it is loaded'
    report({ code: 'bad-lens', path, message, remedy })
  }
  return null
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
