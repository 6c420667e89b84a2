/** Decides about an item without a counterpart: whether one is wanted, where, and with which values. Pure. */
import { isObject, sameValue, type Json, type Ref, type Values } from '../connector/values.ts'
import type { Link, Observation } from './state.ts'
import { NOTHING, type CreateAction, type Decision, type Subject } from './action.ts'
import { baseOn } from './base.ts'
import { MISREAD, type Resolve } from './decide.ts'
import { filesFor, shelfOf } from './files.ts'
import { refsIn, type PersonOf } from './people.ts'
import { slotOf } from './slot.ts'
import {
  bySide,
  carries,
  isCompared,
  movesByField,
  other,
  pinnedRefs,
  type Flow,
  type Lens,
  type Origin,
  type Pair,
  type Side,
} from './flow.ts'

export interface Surroundings {
  readonly resolve: Resolve
  readonly personOf: PersonOf
  /** The scope in which the counterpart of an item stands; null: it is not known. */
  standsIn(from: Side, kind: string, ref: Ref): Ref | null
  /** Whether the counterpart of an item is gone for good, while the item stays. */
  isKept(from: Side, kind: string, ref: Ref): boolean
  /** The counterpart of a scope through this flow's own live instances; null: it is not in the flow. */
  instance(from: Side, scope: Ref): Ref | null
  /** What stands on a side in the slot that a new item would take; null: nothing that is known. */
  occupant(pair: Pair, at: Side, scope: Ref, slot: string): Occupant | null
  /** Whether a scope of this flow rests, because its container cannot be reached, or it is not read whole yet. */
  isAtRest(from: Side, scope: Ref): boolean
  /** The container of a scope that this flow has never joined; null: it has, or knows of no such container. */
  unjoined(from: Side, scope: Ref): Observation | null
}

export interface Occupant {
  readonly item: Observation
  /** Its link, where it is not gone; 'elsewhere': another flow has linked it. */
  readonly link: Link | 'elsewhere' | null
  /** Of its link: the item on the other side. */
  readonly counterpart: Observation | null
  /** The key of an open write about it, or that may have made it. */
  readonly busy: string | null
}

/** An item that was seen on one side only. `previous`: the dead link that it had. */
export function decideNew(flow: Flow, subject: Subject, from: Side, around: Surroundings): Decision {
  const item = subject[from]
  if (item === null || !isWanted(flow, subject.pair, from, item, subject.raised)) return NOTHING
  const open = subject.maybeOurs ?? subject.head?.maybeOurs ?? null
  if (open !== null) return { ...NOTHING, waits: { for: 'intent', key: open } }
  if (item.unread) return { ...NOTHING, waits: { for: 'reading', side: from } }
  const to = other(from)
  const facts = subject.pair.kinds[to]
  const scope = targetScope(flow, subject.pair, from, item, around)
  if (scope === null) return NOTHING
  if (!facts.can.create) return notMade(from, item, `${facts.kind} cannot be created`)
  const parent = subject.pair.kinds[from].parent
  if (parent !== null && item.parent !== null) {
    const beyond = beyondReach(flow, from, parent.kind, item.parent, around)
    const isAway = beyond !== null
    if (isAway || around.resolve(from, parent.kind, item.parent) === null) {
      const waits = { for: 'parent', side: from, kind: parent.kind, ref: item.parent, isAway } as const
      const why = `its ${parent.kind} ${beyond ?? LEFT}`
      const kept = isAway || around.isKept(from, parent.kind, item.parent)
      return kept ? notMade(from, item, why, waits) : { ...NOTHING, waits }
    }
  }
  if (facts.head !== null && subject.head === null) return headless(subject, from, item)
  const first = subject.head?.[from] ?? null
  if (facts.head !== null && subject.head !== null && first !== null && !passes(flow, subject.head.pair, from, first)) {
    const why = `its first ${subject.head.pair.kinds[from].kind} does not pass the filter`
    return notMade(from, item, why)
  }
  const missing = unresolved(subject.pair, from, item, around)
  if (missing !== null) return notMade(from, item, `its ${missing.lens} has no counterpart there`, missing.waits)
  const unsaid = unsayable(subject.pair, from, item)
  if (unsaid !== null) return notMade(from, item, unsaid)
  const write = createAction(flow, subject, from, item, scope, around, null)
  if (write === null) return NOTHING
  const slot = slotOf(facts.unique, write.values)
  const occupant = slot === null ? null : around.occupant(subject.pair, to, scope, slot)
  if (occupant === null) return { ...NOTHING, writes: [{ write, hold: null }] }
  return decideOccupied(flow, subject, from, item, occupant)
}

