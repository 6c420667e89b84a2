/** Decides about one link: what each side did since its base, and what brings the sides together. Pure. */
import { sameValue, type Json, type Ref, type Values } from '../connector/values.ts'
import type { Link, Observation } from './state.ts'
import {
  type Agreement,
  type Decision,
  type Disagreement,
  type Gap,
  type Hold,
  type Settlement,
  type Subject,
  type UpdateAction,
  type Write,
} from './action.ts'
import { baseOn, complementOf, hasChanged, isBased, isUntold } from './base.ts'
import { settleDisagreement, type Contest, type Merged } from './conflict.ts'
import { agreeOnFiles, filesFor, shelfOf, withKept } from './files.ts'
import {
  carries,
  isCompared,
  other,
  SIDES,
  travelsFrom,
  wayOf,
  type Flow,
  type Lens,
  type Pair,
  type Side,
} from './flow.ts'

/** Of a value that the other side's fields cannot say. */
export const MISREAD = 'would be read there as something else'

/** Finds the counterpart of a ref through the links of any flow between the same connections. */
export type Resolve = (from: Side, kind: string, ref: Ref) => Ref | null

/** Decides about a subject whose link is live and whose two items are present. */
export function decideLinked(
  flow: Flow,
  subject: Subject,
  link: Link,
  a: Observation,
  b: Observation,
  resolve: Resolve,
): Decision {
  const sides = { a, b }
  const draft: Draft = {
    rebase: { a: {}, b: {} },
    updates: { a: null, b: null },
    disagreements: [],
    closed: [],
    gaps: [],
    strayed: { a: { update: null, lenses: [] }, b: { update: null, lenses: [] } },
    waits: null,
  }
  const context: Context = { flow, subject, link, sides, resolve, draft }
  for (const lens of subject.pair.lenses) {
    const over = decideLens(context, lens)
    if (over !== null) draft.closed.push({ lens: lens.id, why: over })
  }
  for (const lens of subject.contested)
    if (subject.pair.lenses.every(({ id }) => id !== lens)) draft.closed.push({ lens, why: UNCOMPARED })
  for (const side of SIDES) tellAgain(context, side)
  return decisionOf(subject, link, sides, draft)
}

/** Of a lens that the configuration has left out since, or wants written once. */
const UNCOMPARED = 'it is compared no more, as configured'

/** What tells all its fields again with this write gets them as the other side kept them. */
function tellAgain(context: Context, side: Side): void {
  const { subject, sides, draft } = context
  const { untold } = subject.pair.kinds[side]
  const changed = draft.updates[side]?.changed
  if (changed === undefined || untold?.some(({ where }) => changed[where] === false) !== true) return
  for (const lens of subject.pair.lenses.filter((each) => isUntold(subject.pair, each, side, sides[side])))
    if (isCompared(lens) && carries(wayOf(lens), other(side)) && !isEmptyAt(lens, other(side), sides))
      travel(context, lens, other(side), null)
}

interface Draft {
  readonly rebase: { a: Values; b: Values }
  readonly updates: { a: Pending | null; b: Pending | null }
  readonly disagreements: Disagreement[]
  /** Lenses of which nothing is contested. */
  readonly closed: { readonly lens: string; readonly why: string }[]
  readonly gaps: Gap[]
  /** What takes back, by itself, the changes of these lenses against the flow's direction: a person is asked first. */
  readonly strayed: { readonly [side in Side]: { update: Pending | null; readonly lenses: string[] } }
  /** The first of what it refers to that has no counterpart yet. */
  waits: Decision['waits']
}

/** The update that one side will get, gathered over the lenses. */
interface Pending {
  changed: Values
  base: Values
  fields: string[]
  agreed?: Values
  disagreements: Disagreement[]
}

interface Context extends Contest {
  readonly resolve: Resolve
  readonly draft: Draft
}

