/** What planning answers: actions, in an order that may be carried out, and what became of every subject that has none. */
import type { Person } from '../connector/call.ts'
import type { FileValue, Json, Ref, Values } from '../connector/values.ts'
import type { Conflict, HoldReason, Link, Observation } from './state.ts'
import type { Pair, Side } from './flow.ts'

/** One thing to plan: a link with what was seen on both sides, or an item without a link. */
export interface Subject {
  readonly pair: Pair
  readonly link: Link | null
  readonly a: Observation | null
  readonly b: Observation | null
  /** Resolutions by people: the pair of values (canonical) of a lens they decided on, and the side that stands. */
  readonly decided: readonly Decided[]
  /** Lenses about which a conflict is open. */
  readonly contested: readonly string[]
  /** Its first child in order, where it has no link yet and its kind is made together with one. */
  readonly head: Subject | null
  /** By side: it is the first of its siblings there, and others live on: it is emptied, never deleted. */
  readonly leads: { readonly a: boolean; readonly b: boolean }
  /** By side: it is the last under its parent there, which would end with it, and which somebody changed since the two agreed. */
  readonly endsChanged: { readonly a: boolean; readonly b: boolean }
  /** By side: its item there was deleted, and another flow made it again where this one does not reach. */
  readonly remade: { readonly a: boolean; readonly b: boolean }
  /** A wanted child needs it, although it began before the flow's start. */
  readonly raised: boolean
  /** By side: how many children it has there, and how many of those nobody deleted on the other side: they keep it alive. */
  readonly children: { readonly a: ChildCount; readonly b: ChildCount }
  /** It was deleted on this side, and so was its parent there. */
  readonly goesWithParent: GoesWithParent | null
  /** A later sibling has arrived before it. */
  readonly late: boolean
  /** By side: whether its item there went with its whole parent. */
  readonly withParent: { readonly a: WithParent; readonly b: WithParent }
  /** By side: the latest correction about its item there. */
  readonly corrections: { readonly a: Correction | null; readonly b: Correction | null }
  /** What a create of its counterpart bears: no create of one of its items has borne it. Where it has a link, of no meaning. */
  readonly incarnation: number
  /** It may be what a create of ours, whose outcome is open, has made: the key of that intent. */
  readonly maybeOurs: string | null
  /** By side: files of its item there that were tried and could not be carried; absent: none. */
  readonly staying?: { readonly [side in Side]: readonly Staying[] }
  /** By side and lens: files that stay, and of which the values here say nothing (core/files.ts). */
  readonly kept?: { readonly [side in Side]: { readonly [lens: string]: readonly FileValue[] } }
}

/** The parent's link; or its counterpart lives on, though that link has ended or goes on with what was made again. */
export type GoesWithParent =
  | { readonly side: Side; readonly survived: false; readonly link: number }
  | { readonly side: Side; readonly survived: true }

/** 'unsure': the news of the parent may be on their way. */
export type WithParent = 'yes' | 'no' | 'unsure'

/** A reply of the engine's own, which tells what became of the other side of an item that could not be changed. */
export interface Correction {
  readonly link: Link
  readonly item: Observation | null
}

export interface ChildCount {
  readonly living: number
  readonly surviving: number
  /** A digest of what the surviving ones hold; empty: there are none. */
  readonly answers: string
  /** Of how many the other side's left, and these are kept. */
  readonly staying: number
  /** Of how many nobody has looked yet whether the other side's went along. */
  readonly unread: number
  /** The key of an open write about one of them, whose outcome would tell more; null: there is none. */
  readonly open: string | null
}

export interface Decided {
  readonly lens: string
  readonly a: string
  readonly b: string
  /** 'accept': the difference itself was accepted. */
  readonly winner: Side | 'accept'
}

/** A disagreement in which both sides changed; `winner` null: a person decides. */
export type Disagreement = Pick<Conflict, 'lens' | 'base' | 'values' | 'why'> & { readonly winner: Side | null }

/** The fields of both sides that agree once an action is done. */
export interface Agreement {
  readonly a: Values
  readonly b: Values
}

export interface CreateAction {
  readonly do: 'create'
  /** The side on which the item is made. */
  readonly side: Side
  readonly source: { readonly ref: Ref }
  readonly scope: Ref
  readonly values: Values
  /** Base of the source side: what its lenses' fields hold. */
  readonly base: Values
  readonly complement: { readonly [lens: string]: Json }
  readonly createdAt: string | null
  readonly author: Person | null
  readonly incarnation: number
  /** The dead link that this brings back; of a correction: the link whose difference it tells. */
  readonly link: number | null
  /** A correction about this item of the same side; null: an item that stands for the other side's. */
  readonly about: Ref | null
  /** The first child, made by the same call. */
  readonly head: { readonly pair: string; readonly action: CreateAction } | null
  readonly late: boolean
  /** Something that it refers to has no counterpart yet: it is planned again, and waits for that. */
  readonly open?: true
  readonly disagreements: readonly Disagreement[]
  readonly undoes?: Undoes
}

