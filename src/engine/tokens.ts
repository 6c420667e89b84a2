/** OAuth 2 access tokens: refreshed before they expire, one refresh at a time, rotated refresh tokens kept sealed. */
import { ConnectorError } from '../connector/failure.ts'
import type { Clock, Tokens } from '../connector/ports.ts'
import { TokenRefusal, type Granted, type TokenEndpoint } from './token-endpoint.ts'

/** A token is not used in its last minute, nor in the last half of a shorter life. */
const EARLY_MS = 60_000

/** Where a connection's refresh token lives; `save` and `wipe` resolve when that is durable. */
export interface RefreshTokens {
  read(): Promise<string | null>
  save(token: string): Promise<void>
  /** None is there any more, whatever the configuration gives. */
  wipe(): Promise<void>
}

/** The tokens of one connection. There is one of these for each in a process, so that one refresh runs at a time. */
export interface Credential extends Tokens {
  /** Null: nobody is signed in. */
  refreshToken(): Promise<string | null>
  /** A person has signed in: what was granted before, and a refresh under way, count no more. */
  replace(token: string): Promise<void>
  wipe(): Promise<void>
}

interface Grant {
  readonly token: string
  readonly until: number
}

/** What `unauthorized` says where it is not the person who has to sign in again. */
const CLIENT_REFUSED = 'its OAuth client is not taken: '

export function isClientRefused(why: string): boolean {
  return why.includes(CLIENT_REFUSED)
}

/** Only the refusals that say so need a person (`unauthorized`); every other failure passes (`unavailable`). */
export function createTokens(endpoint: TokenEndpoint, kept: RefreshTokens, clock: Clock): Credential {
  const refreshToken = rotating(kept)
  const ask = patient(endpoint, clock)
  let grant: Grant | null = null
  let refreshing: Promise<Grant> | null = null
  /** A person's word changes it: what was asked before counts no more. */
  let generation = 0

  const refresh = async (): Promise<Grant> => {
    const began = generation
    const token = await refreshToken.read()
    if (token === null) throw new ConnectorError('unauthorized', 'nobody is signed in')
    const sentAt = clock.now()
    const granted = await ask(token).catch((error: unknown) => {
      if (began !== generation) return null
      throw error
    })
    if (granted === null || began !== generation) return current()
    if (granted.refreshToken !== null && granted.refreshToken !== token) await refreshToken.rotate(granted.refreshToken)
    if (began !== generation) return current()
    const early = Math.min(EARLY_MS, granted.lifetimeMs / 2)
    grant = { token: granted.accessToken, until: sentAt + granted.lifetimeMs - early }
    return grant
  }

  const current = (): Promise<Grant> => {
    if (grant !== null && clock.now() < grant.until) return Promise.resolve(grant)
    if (refreshing !== null) return refreshing
    const own = refresh().finally(() => {
      if (refreshing === own) refreshing = null
    })
    refreshing = own
    return own
  }

  const anew = (): void => {
    generation += 1
    grant = null
    refreshing = null
    refreshToken.drop()
  }

  return {
    bearer: async () => (await current()).token,
    refused(token) {
      if (grant?.token === token) grant = null
    },
    refreshToken: () => refreshToken.read(),
    replace(token) {
      anew()
      return kept.save(token)
    },
    wipe() {
      anew()
      return kept.wipe()
    },
  }
}

/** A rotated token that could not be kept is kept later: the one in the store is good for nothing any more. */
function rotating(kept: RefreshTokens) {
  let unkept: string | null = null
  const read = async (): Promise<string | null> => {
    const token = unkept
    if (token === null) return kept.read()
    await kept.save(token)
    if (unkept === token) unkept = null
    return token
  }
  return {
    read,
    async rotate(token: string): Promise<void> {
      unkept = token
      await read()
    },
    drop: () => void (unkept = null),
  }
}

/** Does not ask a system that asked not to be asked for a while. */
function patient(endpoint: TokenEndpoint, clock: Clock): (token: string) => Promise<Granted> {
  let until = 0
  let last: ConnectorError | null = null
  return async (token) => {
    if (last !== null && clock.now() < until) throw last
    try {
      return await endpoint.refresh(token)
    } catch (error) {
      if (!(error instanceof TokenRefusal)) throw error
      last = failureOf(error)
      until = clock.now() + error.waitMs
      throw last
    }
  }
}

function failureOf({ is, message, code }: TokenRefusal): ConnectorError {
  if (is === 'passing') return new ConnectorError('unavailable', message, { noEffect: true })
  const why =
    is === 'client'
      ? `${CLIENT_REFUSED}"client_id" or "client_secret" is wrong (${code ?? message})`
      : `the consent was withdrawn or has ended (${message})`
  return new ConnectorError('unauthorized', why)
}