/** It stays without a counterpart, and that is told. `waits`: for what may change it. */
function notMade(side: Side, { ref }: Observation, why: string, waits: Decision['waits'] = null): Decision {
  return { ...NOTHING, waits, gaps: [{ side, ref, lens: '(created)', why }] }
}

const LEFT = 'was deleted there, or left the flow, and stays here'
/** Of what stands in a container whose counterpart cannot be reached, or that is to be joined or read yet. */
export const RESTING = 'stands there in a container that is out of reach, or not read whole yet'

/** Why nothing new is made under the counterpart of a parent: the flow does not reach to where that stands, or not now. */
function beyondReach(flow: Flow, from: Side, kind: string, ref: Ref, around: Surroundings): string | null {
  const to = other(from)
  const at = around.standsIn(from, kind, ref)
  if (at === null || at === '' || around.instance(to, at) !== null) return null
  return rests(flow, around, to, at) ? RESTING : LEFT
}

/**
 * Its first child, once there is one, asks for it, or what a person is asked about a child. Where what is left of those it had
 * was emptied, sleeps or left, it stays by itself.
 */
function headless({ pair, link, children }: Subject, from: Side, item: Observation): Decision {
  const { living, surviving, unread, open } = children[from]
  if (open !== null) return { ...NOTHING, waits: { for: 'intent', key: open } }
  if (link === null || living === 0 || surviving + unread > 0) return NOTHING
  const why = `it was deleted there, and no ${pair.kinds[other(from)].head ?? ''} is left to make it again with`
  return notMade(from, item, why)
}

/** Its slot is taken there: by the same thing, or by what stands for something else. */
function decideOccupied(flow: Flow, subject: Subject, from: Side, item: Observation, occupant: Occupant): Decision {
  const to = other(from)
  const { link, busy, counterpart } = occupant
  if (busy !== null) return { ...NOTHING, waits: { for: 'intent', key: busy } }
  if (occupant.item.unread) return { ...NOTHING, waits: { for: 'reading', side: to } }
  const isFree = link === null || (link !== 'elsewhere' && counterpart?.state === 'deleted')
  if (!isFree || !passes(flow, subject.pair, to, occupant.item)) {
    const why = `${occupant.item.ref} has its place there, and ${isFree ? 'is left out of the flow' : 'stands for something else'}`
    const waits = { for: 'place', held: occupant.item } as const
    return notMade(from, item, why, waits)
  }
  return {
    ...NOTHING,
    join: {
      refs: bySide(from, item.ref, occupant.item.ref),
      revs: bySide(from, item.rev, occupant.item.rev),
      ends: link?.id ?? null,
      base: link?.base ?? { a: {}, b: {} },
      complement: link?.complement ?? {},
      incarnation: Math.max(subject.link?.incarnation ?? -1, link?.incarnation ?? -1) + 1,
    },
  }
}

/** Whether an item of this side belongs to what the flow carries at all. */
export function isWanted(flow: Flow, pair: Pair, from: Side, item: Observation, raised: boolean): boolean {
  if (item.state !== 'present' || !carries(flow.direction, from)) return false
  if (pair === flow.containers) return isWantedContainer(flow, from, item)
  if (!passes(flow, pair, from, item)) return false
  return raised || flow.start === null || item.createdAt === null || item.createdAt >= flow.start
}

