/** Plans what is due and sets the writes going: one pass over one flow. */
import type { Decision, Hold, Subject, Write, Planned } from '../core/action.ts'
import { applyBrake, withWaiting, type BrakeCounts } from '../core/brake.ts'
import type { Surroundings } from '../core/create.ts'
import { bySide, other, SIDES, type Side } from '../core/flow.ts'
import { nameOf, plan } from '../core/plan.ts'
import { slotOf } from '../core/slot.ts'
import type { FlowState } from '../store/verbs/flows.ts'
import type { Counts } from '../store/verbs/report.ts'
import type { Loaded, LoadedSubject } from '../store/verbs/subjects.ts'
import type { NewHold, SettleSubject } from '../store/verbs/settle.ts'
import type { Waiting } from '../store/verbs/waits.ts'
import { placeToken } from '../store/verbs/places.ts'
import type { Joining } from '../store/verbs/slots.ts'
import { isArriving } from './arriving.ts'
import { stillAsked } from './asked.ts'
import type { News } from './bell.ts'
import { heldBefore } from './held.ts'
import { aroundOf, subjectOf } from './loaded.ts'
import type { FlowModel } from './model.ts'
import { noticeStrangers } from './others.ts'
import type { Strands } from './strands.ts'
import { holdOf, nameOfItem, putBack, type Task } from './task.ts'
import type { World } from './world.ts'

/** Where children were deleted with their parent, they count as one, up to this many. */
const TOGETHER = 50

export interface Passed {
  /** How many subjects it handled. */
  readonly handled: number
  /** Whether the flow was in step once. */
  readonly inStep: boolean
  /** Whether an instance of it is still to be read. */
  readonly listing: boolean
  /** Where nothing was due: when something is, as far as it waits for a time; else null. */
  readonly next: number | null
}

/** `others`: the strands of the other accounts of its template, over which the brake counts too. */
export async function pass(
  world: World,
  model: FlowModel,
  strands: Strands,
  others: readonly Strands[],
): Promise<Passed> {
  const { flow } = model
  const now = world.clock.now()
  // As it is when the store counts: what begins later is in neither count, or in this one.
  const waiting = waitingIn(strands)
  const elsewhere = others.flatMap(waitingIn)
  const { state, loaded, counts, listing, next } = await world.store.take({
    flow: flow.id,
    connections: flow.connections,
    pairs: model.specs,
    now,
    limit: strands.room(),
    since: now - world.settings.brakeWindowMs,
  })
  const { inStep } = state
  if (loaded.subjects.length === 0) return { handled: 0, inStep, listing, next }
  const known = counts === null ? null : brakeCounts(state, waitedFor(counts, waiting, elsewhere), now)
  const countedNow = (): Promise<BrakeCounts> =>
    known === null
      ? countsOf(world, model, inStep, { own: waitingIn(strands), elsewhere: others.flatMap(waitingIn) })
      : Promise.resolve(known)
  const planned = await planLoaded(world, model, loaded, inStep, countedNow)
  if (await noticeStrangers(world, model, planned)) {
    const subjects = planned.map(({ subject, loaded: { dues } }) => putBack(subject.pair, dues, subject))
    await world.store.settle({ flow: flow.id, connections: flow.connections, now, subjects })
    return { handled: 0, inStep, listing, next }
  }
  const firsts: Firsts = new Map()
  const handled = planned.map((each) => handle(world, model, each, !inStep, firsts))
  const subjects = handled.filter(({ isSettled }) => !isSettled).map((each) => each.settle)
  if (subjects.length > 0)
    await world.store.settle({ flow: flow.id, connections: flow.connections, now: world.clock.now(), subjects })
  for (const { join } of handled) if (join !== null) await world.store.join(join)
  strands.add(handled.flatMap(({ tasks }) => tasks.map((task) => ({ strand: strandOf(task), task }))))
  const news = newsOf(handled)
  if (news.length > 0) world.bell.ring(...news)
  for (const { settle, tasks } of handled)
    for (const held of settle.holds)
      if (tasks.length === 0)
        world.events({
          is: 'held',
          flow: flow.id,
          pair: settle.pair,
          ref: held.ref,
          reason: held.reason,
          detail: held.detail,
        })
  return { handled: handled.length, inStep, listing, next }
}

