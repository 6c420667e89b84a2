/** What a sync would do, item by item, with nothing written: the same plan that the engine carries out. */
import type { Draws } from '../connector/ports.ts'
import type { Hold, Write } from '../core/action.ts'
import { nameOf } from '../core/plan.ts'
import type { LoadedSubject } from '../store/verbs/subjects.ts'
import type { FlowModel } from './model.ts'
import { planLoaded } from './pass.ts'
import { fingerprintOf, nameOfItem } from './task.ts'
import type { World } from './world.ts'

const PORTION = 500

/** One line of a plan. */
export interface PreviewLine {
  readonly flow: string
  readonly pair: string
  readonly do: Write['do'] | 'wait'
  /** The side written to, and the connection there. */
  readonly side: 'a' | 'b'
  readonly connection: string
  readonly kind: string
  /** The item that calls for it. */
  readonly ref: string
  readonly name: string
  readonly hold: Hold | null
  readonly fingerprint: string | null
  readonly why: string
}

/**
 * The lines of a flow's plan, in order. An item whose parent is still to be made is listed behind it: its values are
 * known, its place is not yet.
 */
export async function* preview(world: World, model: FlowModel): AsyncGenerator<PreviewLine> {
  const { flow } = model
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
    if (loaded.subjects.length === 0) return
    for (const { subject, decision, loaded: own } of await planLoaded(world, model, loaded, state.inStep)) {
      if (isCoveredByParent(model, own, loaded.subjects)) continue
      const { side, ref } = nameOf(subject)
      const name = nameOfItem(subject.a ?? subject.b)
      const to = side === 'a' ? 'b' : 'a'
      const common = { flow: flow.id, pair: subject.pair.id, ref, name }
      for (const { write, hold } of decision.writes) {
        const facts = subject.pair.kinds[write.side]
        yield {
          ...common,
          do: write.do,
          side: write.side,
          connection: facts.connection,
          kind: facts.kind,
          hold,
          fingerprint: fingerprintOf(world, write),
          why: '',
        }
      }
      if (decision.waits?.for !== 'parent') continue
      const facts = subject.pair.kinds[to]
      yield {
        ...common,
        do: 'create',
        side: to,
        connection: facts.connection,
        kind: facts.kind,
        hold: null,
        fingerprint: null,
        why: 'after its parent',
      }
    }
  }
}

/** A first child that goes with its parent's create has no line of its own. */
function isCoveredByParent(model: FlowModel, own: LoadedSubject, all: readonly LoadedSubject[]): boolean {
  const item = own.a ?? own.b
  const pair = model.pairs.get(own.pair)
  if (own.link !== null || item === null || pair === undefined || item.parent === null) return false
  return all.some(
    (each) => each.head !== null && each.head.pair === own.pair && (each.head.a ?? each.head.b)?.ref === item.ref,
  )
}

/** Calls by connection and what they draw on, and the time that the limits leave them, in milliseconds. */
export interface Estimate {
  readonly calls: { readonly [connection: string]: number }
  readonly buckets: { readonly [bucket: string]: number }
  readonly durationMs: number
}

/** A lower bound: one call for each write, drawn on every bucket that its connection declares for the whole account. */
export function estimate(world: World, lines: readonly PreviewLine[]): Estimate {
  const calls: Record<string, number> = {}
  for (const line of lines) if (line.do !== 'wait') calls[line.connection] = (calls[line.connection] ?? 0) + 1
  const buckets: Record<string, number> = {}
  let durationMs = 0
  for (const [connection, count] of Object.entries(calls)) {
    const setup = world.model.connections.get(connection)
    const limits = setup?.connector.limits(setup.config) ?? {}
    for (const [bucket, limit] of Object.entries(limits)) {
      buckets[bucket] = (buckets[bucket] ?? 0) + count
      const draws: Draws = { [bucket]: connection }
      if (limit.requests > 0) durationMs = Math.max(durationMs, world.buckets.duration(draws, count))
    }
  }
  return { calls, buckets, durationMs }
}
