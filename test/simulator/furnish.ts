/** The rooms, threads and posts with which a run begins. */
import type { PinnedScopes, Side } from '../../src/core/flow.ts'
import type { Stored } from './board.ts'
import type { Chance } from './chance.ts'
import type { FlowPlan } from './flow.ts'
import { tokenIn, type Ledger } from './ledger.ts'
import type { System } from './system.ts'
import type { Users } from './users.ts'

/** What stands in both systems before the first sync. */
export function furnish(
  users: Users,
  systems: { readonly [side in Side]: System },
  flow: FlowPlan,
  ledger: Ledger,
  chance: Chance,
  purges: boolean,
): PinnedScopes[] {
  const room = (side: Side, name = 'room'): Stored => users.room(systems[side], side, name)
  const scopes: PinnedScopes[] = []
  const pin = (a: Stored, b: Stored): void => {
    scopes.push({ a: { ref: a.ref }, b: { ref: b.ref } })
    ledger.join(tokenIn(a.text) ?? 0, tokenIn(b.text) ?? 0)
  }
  const a = room('a')
  if (flow.rooms === 'created') scopes.push({ a: { ref: a.ref }, b: { create: true } })
  else if (flow.rooms !== 'each') pin(a, room('b'))
  if (flow.rooms === 'two') pin(room('a'), room('b'))
  if (chance.chance(0.3)) room('b', 'private')
  for (const side of ['a', 'b'] as const) for (let left = chance.int(4); left > 0; left -= 1) users.act('thread', side)
  const crowd = purges ? 24 : 0
  for (let left = chance.int(6) + crowd; left > 0; left -= 1) users.act('reply', chance.pick(['a', 'b'] as const))
  return scopes
}