/** Writes that are planned and not begun. */
export type Waits = Parameters<typeof withWaiting>[1]

/** `own`: of the flow itself; `elsewhere`: of the other accounts of its template. */
export function waitedFor({ pairs, accounts }: Counts, own: Waits, elsewhere: Waits): Counts {
  return {
    pairs: withWaiting(pairs, own),
    accounts: accounts === null ? null : withWaiting(accounts, [...own, ...elsewhere]),
  }
}

function waitingIn(strands: Strands): Waits {
  return strands.waiting().map(({ pair, write }) => ({ pair: pair.id, write }))
}

/** A container that wakes has its scopes listed; a parent that nobody has seen is looked for. */
function newsOf(handled: readonly Handled[]): readonly News[] {
  // What needed no call may have been all there was to do.
  const news: News[] = handled.every(({ tasks }) => tasks.length === 0) ? ['due'] : []
  if (handled.some(({ settle: { settle } }) => settle.some((each) => each.do === 'wake'))) news.push('reading')
  if (handled.some(({ settle: { wait } }) => wait?.for === 'parent')) news.push('hint')
  return news
}

export interface PlannedLoaded extends Planned {
  readonly loaded: LoadedSubject
}

/** The pure plan over what was loaded. The brake's counts are asked for only where they can matter. */
export async function planLoaded(
  world: World,
  model: FlowModel,
  loaded: Loaded,
  inStep: boolean,
  countedNow = (): Promise<BrakeCounts> => countsOf(world, model, inStep),
): Promise<PlannedLoaded[]> {
  const bySubject = new Map<Subject, LoadedSubject>()
  for (const each of loaded.subjects) {
    const subject = subjectOf(model, each)
    if (subject !== null) bySubject.set(subject, each)
  }
  const { flow } = model
  const subjects = [...bySubject.keys()]
  const around = aroundOf(loaded)
  const unplaced = plan(flow, subjects, around)
  const occupant = await occupantsOf(world, model, unplaced)
  const decided = occupant === null ? unplaced : plan(flow, subjects, { ...around, occupant })
  const writes = decided.flatMap((each) => each.decision.writes.map(({ write }) => write.do))
  const counted = inStep ? writes.length > 0 : writes.some((each) => each === 'delete' || each === 'empty')
  const planned = counted ? applyBrake(flow, decided, await countedNow()) : decided
  return planned.flatMap((each) => {
    const own = bySubject.get(each.subject)
    return own === undefined ? [] : [{ ...each, loaded: own }]
  })
}

/** Who stands where new items would go, in a place that only one can have; null: no such place is wanted. */
async function occupantsOf(
  world: World,
  model: FlowModel,
  planned: readonly Planned[],
): Promise<Surroundings['occupant'] | null> {
  const places = planned.flatMap(({ subject: { pair }, decision }) =>
    decision.writes.flatMap(({ write }) => {
      const slot =
        write.do === 'create' && write.about === null ? slotOf(pair.kinds[write.side].unique, write.values) : null
      const spec = model.specs.find(({ id }) => id === pair.id)
      return write.do !== 'create' || slot === null || spec === undefined
        ? []
        : [{ pair: spec, side: write.side, scope: write.scope, slot }]
    }),
  )
  if (places.length === 0) return null
  const found = await world.store.occupants({ flow: model.flow.id, places })
  const nameOfPlace = (pair: string, ...place: readonly string[]): string => JSON.stringify([pair, ...place])
  const byPlace = new Map(
    places.map(({ pair, side, scope, slot }, at) => [nameOfPlace(pair.id, side, scope, slot), found[at] ?? null]),
  )
  return (pair, side, scope, slot) => byPlace.get(nameOfPlace(pair.id, side, scope, slot)) ?? null
}

/** `waiting`: writes that are planned and not begun as the store counts. */
export async function countsOf(
  world: World,
  model: FlowModel,
  inStep: boolean,
  waiting: { readonly own: Waits; readonly elsewhere: Waits } = { own: [], elsewhere: [] },
): Promise<BrakeCounts> {
  const now = world.clock.now()
  const flow = model.flow.id
  const [counts, state] = await Promise.all([
    world.store.counts({ flow, since: now - world.settings.brakeWindowMs }),
    world.store.flowState({ flow }),
  ])
  return brakeCounts({ ...state, inStep }, waitedFor(counts, waiting.own, waiting.elsewhere), now)
}

