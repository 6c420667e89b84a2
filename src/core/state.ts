/**
 * What is known and kept, in the words that decisions are made in: observations, links, intents, what is held, conflicts, the
 * journal. All times are milliseconds since 1970.
 */
import type { Json, Ref, Values } from '../connector/values.ts'
import type { Person } from '../connector/call.ts'
import type { May } from '../connector/connector.ts'
import type { Side } from './flow.ts'

/** (connection, kind, ref): the identity of an item. */
export interface Identity {
  readonly connection: string
  readonly kind: string
  readonly ref: Ref
}

/** What one side was last seen to be. */
export interface Observation extends Identity {
  readonly scope: Ref
  readonly state: 'present' | 'deleted' | 'moved' | 'left'
  readonly values: Values
  readonly version: string | null
  readonly author: Person | null
  readonly createdAt: string | null
  readonly editedAt: string | null
  readonly key: string | null
  readonly may: May | null
  /** The ref of its parent, where its kind has one. */
  readonly parent: Ref | null
  /** The values that only one item of its scope has, as text; null: its kind has no such fields. */
  readonly slot: string | null
  /** Raised by every change of this row. */
  readonly rev: number
  /** When it was first seen and when this state was accepted. */
  readonly firstSeen: number
  readonly acceptedAt: number
  /** When it was last seen in another scope than before; null: it never was. */
  readonly movedAt: number | null
  /** It must be read again before it is compared: only a hint of it was seen. */
  readonly unread: boolean
  /** Its text was taken away where it could not be deleted: planning counts it as deleted. */
  readonly emptied: boolean
  /** In planning: its values as its system shows them, where they hold something else. */
  readonly shown?: Values
}

/** Whether an item is there for people. What was emptied counts as deleted. */
export function stands({ state, emptied }: Pick<Observation, 'state' | 'emptied'>): boolean {
  return state === 'present' && !emptied
}

/** The two items that stand for each other. `base`: per side, the values that the two last agreed on. */
export interface Link {
  readonly id: number
  readonly flow: string
  readonly pair: string
  readonly refs: { readonly [side in Side]: Ref }
  readonly base: { readonly [side in Side]: Values }
  readonly complement: { readonly [lens: string]: Json }
  readonly state: 'live' | 'asleep' | 'gone'
  /** Raised by restoring: the part of the key that makes a new create another one. */
  readonly incarnation: number
  /** It arrived after a later sibling. */
  readonly late: boolean
  /** The side whose item is the engine's copy of the other; null: both stood there. */
  readonly made: Side | null
  /**
   * Of a correction, which has one end only, the other being '': the item of the same side that it tells about. The
   * base of its empty end is what it was last made to say.
   */
  readonly about: Ref | null
}

/** A write, committed before its call. */
export interface Intent {
  readonly key: string
  readonly flow: string
  readonly pair: string
  readonly action: 'create' | 'update' | 'delete' | 'empty'
  /** The side written to. */
  readonly side: Side
  readonly connection: string
  readonly kind: string
  /** The kind of the first child that the same call makes, or null. */
  readonly headKind: string | null
  /** The item written to; of a create: null. */
  readonly ref: Ref | null
  readonly scope: Ref
  /** Of a create: the parent under which it is made, where that is known. */
  readonly parent: Ref | null
  readonly link: number | null
  /** It writes a correction about this item of the same side. */
  readonly about: Ref | null
  /** The item on the other side that called for it. */
  readonly sourceRef: Ref
  /** The action as it was planned (core/action.ts), as JSON. */
  readonly plan: Json
  /** Of what it does, as people are shown it: an approval binds to that. */
  readonly fingerprint: string
  readonly actor: string
  /** When its first try began. */
  readonly sentAt: number
  /** When its call had its turn, where it had to wait: from then on it may take effect. */
  readonly turnAt: number
  /** The process that sent it; a later process asks before it repeats. */
  readonly process: number
  /** Unknown: the call had no answer. */
  readonly state: 'sent' | 'unknown'
  /** Until when an unknown outcome is left alone, since the request may still take effect. */
  readonly askAt: number
  readonly attempts: number
}

/** Why an action waits for a person. */
export type HoldReason =
  | 'brake'
  | 'ambiguous'
  | 'rejected'
  | 'policy'
  | 'scope'
  | 'first-sync'
  | 'forbidden'
  | 'reverted'

export interface Held {
  readonly id: number
  readonly flow: string
  readonly pair: string
  /** The subject: which item, on which side, is concerned. */
  readonly side: Side
  readonly ref: Ref
  readonly action: string
  /** What a person approves: it binds to exactly what was shown. */
  readonly fingerprint: string
  readonly reason: HoldReason
  readonly detail: string
  readonly name: string
  readonly since: number
  readonly decision: 'open' | 'approved' | 'discarded'
}

export interface Conflict {
  readonly id: number
  readonly flow: string
  readonly pair: string
  readonly link: number
  readonly lens: string
  readonly base: Json
  readonly values: { readonly [side in Side]: Json }
  /** The side whose value stands; 'accept': the two stay different, as a person wants; null: it is open, or ended by itself. */
  readonly winner: Side | 'accept' | null
  readonly why: string
  readonly at: number
  readonly resolvedAt: number | null
}

/** With the items that it is about; null: they are no pair any more. */
export interface ConflictDetail extends Conflict {
  readonly refs: { readonly [side in Side]: Ref } | null
}

/** What a credential or a system cannot say: shown, never retried, never held. */
export interface Divergence {
  readonly flow: string
  readonly pair: string
  readonly side: Side
  readonly ref: Ref
  readonly lens: string
  readonly why: string
  /** Persons of that side who stay since nobody on the other side is known to be them. */
  readonly people: readonly Ref[]
  readonly at: number
}

export interface JournalEntry {
  readonly id: number
  readonly at: number
  readonly flow: string
  readonly pair: string
  readonly link: number | null
  readonly action: string
  readonly side: Side
  readonly refs: { readonly [side in Side]: Ref | null }
  readonly before: Json
  readonly after: Json
  readonly why: string
  /** Milliseconds from the observation that called for it to the write being sent; null where there was none. */
  readonly waitedMs: number | null
  /** The number of the process that did it. */
  readonly run: number
  /** The entry that it takes back. */
  readonly undoes: number | null
}

export type NewEntry = Omit<JournalEntry, 'id' | 'run'>
