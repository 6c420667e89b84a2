/**
 * The token endpoint of an OAuth 2 system: codes become tokens, tokens are refreshed and revoked. The protocol is
 * oauth4webapi's.
 */
import * as oauth from 'oauth4webapi'
import type { OAuthClient } from '../connector/connector.ts'
import type { Http, HttpResponse } from '../connector/ports.ts'

/** What tokens live where the answer does not say. */
const DEFAULT_SECONDS = 3600
const TIMEOUT_MS = 30_000
const MAX_BYTES = 1024 * 1024
/** A system that asks for more patience than this is asked again all the same. */
const MOST_PATIENCE_MS = 5 * 60_000

export interface Granted {
  readonly accessToken: string
  readonly refreshToken: string | null
  /** Null: the answer does not say, which means all that were asked for. */
  readonly scopes: readonly string[] | null
  /** Counted from when the request was sent. */
  readonly lifetimeMs: number
}

/**
 * Why there is no token:
 * - `consent`: the code or the refresh token is not, or no longer, good. Only a person can help, by signing in.
 * - `client`: the system does not take the OAuth client: its id or secret is wrong, or it was removed.
 * - `passing`: anything else. Nothing is known to be lost, and the same request may go well later.
 */
export class TokenRefusal extends Error {
  override readonly name = 'TokenRefusal'
  readonly is: 'consent' | 'client' | 'passing'
  /** The system's own word, 'invalid_grant'; null where it gave none. */
  readonly code: string | null
  /** For how long the system asks not to be asked. */
  readonly waitMs: number
  constructor(is: TokenRefusal['is'], code: string | null, message: string, waitMs = 0) {
    super(message)
    this.is = is
    this.code = code
    this.waitMs = waitMs
  }
}

/** A person, or their administrator, did not consent, or the system did not ask them. */
export class ConsentRefusal extends Error {
  override readonly name = 'ConsentRefusal'
  /** The system's own word, 'access_denied'. */
  readonly code: string
  constructor(code: string, words: string | undefined) {
    super(words === undefined ? code : `${code}: ${words}`)
    this.code = code
  }
}

/** One request for consent. All of it is new each time. */
export interface Asking {
  readonly redirect: string
  readonly state: string
  /** Of PKCE: 43 characters or more of base64url. */
  readonly verifier: string
}

export interface TokenEndpoint {
  /** Where a person is sent. */
  authorizationUrl(asking: Asking): Promise<string>
  /** What came back to the redirect, where it is the answer to `state`; null: it is not. Makes no call. */
  answerTo(state: string, answer: URLSearchParams): URLSearchParams | ConsentRefusal | null
  /** Turns such an answer into tokens. */
  redeem(answer: URLSearchParams, asking: Asking): Promise<Granted>
  refresh(refreshToken: string): Promise<Granted>
  /** Resolves when the token is known to be good for nothing any more. */
  revoke(token: string): Promise<void>
}

export function tokenEndpoint(client: OAuthClient, http: Http): TokenEndpoint {
  const server: oauth.AuthorizationServer = {
    issuer: client.issuer ?? new URL(client.authorizationUrl).origin,
    authorization_endpoint: client.authorizationUrl,
    token_endpoint: client.tokenUrl,
    ...(client.revocationUrl === undefined ? {} : { revocation_endpoint: client.revocationUrl }),
  }
  const self: oauth.Client = { client_id: client.clientId }
  const secret = oauth.ClientSecretPost(client.clientSecret)
  const options = {
    [oauth.customFetch]: (url: string, request: oauth.CustomFetchOptions<'POST', URLSearchParams>) =>
      send(http, url, request),
    // The addresses are the operator's own: a stand-in on this machine answers without TLS.
    [oauth.allowInsecureRequests]: true,
  }
  return {
    async authorizationUrl({ redirect, state, verifier }) {
      const url = new URL(client.authorizationUrl)
      const parameters = {
        response_type: 'code',
        client_id: client.clientId,
        redirect_uri: redirect,
        scope: client.scopes.join(' '),
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      }
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
      return url.href
    },
    answerTo(state, answer) {
      try {
        return oauth.validateAuthResponse(server, self, answer, state)
      } catch (error) {
        if (error instanceof oauth.AuthorizationResponseError)
          return new ConsentRefusal(error.error, error.error_description)
        return null
      }
    },
    redeem: (answer, { redirect, verifier }) =>
      asked(async () => {
        const response = await oauth.authorizationCodeGrantRequest(
          server,
          self,
          secret,
          answer,
          redirect,
          verifier,
          options,
        )
        return grantedBy(await oauth.processAuthorizationCodeResponse(server, self, response))
      }),
    refresh: (refreshToken) =>
      asked(async () => {
        const response = await oauth.refreshTokenGrantRequest(server, self, secret, refreshToken, options)
        return grantedBy(await oauth.processRefreshTokenResponse(server, self, response))
      }),
    async revoke(token) {
      try {
        await asked(async () => {
          const response = await oauth.revocationRequest(server, self, secret, token, options)
          await oauth.processRevocationResponse(response)
        })
      } catch (error) {
        // What is no token any more is revoked: RFC 7009 says so with 200, Google with this.
        if (!(error instanceof TokenRefusal) || error.code !== 'invalid_token') throw error
      }
    },
  }
}

