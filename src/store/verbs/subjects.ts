/** Subjects as they are handed out for planning, and how a flow's kinds are described to the store. */
import type { ChildCount, Correction, Decided, GoesWithParent, WithParent, Staying } from '../../core/action.ts'
import type { KindFacts, OnLeave, Side } from '../../core/flow.ts'
import type { PersonFacts } from '../../core/people.ts'
import type { Held, Link, Observation } from '../../core/state.ts'

export interface SideSpec {
  readonly connection: string
  readonly kind: string
  /** The feed that reports it, and whose listings name it. */
  readonly feed: string
  readonly parent: { readonly field: string; readonly kind: string } | null
  /** The kind that its items are made together with, and the pair that it belongs to. */
  readonly head: { readonly kind: string; readonly pair: string } | null
  readonly containerKind: string
  /** The kinds whose items under it go with it when it is deleted. */
  readonly takes: readonly string[]
  /** The fields that are compared: those of them that no base knows say what the other side does not. */
  readonly compared: readonly string[]
  readonly untold?: KindFacts['untold']
  /** Fields that hold refs, and of which kind. */
  readonly refs: readonly { readonly field: string; readonly kind: string }[]
  readonly people: PeopleFields
  /** Fields that hold files which travel, and how large one may be at most; null: there are none. */
  readonly files: { readonly fields: readonly string[]; readonly most: number } | null
}

/** Fields that name persons; and whether a person's ref is an e-mail, so that anybody is known by theirs. */
export interface PeopleFields {
  readonly fields: readonly string[]
  readonly areEmails: boolean
}

export interface PairSpec {
  readonly id: string
  readonly rank: number
  readonly container: boolean
  /** Some field of its items holds files that travel. */
  readonly files: boolean
  /** Items may be out of the flow by what they hold: what lives under one is looked at as if it were gone. */
  readonly filtered: boolean
  /** By the side that it left: what becomes of its counterpart. */
  readonly onLeave: { readonly [side in Side]: OnLeave }
  readonly a: SideSpec
  readonly b: SideSpec
}

export interface Load {
  readonly flow: string
  readonly connections: { readonly [side in Side]: string }
  readonly pairs: readonly PairSpec[]
  readonly now: number
  readonly limit: number
  /** Claims what it hands out, so that it is handed out once. A plan that is only shown claims nothing. */
  readonly claim: boolean
  /** Only these; absent: whatever is due, in order. */
  readonly only?: readonly DueKey[]
  /** Skips this many, for a plan that is shown in portions. */
  readonly offset?: number
}

export interface DueKey {
  readonly pair: string
  readonly side: Side
  readonly ref: string
}

export interface DueRow extends DueKey {
  readonly generation: number
  readonly since: number
  readonly attempts: number
  readonly raised: boolean
}

/** `madeAt`: of what was never seen elsewhere, when it was made there; null: it was seen to move. */
export interface Arrival {
  readonly at: number
  readonly madeAt: number | null
}

export interface LoadedSubject {
  readonly dues: readonly DueRow[]
  readonly pair: string
  readonly link: Link | null
  readonly a: Observation | null
  readonly b: Observation | null
  readonly decided: readonly Decided[]
  /** Lenses about which a conflict is open. */
  readonly contested: readonly string[]
  readonly head: LoadedSubject | null
  readonly leads: { readonly [side in Side]: boolean }
  readonly endsChanged: { readonly [side in Side]: boolean }
  readonly remade: { readonly [side in Side]: boolean }
  readonly raised: boolean
  readonly children: { readonly [side in Side]: ChildCount }
  readonly goesWithParent: GoesWithParent | null
  readonly late: boolean
  /** By side: whether its item there went with its whole parent. */
  readonly withParent: { readonly [side in Side]: WithParent }
  /** By side: the latest correction about its item there. */
  readonly corrections: { readonly [side in Side]: Correction | null }
  /** What a create of its counterpart bears: none of its links has it. */
  readonly incarnation: number
  readonly maybeOurs: string | null
  readonly held: readonly Held[]
  /** By side: files of its item there that were tried and stay; absent: none. */
  readonly staying?: { readonly [side in Side]: readonly Staying[] }
  /** Whether a divergence is declared of it. */
  readonly diverges: boolean
  /** The key of a write about this subject whose outcome is open. */
  readonly busy: string | null
  /** An earlier sibling waits to be created: it goes first. */
  readonly behind: string | null
  /** Its scope is to be read whole again: what is older than it may not be known yet. */
  readonly isScopeUnread: boolean
  /** It came to where it stands, alone or with its parent: until its feed was read to its end, what is older may come yet. */
  readonly movedHere: Arrival | null
  /** Nothing of its instance is to be written. */
  readonly isPaused: boolean
}

export interface LoadedPerson extends PersonFacts {
  readonly side: Side
  readonly ref: string
}

export interface Loaded {
  /** How much that is due was looked at: not all of it is a subject, or one of its own. */
  readonly looked: number
  readonly subjects: readonly LoadedSubject[]
  readonly resolved: readonly {
    readonly side: Side
    readonly kind: string
    readonly ref: string
    /** Null: its link sleeps, and its counterpart is gone. */
    readonly to: string | null
    /** The scope in which that stands, where it was read. */
    readonly at: string | null
  }[]
  /** Everybody whom the subjects name, also those named when the two sides last agreed. */
  readonly people: readonly LoadedPerson[]
  /** `to` null: the link of its container sleeps, or it is not read whole yet. */
  readonly instances: readonly { readonly side: Side; readonly scope: string; readonly to: string | null }[]
  /** Containers in which subjects stand, and that this flow has never joined. */
  readonly unjoined: readonly { readonly side: Side; readonly container: Observation }[]
}