function brakeCounts({ inStep, liftedUntil }: FlowState, counts: Counts, now: number): BrakeCounts {
  return { ...counts, inStep, together: TOGETHER, lifted: (liftedUntil ?? 0) > now }
}

interface Handled {
  readonly settle: SettleSubject
  /** There is nothing to commit but the write. */
  readonly isSettled: boolean
  readonly tasks: readonly Task[]
  /** It is one with another. */
  readonly join: Joining | null
}

/** Turns a decision into what is committed now and the writes that go. */
function handle(world: World, model: FlowModel, planned: PlannedLoaded, first: boolean, firsts: Firsts): Handled {
  const { subject, decision, loaded } = planned
  const wait = waitOf(world, model, loaded, decision) ?? waitInLine(planned, firsts)
  if (wait !== null) keepsBack(planned, firsts)
  const holds: NewHold[] = []
  const tasks: Task[] = []
  // What is told by a correction waits neither for siblings nor for a parent.
  if (wait === null || wait.for === 'siblings' || wait.for === 'parent')
    for (const { write, hold } of decision.writes) {
      const task = taskOf(model, planned, write, first)
      const verdict = verdictOf(world, loaded, task, hold)
      if (verdict === 'go') tasks.push(task)
      else if (verdict !== 'skip') holds.push(verdict)
    }
  const isIdle = wait === null && holds.length + tasks.length === 0
  const settle: SettleSubject = {
    pair: subject.pair.id,
    dues: loaded.dues,
    refs: { a: subject.a?.ref ?? null, b: subject.b?.ref ?? null },
    settle: wait === null ? decision.settle : [],
    gaps: decision.gaps,
    holds: isIdle ? stillAsked(model.flow.id, subject, loaded) : holds,
    wait,
    rests: decision.rests === true,
    going: tasks.length > 0,
  }
  const join = wait === null ? joiningOf(world, model, planned) : null
  const isSettled =
    join !== null ||
    (settle.going && settle.settle.length + decision.gaps.length + holds.length === 0 && !loaded.diverges)
  return { settle, isSettled, tasks: tasks.slice(0, 1), join }
}

function joiningOf(world: World, model: FlowModel, { subject, decision, loaded }: PlannedLoaded): Joining | null {
  const pair = model.specs.find(({ id }) => id === subject.pair.id)
  if (decision.join === undefined || pair === undefined) return null
  const fields = [...new Set(SIDES.flatMap((side) => subject.pair.kinds[side].unique))].join(', ')
  const why = `the same on both sides: by equal ${fields}`
  return { flow: model.flow.id, pair, join: decision.join, dues: loaded.dues, why, now: world.clock.now() }
}

/** One write at a time about a subject: the second is planned again after the first. */
export function taskOf(
  model: FlowModel,
  { subject, loaded, decision }: PlannedLoaded,
  write: Write,
  first: boolean,
): Task {
  const head = loaded.head
  const from = other(write.side)
  const correction = subject.corrections[write.side]
  const isMain = write.about === null || (write.do !== 'create' && write.about === write.ref)
  return {
    model,
    pair: subject.pair,
    write,
    dues: write.do === 'create' && head !== null ? [...loaded.dues, ...head.dues] : loaded.dues,
    seen: isMain
      ? { a: subject.a, b: subject.b }
      : bySide(write.side, write.do === 'create' ? null : (correction?.item ?? null), subject[from]),
    also: isMain ? (write.do === 'create' && write.head !== null ? (head?.[from] ?? null) : null) : subject[write.side],
    named: nameOf(subject),
    more: write.about !== null || SIDES.some((side) => subject.corrections[side] !== null),
    name: nameOfItem(subject[nameOf(subject).side]),
    first,
    hold: decision.writes.find((each) => each.write === write)?.hold ?? null,
  }
}

/** What people said about exactly this action stands; what was held before stays held until they do. */
function verdictOf(world: World, loaded: LoadedSubject, task: Task, hold: Hold | null): 'go' | 'skip' | NewHold {
  const before = heldBefore(world, loaded, task.write)
  if (before?.decision === 'approved') return 'go'
  if (before?.decision === 'discarded') return 'skip'
  if (before !== undefined) {
    const held = holdOf(world, task, before.reason, before.detail)
    const isOwn = before.flow === task.model.flow.id && before.side === held.side && before.ref === held.ref
    // What is asked about an item as such stays the question that it was.
    return before.reason === 'ambiguous' && isOwn ? { ...held, fingerprint: before.fingerprint } : held
  }
  return hold === null ? 'go' : holdOf(world, task, hold.reason, hold.detail)
}

