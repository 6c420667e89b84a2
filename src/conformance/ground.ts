/** What the contract of connectors is tried on: one scope of one system, at an emulator or for real. */
import type { Call } from '../connector/call.ts'
import type { Configured, Kind } from '../connector/connector.ts'
import type { Own } from './own.ts'
import type { Shape } from './shape.ts'
import type { Trouble } from './trouble.ts'

export interface Ground {
  readonly connector: Configured
  readonly call: Call<unknown>
  readonly shape: Shape
  /** The only way to write: it removes what it made, and touches nothing else. */
  readonly own: Own
  readonly somebody: Somebody
  /** How many items are many. */
  readonly many: number
  now(): number
  /** For an item that is to be made: of base32hex, and no other like it. */
  newKey(): string
  /** A text that tells whose work it is. */
  words(text: string): string
  sleep(ms: number): Promise<void>
  /** The next request that changes something goes wrong in this way. */
  trouble(next: Trouble | null): void
  /** Requests sent so far. */
  sent(): number
}

/** Who else works in the scope: another person where there is one, else this account. */
export interface Somebody {
  /** Writes a text: under a new parent, or under the parent of another one. Answers its ref. */
  say(text: string, beside?: string): Promise<string>
  edit(ref: string, text: string): Promise<void>
  remove(ref: string): Promise<void>
  /** How many living items have exactly this text. */
  count(text: string): Promise<number>
}

/** One behaviour of a system that its connector relies on. */
export interface Check {
  readonly id: string
  /** The behaviour, as a sentence. */
  readonly assumed: string
  /** What it means for the user where the system does something else. */
  readonly means: string
  /** Why it does not come into question here; null: it does. */
  readonly without?: (ground: Ground) => string | null
  /** Answers what was seen. Throws `Differs` where that is not what is assumed. */
  readonly run: (ground: Ground) => Promise<string>
}

export class Differs extends Error {
  override readonly name = 'Differs'
}

export class CannotTry extends Error {
  override readonly name = 'CannotTry'
}

/** Says what was seen where that is not what is assumed. */
export function expect(holds: boolean, seen: string): asserts holds {
  if (!holds) throw new Differs(seen)
}

export function kindNamed({ connector }: Ground, kind: string): Kind<unknown> {
  const found = connector.kinds[kind]
  if (found === undefined) throw new Error(`${connector.name} has no kind ${kind}`)
  return found
}

export function childKind(ground: Ground): Kind<unknown> {
  return kindNamed(ground, ground.shape.child)
}

/** How late a read may show what was written, in milliseconds. */
export function lagOf(ground: Ground): number {
  return (childKind(ground).lag ?? 0) * 1000
}

/** Asks again and again until it is so. Answers how many milliseconds that took; null: it was not within `mostMs`. */
export async function until(ground: Ground, mostMs: number, is: () => Promise<boolean>): Promise<number | null> {
  const began = ground.now()
  for (let pause = 250; ; pause = Math.min(5000, pause * 2)) {
    if (await is()) return ground.now() - began
    const left = mostMs - (ground.now() - began)
    if (left <= 0) return null
    await ground.sleep(Math.min(pause, left))
  }
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
