/** What a plan costs: the calls of each write, what they draw on, and how long that takes under the limits. */
import type { Undertaking } from '../connector/connector.ts'
import type { Draws } from '../connector/ports.ts'
import type { FileValue } from '../connector/values.ts'
import type { Subject } from '../core/action.ts'
import { other, type Side } from '../core/flow.ts'
import { priorityOf } from './act.ts'
import { mostOf } from './batch.ts'
import type { Forecast, Foreseen } from './forecast.ts'
import { sessionOf, type World } from './world.ts'

/** A write as far as its calls go. */
export interface Step extends Omit<Undertaking, 'kind' | 'do'> {
  readonly do: 'create' | 'update' | 'delete' | 'empty'
  readonly side: Side
  /** What it copies from the other side. */
  readonly files: readonly FileValue[]
}

/** How many writes a plan has had so far, by what they may share a call with. */
export type Tally = Map<string, number>

/**
 * The connector's own calls, and the reads that go before them: a guard's one, and one for each child that is taken along.
 * What goes in the call of an earlier write has none of its own.
 */
export function callsOf(world: World, subject: Subject, step: Step, first: boolean, tally: Tally): readonly Foreseen[] {
  const { connection, kind: name } = subject.pair.kinds[step.side]
  const { connector, config } = sessionOf(world, connection).setup
  const kind = world.model.kind(connection, name)
  const read = (of: string): Undertaking => ({ do: 'get', kind: of, scope: step.scope, ref: step.ref })
  const guards =
    step.do !== 'create' && kind.compares?.[step.do] === undefined && kind.get !== undefined ? [read(name)] : []
  const child = step.do === 'delete' ? kind.takes?.[0] : undefined
  const taken = child === undefined ? [] : Array(subject.children[step.side].living).fill(read(child))
  const { do: what, scope, ref } = step
  const own = sharesCall(mostOf(kind, what), subject, step, tally) ? [] : [{ do: what, kind: name, scope, ref }]
  const undertakings: readonly Undertaking[] = [...guards, ...taken, ...own]
  const priority = priorityOf(step, first)
  return [...undertakings.flatMap((each) => connector.calls(config, each)), ...copying(world, subject, step)].map(
    (draws) => ({ draws, priority }),
  )
}

/** Each file is read on one side and sent to the other. */
function copying(world: World, { pair, ...sides }: Subject, { side, scope, ref, files }: Step): readonly Draws[] {
  const [from, to] = [pair.kinds[other(side)], pair.kinds[side]]
  const { setup: there } = sessionOf(world, to.connection)
  const { setup: here } = sessionOf(world, from.connection)
  const item = sides[other(side)]
  const opens = { do: 'open', kind: from.kind, scope: item?.scope ?? '', ref: item?.ref ?? null } as const
  const uploads = { do: 'upload', kind: to.kind, scope, ref } as const
  return files.flatMap(() => [
    ...here.connector.calls(here.config, opens),
    ...there.connector.calls(there.config, uploads),
  ])
}

/** Siblings go one by one: the second of each parent with the second of the others. */
function sharesCall(most: number, { pair, ...sides }: Subject, { side, do: what, scope }: Step, tally: Tally): boolean {
  if (most === 1) return false
  const { connection, kind, siblings } = pair.kinds[side]
  const name = [what, connection, kind, scope].join(' ')
  const parent = what === 'create' && siblings ? (sides[other(side)]?.parent ?? null) : null
  const place = parent === null ? 0 : next(tally, `${name} under ${parent}`)
  return next(tally, `${name} ${place}`) % most !== 0
}

function next(tally: Tally, name: string): number {
  const before = tally.get(name) ?? 0
  tally.set(name, before + 1)
  return before
}

/** Calls by bucket, the slowest first, and the time that the slowest needs: a lower bound, since systems take time too. */
export interface Estimate {
  readonly calls: number
  readonly buckets: readonly Forecast[]
  readonly durationMs: number
}

export function estimate(world: World, calls: readonly Foreseen[]): Estimate {
  const buckets = world.buckets.forecast(calls)
  return { calls: calls.length, buckets, durationMs: buckets[0]?.durationMs ?? 0 }
}
