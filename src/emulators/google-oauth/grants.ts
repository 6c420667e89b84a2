/**
 * What a Google account has granted to which OAuth client: refresh tokens, access tokens, authorization codes.
 * Revoking a grant kills every token that came out of it, as Google documents for its revocation endpoint.
 */
import type { EmulatorPorts } from '../emulator.ts'

export interface Grant {
  readonly user: string
  readonly client: string
  readonly scopes: readonly string[]
  revoked: boolean
}

export interface AccessToken {
  readonly grant: Grant
  readonly expires: number
}

interface RefreshToken {
  readonly grant: Grant
  readonly issued: number
}

/** What the authorization endpoint bound to a code, to be repeated at the token endpoint. */
export interface PendingCode {
  readonly grant: Grant
  readonly redirectUri: string
  readonly challenge: string | null
  readonly offline: boolean
  readonly expires: number
}

export interface GrantRules {
  readonly accessTokenSeconds: number
  /** Absent or null: refresh tokens do not age. An app in the testing status gets seven days. */
  readonly refreshTokenSeconds: number | null
  readonly codeSeconds: number
  readonly mostRefreshTokens: number
}

export interface Grants {
  grant(user: string, client: string, scopes: readonly string[]): Grant
  issueAccess(grant: Grant): string
  issueRefresh(grant: Grant, token?: string): string
  issueCode(pending: Omit<PendingCode, 'expires'>): string
  /** A code works once: it is gone after this, whatever comes of it. */
  takeCode(code: string): PendingCode | null
  liveRefresh(token: string): Grant | null
  dropRefresh(token: string): void
  access(token: string): AccessToken | null
  /** Revokes the grant behind a refresh or access token; false when there is none. */
  revoke(token: string): boolean
  /** Whether the account has a live grant for the client, so that consent is not asked again. */
  consented(user: string, client: string): boolean
  /** All scopes that the account's live grants give to the client. */
  granted(user: string, client: string): readonly string[]
  withdraw(user: string, client: string | null): void
}

const TOKEN_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

export function createGrants(ports: EmulatorPorts, rules: GrantRules): Grants {
  const grants: Grant[] = []
  const accessTokens = new Map<string, AccessToken>()
  const refreshTokens = new Map<string, RefreshToken>()
  const codes = new Map<string, PendingCode>()
  const make = tokenMaker(ports)
  const living = (user: string, client: string): Grant[] =>
    grants.filter((grant) => grant.user === user && grant.client === client && !grant.revoked)
  const liveRefresh = (token: string): Grant | null => {
    const found = refreshTokens.get(token)
    if (found === undefined || found.grant.revoked) return null
    const limit = rules.refreshTokenSeconds
    return limit !== null && ports.now() >= found.issued + limit * 1000 ? null : found.grant
  }
  return {
    grant(user, client, scopes) {
      const grant: Grant = { user, client, scopes, revoked: false }
      grants.push(grant)
      return grant
    },
    issueAccess(grant) {
      const token = make('ya29.a0', 64)
      accessTokens.set(token, { grant, expires: ports.now() + rules.accessTokenSeconds * 1000 })
      return token
    },
    issueRefresh(grant, token = make('1//03', 48)) {
      refreshTokens.set(token, { grant, issued: ports.now() })
      const alike = living(grant.user, grant.client)
      const tokens = [...refreshTokens].filter(([, other]) => alike.includes(other.grant))
      for (const [old] of tokens.slice(0, -rules.mostRefreshTokens)) refreshTokens.delete(old)
      return token
    },
    issueCode(pending) {
      const code = make('4/0A', 40)
      codes.set(code, { ...pending, expires: ports.now() + rules.codeSeconds * 1000 })
      return code
    },
    takeCode(code) {
      const pending = codes.get(code)
      codes.delete(code)
      return pending === undefined || pending.grant.revoked || ports.now() >= pending.expires ? null : pending
    },
    liveRefresh,
    dropRefresh: (token) => void refreshTokens.delete(token),
    access: (token) => accessTokens.get(token) ?? null,
    revoke(token) {
      const grant = refreshTokens.get(token)?.grant ?? accessTokens.get(token)?.grant
      if (grant === undefined || grant.revoked) return false
      grant.revoked = true
      return true
    },
    consented(user, client) {
      const alike = living(user, client)
      return [...refreshTokens.values()].some(({ grant }) => alike.includes(grant))
    },
    granted: (user, client) => [...new Set(living(user, client).flatMap(({ scopes }) => scopes))],
    withdraw(user, client) {
      for (const grant of grants)
        if (grant.user === user && (client === null || grant.client === client)) grant.revoked = true
    },
  }
}

function tokenMaker(ports: EmulatorPorts): (prefix: string, length: number) => string {
  let made = 0
  return (prefix, length) => {
    let token = prefix
    for (let i = 0; i < length; i += 1) token += TOKEN_CHARACTERS[Math.floor(ports.random() * 64)] ?? 'A'
    // Chance may be a constant in a test; the counter keeps tokens apart even then.
    made += 1
    return `${token}${made.toString(36)}`
  }
}