function grantedBy(answer: oauth.TokenEndpointResponse): Granted {
  return {
    accessToken: answer.access_token,
    refreshToken: answer.refresh_token ?? null,
    scopes: answer.scope === undefined ? null : answer.scope.split(' ').filter((scope) => scope !== ''),
    lifetimeMs: (answer.expires_in ?? DEFAULT_SECONDS) * 1000,
  }
}

/** An answer that says to wait, kept with its error: the library hands on no headers of it. */
class Unready extends Error {
  override readonly name = 'Unready'
  readonly waitMs: number
  constructor({ status, headers }: HttpResponse) {
    super(`the token endpoint answered ${status}`)
    const seconds = headers['retry-after'] ?? ''
    this.waitMs = /^\d+$/.test(seconds) ? Math.min(Number(seconds) * 1000, MOST_PATIENCE_MS) : 0
  }
}

async function send(
  http: Http,
  url: string,
  { headers, body }: oauth.CustomFetchOptions<'POST', URLSearchParams>,
): Promise<Response> {
  const response = await http.send({
    method: 'POST',
    url,
    headers,
    body: body.toString(),
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
  })
  if (response.status === 429 || response.status >= 500) throw new Unready(response)
  const told = ['content-type', 'www-authenticate'].flatMap((name): [string, string][] => {
    const value = response.headers[name]
    return value === undefined ? [] : [[name, value]]
  })
  const isBare = response.status === 204 || response.status === 304
  return new Response(isBare ? null : withoutIdentity(response.body), { status: response.status, headers: told })
}

/**
 * Whose account it is tells the connector's probe. An identity token beside the others is not used, and would be judged
 * by this machine's clock.
 */
function withoutIdentity(body: string): string {
  try {
    const answer: unknown = JSON.parse(body)
    if (typeof answer !== 'object' || answer === null || !('id_token' in answer)) return body
    return JSON.stringify({ ...answer, id_token: undefined })
  } catch {
    return body
  }
}

const CONSENT: ReadonlySet<string> = new Set(['invalid_grant'])
const CLIENT: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client'])

/** Names what went wrong. */
async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError) {
      const { error: code, error_description: words } = error
      const is = CONSENT.has(code) ? 'consent' : CLIENT.has(code) ? 'client' : 'passing'
      throw new TokenRefusal(is, code, `the token endpoint refused: ${code}${words === undefined ? '' : `: ${words}`}`)
    }
    if (error instanceof oauth.WWWAuthenticateChallengeError)
      throw new TokenRefusal(
        error.status === 401 ? 'client' : 'passing',
        error.status === 401 ? 'invalid_client' : null,
        `the token endpoint asks the client for something else, with status ${error.status}`,
      )
    if (error instanceof Unready) throw new TokenRefusal('passing', null, error.message, error.waitMs)
    if (error instanceof oauth.OperationProcessingError)
      throw new TokenRefusal('passing', null, `the token endpoint answered what it should not: ${error.message}`)
    throw new TokenRefusal('passing', null, `no answer from the token endpoint: ${String(error)}`)
  }
}