/** Answers why nothing is contested about it; null: something is, what settles that ends it, or it is not known. */
function decideLens(context: Context, lens: Lens): string | null {
  if (!isCompared(lens)) return UNCOMPARED
  const { link, sides, draft, subject } = context
  const { pair } = subject
  if (SIDES.some((side) => isUntold(pair, lens, side, sides[side]))) return null
  const based = SIDES.every((side) => isBased(lens, side, link))
  const changed = { a: hasChanged(pair, lens, 'a', link, sides.a), b: hasChanged(pair, lens, 'b', link, sides.b) }
  const isClosed = SIDES.map((side) => closed(context, lens, side, based && !changed[side], changed[other(side)]))
  if (isClosed.includes(true)) return null
  if (based && !changed.a && !changed.b) return 'both sides hold again what they agreed on'
  if (agree(context, lens)) {
    rebase(context, lens)
    return 'the sides agree again'
  }
  if (based && changed.a !== changed.b) {
    const from = changed.a ? 'a' : 'b'
    travel(context, lens, from, null)
    return `side ${other(from)} holds again what the two agreed on`
  }
  const source = SIDES.find((side) => lens.fields[side].length === 0)
  if (source !== undefined && isEmptyAt(lens, other(source), sides)) {
    travel(context, lens, source, null)
    return `side ${other(source)} holds nothing any more`
  }
  const disagreement = settleDisagreement(context, lens)
  if (disagreement === 'accepted') return 'the difference was accepted'
  if ('merged' in disagreement) merge(context, lens, disagreement)
  else if (disagreement.winner === null) draft.disagreements.push(disagreement)
  else travel(context, lens, disagreement.winner, disagreement)
  if (isListed(draft, lens)) return null
  const { why } = 'merged' in disagreement ? disagreement.disagreement : disagreement
  return `${why}; what was to stand cannot be written, and the two stay different`
}

/** Whether what both sides changed is told of, so that its conflict stays open or ends with what settles it. */
function isListed({ disagreements, updates }: Draft, lens: Lens): boolean {
  const told = [disagreements, ...SIDES.map((side) => updates[side]?.disagreements ?? [])]
  return told.flat().some((each) => each.lens === lens.id)
}

/**
 * A value of both is written to side a first. What b says is in it, so that is what the two agree on then: the next plan
 * finds an edit at a and carries it to b, and what somebody does at b meanwhile is a change like any other.
 */
function merge(context: Context, lens: Lens, { merged, disagreement, name }: Merged): void {
  const { flow, subject, sides, draft, link } = context
  const [source, second] = SIDES.filter((side) => travelsFrom(flow, lens, side))
  if (second === undefined) {
    if (source !== undefined) travel(context, lens, source, { ...disagreement, winner: source, why: name })
    return
  }
  const known = complementOf(link, lens)
  const isOpen = SIDES.every((side) => obstacle(subject.pair, lens, side, sides[side]) === null)
  const saying = (side: Side, value: Json) => {
    const written = lens.write(side, value, sides[side].values, known)
    const whole = { ...sides[side].values, ...written }
    return { written, whole, isRead: sameValue(lens.read(side, whole, known), value) }
  }
  const [next, agreed] = [saying('a', merged), saying('a', lens.read('b', sides.b.values, known))]
  if (!isOpen || ![next, agreed, saying('b', merged)].every(({ isRead }) => isRead)) {
    draft.disagreements.push(disagreement)
    return
  }
  const pending = (draft.updates.a ??= { changed: {}, base: {}, fields: [], disagreements: [] })
  Object.assign(pending.changed, next.written)
  Object.assign(pending.base, baseOn(lens, 'b', sides.b.values, known))
  pending.agreed = { ...pending.agreed, ...baseOn(lens, 'a', agreed.whole, known) }
  pending.disagreements.push({ ...disagreement, winner: 'a', why: `${name}: both get a value of its own` })
}

function rebase({ sides, draft, link }: Context, lens: Lens): void {
  for (const side of SIDES)
    Object.assign(draft.rebase[side], baseOn(lens, side, sides[side].values, complementOf(link, lens)))
}

function isEmptyAt(lens: Lens, side: Side, sides: Context['sides']): boolean {
  return lens.fields[side].every((field) => (sides[side].values[field] ?? null) === null)
}

