/** The authorization endpoint: consent is given (or refused) at once and the browser is sent back. */
import type { WireRequest, WireResponse } from '../emulator.ts'
import type { OAuthClient, OAuthWorld } from './google-oauth.ts'

/**
 * A bad client or redirect address is shown to the person and never redirected; everything later goes back to the
 * client as `error`.
 */
export function authorize(world: OAuthWorld, request: WireRequest): WireResponse {
  const query = request.query
  const client = world.clients.get(query.get('client_id') ?? '')
  if (client === undefined) return page(401, 'invalid_client', 'The OAuth client was not found.')
  const redirectUri = query.get('redirect_uri') ?? ''
  if (!mayReturnTo(client, redirectUri)) return page(400, 'redirect_uri_mismatch', 'The redirect address is not known.')
  const back = new URL(redirectUri)
  const state = query.get('state')
  if (state !== null) back.searchParams.set('state', state)
  const refuse = (error: string): WireResponse => {
    back.searchParams.set('error', error)
    return { status: 302, headers: { location: back.toString() }, body: '' }
  }
  if (query.get('response_type') !== 'code') return refuse('unsupported_response_type')
  const scope = query.get('scope') ?? ''
  if (scope.trim() === '') return refuse('invalid_scope')
  const challenge = query.get('code_challenge')
  const method = query.get('code_challenge_method') ?? 'plain'
  if (challenge !== null && method !== 'S256') return refuse('invalid_request')
  const user = consentingUser(world, query.get('login_hint'))
  if (user === null) return refuse('access_denied')
  const asked = (query.get('prompt') ?? '').split(' ').includes('consent')
  const code = world.grants.issueCode({
    grant: world.grants.grant(user, client.id, scope.trim().split(/\s+/)),
    redirectUri,
    challenge,
    // A refresh token comes only with the first consent, or when consent is asked for again.
    offline: query.get('access_type') === 'offline' && (asked || !world.grants.consented(user, client.id)),
  })
  back.searchParams.set('code', code)
  back.searchParams.set('scope', scope.trim())
  return { status: 302, headers: { location: back.toString() }, body: '' }
}

function consentingUser(world: OAuthWorld, hint: string | null): string | null {
  if (world.consenting === null || hint === null) return world.consenting
  for (const account of world.accounts.values()) if (account.email === hint || account.id === hint) return account.id
  return world.consenting
}

function mayReturnTo(client: OAuthClient, redirectUri: string): boolean {
  if (!URL.canParse(redirectUri)) return false
  if (client.redirectUris !== undefined) return client.redirectUris.includes(redirectUri)
  const { protocol, hostname } = new URL(redirectUri)
  return protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
}

function page(status: number, error: string, text: string): WireResponse {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!DOCTYPE html><title>Error ${status}: ${error}</title><p>${text}</p>`,
  }
}
