/** The rooms, threads and posts with which a run begins. */
import type { PinnedScopes, Side } from '../../src/core/flow.ts'
import type { Stored } from './board.ts'
import { streamOf } from './chance.ts'
import { tokenIn, type Ledger } from './ledger.ts'
import type { Scenario } from './scenario.ts'
import type { System } from './system.ts'
import type { Users } from './users.ts'

/** What stands in both systems before the first sync. */
export function furnish(
  users: Users,
  systems: { readonly [side in Side]: System },
  { seed, flow, deeds }: Scenario,
  ledger: Ledger,
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
  const secret = streamOf(seed, 'private')
  if (secret.chance(0.5)) room(secret.pick(['a', 'b'] as const), 'private')
  for (const { n, at, deed, side } of deeds) if (at === null) users.act(deed, side, streamOf(seed, `deed ${n}`))
  return scopes
}