/**
 * Whether a side holds what the lens cannot read. That is told, and nothing is written over it, unless it is still what the
 * two agreed on, and the other side has something new that travels.
 */
function closed(
  { flow, sides, draft, link }: Context,
  lens: Lens,
  side: Side,
  isAgreed: boolean,
  isWrittenOver: boolean,
): boolean {
  const found = lens.unreadable?.(side, sides[side].values, complementOf(link, lens)) ?? null
  if (found === null) return false
  if (found.wanted === true) return true
  const to = other(side)
  if (!travelsFrom(flow, lens, side)) return false
  if (isAgreed && isWrittenOver && travelsFrom(flow, lens, to)) return false
  const why = `its ${lens.id} ${found.why}`
  if (found.told !== true) draft.gaps.push({ side: to, ref: sides[to].ref, lens: lens.id, why })
  return true
}

/** Carries a lens's value from one side to the other, or says why it stays. `asks`: only once a person has said so. */
function travel(context: Context, lens: Lens, from: Side, disagreement: Disagreement | null, asks = false): void {
  const { flow, subject, sides, draft, link } = context
  const to = other(from)
  if (!travelsFrom(flow, lens, from)) {
    astray(context, lens, from, disagreement)
    return
  }
  const value = lens.read(from, sides[from].values, complementOf(link, lens))
  const translated =
    lens.files === true
      ? filesFor(shelfOf({ link, ...sides }, lens), from, subject.pair, lens)
      : translate(context, lens, from, value)
  const why =
    translated === undefined ? `its ${lens.id} has no counterpart there` : obstacle(subject.pair, lens, to, sides[to])
  if (why !== null || translated === undefined) {
    draft.gaps.push({ side: to, ref: sides[to].ref, lens: lens.id, why: why ?? '' })
    if (translated === undefined && lens.to !== undefined && typeof value === 'string')
      draft.waits ??= { for: 'parent', side: from, kind: lens.to[from], ref: value }
    return
  }
  const known = complementOf(link, lens)
  const written = lens.write(to, translated, sides[to].values, known)
  const { [to]: there } = sides
  if (!sameValue(lens.read(to, { ...there.values, ...written }, known), translated)) {
    draft.gaps.push({ side: to, ref: there.ref, lens: lens.id, why: `its ${lens.id} ${MISREAD}` })
    return
  }
  if (lens.fields[to].every((field) => sameValue(written[field], there.values[field]))) {
    rebase(context, lens)
    if (disagreement !== null) draft.disagreements.push(disagreement)
    return
  }
  const none: Pending = { changed: {}, base: {}, fields: [], disagreements: [] }
  const pending = asks ? (draft.strayed[to].update ??= none) : (draft.updates[to] ??= none)
  if (asks) draft.strayed[to].lenses.push(lens.id)
  Object.assign(pending.changed, withKept(subject, lens, to, written))
  Object.assign(pending.base, baseOn(lens, from, sides[from].values, known))
  pending.fields.push(...lens.fields[to])
  if (disagreement !== null) pending.disagreements.push(disagreement)
}

/** A change at the far end of a one-way flow is left alone, taken back, or held. */
function astray(context: Context, lens: Lens, from: Side, disagreement: Disagreement | null): void {
  const { flow } = context
  const to = other(from)
  const mayReturn = travelsFrom(flow, lens, to)
  if (disagreement !== null && mayReturn) {
    travel(context, lens, to, { ...disagreement, winner: to, why: `the flow runs ${flow.direction}` })
    return
  }
  if (mayReturn && isEmptiedAlong(context, lens, from)) {
    travel(context, lens, to, null)
    return
  }
  if (mayReturn && flow.astray === 'leave') tellLater(context, lens, from)
  if (!mayReturn || flow.astray === 'leave') return
  travel(context, lens, to, null, flow.astray === 'hold')
}

