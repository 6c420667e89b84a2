/** Plans what is due and sets the writes going: one pass over one flow. */
import type { Hold, Write } from '../core/action.ts'
import type { BrakeCounts } from '../core/brake.ts'
import { bySide, other, SIDES } from '../core/flow.ts'
import { nameOf } from '../core/plan.ts'
import type { LoadedSubject } from '../store/verbs/subjects.ts'
import type { NewHold } from '../store/verbs/held.ts'
import type { SettleSubject } from '../store/verbs/settle.ts'
import type { Joining } from '../store/verbs/slots.ts'
import type { News } from './bell.ts'
import { endedBy, heldBefore } from './held.ts'
import type { FlowModel } from './model.ts'
import { noticeStrangers } from './others.ts'
import type { Strands } from './strands.ts'
import { holdOf, nameOfItem, putBack, type Task } from './task.ts'
import type { World } from './world.ts'
import { keepsBack, waitInLine, waitOf, type Firsts } from './waits.ts'
import { brakeCounts, countsOf, planLoaded, waitedFor, type PlannedLoaded, type Waits } from './planning.ts'

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
  const settle: SettleSubject = {
    pair: subject.pair.id,
    dues: loaded.dues,
    refs: { a: subject.a?.ref ?? null, b: subject.b?.ref ?? null },
    // A correction that somebody removed ends before it is told again, and what is contested no more, whatever its item waits for.
    settle: decision.settle.filter((each) => wait === null || tasks.length > 0 || each.do === 'close'),
    gaps: decision.gaps,
    holds,
    ended: endedBy(world, model.flow.id, loaded, decision, wait),
    wait,
    going: tasks.length > 0,
  }
  const join = wait === null ? joiningOf(world, model, planned) : null
  const isSettled =
    join !== null ||
    (settle.going &&
      settle.settle.length + decision.gaps.length + holds.length + settle.ended.length === 0 &&
      !loaded.diverges)
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

/** Creates under one parent go one by one; everything else has a strand of its own. */
export function strandOf({ pair, write, seen, model }: Task): string {
  const side = other(write.side)
  const item = seen[side]
  if (write.do === 'create' && pair.kinds[write.side].siblings && item?.parent !== null)
    return `${model.flow.id} ${pair.id} ${side} under ${item?.parent ?? ''}`
  return `${model.flow.id} ${pair.id} ${side} ${item?.ref ?? ''}`
}
