/** Creates that were named by a requestId: a repeat finds the first one's result, for the same user only. */
import { invalid } from './errors.ts'
import type { Caller, PastRequest, World } from './state.ts'

type Kind = 'message' | 'space'

export function recallRequest(world: World, caller: Caller, kind: Kind, requestId: string | null): PastRequest | null {
  if (requestId === null || requestId === '') return null
  const past = world.requests.get(keyOf(caller, kind, requestId))
  const seconds = world.rules.requestIdSeconds
  if (past === undefined) return null
  if (seconds !== null && world.ports.now() * 1000 >= past.at + seconds * 1_000_000) return null
  if (past.user !== caller.user) throw invalid('The request ID was used by another user.')
  return past
}

export function rememberRequest(
  world: World,
  caller: Caller,
  kind: Kind,
  requestId: string | null,
  result: Omit<PastRequest, 'user'>,
): void {
  if (requestId === null || requestId === '') return
  world.requests.set(keyOf(caller, kind, requestId), { ...result, user: caller.user })
}

function keyOf(caller: Caller, kind: Kind, requestId: string): string {
  return `${caller.app ?? ''}\n${kind}\n${requestId}`
}
