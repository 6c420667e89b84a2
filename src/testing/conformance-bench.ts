/** What the contract of connectors is tried on in tests: a connector at its emulator, and somebody else at work there. */
import type { Ground } from '../conformance/ground.ts'
import { createOwn } from '../conformance/own.ts'
import { shapeOf } from '../conformance/shape.ts'
import type { Trouble } from '../conformance/trouble.ts'
import type { Call } from '../connector/call.ts'
import type { Configured } from '../connector/connector.ts'
import type { Draws, RawRequest } from '../connector/ports.ts'

/** A connector at a fresh emulator that holds one scope. */
export interface Trial {
  readonly call: Call<unknown>
  /** As the connector's own schema parsed it. */
  readonly config: unknown
  /** What was drawn on so far, an entry for each request. */
  drawn(): readonly Draws[]
  /** Requests sent so far. */
  sent(): number
  now(): number
  advance(ms: number): void
  /** What goes wrong with the next request that changes something; `limited`: it is refused as one too many. */
  trouble(next: Trouble | 'limited' | null): void
  /** Somebody else writes a child: under a new parent, or under the parent of another child. Answers its ref. */
  say(text: string, beside?: string): string
  edit(ref: string, text: string): void
  remove(ref: string): void
  /** How many children with exactly this text people see. */
  count(text: string): number
  /** A webhook that is signed as the system signs it, where there are any. */
  webhook?(text: string): { readonly request: RawRequest; readonly secret: string }
}

export interface Bench {
  readonly connector: Configured
  /** The checks that do not come into question, by id. */
  readonly untried: readonly string[]
  start(options?: { readonly lagMs?: number; readonly pageSize?: number }): Trial
}

export type Register = (name: string, run: () => Promise<void> | void) => void

/** An emulator's scope, as the checks see it. */
export function groundOf({ connector }: Bench, trial: Trial): Ground {
  const shape = shapeOf(connector)
  if (shape === null) throw new Error(`${connector.name} makes no texts`)
  let keys = 0
  let texts = 0
  const newKey = (): string => `k${(keys += 1)}`
  const { call } = trial
  const wait = (ms: number): Promise<void> => Promise.resolve(trial.advance(ms))
  return {
    connector,
    call,
    shape,
    many: 60,
    own: createOwn({ connector, call, mayWrite: () => undefined, wait, newKey }),
    somebody: {
      say: (text, beside) => Promise.resolve(trial.say(text, beside)),
      edit: (ref, text) => Promise.resolve(trial.edit(ref, text)),
      remove: (ref) => Promise.resolve(trial.remove(ref)),
      count: (text) => Promise.resolve(trial.count(text)),
    },
    now: () => trial.now(),
    newKey,
    words: (text) => `${text} (${(texts += 1)})`,
    sleep: wait,
    trouble: (next) => trial.trouble(next),
    sent: () => trial.sent(),
  }
}
