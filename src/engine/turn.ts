/**
 * What a write rests on, told again where its call had to wait for its turn: that it is about to be sent, and what stands
 * there.
 */
import type { Call } from '../connector/call.ts'
import type { Comparer, Kind } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import { canonical } from '../connector/values.ts'
import type { Intent, Observation } from '../core/state.ts'
import type { Turn } from './buckets.ts'
import { observe } from './feeds.ts'
import type { World } from './world.ts'

/** A call that had to wait longer than this for its turn comes late. */
const LATE_MS = 2000

/** The read before a write. Throws where it is not to be made. */
export interface Look {
  readonly look: () => Promise<void>
  /** Who compares the item with what was seen, if it is not the engine. */
  readonly comparer: Comparer | undefined
}

/** The turn of the write's call, once it was looked at what stands there. */
export async function turnOf(world: World, { key }: Intent, { look, comparer }: Look): Promise<Turn> {
  if (comparer === undefined) await look()
  let at = world.clock.now()
  return {
    isLate: () => world.clock.now() - at > LATE_MS,
    async renew() {
      if (comparer !== 'system') await look()
      at = world.clock.now()
      await world.store.noteTurn({ key, now: at })
    },
  }
}

/**
 * Whether the item is there at all. Throws `stale` where it is not as it was seen; what it is now is committed first, since
 * the next read may lag and show less.
 */
export async function isAsSeen(
  world: World,
  kind: Kind<unknown>,
  call: Call<unknown>,
  known: Observation,
): Promise<boolean> {
  if (kind.get === undefined) return true
  const readAt = world.clock.now()
  const now = await kind.get(call, known.ref)
  if ('gone' in now && now.gone === 'deleted') return false
  if ('gone' in now || now.scope !== known.scope) throw new ConnectorError('stale', 'it is elsewhere')
  const older =
    kind.ordered === true && now.version !== undefined && known.version !== null && now.version <= known.version
  if (older || canonical(now.values) === canonical(known.values)) return true
  await observe(world, { connection: known.connection, readAt, changes: [{ kind: known.kind, ...now }] })
  throw new ConnectorError('stale', 'it changed meanwhile')
}
