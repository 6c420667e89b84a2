/** The tokens of every connection that a person signs in to: one of each, for as long as this process owns the store. */
import type { Config, Connection } from '../config/index.ts'
import type { OAuthClient } from '../connector/connector.ts'
import { tokenEndpoint, type TokenEndpoint } from '../engine/token-endpoint.ts'
import { createTokens, type Credential } from '../engine/tokens.ts'
import type { SystemPorts } from './ports.ts'
import { keptToken } from './kept-tokens.ts'
import type { OwnedStore } from './owned-store.ts'

export interface Account {
  readonly connection: Connection
  readonly client: OAuthClient
  readonly endpoint: TokenEndpoint
  readonly credential: Credential
}

export interface Credentials {
  /** Null: there is no such connection, or nobody signs in to it. */
  of(connection: string): Account | null
  /** Ids of the others whose OAuth client is the same. */
  alike(connection: string): readonly string[]
}

export function createCredentials({ connections }: Config, owned: OwnedStore, ports: SystemPorts): Credentials {
  const { clock, random, http, learned } = ports
  const accounts = new Map<string, Account>()
  for (const connection of connections) {
    const client = connection.connector.oauth?.(connection.config)
    if (client === undefined) continue
    const place = { store: owned.store, ring: owned.ring, clock, random, learned }
    const endpoint = tokenEndpoint(client, http)
    const credential = createTokens(endpoint, keptToken(place, connection.id, client.refreshToken), clock)
    accounts.set(connection.id, { connection, client, endpoint, credential })
  }
  return {
    of: (id) => accounts.get(id) ?? null,
    alike(id) {
      const own = accounts.get(id)?.client
      const isAlike = ({ connection, client }: Account): boolean =>
        connection.id !== id && client.clientId === own?.clientId && client.tokenUrl === own.tokenUrl
      return [...accounts.values()].filter(isAlike).map(({ connection }) => connection.id)
    },
  }
}