/**
 * Also a container that the configuration names and that was not reached yet is one of the flow's, and one that is to get
 * its counterpart: what came into it has not left.
 */
export function rests(flow: Flow, around: Surroundings, side: Side, scope: Ref): boolean {
  if (around.isAtRest(side, scope)) return true
  const isNamed = flow.scopes.some((each) => pinnedRefs(each)[side] === scope)
  const unjoined = around.unjoined(side, scope)
  const isComing = unjoined !== null && isWanted(flow, flow.containers, side, unjoined, false)
  return (isNamed || isComing) && around.instance(side, scope) === null
}

/** Whether the flow's filters let an item of this side through: what is left out is no counterpart of anything either. */
export function passes(flow: Flow, pair: Pair, side: Side, { unread, shown, ...item }: Observation): boolean {
  const values = shown ?? item.values
  if (pair === flow.containers) return flow.each === null || flow.each.from !== side || flow.each.where(values)
  return pair.where === undefined || unread || pair.where(side, values)
}

function isWantedContainer(flow: Flow, from: Side, item: Observation): boolean {
  const pinned = flow.scopes.some((scopes) => {
    const choice = scopes[from]
    return 'ref' in choice && choice.ref === item.ref && 'create' in scopes[other(from)]
  })
  return pinned || (flow.each !== null && flow.each.from === from && flow.each.where(item.values))
}

/** Where its parent's counterpart stands, which may not have followed yet: it goes along then. */
function targetScope(flow: Flow, pair: Pair, from: Side, item: Observation, around: Surroundings): Ref | null {
  if (pair === flow.containers) return ''
  const scope = around.instance(from, item.scope)
  const { parent } = pair.kinds[from]
  if (scope === null || parent === null || item.parent === null) return scope
  const of = flow.pairs.find((each) => each.kinds[from].kind === parent.kind)
  const at = around.standsIn(from, parent.kind, item.parent)
  const isOfFlow = at !== null && around.instance(other(from), at) !== null
  return of !== undefined && isOfFlow && !movesByField(of) ? at : scope
}

function createAction(
  flow: Flow,
  subject: Subject,
  from: Side,
  item: Observation,
  scope: Ref,
  around: Surroundings,
  parent: Observation | null,
): CreateAction | null {
  const to = other(from)
  const head = headAction(flow, subject, from, item, scope, around)
  if (head === 'missing') return null
  const filled = fill(subject, from, item, around, parent)
  return {
    do: 'create',
    side: to,
    source: { ref: item.ref },
    scope,
    values: { ...extraValues(flow, subject.pair, from, item), ...filled.values },
    base: filled.base,
    complement: filled.complement,
    createdAt: item.createdAt,
    author: item.author,
    incarnation: subject.incarnation,
    link: subject.link?.id ?? null,
    about: null,
    head,
    late: subject.late,
    ...(filled.open ? { open: true as const } : {}),
    disagreements: [],
  }
}

function headAction(
  flow: Flow,
  subject: Subject,
  from: Side,
  item: Observation,
  scope: Ref,
  around: Surroundings,
): CreateAction['head'] | 'missing' {
  if (subject.pair.kinds[other(from)].head === null) return null
  const child = subject.head
  const first = child?.[from] ?? null
  if (child === null || first === null) return 'missing'
  const action = createAction(flow, child, from, first, scope, around, item)
  return action === null ? 'missing' : { pair: child.pair.id, action }
}

