/** OAuth 2 access tokens: refreshed before they expire, one refresh at a time, rotated refresh tokens kept sealed. */
import { z } from 'zod'
import type { OAuthClient } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import type { Clock, Http, Tokens } from '../connector/ports.ts'

/** A token is not used in its last minute. */
const EARLY_MS = 60_000
const DEFAULT_SECONDS = 3600

const Granted = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive().optional(),
  refresh_token: z.string().min(1).optional(),
})
const Refused = z.object({ error: z.string(), error_description: z.string().optional() })

/** Where a connection's refresh token lives; `save` resolves when it is durable. */
export interface RefreshTokens {
  read(): Promise<string | null>
  save(token: string): Promise<void>
}

interface Grant {
  readonly token: string
  readonly expiresAt: number
}

/** Only `invalid_grant` says that a person has to consent again; every other failure passes. */
export function createTokens(client: OAuthClient, kept: RefreshTokens, http: Http, clock: Clock): Tokens {
  let grant: Grant | null = null
  let refreshing: Promise<Grant> | null = null

  const refresh = async (): Promise<Grant> => {
    const refreshToken = await kept.read()
    if (refreshToken === null) throw new ConnectorError('unauthorized', 'no refresh token: run "lockstep connect"')
    const response = await http
      .send({
        method: 'POST',
        url: client.tokenUrl,
        headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
        body: new URLSearchParams({
          grant_type: 'refresh_token',
          refresh_token: refreshToken,
          client_id: client.clientId,
          client_secret: client.clientSecret,
        }).toString(),
        timeoutMs: 30_000,
        maxBytes: 1024 * 1024,
      })
      .catch((error: unknown) => {
        throw new ConnectorError('unavailable', `no answer from the token endpoint: ${String(error)}`, {
          noEffect: true,
        })
      })
    const granted = grantedBy(response.status, response.body)
    if (granted.refresh_token !== undefined && granted.refresh_token !== refreshToken)
      await kept.save(granted.refresh_token)
    return { token: granted.access_token, expiresAt: clock.now() + (granted.expires_in ?? DEFAULT_SECONDS) * 1000 }
  }

  return {
    async bearer() {
      if (grant !== null && clock.now() < grant.expiresAt - EARLY_MS) return grant.token
      refreshing ??= refresh().finally(() => {
        refreshing = null
      })
      grant = await refreshing
      return grant.token
    },
    refused(token) {
      if (grant?.token === token) grant = null
    },
  }
}

function grantedBy(status: number, text: string): z.infer<typeof Granted> {
  const body = parsed(text)
  const granted = Granted.safeParse(body)
  if (status === 200 && granted.success) return granted.data
  const refused = Refused.safeParse(body)
  const words = refused.success ? `${refused.data.error}: ${refused.data.error_description ?? ''}` : `status ${status}`
  const dead =
    refused.success && ['invalid_grant', 'invalid_client', 'unauthorized_client'].includes(refused.data.error)
  throw new ConnectorError(dead ? 'unauthorized' : 'unavailable', `the token endpoint refused: ${words}`, {
    noEffect: true,
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** For connections without OAuth. */
export const NO_TOKENS: Tokens = {
  bearer: () => Promise.reject(new ConnectorError('unauthorized', 'this connection has no OAuth client')),
  refused: () => undefined,
}
