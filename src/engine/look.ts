/** The read just before a write, where the system does not compare the item with what was seen itself. */
import type { Call, Comparer, Kind } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import type { Clock } from '../connector/ports.ts'
import { canonical } from '../connector/values.ts'
import type { Observation } from '../store/store.ts'
import type { Look } from './buckets.ts'

/** A write that had to wait longer than this for its turn is preceded by another look. */
const OLD_MS = 2000

/** `comparer`: who compares the item with what was seen, if it is not the engine. */
export function lookFor(clock: Clock, comparer: Comparer | undefined, look: () => Promise<void>): Look {
  let at = comparer === undefined ? -Infinity : clock.now()
  return {
    isOld: () => comparer !== 'system' && clock.now() - at > OLD_MS,
    async again() {
      await look()
      at = clock.now()
    },
  }
}

/** Whether the item is there at all. Throws `stale` where it is not as it was seen. */
export async function isAsSeen(kind: Kind<unknown>, call: Call<unknown>, known: Observation): Promise<boolean> {
  if (kind.get === undefined) return true
  const now = await kind.get(call, known.ref)
  if ('gone' in now && now.gone === 'deleted') return false
  if ('gone' in now) throw new ConnectorError('stale', 'it is elsewhere')
  const older =
    kind.ordered === true && now.version !== undefined && known.version !== null && now.version <= known.version
  if (!older && canonical(now.values) !== canonical(known.values))
    throw new ConnectorError('stale', 'it changed meanwhile')
  return true
}
