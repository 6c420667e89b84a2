/** Plans what takes actions back, over what is known now, and carries it out. */
import { canonical } from '../connector/values.ts'
import type { CreateAction, Subject } from '../core/action.ts'
import { applyBrake } from '../core/brake.ts'
import { other, type Side } from '../core/flow.ts'
import { fingerprint } from '../core/key.ts'
import { creation, undo, writesOf, type Step, type Undoing } from '../core/undo.ts'
import type { JournalEntry, Observation } from '../core/state.ts'
import type { ToUndo } from '../store/verbs/undo.ts'
import type { PairSpec } from '../store/verbs/subjects.ts'
import { subjectOf } from './loaded.ts'
import type { FlowModel } from './model.ts'
import { countsOf, type Waits } from './planning.ts'
import { fingerprintOf, nameOfItem } from './task.ts'
import type { World } from './world.ts'

/** One item that goes back, and why it may have to wait for a person. */
export interface UndoStep extends Undoing {
  readonly model: FlowModel
  readonly name: string
  /** The brake's words; null: it may go. */
  readonly hold: string | null
  /** The first child that the same call makes. */
  readonly head: Subject | null
}

/** How long before an entry was noted its effects may have been. */
const NOTED_MS = 2000

export interface Wanted {
  /** Takes back too what was changed since. */
  readonly over: boolean
  /** Lets go what the brake would hold. */
  readonly pastBrake: boolean
}

/** Flow by flow; the brake counts what the accounts of a template would write together. */
export async function planUndo(
  world: World,
  models: readonly FlowModel[],
  found: ToUndo,
  { over, pastBrake }: Wanted,
): Promise<readonly UndoStep[]> {
  const all: (readonly UndoStep[])[] = []
  const before = new Map<string, Waits>()
  for (const model of models) {
    const { id, template = id } = model.flow
    const written = before.get(template) ?? []
    const gathered = await planOne(world, model, found, over)
    const steps = await braked(world, model, gathered, pastBrake ? null : written)
    all.push(steps)
    const more = steps.flatMap(({ subject, step, hold }) =>
      hold === null ? writesOf(step).map((write) => ({ pair: subject.pair.id, write })) : [],
    )
    before.set(template, [...written, ...more])
  }
  return all.flat()
}

async function planOne(
  world: World,
  model: FlowModel,
  { entries, later }: ToUndo,
  over: boolean,
): Promise<readonly Gathered[]> {
  const own = entries.filter((entry) => entry.flow === model.flow.id)
  const groups = new Map<string, { subject: Subject; entries: JournalEntry[] }>()
  for (const { entry, subject } of await subjectsOf(world, model, own)) {
    if (subject === null) continue
    const { link } = subject
    const key = link === null ? `${entry.pair} ${entry.side} ${entry.refs[entry.side]}` : String(link.id)
    const group = groups.get(key) ?? { subject, entries: [] }
    group.entries.push(entry)
    groups.set(key, group)
  }
  const done = [...groups.values()].flatMap((group) =>
    undo(model.flow, {
      ...group,
      over,
      later: later.filter(({ flow, pair, refs }) => flow === model.flow.id && isAbout(group.subject, pair, refs)),
    }),
  )
  const whole = await withParents(world, model, await withChildren(world, model, done))
  return shared(await guarded(world, model, withHeads(inOrder(model, whole))))
}

const PORTION = 64

/** What each entry is about, as it is now. */
async function subjectsOf(
  world: World,
  model: FlowModel,
  entries: readonly JournalEntry[],
): Promise<readonly { readonly entry: JournalEntry; readonly subject: Subject | null }[]> {
  const found: { readonly entry: JournalEntry; readonly subject: Subject | null }[] = []
  for (let from = 0; from < entries.length; from += PORTION)
    found.push(
      ...(await Promise.all(
        entries.slice(from, from + PORTION).map(async (entry) => ({
          entry,
          subject: await subjectAt(world, model, entry.pair, entry.side, await refIn(world, entry)),
        })),
      )),
    )
  return found
}

/** A correction is no item: it is known by the one that it tells about. */
async function refIn({ store }: World, { flow, pair, side, action, refs }: JournalEntry): Promise<string | null> {
  const ref = refs[side]
  if (action !== 'correct' || ref === null) return ref
  const { links } = await store.explain({ ref })
  return links.find((link) => link.flow === flow && link.pair === pair && link.refs[side] === ref)?.about ?? null
}

function isAbout({ pair, a, b }: Subject, id: string, refs: JournalEntry['refs']): boolean {
  return pair.id === id && ((a !== null && refs.a === a.ref) || (b !== null && refs.b === b.ref))
}

async function subjectAt(
  world: World,
  model: FlowModel,
  pair: string,
  side: Side,
  ref: string | null,
): Promise<Subject | null> {
  const { flow, specs } = model
  if (ref === null) return null
  const { subjects } = await world.store.load({
    flow: flow.id,
    connections: flow.connections,
    pairs: specs,
    now: world.clock.now(),
    limit: 1,
    claim: false,
    only: [{ pair, side, ref }],
  })
  const [loaded] = subjects
  return loaded === undefined ? null : subjectOf(model, loaded)
}

