/** The token endpoint: the authorization_code and refresh_token grants. */
import { createHash } from 'node:crypto'
import { json, type WireRequest, type WireResponse } from '../emulator.ts'
import type { Grant } from './grants.ts'
import type { OAuthClient, OAuthWorld } from './world.ts'

export function formOf(request: WireRequest): URLSearchParams {
  return new URLSearchParams(request.body.toString('utf8'))
}

export function oauthError(status: number, error: string, description: string): WireResponse {
  return json(status, { error, error_description: description })
}

export function exchange(world: OAuthWorld, request: WireRequest): WireResponse {
  const form = formOf(request)
  const client = clientOf(world, request, form)
  if ('status' in client) return client
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return exchangeCode(world, client, form)
    case 'refresh_token':
      return exchangeRefresh(world, client, form)
    case null:
      return oauthError(400, 'invalid_request', 'Required parameter is missing: grant_type')
    default:
      return oauthError(400, 'unsupported_grant_type', 'Invalid grant_type')
  }
}

/** The client by form fields or by a Basic header. */
function clientOf(world: OAuthWorld, request: WireRequest, form: URLSearchParams): OAuthClient | WireResponse {
  const basic = /^basic +(\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1]
  const [basicId, basicSecret] = basic === undefined ? [] : Buffer.from(basic, 'base64').toString('utf8').split(':', 2)
  const id = basicId ?? form.get('client_id')
  if (id === null) return oauthError(400, 'invalid_request', 'Could not determine client ID from request.')
  const client = world.clients.get(id)
  if (client === undefined) return oauthError(401, 'invalid_client', 'The OAuth client was not found.')
  const secret = basicSecret ?? form.get('client_secret')
  if (client.secret === undefined) return client
  if (secret === null) return oauthError(400, 'invalid_request', 'client_secret is missing.')
  return secret === client.secret ? client : oauthError(401, 'invalid_client', 'Unauthorized')
}

function exchangeCode(world: OAuthWorld, client: OAuthClient, form: URLSearchParams): WireResponse {
  const code = form.get('code')
  if (code === null) return oauthError(400, 'invalid_request', 'Missing required parameter: code')
  const pending = world.grants.takeCode(code)
  if (pending === null || pending.grant.client !== client.id)
    return oauthError(400, 'invalid_grant', 'Malformed auth code.')
  if (form.get('redirect_uri') !== pending.redirectUri) return oauthError(400, 'redirect_uri_mismatch', 'Bad Request')
  const verifier = form.get('code_verifier')
  if (pending.challenge !== null) {
    if (verifier === null) return oauthError(400, 'invalid_grant', 'Missing code verifier.')
    if (createHash('sha256').update(verifier).digest('base64url') !== pending.challenge)
      return oauthError(400, 'invalid_grant', 'Invalid code verifier.')
  } else if (verifier !== null) return oauthError(400, 'invalid_grant', 'code_verifier or verifier is not needed.')
  return tokens(world, pending.grant, pending.offline ? world.grants.issueRefresh(pending.grant) : null)
}

function exchangeRefresh(world: OAuthWorld, client: OAuthClient, form: URLSearchParams): WireResponse {
  const token = form.get('refresh_token')
  if (token === null) return oauthError(400, 'invalid_request', 'Missing required parameter: refresh_token')
  const grant = world.grants.liveRefresh(token)
  if (grant === null) return oauthError(400, 'invalid_grant', 'Token has been expired or revoked.')
  if (grant.client !== client.id) return oauthError(401, 'unauthorized_client', 'Unauthorized')
  if (!world.rotateRefreshTokens) return tokens(world, grant, null)
  world.grants.dropRefresh(token)
  return tokens(world, grant, world.grants.issueRefresh(grant))
}

function tokens(world: OAuthWorld, grant: Grant, refresh: string | null): WireResponse {
  return json(
    200,
    {
      access_token: world.grants.issueAccess(grant),
      // A second less than the token lives, as Google answers.
      expires_in: world.accessTokenSeconds - 1,
      scope: grant.scopes.join(' '),
      token_type: 'Bearer',
      ...(refresh === null ? {} : { refresh_token: refresh }),
      ...(grant.scopes.includes('openid') ? { id_token: idToken(world, grant) } : {}),
    },
    { 'cache-control': 'no-store' },
  )
}

/** An id_token with true claims and an empty signature: it can be read, and no verifier accepts it. */
function idToken(world: OAuthWorld, grant: Grant): string {
  const account = world.accounts.get(grant.user)
  const seconds = Math.floor(world.ports.now() / 1000)
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = {
    iss: 'https://accounts.google.com',
    aud: grant.client,
    azp: grant.client,
    sub: grant.user,
    ...(grant.scopes.some((scope) => scope === 'email' || scope.endsWith('/userinfo.email'))
      ? { email: account?.email, email_verified: true }
      : {}),
    iat: seconds,
    exp: seconds + world.accessTokenSeconds,
  }
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`
}
