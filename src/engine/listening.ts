/**
 * How long a connection was not listened to. Some changes are told by a webhook alone; where it met a stopped service, or
 * did not come for a while, they wait for the next audit, which is then brought forward.
 */
import type { Listing } from '../store/verbs/listings.ts'
import { sessionOf, type World } from './world.ts'

/**
 * Quicker than any restart, which takes some 300 ms: only an engine that begins anew in the same process, whose listener
 * stays open.
 */
const PAUSE_MS = 100
/** A webhook that is silent for longer than this while changes are found by polling has stopped coming. */
export const SILENT_MS = 3600_000

export interface Listening {
  /** At each turn, and at the end: notes that it is listened to now, after it has wanted what may have been missed. */
  note(): Promise<void>
}

export function createListening(world: World, connection: string): Listening {
  const session = sessionOf(world, connection)
  const { kinds, feeds, webhook } = session.setup.connector
  const isBlind = ({ feed }: Listing): boolean =>
    feeds[feed]?.kinds.some((kind) => kinds[kind]?.blind !== undefined) === true
  /** Since its last note this process has listened without a break. */
  let goesOn = false
  return {
    async note() {
      if (webhook === undefined) return
      const { lastWebhook, listenedAt } = await world.store.listened({ connection })
      if (lastWebhook === null) return
      if (session.changedAt > lastWebhook + SILENT_MS) {
        goesOn = false
        return
      }
      const now = world.clock.now()
      if (!goesOn && listenedAt !== null && now - listenedAt > PAUSE_MS) {
        const missed = (await world.store.listings({ connection })).filter(isBlind)
        for (const { feed, scope } of missed) await world.store.wantListing({ connection, feed, scope })
        const seconds = Math.round((now - listenedAt) / 1000)
        world.log('info', `${connection} was not listened to for ${seconds} s: it is read whole again, bit by bit`)
      }
      goesOn = true
      await world.store.noteListening({ connection, now })
    },
  }
}