/** What went along with a deleted parent comes back with it. */
async function withChildren(world: World, model: FlowModel, done: readonly Undoing[]): Promise<readonly Undoing[]> {
  const more: Undoing[] = []
  for (const { entry, subject, side, step } of done) {
    const item = subject[side]
    if (!comesBack(step) || item === null) continue
    const { connection, takes } = subject.pair.kinds[side]
    const since = entry.at - NOTED_MS
    for (const child of await world.store.takenAlong({ connection, kinds: takes, parent: item.ref, since })) {
      const known = await childAt(world, model, side, child)
      if (known !== null && !isIn(done, known)) more.push(broughtBack(model, known, entry, side, child))
    }
  }
  return [...done, ...more]
}

async function childAt(world: World, model: FlowModel, side: Side, child: Observation): Promise<Subject | null> {
  const spec = model.specs.find((each) => each[side].kind === child.kind)
  return spec === undefined ? null : subjectAt(world, model, spec.id, side, child.ref)
}

function broughtBack(
  { flow }: FlowModel,
  subject: Subject,
  entry: JournalEntry,
  side: Side,
  { values }: Observation,
): Undoing {
  const far = subject[other(side)]
  if (subject.link === null || far === null)
    return { entry, subject, side, step: { is: 'nothing', why: 'it was made anew since' } }
  if (far.state === 'present') return { entry, subject, side, step: { is: 'part', how: 'gone' } }
  return { entry, subject, side, step: { is: 'write', write: creation(flow, subject, entry.id, side, values) } }
}

/** It is made again: by its own write, or by the ordinary plan. */
function comesBack(step: Step): boolean {
  return step.is === 'part' ? step.how === 'gone' : step.is === 'write' && step.write.do === 'create'
}

/** A child whose parent is gone too comes back under it. */
async function withParents(world: World, model: FlowModel, done: readonly Undoing[]): Promise<readonly Undoing[]> {
  const more: Undoing[] = []
  for (const { entry, subject, side, step } of done) {
    const item = subject[side]
    const spec = parentSpec(model, subject, side)
    if (!comesBack(step) || spec === null || item === null) continue
    const parent = await subjectAt(world, model, spec.id, side, item.parent)
    const there = parent?.[side] ?? null
    if (parent === null || there === null || there.state === 'present' || isIn([...done, ...more], parent)) continue
    more.push(broughtBack(model, parent, entry, side, there))
  }
  return [...more, ...done]
}

export function parentSpec({ specs }: FlowModel, { pair }: Subject, side: Side): PairSpec | null {
  return specs.find((each) => each[side].kind === pair.kinds[side].parent?.kind) ?? null
}

function isIn(done: readonly Undoing[], { pair, link }: Subject): boolean {
  return done.some(({ subject }) => subject.pair === pair && subject.link !== null && subject.link.id === link?.id)
}

