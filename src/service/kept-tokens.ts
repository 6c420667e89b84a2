/** Refresh tokens, sealed in the store. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Clock, Random } from '../connector/ports.ts'
import type { RefreshTokens } from '../engine/tokens.ts'
import type { Keyring } from '../store/seal.ts'
import type { Store } from '../store/verbs/index.ts'

/** `token` null: somebody signed out, so that the one in the configuration `over` which that was counts no more. */
const Kept = z.object({ token: z.string().min(1).nullable(), over: z.string().nullable() })

export interface TokenPlace {
  readonly store: Store
  readonly ring: Keyring
  readonly clock: Clock
  readonly random: Random
  /** Called with every token that comes by, so that logs can leave it out. */
  readonly learned: (secret: string) => void
}

/**
 * The token of a connection. `given`: the one in the configuration. What is kept replaced it, for as long as the
 * configuration gives the same one: a new one there counts again.
 */
export function keptToken(place: TokenPlace, connection: string, given: string | undefined): RefreshTokens {
  const name = `connection/${connection}/refresh_token`
  const where = { row: `secret/${name}`, column: 'sealed' }
  const over = given === undefined ? null : createHash('sha256').update(given).digest('hex')
  const put = async (token: string | null): Promise<void> => {
    const sealed = place.ring.seal(JSON.stringify({ token, over }), where, place.random.hex(12))
    await place.store.putSecret({ name, sealed, now: place.clock.now() })
  }
  return {
    async read() {
      const sealed = await place.store.getSecret({ name })
      if (sealed === null) return given ?? null
      const kept = Kept.parse(JSON.parse(place.ring.open(sealed, where)))
      const current = over !== null && kept.over !== over ? (given ?? kept.token) : kept.token
      if (current !== null) place.learned(current)
      return current
    },
    save(token) {
      place.learned(token)
      return put(token)
    },
    wipe: () => put(null),
  }
}
