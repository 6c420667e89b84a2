/** What the contract of connectors is tried on: a connector at its emulator, and somebody else at work there. */
import assert from 'node:assert/strict'
import type { AnyConnector, Call, Kind } from '../connector/connector.ts'
import type { Draws, RawRequest } from '../connector/ports.ts'
import type { Values } from '../connector/values.ts'

/** What goes wrong with the next state-changing request. */
export type Trouble = 'lose-request' | 'lose-response' | 'error-before' | 'error-after' | 'limited' | null

/** A connector at a fresh emulator that holds one scope. */
export interface Trial {
  readonly call: Call<unknown>
  /** As the connector's own schema parsed it. */
  readonly config: unknown
  /** What was drawn on so far, an entry for each request. */
  drawn(): readonly Draws[]
  /** Requests sent so far. */
  sent(): number
  advance(ms: number): void
  trouble(next: Trouble): void
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
  readonly connector: AnyConnector
  /** The kind of texts under a parent, by which everything is shown. */
  readonly child: { readonly kind: string; readonly text: string; readonly parent: string; readonly parentKind: string }
  /** What a new parent needs besides its head. */
  parentValues(title: string): Values
  start(options?: { readonly lagMs?: number; readonly pageSize?: number }): Trial
}

export type Register = (name: string, run: () => Promise<void> | void) => void

export function kindOf({ connector, child }: Bench): Kind<unknown> {
  const kind = connector.kinds[child.kind]
  assert.ok(kind)
  return kind
}