/** What is made goes parents first, what is deleted children first. */
function inOrder({ specs }: FlowModel, done: readonly Undoing[]): readonly Undoing[] {
  const rank = (each: Undoing): number => specs.find(({ id }) => id === each.subject.pair.id)?.rank ?? 0
  const made = (each: Undoing): string => each.subject[each.side]?.createdAt ?? ''
  const deletes = done
    .filter(isDelete)
    .toSorted((left, right) => rank(right) - rank(left) || compare(made(right), made(left)))
  const others = done
    .filter((each) => !isDelete(each))
    .toSorted((left, right) => rank(left) - rank(right) || compare(made(left), made(right)))
  return [...others, ...deletes]
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

function isDelete({ step }: Undoing): boolean {
  return step.is === 'write' && step.write.do === 'delete'
}

type Gathered = Undoing & Pick<UndoStep, 'head'>

/** A first child is made by its parent's call. */
function withHeads(done: readonly Undoing[]): readonly Gathered[] {
  const heads = new Map<Undoing, Undoing>()
  for (const parent of done) {
    const { subject, side, step } = parent
    const item = subject[side]
    const kind = subject.pair.kinds[side].head
    if (step.is !== 'write' || step.write.do !== 'create' || kind === null || item === null) continue
    const head = done.find(
      (each) =>
        each.side === side && each.subject.pair.kinds[side].kind === kind && each.subject[side]?.parent === item.ref,
    )
    if (head !== undefined) heads.set(parent, head)
  }
  const taken = new Set(heads.values())
  return done.map((each) => {
    const head = heads.get(each)
    if (taken.has(each)) return { ...each, step: { is: 'along' }, head: null }
    if (head === undefined || each.step.is !== 'write' || each.step.write.do !== 'create')
      return { ...each, head: null }
    return { ...each, step: { is: 'write', write: withHead(each.step.write, head) }, head: head.subject }
  })
}

function withHead(write: CreateAction, { subject, step }: Undoing): CreateAction {
  if (step.is !== 'write' || step.write.do !== 'create') return write
  return { ...write, head: { pair: subject.pair.id, action: step.write } }
}

/**
 * A parent under which others live on is not deleted, nor is what was made with one that stays; one that has to be made with
 * a first child is made with one. What is refused lives on as well.
 */
async function guarded(world: World, model: FlowModel, done: readonly Gathered[]): Promise<readonly Gathered[]> {
  const next = await Promise.all(done.map((each) => guard(world, model, done, each)))
  const areAllTold = next.every(({ step }, at) => step.is !== 'refused' || done[at]?.step.is === 'refused')
  return areAllTold ? next : guarded(world, model, next)
}

async function guard(world: World, model: FlowModel, done: readonly Gathered[], each: Gathered): Promise<Gathered> {
  const { subject, side, step } = each
  const item = subject[side]
  if (item === null) return each
  const facts = subject.pair.kinds[side]
  if (step.is === 'write' && step.write.do === 'create' && facts.head !== null && step.write.head === null)
    return refused(each, `no first ${facts.head} of it is known`)
  if (!unmakes(each)) return each
  const staying = done.find((parent) => parent.step.is === 'refused' && takes(parent, each) && areOneCall(parent, each))
  if (staying !== undefined)
    return refused(each, `the ${staying.subject.pair.kinds[side].kind} that it was made with stays`)
  const kinds = model.flow.pairs.map((pair) => pair.kinds[side]).filter(({ parent }) => parent?.kind === facts.kind)
  const children = await world.store.children({
    connection: facts.connection,
    kinds: kinds.map(({ kind }) => kind),
    parent: item.ref,
  })
  const others = children.filter(({ kind, ref }) => !done.some((one) => unmakes(one) && isOf(one, side, kind, ref)))
  if (others.length > 0) return refused(each, `${others.length} more stand under it`)
  return seeing(
    each,
    children.map(({ ref }) => ref),
  )
}

function refused(each: Gathered, why: string): Gathered {
  return { ...each, step: { is: 'refused', why } }
}

/** Its item is gone afterwards, or stands for nothing. */
function unmakes(each: Undoing): boolean {
  return isDelete(each) || (each.step.is === 'part' && each.step.how === 'asleep')
}

function isOf({ subject, side }: Undoing, at: Side, kind: string, ref: string): boolean {
  return side === at && subject.pair.kinds[side].kind === kind && subject[side]?.ref === ref
}

/** A parent and its first child, as the journal has them. */
function areOneCall({ entry: parent }: Undoing, { entry: child }: Undoing): boolean {
  const areCreates = parent.action === 'create' && child.action === 'create'
  return areCreates && parent.at === child.at && Math.abs(parent.id - child.id) === 1
}

/** Deleting the first deletes the second. */
function takes(parent: Undoing, { subject, side }: Undoing): boolean {
  const child = subject[side]
  return (
    child !== null &&
    parent.side === side &&
    parent.subject[side]?.ref === child.parent &&
    parent.subject.pair.kinds[side].takes.includes(subject.pair.kinds[side].kind)
  )
}

/** What a deleted parent takes along has no delete of its own. */
function shared(done: readonly Gathered[]): readonly Gathered[] {
  const gone = done.filter(isDelete)
  return done.map((each) =>
    isDelete(each) && gone.some((parent) => takes(parent, each)) ? { ...each, step: { is: 'along' } } : each,
  )
}

function seeing(each: Gathered, takes: readonly string[]): Gathered {
  const { step } = each
  if (step.is !== 'write' || step.write.do !== 'delete' || step.write.undoes === undefined) return each
  return { ...each, step: { is: 'write', write: { ...step.write, undoes: { ...step.write.undoes, takes } } } }
}

/** The brake of the flow counts what is taken back like anything else, and `before` in other accounts; null: it does not. */
async function braked(
  world: World,
  model: FlowModel,
  done: readonly Gathered[],
  before: Waits | null,
): Promise<readonly UndoStep[]> {
  const { inStep } = await world.store.flowState({ flow: model.flow.id })
  const planned = done.map(({ subject, step }) => ({
    subject,
    decision: {
      settle: [],
      gaps: [],
      waits: null,
      writes: writesOf(step).map((write) => ({ write, hold: null })),
    },
  }))
  const counts = await countsOf(world, model, inStep, { own: [], elsewhere: before ?? [] })
  const held = before === null ? planned : applyBrake(model.flow, planned, counts)
  return done.map((each, index) => ({
    ...each,
    model,
    name: nameOfItem(each.subject[each.side] ?? each.subject[other(each.side)]),
    hold: held[index]?.decision.writes.find(({ hold }) => hold !== null)?.hold?.detail ?? null,
  }))
}

/** What a person says yes to, whole: anything that would go back more, less or otherwise, or that was edited since, gives another one. */
export function undoPrint(world: World, steps: readonly UndoStep[]): string {
  const shown = steps.map(({ model, entry, subject, side, step, hold }) => {
    const writes = writesOf(step).map((write) => fingerprintOf(world, write, subject))
    const told = 'why' in step ? step.why : (subject[side]?.values ?? {})
    return canonical([model.flow.id, entry.id, step.is, writes, told, hold !== null])
  })
  return fingerprint(world.markerKey, shown.toSorted().join('\n'))
}
