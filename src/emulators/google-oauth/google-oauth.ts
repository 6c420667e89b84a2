/**
 * Google's OAuth 2 endpoints as google-auth-library 11.3.4 uses them: authorization, token, revoke, tokeninfo; and
 * userinfo of the OAuth2 discovery document, revision 20200213. Consent is given at once by a chosen account, or on a
 * page that asks for it.
 */
import { json, routerOf, type Emulator, type EmulatorPorts, type Route, type WireRequest } from '../emulator.ts'
import { authorize, decide } from './authorization.ts'
import { createGrants } from './grants.ts'
import type { GoogleAccount, OAuthClient, OAuthWorld } from './world.ts'
import { exchange, formOf, oauthError } from './token.ts'

export interface RefreshTokenSeed {
  readonly token: string
  readonly user: string
  readonly client: string
  /** Absent: `defaultScopes`. */
  readonly scopes?: readonly string[]
}

/** How people sign in; an emulator that holds these endpoints hands them on. */
export interface SignInOptions {
  readonly clients?: readonly OAuthClient[]
  readonly refreshTokens?: readonly RefreshTokenSeed[]
  /** At once, or on a page where a person chooses account and scopes. Absent: at once. */
  readonly consent?: 'at-once' | 'page'
  /** Who sits at the browser; absent: the first account. `login_hint` wins over it. */
  readonly consentingUser?: string
  readonly accessTokenSeconds?: number
  readonly refreshTokenSeconds?: number
  readonly codeSeconds?: number
  /** Google keeps a refresh token as it is; true: each refresh answers a new one and kills the old. */
  readonly rotateRefreshTokens?: boolean
  /** Past this many of one account for one client the oldest dies, without a word. Absent: Google's 100. */
  readonly mostRefreshTokens?: number
}

export interface GoogleOAuthOptions extends SignInOptions {
  readonly accounts: readonly GoogleAccount[]
  /** The scopes of seeded tokens that name none. */
  readonly defaultScopes?: readonly string[]
}

const SIGN_IN: Readonly<Record<keyof SignInOptions, true>> = {
  clients: true,
  refreshTokens: true,
  consent: true,
  consentingUser: true,
  accessTokenSeconds: true,
  refreshTokenSeconds: true,
  codeSeconds: true,
  rotateRefreshTokens: true,
  mostRefreshTokens: true,
}

/** The options of signing in among those of a whole emulator. */
export function signInOf(options: SignInOptions): SignInOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(SIGN_IN, name)))
}

/** Whom a bearer token speaks for. */
export interface Bearer {
  readonly user: string
  readonly client: string
  readonly project: string
  readonly scopes: readonly string[]
}

export type BearerFailure = 'missing' | 'invalid' | 'expired'

export interface GoogleOAuth extends Emulator {
  /** Whether the path is one of these endpoints. */
  owns(request: WireRequest): boolean
  bearer(request: WireRequest): Bearer | BearerFailure
  /** Who gives consent at once from now on, and to which scopes not; null: the person at the browser refuses. */
  consentAs(user: string | null, without?: readonly string[]): void
  /** The person withdraws consent in the account's settings: every token of theirs dies. */
  withdraw(user: string, client?: string): void
  /** An access token without a token request, for tests and scripts. */
  accessToken(user: string, client?: string, scopes?: readonly string[]): string
}

export function createGoogleOAuth(ports: EmulatorPorts, options: GoogleOAuthOptions): GoogleOAuth {
  const world = worldOf(ports, options)
  const find = routerOf(routesOf(world))
  const defaultScopes = options.defaultScopes ?? []
  return {
    name: 'google-oauth',
    owns: (request) => find(request) !== null,
    handle(request) {
      const found = find(request)
      return found === null ? json(404, { error: 'not_found' }) : found.handler(request, found.params)
    },
    bearer: (request) => bearerOf(world, tokenOf(request)),
    consentAs(user, without = []) {
      world.consenting = user
      world.withheld = without
    },
    withdraw: (user, client) => world.grants.withdraw(user, client ?? null),
    accessToken(user, client = options.clients?.[0]?.id, scopes = defaultScopes) {
      if (client === undefined) throw new Error('the emulator has no OAuth client')
      return world.grants.issueAccess(world.grants.grant(user, client, scopes))
    },
  }
}