/** What a person is asked before changes at the far end are taken back. */
function holdOf(lenses: readonly string[]): Hold {
  const were = lenses.length === 1 ? 'was' : 'were'
  return { reason: 'policy', detail: `${lenses.join(', ')} ${were} changed against the flow's direction` }
}

/** A reference that is empty since what it led to was deleted there is nobody's edit: it leads to what takes its place, once there is that. */
function isEmptiedAlong({ link, sides, resolve }: Context, lens: Lens, side: Side): boolean {
  const { to, fields } = lens
  const [field = ''] = fields[side]
  const before = link.base[side][field]
  if (to === undefined || typeof before !== 'string') return false
  return (sides[side].values[field] ?? null) === null && resolve(side, to[side], before) === null
}

/**
 * Where the source was made again as it was before what the far end says, no base is known there (store/verbs/remade.ts): that
 * is nobody's change at the far end, and what is older does not travel there.
 */
function tellLater({ sides, draft, link }: Context, lens: Lens, from: Side): void {
  const to = other(from)
  const says = (side: Side): boolean => lens.fields[side].some((field) => (link.base[side][field] ?? null) !== null)
  if (says(from) || !says(to)) return
  const why = `its ${lens.id} is older than what stands there, which does not travel against the flow's direction`
  draft.gaps.push({ side: to, ref: sides[to].ref, lens: lens.id, why })
}

function decisionOf({ contested }: Subject, link: Link, sides: Context['sides'], draft: Draft): Decision {
  const settle: Settlement[] = []
  const writes: { write: Write; hold: Hold | null }[] = []
  if (!isEmpty(draft.rebase)) settle.push({ do: 'rebase', link: link.id, base: draft.rebase })
  if (draft.disagreements.length > 0) settle.push({ do: 'disagree', link: link.id, disagreements: draft.disagreements })
  const updates = SIDES.flatMap((side) => {
    const { update, lenses } = draft.strayed[side]
    return [
      { side, pending: draft.updates[side], hold: null },
      { side, pending: update, hold: holdOf(lenses) },
    ]
  })
  for (const { side, pending, hold } of updates) {
    if (pending === null) continue
    const write: UpdateAction = {
      do: 'update',
      side,
      link: link.id,
      ref: sides[side].ref,
      about: null,
      ...pending,
    }
    writes.push({ write, hold })
  }
  // What can be done is done first; it is planned again then.
  const waits = settle.length + writes.length === 0 ? draft.waits : null
  for (const each of draft.closed)
    if (contested.includes(each.lens)) settle.push({ do: 'close', link: link.id, ...each })
  return { settle, writes, gaps: draft.gaps, waits }
}

function isEmpty(base: Agreement): boolean {
  return Object.keys(base.a).length === 0 && Object.keys(base.b).length === 0
}

function agree(context: Context, lens: Lens): boolean {
  const { sides, link } = context
  if (lens.files === true) return agreeOnFiles(shelfOf({ link, ...sides }, lens))
  const a = lens.read('a', sides.a.values, complementOf(link, lens))
  const b = lens.read('b', sides.b.values, complementOf(link, lens))
  const translated = translate(context, lens, 'a', a)
  return translated !== undefined && sameValue(translated, b)
}

/** A reference is translated through links; undefined: its target has no counterpart. */
function translate({ resolve }: Pick<Context, 'resolve'>, lens: Lens, from: Side, value: Json): Json | undefined {
  if (lens.to === undefined || value === null) return value
  if (typeof value !== 'string') return undefined
  return resolve(from, lens.to[from], value) ?? undefined
}

/** Why the lens's fields may not be written on this side, or null. */
export function obstacle(pair: Pair, lens: Lens, to: Side, { may }: Observation): string | null {
  const facts = pair.kinds[to]
  if (!facts.can.update) return `${facts.kind} cannot be changed`
  for (const field of lens.fields[to]) {
    if (facts.fields[field]?.written !== undefined) return `${field} of a ${facts.kind} cannot be changed`
    if (may?.update !== undefined && !may.update.includes(field))
      return may.why ?? `${field} may not be changed with this credential`
  }
  return null
}
