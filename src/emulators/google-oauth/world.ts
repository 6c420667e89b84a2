import type { EmulatorPorts } from '../emulator.ts'
import type { Grants } from './grants.ts'

export interface GoogleAccount {
  /** The id that the People API and Chat's `users/{id}` share. */
  readonly id: string
  readonly displayName: string
  readonly email: string
}

export interface OAuthClient {
  readonly id: string
  /** Absent: a public client, which sends none. */
  readonly secret?: string
  /** Absent: any loopback address, as for a desktop client. */
  readonly redirectUris?: readonly string[]
  /** The Cloud project that quotas are counted on; absent: the client's own. */
  readonly project?: string
}

/** What the endpoints share. */
export interface OAuthWorld {
  readonly ports: EmulatorPorts
  readonly grants: Grants
  readonly accounts: ReadonlyMap<string, GoogleAccount>
  readonly clients: ReadonlyMap<string, OAuthClient>
  readonly accessTokenSeconds: number
  readonly rotateRefreshTokens: boolean
  readonly consent: 'at-once' | 'page'
  consenting: string | null
  /** Scopes that the person leaves out. */
  withheld: readonly string[]
}