export interface UpdateAction {
  readonly do: 'update'
  readonly side: Side
  readonly link: number
  readonly ref: Ref
  readonly changed: Values
  /** What the origin's side holds in the lenses written: its new base. */
  readonly base: Values
  /** The fields of the written side whose base moves to what the system answers. */
  readonly fields: readonly string[]
  /** By field: what the base of the written side moves to where that is not what is written, as of a merge. */
  readonly agreed?: Values
  /** By field: persons that it names and the two have not agreed on. They are no part of its base. */
  readonly unagreed?: Values
  /** Of a correction: the item that it tells about. The item itself: a mark is put on it, or taken from it. */
  readonly about: Ref | null
  readonly disagreements: readonly Disagreement[]
  /** What the fields held, kept with its intent: after a lost answer nothing else tells. */
  readonly before?: Values
  readonly undoes?: Undoes
}

export interface DeleteAction {
  readonly do: 'delete' | 'empty'
  readonly side: Side
  readonly link: number
  readonly ref: Ref
  readonly about: Ref | null
  /** A digest of what stands under it, would live on by itself, and goes along. */
  readonly answers?: string
  /** It was emptied before: what it held then. */
  readonly stub?: Values
  /** Its counterpart stands in another scope now, where another one is made. */
  readonly moved?: true
  readonly undoes?: Undoes
}

/**
 * The write takes something back because a person asked: no base moves by it, so it is an edit of that person's.
 * `travels`: the other side follows it; else the link sleeps, and the other side's item stays.
 */
export interface Undoes {
  /** The journal entry that it takes back. */
  readonly entry: number
  readonly travels: boolean
  /** Of a delete: what goes along, as the person saw it. */
  readonly takes?: readonly Ref[]
}

/** What needs no call: it is committed at once. */
export type Settlement =
  | { readonly do: 'rebase'; readonly link: number; readonly base: Agreement }
  | { readonly do: 'unlink'; readonly link: number; readonly why: string }
  | { readonly do: 'sleep'; readonly link: number; readonly why: string }
  | { readonly do: 'wake'; readonly link: number }
  | { readonly do: 'disagree'; readonly link: number; readonly disagreements: readonly Disagreement[] }
  /** The conflict that is open about this lens is none any more. */
  | { readonly do: 'close'; readonly link: number; readonly lens: string; readonly why: string }

/** What wakes, or is parted, is planned again at once. */
export function isPlannedAgain(settle: readonly Settlement[]): boolean {
  return settle.some((each) => each.do === 'wake' || each.do === 'unlink')
}

export type Write = CreateAction | UpdateAction | DeleteAction

export interface Hold {
  readonly reason: HoldReason
  readonly detail: string
}

/**
 * A difference that stays, because this credential or system cannot say it: told of the item that cannot follow, or has no
 * counterpart.
 */
export interface Gap {
  /** Absent: the subject's own. */
  readonly pair?: string
  readonly side: Side
  readonly ref: Ref
  readonly lens: string
  readonly why: string
  /** Persons of that side who stay since nobody on the other side is known to be them. */
  readonly people?: readonly Ref[]
}

/** Two new items that can only be one thing: they are linked, and what they differ in is settled then. */
export interface Join {
  readonly refs: { readonly a: Ref; readonly b: Ref }
  readonly revs: { readonly a: number; readonly b: number }
  /** The link of an item that is gone, in whose place the new one stands. */
  readonly ends: number | null
  /** What was agreed on with that one. */
  readonly base: Agreement
  readonly complement: { readonly [lens: string]: Json }
  readonly incarnation: number
}

export interface Decision {
  readonly settle: readonly Settlement[]
  readonly writes: readonly { readonly write: Write; readonly hold: Hold | null }[]
  readonly gaps: readonly Gap[]
  readonly join?: Join
  /** Why there is nothing to do yet, and what it waits for. */
  readonly waits: Wait | null
  /** Nothing was decided: its container is out of reach, and what is held of it stays held. */
  readonly rests?: true
}

export type Wait =
  /** `isAway`: its counterpart stands out of the flow; absent: it has none. */
  | { readonly for: 'parent'; readonly side: Side; readonly kind: string; readonly ref: Ref; readonly isAway?: boolean }
  | { readonly for: 'intent'; readonly key: string }
  | { readonly for: 'link'; readonly link: number }
  | { readonly for: 'reading'; readonly side: Side }
  | { readonly for: 'place'; readonly held: Observation }
  | { readonly for: 'siblings'; readonly side: Side; readonly kind: string; readonly parent: Ref }

export const NOTHING: Decision = { settle: [], writes: [], gaps: [], waits: null }

/** A subject, and what is to be done about it. */
export interface Planned {
  readonly subject: Subject
  readonly decision: Decision
}

/** A file that was tried, and why it stays. */
export interface Staying {
  readonly file: FileValue
  readonly why: string
}
