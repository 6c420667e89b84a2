/** Who is who: what the configuration says, and what each system's directory tells. */
import { CATCH_UP } from './buckets.ts'
import { failureOf, sessionOf, type World } from './world.ts'

/** What the configuration says goes before what was said by command, and concerns only what names those people. */
export async function givePeople(world: World): Promise<void> {
  const { allWatches: watches, allReadings: readings, people } = world.model
  await world.store.givePeople({ readings, people, watches, now: world.clock.now() })
}

export interface Directory {
  /** Reads it where that is due: it is old, or items name somebody new. */
  read(): Promise<void>
}

/** Null: the system tells nothing of its people, or no flow relates any. */
export function createDirectory(world: World, connection: string): Directory | null {
  const session = sessionOf(world, connection)
  const list = session.setup.connector.people?.list
  const isRelated = world.model.readings(connection).some(({ people }) => people.fields.length > 0)
  if (list === undefined || !isRelated) return null
  let readAt: number | null = null
  return {
    async read() {
      const now = world.clock.now()
      const isDue =
        readAt === null ||
        now >= readAt + world.settings.auditMs ||
        (await world.store.strangers({ connection, since: readAt }))
      if (!isDue) return
      try {
        let concerned = 0
        for await (const people of list(session.call('', CATCH_UP))) {
          const watches = world.model.allWatches
          concerned += await world.store.notePeople({ connection, people, watches, now: world.clock.now() })
        }
        readAt = now
        if (concerned > 0) world.bell.ring('due')
      } catch (error) {
        const { failure, message } = failureOf(error)
        const next = 'reads its directory of people again at the next poll'
        world.events({ is: 'trouble', where: `${connection} people`, failure, message, next })
      }
    },
  }
}
