/** What a sync would do, item by item, with nothing written: the same plan that the engine carries out. */
import { canonical, type FileValue } from '../connector/values.ts'
import type { Hold, Subject, Write } from '../core/action.ts'
import type { BrakeCounts } from '../core/brake.ts'
import { copiesOf, filesOf } from '../core/files.ts'
import { other, type Side } from '../core/flow.ts'
import { fingerprint } from '../core/key.ts'
import { nameOf } from '../core/plan.ts'
import type { Observation } from '../core/state.ts'
import type { DueKey, Loaded } from '../store/verbs/subjects.ts'
import type { Foreseen } from './forecast.ts'
import { callsOf, type Step, type Tally } from './estimate.ts'
import { heldBefore } from './held.ts'
import { aroundOf } from './loaded.ts'
import type { FlowModel } from './model.ts'
import { countsOf, planLoaded, waitedFor, type Waits } from './planning.ts'
import { fingerprintOf, nameOfItem } from './task.ts'
import type { World } from './world.ts'

const PORTION = 500

/** One line of a plan. */
export interface PreviewLine {
  readonly flow: string
  readonly pair: string
  readonly do: Write['do']
  /** The side written to, and the connection there. */
  readonly side: 'a' | 'b'
  readonly connection: string
  readonly kind: string
  /** The item that calls for it, and its side. */
  readonly of: 'a' | 'b'
  readonly ref: string
  readonly name: string
  /** It is about a container. What stands in one is read, and planned, once both of its sides are there. */
  readonly container: boolean
  readonly hold: Hold | null
  /** Of what it does: the side, the item and the values. */
  readonly fingerprint: string
  readonly why: string
  /** How many files it copies, and their bytes as far as they are told. */
  readonly files: number
  readonly bytes: number
}

export interface Previewed {
  readonly line: PreviewLine
  /** What it would write; null: that is not known before its parent is made. */
  readonly write: Write | null
  /** What doing it takes; nothing while it is held. */
  readonly calls: readonly Foreseen[]
}

/**
 * The lines of a flow's plan, in order. An item whose parent is still to be made is listed behind it: its values are
 * known, its place is not yet. `before`: what the plans of other accounts of its template would write, which the brake
 * counts too.
 */
export async function* preview(world: World, model: FlowModel, before: Waits = []): AsyncGenerator<Previewed> {
  const { flow } = model
  const tally: Tally = new Map()
  const told = new Set<string>()
  const state = await world.store.flowState({ flow: flow.id })
  for (let offset = 0; ; offset += PORTION) {
    const now = world.clock.now()
    const loaded = await world.store.load({
      flow: flow.id,
      connections: flow.connections,
      pairs: model.specs,
      now,
      limit: PORTION,
      claim: false,
      offset,
    })
    if (loaded.looked === 0) return
    // A first child goes with its parent's create.
    for (const { head } of loaded.subjects) for (const due of head?.dues ?? []) told.add(nameOfDue(due))
    const counts = before.length === 0 ? null : brakeWith(await countsOf(world, model, state.inStep), before)
    const counted = counts === null ? undefined : () => Promise.resolve(counts)
    for (const { subject, decision, loaded: own } of await planLoaded(world, model, loaded, state.inStep, counted)) {
      if (own.isPaused || own.dues.some((due) => told.has(nameOfDue(due)))) continue
      for (const due of own.dues) told.add(nameOfDue(due))
      const { side, ref } = nameOf(subject)
      const common: Common = {
        flow: flow.id,
        pair: subject.pair.id,
        of: side,
        ref,
        container: subject.pair.id === flow.containers.id,
        name: nameOfItem(subject[nameOf(subject).side]),
      }
      const foreseen = (step: Step): readonly Foreseen[] => callsOf(world, subject, step, !state.inStep, tally)
      for (const { write, hold: planned } of decision.writes) {
        const held = heldBefore(world, own, write)
        if (held?.decision === 'discarded') continue
        const hold = held === undefined ? planned : held.decision === 'approved' ? null : held
        const { connection, kind } = subject.pair.kinds[write.side]
        const line = { ...common, do: write.do, side: write.side, connection, kind }
        const files = copiesOf(write, subject.pair.id, '').map(({ file }) => file)
        const scope = write.do === 'create' ? write.scope : (subject[write.side]?.scope ?? '')
        yield {
          write,
          line: {
            ...line,
            hold: hold === null ? null : { reason: hold.reason, detail: hold.detail },
            fingerprint: fingerprintOf(world, write, subject),
            why: '',
            ...weightOf(files),
          },
          calls:
            hold === null
              ? foreseen({
                  do: write.do,
                  side: write.side,
                  scope,
                  ref: write.do === 'create' ? null : write.ref,
                  files,
                })
              : [],
        }
      }
      if (decision.waits?.for === 'parent') yield behindParent(world, loaded, subject, common, foreseen)
    }
  }
}

function brakeWith(counts: BrakeCounts, before: Waits): BrakeCounts {
  return { ...counts, ...waitedFor(counts, [], before) }
}

type Common = Pick<PreviewLine, 'flow' | 'pair' | 'of' | 'ref' | 'name' | 'container'>

function behindParent(
  world: World,
  loaded: Loaded,
  subject: Subject,
  common: Common,
  foreseen: (step: Step) => readonly Foreseen[],
): Previewed {
  const { of: side } = common
  const to = other(side)
  const { connection, kind } = subject.pair.kinds[to]
  const files = filesOf(subject.pair, side, subject[side]?.values ?? {})
  const scope = aroundOf(loaded).instance(side, subject[side]?.scope ?? '') ?? ''
  const fingerprint = waitingPrint(world, to, subject[side])
  return {
    write: null,
    line: {
      ...common,
      do: 'create',
      side: to,
      connection,
      kind,
      hold: null,
      fingerprint,
      why: 'after its parent',
      ...weightOf(files),
    },
    calls: foreseen({ do: 'create', side: to, scope, ref: null, files }),
  }
}

function weightOf(files: readonly FileValue[]): Pick<PreviewLine, 'files' | 'bytes'> {
  return { files: files.length, bytes: files.reduce((sum, { size = 0 }) => sum + size, 0) }
}

/** Its values are the origin's so far: what it is written under is not made yet. */
export function waitingPrint(world: World, to: Side, item: Observation | null): string {
  return fingerprint(world.markerKey, canonical(['create', to, item?.ref ?? '', item?.values ?? {}]))
}

/** What a person says yes to, whole: any action more, less or with other values gives another one. */
export function planPrint(world: World, lines: readonly PreviewLine[]): string {
  const shown = lines.map((line) => [line.flow, line.pair, line.ref, line.fingerprint, line.hold?.reason ?? null])
  return fingerprint(
    world.markerKey,
    shown
      .map((each) => canonical(each))
      .sort()
      .join('\n'),
  )
}

function nameOfDue({ pair, side, ref }: DueKey): string {
  return `${pair} ${side} ${ref}`
}