function worldOf(ports: EmulatorPorts, options: GoogleOAuthOptions): OAuthWorld {
  const accessTokenSeconds = options.accessTokenSeconds ?? 3600
  const grants = createGrants(ports, {
    accessTokenSeconds,
    refreshTokenSeconds: options.refreshTokenSeconds ?? null,
    codeSeconds: options.codeSeconds ?? 600,
    mostRefreshTokens: options.mostRefreshTokens ?? 100,
  })
  for (const seed of options.refreshTokens ?? [])
    grants.issueRefresh(grants.grant(seed.user, seed.client, seed.scopes ?? options.defaultScopes ?? []), seed.token)
  return {
    ports,
    grants,
    accounts: new Map(options.accounts.map((account) => [account.id, account])),
    clients: new Map((options.clients ?? []).map((client) => [client.id, client])),
    accessTokenSeconds,
    rotateRefreshTokens: options.rotateRefreshTokens ?? false,
    consent: options.consent ?? 'at-once',
    consenting: options.consentingUser ?? options.accounts[0]?.id ?? null,
    withheld: [],
  }
}

function routesOf(world: OAuthWorld): Route[] {
  const info = (request: WireRequest) => tokenInfo(world, request)
  const me = (request: WireRequest) => userInfo(world, request)
  return [
    { method: 'GET', path: '/o/oauth2/v2/auth', handler: (request) => authorize(world, request) },
    { method: 'POST', path: '/o/oauth2/v2/auth', handler: (request) => decide(world, request) },
    { method: 'POST', path: '/token', handler: (request) => exchange(world, request) },
    { method: 'POST', path: '/revoke', handler: (request) => revoke(world, request) },
    { method: 'GET', path: '/tokeninfo', handler: info },
    { method: 'POST', path: '/tokeninfo', handler: info },
    { method: 'GET', path: '/oauth2/v2/userinfo', handler: me },
    { method: 'GET', path: '/userinfo/v2/me', handler: me },
  ]
}

function revoke(world: OAuthWorld, request: WireRequest) {
  const token = request.query.get('token') ?? formOf(request).get('token')
  if (token === null || token === '') return oauthError(400, 'invalid_request', 'Missing required parameter: token')
  return world.grants.revoke(token) ? json(200, {}) : oauthError(400, 'invalid_token', 'Token expired or revoked')
}

function tokenInfo(world: OAuthWorld, request: WireRequest) {
  const token = request.query.get('access_token') ?? formOf(request).get('access_token') ?? tokenOf(request)
  const found = token === null ? null : world.grants.access(token)
  const bearer = bearerOf(world, token)
  if (found === null || typeof bearer === 'string') return oauthError(400, 'invalid_token', 'Invalid Value')
  const account = world.accounts.get(bearer.user)
  return json(200, {
    azp: bearer.client,
    aud: bearer.client,
    sub: bearer.user,
    scope: bearer.scopes.join(' '),
    exp: String(Math.floor(found.expires / 1000)),
    expires_in: String(Math.floor((found.expires - world.ports.now()) / 1000)),
    ...(account !== undefined && sharesEmail(bearer) ? { email: account.email, email_verified: 'true' } : {}),
    access_type: 'offline',
  })
}

function userInfo(world: OAuthWorld, request: WireRequest) {
  const bearer = bearerOf(world, tokenOf(request))
  const account = typeof bearer === 'string' ? undefined : world.accounts.get(bearer.user)
  if (typeof bearer === 'string' || account === undefined)
    return json(401, { error: { code: 401, message: 'Invalid Credentials', status: 'UNAUTHENTICATED' } })
  return json(200, {
    id: account.id,
    ...(sharesEmail(bearer) ? { email: account.email, verified_email: true } : {}),
    ...(bearer.scopes.some((scope) => scope === 'profile' || scope.endsWith('/userinfo.profile'))
      ? { name: account.displayName }
      : {}),
  })
}

function sharesEmail(bearer: Bearer): boolean {
  return bearer.scopes.some((scope) => scope === 'email' || scope.endsWith('/userinfo.email'))
}

function tokenOf(request: WireRequest): string | null {
  const header = request.headers['authorization']
  const named = header === undefined ? null : /^bearer +(\S+)$/i.exec(header)
  return named?.[1] ?? request.query.get('access_token')
}

function bearerOf(world: OAuthWorld, token: string | null): Bearer | BearerFailure {
  if (token === null) return 'missing'
  const found = world.grants.access(token)
  if (found === null || found.grant.revoked) return 'invalid'
  if (world.ports.now() >= found.expires) return 'expired'
  const client = world.clients.get(found.grant.client)
  return {
    user: found.grant.user,
    client: found.grant.client,
    project: client?.project ?? found.grant.client,
    scopes: found.grant.scopes,
  }
}
