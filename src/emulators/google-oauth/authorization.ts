/**
 * The authorization endpoint. Consent is given (or refused) at once and the browser is sent back, or a page asks for it and
 * sends the browser back when it was answered.
 */
import type { WireRequest, WireResponse } from '../emulator.ts'
import type { OAuthClient, OAuthWorld } from './world.ts'
import { consentPage, errorPage } from './pages.ts'
import { formOf } from './token.ts'

/** What a client asks for, once it is known where the answer may go. */
interface Asked {
  readonly client: OAuthClient
  readonly redirectUri: string
  readonly scopes: readonly string[]
  readonly challenge: string | null
  readonly query: URLSearchParams
}

/** What the person answers. */
interface Consent {
  readonly user: string
  readonly scopes: readonly string[]
}

export function authorize(world: OAuthWorld, request: WireRequest): WireResponse {
  const asked = askedBy(world, request.query)
  if ('status' in asked) return asked
  if (world.consent === 'page')
    return consentPage([...world.accounts.values()], asked.scopes, request.query.get('login_hint'), request.query)
  const user = consentingUser(world, request.query.get('login_hint'))
  const scopes = asked.scopes.filter((scope) => !world.withheld.includes(scope))
  return answer(world, asked, user === null ? null : { user, scopes })
}

/** The answer to the page: `choice`, and with `allow` the `account` and each `granted` scope. */
export function decide(world: OAuthWorld, request: WireRequest): WireResponse {
  if (world.consent !== 'page') return errorPage(405, 'invalid_request', 'Consent is given at once here.')
  const form = formOf(request)
  const asked = askedBy(world, new URLSearchParams(form.get('request') ?? ''))
  if ('status' in asked) return asked
  const user = form.get('account') ?? ''
  if (form.get('choice') !== 'allow') return answer(world, asked, null)
  if (!world.accounts.has(user)) return errorPage(400, 'invalid_request', 'The account is not known.')
  const granted = form.getAll('granted')
  return answer(world, asked, { user, scopes: asked.scopes.filter((scope) => granted.includes(scope)) })
}

/**
 * A bad client or redirect address is shown to the person and never redirected; everything later goes back to the
 * client as `error`.
 */
function askedBy(world: OAuthWorld, query: URLSearchParams): Asked | WireResponse {
  const client = world.clients.get(query.get('client_id') ?? '')
  if (client === undefined) return errorPage(401, 'invalid_client', 'The OAuth client was not found.')
  const redirectUri = query.get('redirect_uri') ?? ''
  if (!mayReturnTo(client, redirectUri))
    return errorPage(400, 'redirect_uri_mismatch', 'The redirect address is not known.')
  const scopes = (query.get('scope') ?? '').split(/\s+/).filter((scope) => scope !== '')
  const challenge = query.get('code_challenge')
  const asked: Asked = { client, redirectUri, scopes, challenge, query }
  if (query.get('response_type') !== 'code') return sendBack(asked, { error: 'unsupported_response_type' })
  if (scopes.length === 0) return sendBack(asked, { error: 'invalid_scope' })
  if (challenge !== null && query.get('code_challenge_method') !== 'S256')
    return sendBack(asked, { error: 'invalid_request' })
  return asked
}

/** Whoever grants no scope at all has refused. */
function answer(world: OAuthWorld, asked: Asked, consent: Consent | null): WireResponse {
  if (consent === null || consent.scopes.length === 0) return sendBack(asked, { error: 'access_denied' })
  const { client, redirectUri, challenge, query } = asked
  const { user } = consent
  const earlier = query.get('include_granted_scopes') === 'true' ? world.grants.granted(user, client.id) : []
  const scopes = [...new Set([...consent.scopes, ...earlier])]
  const again = (query.get('prompt') ?? '').split(' ').includes('consent')
  const code = world.grants.issueCode({
    grant: world.grants.grant(user, client.id, scopes),
    redirectUri,
    challenge,
    // A refresh token comes only with the first consent, or when consent is asked for again.
    offline: query.get('access_type') === 'offline' && (again || !world.grants.consented(user, client.id)),
  })
  return sendBack(asked, { code, scope: scopes.join(' ') })
}

function sendBack({ redirectUri, query }: Asked, parameters: Readonly<Record<string, string>>): WireResponse {
  const back = new URL(redirectUri)
  const state = query.get('state')
  if (state !== null) back.searchParams.set('state', state)
  for (const [name, value] of Object.entries(parameters)) back.searchParams.set(name, value)
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
