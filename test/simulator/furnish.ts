/** The rooms, threads and posts with which a run begins. */
import type { PinnedScopes } from '../../src/core/flow.ts'
import type { Stored } from './board.ts'
import { streamOf } from './chance.ts'
import { OWN } from './flow.ts'
import { tokenIn, type Ledger } from './ledger.ts'
import type { Scenario } from './scenario.ts'
import type { Place } from './shape.ts'
import type { Systems } from './system.ts'
import type { Users } from './users.ts'

export interface Furnished {
  /** What each flow joins. */
  readonly scopes: readonly (readonly PinnedScopes[])[]
  /** Of each room of `a` the system of the account that it is of. */
  readonly owners: ReadonlyMap<string, Place>
}

/** What stands in both systems before the first sync. */
export function furnish(
  users: Users,
  systems: Systems,
  { seed, flow, second, accounts, deeds }: Scenario,
  ledger: Ledger,
): Furnished {
  const room = (side: Place, name = 'room'): Stored => users.room(systems[side], side, name)
  const first: PinnedScopes[] = []
  const pin = (into: PinnedScopes[], a: Stored, there: Stored): void => {
    into.push({ a: { ref: a.ref }, b: { ref: there.ref } })
    ledger.join(tokenIn(a.text) ?? 0, tokenIn(there.text) ?? 0)
  }
  const own = accounts === null ? [] : OWN.map((place) => ({ place, at: room('a'), there: room(place) }))
  const a = own[0]?.at ?? room('a')
  if (own.length > 0) for (const { at, there } of own) pin(first, at, there)
  else if (flow.rooms === 'created') first.push({ a: { ref: a.ref }, b: { create: true } })
  else if (flow.rooms !== 'each') pin(first, a, room('b'))
  if (flow.rooms === 'two') pin(first, room('a'), room('b'))
  const further: PinnedScopes[] = []
  if (second !== null && second.rooms !== 'each')
    for (const shared of systems.a.board.living('room'))
      if (second.rooms === 'created') further.push({ a: { ref: shared.ref }, b: { create: true } })
      else pin(further, shared, room('c'))
  const secret = streamOf(seed, 'private')
  if (secret.chance(0.5)) room(secret.pick(['a', 'b'] as const), 'private')
  for (const { n, at, deed, side } of deeds)
    if (at === null) {
      const chance = streamOf(seed, `deed ${n}`)
      users.act(deed, side, chance, streamOf(seed, `typing ${n}`))
    }
  return {
    scopes: own.length > 0 ? first.map((each) => [each]) : [first, further],
    owners: new Map(own.map(({ place, at }) => [at.ref, place])),
  }
}