/** What every lens writes into the new item, and what the origin's side holds as its base. */
function fill(
  subject: Subject,
  from: Side,
  item: Observation,
  around: Surroundings,
  parent: Observation | null,
): { values: Values; base: Values; complement: { [lens: string]: Json }; open: boolean } {
  const to = other(from)
  const values: Record<string, Json> = {}
  const base: Record<string, Json> = {}
  const complement: { [lens: string]: Json } = {}
  let open = false
  const origin: Origin = { author: originAuthor(subject, from, item), parent: parent?.values ?? null }
  for (const lens of subject.pair.lenses) {
    if (!writesOn(lens, from)) continue
    const known = merged(subject.link, lens, lens.complement?.(to, origin) ?? null)
    const value = lens.read(from, item.values, known)
    const translated =
      lens.files === true
        ? filesFor(shelfOf({ link: null, a: null, b: null, [from]: item }, lens), from, subject.pair, lens)
        : lens.to === undefined || typeof value !== 'string'
          ? value
          : around.resolve(from, lens.to[from], value)
    const isOpen = translated === null && lens.to !== undefined
    open ||= isOpen && value !== null && isCompared(lens)
    // What is not written yet was agreed to be empty: this side has changed it since.
    if (isCompared(lens)) Object.assign(base, baseOn(lens, from, isOpen ? {} : item.values, known))
    if (known !== null) complement[lens.id] = known
    if (isOpen) continue
    Object.assign(values, lens.write(to, translated, null, known))
  }
  return { values, base, complement, open }
}

/**
 * The lens of a reference or a person that the new item must have, and whose target has no counterpart; that of a reference
 * may come.
 */
function unresolved(
  pair: Pair,
  from: Side,
  item: Observation,
  around: Surroundings,
): { readonly lens: string; readonly waits: Decision['waits'] } | null {
  const to = other(from)
  for (const lens of pair.lenses) {
    const needed =
      writesOn(lens, from) && lens.fields[to].some((field) => pair.kinds[to].fields[field]?.required === true)
    const stays = lens.people === true && lens.read(from, item.values, null) === null
    if (needed && stays && lens.fields[from].some((field) => refsIn(item.shown?.[field]).length > 0))
      return { lens: lens.id, waits: null }
    const value = lens.to === undefined || !needed ? null : lens.read(from, item.values, null)
    if (lens.to !== undefined && typeof value === 'string' && around.resolve(from, lens.to[from], value) === null)
      return { lens: lens.id, waits: { for: 'parent', side: from, kind: lens.to[from], ref: value } }
  }
  return null
}

/** Why a lens that is compared could not say on the other side what it finds here; null: all can. */
function unsayable(pair: Pair, from: Side, item: Observation): string | null {
  const to = other(from)
  for (const lens of pair.lenses) {
    if (lens.unreadable === undefined || !isCompared(lens) || !writesOn(lens, from)) continue
    const found = lens.unreadable(from, item.values, null)
    if (found !== null) return `its ${lens.id} ${found.why}`
    const value = lens.read(from, item.values, null)
    if (!sameValue(lens.read(to, lens.write(to, value, null, null), null), value)) return `its ${lens.id} ${MISREAD}`
  }
  return null
}

/** An item that comes back is signed by whoever wrote it first: here, unless what was there was our copy. */
function originAuthor({ link, ...sides }: Subject, from: Side, item: Observation): Origin['author'] {
  const to = other(from)
  const wasCopy = link === null || Object.values(link.complement).some((known) => isObject(known) && to in known)
  return wasCopy ? item.author : (sides[to]?.author ?? item.author)
}

/** The dead link's complement keeps what its own side needs; the new item's side gets its own. */
function merged(link: Link | null, lens: Lens, fresh: Json): Json {
  const old = link?.complement[lens.id] ?? null
  return isObject(old) && isObject(fresh) ? { ...old, ...fresh } : (fresh ?? old)
}

function writesOn(lens: Lens, from: Side): boolean {
  const way = lens.way.replace('on create ', '')
  return way === 'both' || way === (from === 'a' ? 'a→b' : 'b→a')
}

/** Fields of a container that only the configuration knows, such as the category under which it is made. */
function extraValues(flow: Flow, pair: Pair, from: Side, item: Observation): Values {
  if (pair !== flow.containers) return {}
  for (const scopes of flow.scopes) {
    const own = scopes[from]
    const there = scopes[other(from)]
    if ('ref' in own && own.ref === item.ref && 'create' in there) return there.values ?? {}
  }
  return flow.each?.under ?? {}
}