function waitOf(world: World, model: FlowModel, loaded: LoadedSubject, decision: Decision): Waiting | null {
  if (loaded.busy !== null) return { for: 'intent', key: loaded.busy }
  const { waits } = decision
  if (waits?.for === 'intent') return { for: 'intent', key: waits.key }
  if (waits?.for === 'link') return { for: 'link', link: waits.link }
  if (waits?.for === 'siblings') return waits
  if (waits?.for === 'place') {
    const { held } = waits
    const { slot } = held
    return slot === null ? null : { for: 'place', token: placeToken({ ...held, slot }), held, slot }
  }
  if (waits?.for === 'parent') return parentWait(model, loaded, waits)
  if (waits !== null)
    return { for: 'time', until: world.clock.now() + 5000, why: `waits for ${waits.for}`, failed: false }
  const creates = decision.writes.some(({ write }) => write.do === 'create')
  if (!creates) return null
  const side = loaded.a?.state === 'present' ? 'a' : 'b'
  if (loaded.isScopeUnread) return scopeWait(model, loaded, side)
  if (isArriving(world, model, loaded, side))
    return { for: 'time', until: world.clock.now() + 5000, why: 'its feed is read to its end first', failed: false }
  return loaded.behind === null ? null : { for: 'sibling', side, ref: loaded.behind }
}

/** By parent: the first of the siblings handed out together that has to wait. Those after it go behind it. */
type Firsts = Map<string, Extract<Waiting, { for: 'sibling' }>>

function waitInLine(planned: PlannedLoaded, firsts: Firsts): Waiting | null {
  const line = lineOf(planned)
  const creates = planned.decision.writes.some(({ write }) => write.do === 'create' && write.about === null)
  return line !== null && creates ? (firsts.get(line) ?? null) : null
}

function keepsBack(planned: PlannedLoaded, firsts: Firsts): void {
  const line = lineOf(planned)
  const due = planned.loaded.dues[0]
  if (line !== null && due !== undefined && !firsts.has(line))
    firsts.set(line, { for: 'sibling', side: due.side, ref: due.ref })
}

/** The siblings among which it has an order. Null: it has a counterpart, or its kind has none. */
function lineOf({ subject }: PlannedLoaded): string | null {
  const { pair, link } = subject
  const side = subject.a?.state === 'present' ? 'a' : 'b'
  const parent = subject[side]?.parent ?? null
  if ((link !== null && link.state !== 'gone') || parent === null) return null
  return pair.kinds[other(side)].siblings ? `${pair.id} ${side} ${parent}` : null
}

function scopeWait(model: FlowModel, loaded: LoadedSubject, side: Side): Waiting | null {
  const item = loaded[side]
  if (item === null) return null
  const { connection, kind, scope } = item
  return { for: 'scope', connection, feed: model.feedOf(side, kind), scope }
}

function parentWait(
  model: FlowModel,
  loaded: LoadedSubject,
  waits: { side: Side; kind: string; ref: string; isAway?: boolean },
): Waiting | null {
  const spec = model.specs.find((each) => each[waits.side].kind === waits.kind)
  if (spec === undefined) return null
  return {
    for: 'parent',
    isAway: waits.isAway === true,
    side: waits.side,
    kind: waits.kind,
    ref: waits.ref,
    pair: spec.id,
    rank: spec.rank,
    feed: model.feedOf(waits.side, waits.kind),
    scope: loaded[waits.side]?.scope ?? '',
  }
}

/** Creates under one parent go one by one; everything else has a strand of its own. */
export function strandOf({ pair, write, seen, model }: Task): string {
  const side = other(write.side)
  const item = seen[side]
  if (write.do === 'create' && pair.kinds[write.side].siblings && item?.parent !== null)
    return `${model.flow.id} ${pair.id} ${side} under ${item?.parent ?? ''}`
  return `${model.flow.id} ${pair.id} ${side} ${item?.ref ?? ''}`
}
