/** Carries out what a person takes back. */
import { sameValue } from '../connector/values.ts'
import type { CreateAction, Subject, Write } from '../core/action.ts'
import { bySide, other, SIDES } from '../core/flow.ts'
import { nameOf } from '../core/plan.ts'
import type { Step } from '../core/undo.ts'
import { act } from './act.ts'
import type { Task } from './task.ts'
import { parentSpec, type UndoStep } from './undo.ts'
import type { World } from './world.ts'

export interface Undone {
  readonly step: UndoStep
  /** Null: done. */
  readonly why: string | null
}

/**
 * Stage by stage, in order: parents are made before what stands under them, and removed after it. Within a stage what is
 * made under one parent goes one by one, everything else side by side. What the world has moved away from is left, and
 * says so.
 */
export async function carryOutUndo(
  world: World,
  steps: readonly UndoStep[],
  signal: AbortSignal,
): Promise<readonly Undone[]> {
  const said = new Map<UndoStep, string | null>()
  for (const stage of stagesOf(steps)) {
    const lanes = [...Map.groupBy(stage, laneOf).values()]
    const runner = async (): Promise<void> => {
      for (let lane = lanes.shift(); lane !== undefined; lane = lanes.shift())
        for (const step of lane) {
          if (signal.aborted) return
          said.set(step, await one(world, step))
        }
    }
    await Promise.all(Array.from({ length: world.settings.concurrency }, runner))
  }
  world.bell.ring()
  return steps.flatMap((step) => {
    const why = said.get(step)
    const isDone = why !== undefined && (why !== null || step.step.is === 'write' || step.step.is === 'part')
    return isDone ? [{ step, why }] : []
  })
}

/** What follows one another and does the same to the same kinds. */
function stagesOf(steps: readonly UndoStep[]): readonly (readonly UndoStep[])[] {
  const stages: { readonly what: string; readonly steps: UndoStep[] }[] = []
  for (const step of steps) {
    const what = `${step.model.flow.id} ${step.subject.pair.id} ${step.step.is === 'write' ? step.step.write.do : step.step.is}`
    const last = stages.at(-1)
    if (last?.what === what) last.steps.push(step)
    else stages.push({ what, steps: [step] })
  }
  return stages.map((stage) => stage.steps)
}

function laneOf({ step, subject, side }: UndoStep): unknown {
  const field = subject.pair.kinds[side].parent?.field
  const isMade = step.is === 'write' && step.write.do === 'create'
  return isMade && field !== undefined ? step.write.values[field] : subject
}

async function one(world: World, undoing: UndoStep): Promise<string | null> {
  const { step } = undoing
  if (step.is === 'part') return parted(world, undoing, step)
  if (step.is !== 'write') return null
  const write = step.write.do === 'create' ? await placed(world, undoing, step.write) : step.write
  return write === null ? 'its parent is not there' : written(world, undoing, write)
}

async function written(world: World, undoing: UndoStep, write: Write): Promise<string | null> {
  const { model, subject } = undoing
  const seen = await seenFor(world, subject, write)
  if (seen === null) return SAID.moved
  const task: Task = {
    model,
    pair: subject.pair,
    write,
    dues: [],
    seen,
    also: undoing.head?.[other(undoing.side)] ?? null,
    named: nameOf(subject),
    more: false,
    hold: null,
    name: undoing.name,
    first: false,
  }
  const [outcome = 'moved'] = await act(world, [task])
  return SAID[outcome]
}

const SAID = {
  done: null,
  moved: 'it changed meanwhile',
  unknown: 'no answer: what became of it is asked about',
  waits: 'the system cannot do it now',
  held: 'the system refused it',
} as const

/**
 * What a write rests on. An update of one of the two may follow one of the other: it rests on what the two hold of what it
 * changes. Null: that is not as it was shown.
 */
async function seenFor({ store }: World, subject: Subject, write: Write): Promise<Task['seen'] | null> {
  const { pair, corrections, a, b } = subject
  const at = write.side
  if (write.about !== null) return bySide(at, corrections[at]?.item ?? null, subject[other(at)])
  if (write.do !== 'update') return { a, b }
  const lenses = pair.lenses.filter((lens) => lens.fields[at].some((field) => field in write.changed))
  const now = { a: a === null ? null : await store.item(a), b: b === null ? null : await store.item(b) }
  const isAsShown = SIDES.every((side) => {
    const fields = lenses.flatMap((lens) => lens.fields[side])
    const [is, was] = [now[side], subject[side]]
    return is?.state === was?.state && fields.every((field) => sameValue(is?.values[field], was?.values[field]))
  })
  return isAsShown ? now : null
}

async function parted(
  world: World,
  undoing: UndoStep,
  { how, link: of, first = [] }: Extract<Step, { is: 'part' }>,
): Promise<string | null> {
  for (const write of first) {
    const why = await written(world, undoing, write)
    if (why !== null) return why
  }
  const { model, subject, entry } = undoing
  const { pair, link } = subject
  const spec = model.specs.find(({ id }) => id === pair.id)
  if (spec === undefined || link === null) return 'they are not linked any more'
  const now = world.clock.now()
  await world.store.takeApart({
    flow: model.flow.id,
    pair: spec,
    link: of ?? link.id,
    refs: link.refs,
    how,
    entry: entry.id,
    now,
  })
  return null
}

/** Under its parent as it is now: one that was made anew stands in the place of the old one. */
async function placed(world: World, { model, subject, side }: UndoStep, write: CreateAction): Promise<Write | null> {
  const { parent } = subject.pair.kinds[side]
  const spec = parentSpec(model, subject, side)
  const ref = parent === null ? null : write.values[parent.field]
  if (parent === null || spec === null || typeof ref !== 'string') return write
  const there = await world.store.item({ connection: spec[side].connection, kind: spec[side].kind, ref })
  if (there?.state === 'present') return write
  const next = await world.store.successor({ flow: model.flow.id, pair: spec, side, ref })
  return next === null ? null : { ...write, values: { ...write.values, [parent.field]: next } }
}
