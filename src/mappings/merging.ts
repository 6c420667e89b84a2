/**
 * The policy `merge`: what both sides did to one value, in one value. Sets get what either added and lose what either
 * removed; of several fields each goes by itself; of a text the changed lines of both. Where both changed the same thing to
 * different ones, a person is asked.
 */
import { canonical, isList, isObject, sameValue, type Json, type Values } from '../connector/values.ts'
import type { Resolver } from '../core/flow.ts'
import { setOf } from './form.ts'

/** Longer texts are left to a person: comparing them line by line takes too long. */
const MOST_LINES = 2000

export const merging: Resolver = {
  name: 'merge',
  settle({ base, a, b }) {
    const value = merged(base, a, b)
    return value === undefined ? { ask: 'both changed the same part' } : { value }
  },
}

/** Undefined: the two cannot be joined. */
function merged(base: Json, a: Json, b: Json): Json | undefined {
  if (sameValue(a, b)) return a
  if (base !== null && sameValue(base, a)) return b
  if (base !== null && sameValue(base, b)) return a
  if (isList(a) && isList(b)) return sets(isList(base) ? base : [], a, b)
  if (isObject(a) && isObject(b) && (base === null || isObject(base))) return members(base ?? {}, a, b)
  return typeof base === 'string' && typeof a === 'string' && typeof b === 'string' ? texts(base, a, b) : undefined
}

function sets(base: readonly Json[], a: readonly Json[], b: readonly Json[]): readonly Json[] {
  const [was, inA, inB] = [base, a, b].map((values) => new Set(values.map(canonical)))
  return setOf(
    [...a, ...b].filter((value) => {
      const name = canonical(value)
      return was?.has(name) !== true || (inA?.has(name) === true && inB?.has(name) === true)
    }),
  )
}

function members(base: Values, a: Values, b: Values): Values | undefined {
  const found: Record<string, Json> = {}
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const [was, one, two] = [base[name] ?? null, a[name] ?? null, b[name] ?? null]
    // That a member was empty is known, where the whole was.
    const value = sameValue(was, one) ? two : sameValue(was, two) ? one : merged(was, one, two)
    if (value === undefined) return undefined
    found[name] = value
  }
  return found
}

function texts(base: string, a: string, b: string): string | undefined {
  const [was, one, two] = [base, a, b].map((text) => text.split('\n'))
  if (was === undefined || one === undefined || two === undefined) return undefined
  if (Math.max(was.length, one.length, two.length) > MOST_LINES) return undefined
  const [inA, inB] = [kept(was, one), kept(was, two)]
  const lines: string[] = []
  let at = { was: 0, a: 0, b: 0 }
  for (let line = 0; line <= was.length; line += 1) {
    const [a, b] = line === was.length ? [one.length, two.length] : [inA[line] ?? -1, inB[line] ?? -1]
    if (a < 0 || b < 0) continue
    // A line that all three have, or the end: before it stands what one of the two changed, or neither.
    const before = was.slice(at.was, line)
    const [partA, partB] = [one.slice(at.a, a), two.slice(at.b, b)]
    const part = joined(before, partA, partB)
    if (part === undefined) return undefined
    lines.push(...part, ...was.slice(line, line + 1))
    at = { was: line + 1, a: a + 1, b: b + 1 }
  }
  return lines.join('\n')
}

function joined(was: readonly string[], a: readonly string[], b: readonly string[]): readonly string[] | undefined {
  if (sameValue(a, b) || sameValue(was, b)) return a
  return sameValue(was, a) ? b : undefined
}

/** For each line, where it stands in the other text, by a longest common subsequence; -1: nowhere. */
function kept(from: readonly string[], to: readonly string[]): readonly number[] {
  const width = to.length + 1
  const lengths = new Uint16Array((from.length + 1) * width)
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0
  for (let i = from.length - 1; i >= 0; i -= 1)
    for (let j = to.length - 1; j >= 0; j -= 1)
      lengths[i * width + j] = from[i] === to[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  const found: number[] = from.map(() => -1)
  for (let i = 0, j = 0; i < from.length && j < to.length;)
    if (from[i] === to[j]) {
      found[i] = j
      i += 1
      j += 1
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1
    else j += 1
  return found
}
