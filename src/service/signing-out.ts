/** A person signs out: channels are closed, the token is revoked at its system, then forgotten here. */
import type { Call } from '../connector/call.ts'
import { ConnectorError } from '../connector/failure.ts'
import type { Channels } from '../connector/webhooks.ts'
import { TokenRefusal } from '../engine/token-endpoint.ts'
import { noteConnection, sessionOf } from '../engine/world.ts'
import { connectWith } from './connecting.ts'
import type { Context } from './context.ts'
import type { Account } from './credentials.ts'
import type { SignedOut } from './operations.ts'
import { accountNamed } from './signing-in.ts'
import * as trouble from './sign-in-troubles.ts'

const NOBODY = 'nobody is signed in'

/** Cursors, links and what waits to be written stay. Where the token could not be revoked nothing changes. */
export async function signOut(
  context: Context,
  { connection, hereOnly }: { readonly connection: string; readonly hereOnly: boolean },
): Promise<SignedOut> {
  const account = accountNamed(context, connection)
  const { credential, client } = account
  const token = await credential.refreshToken()
  const revoked = token !== null && !hereOnly
  const takeUp = await layDown(context, connection)
  let channelsLeft = 0
  try {
    if (token !== null) channelsLeft = await closeChannels(context, account)
    if (revoked) await revoke(account, token)
  } catch (error) {
    await takeUp()
    throw error
  }
  await credential.wipe()
  await context.owned.store.setConnection({
    id: connection,
    state: 'dead',
    why: NOBODY,
    actor: null,
    now: context.ports.clock.now(),
  })
  return {
    connection,
    revoked,
    channelsLeft,
    alike: revoked ? context.credentials.alike(connection) : [],
    configured: client.refreshToken !== undefined,
  }
}

/** The engine that runs lets the connection be: it would open channels again. Answers what undoes that. */
async function layDown(context: Context, connection: string): Promise<() => Promise<void>> {
  if (!context.running) return () => Promise.resolve()
  const { world } = (await context.assembly()).engine
  const { dead } = sessionOf(world, connection)
  await noteConnection(world, connection, NOBODY)
  return () => noteConnection(world, connection, dead)
}

/**
 * What the system was asked to send ends first: afterwards nobody may ask for that. Answers how many channels are left,
 * which end by themselves, or are closed after the next sign-in.
 */
async function closeChannels(context: Context, { connection, credential }: Account): Promise<number> {
  const { store } = context.owned
  const { id, connector } = connection
  const open = await store.channels({ connection: id })
  const actor = await store.connectionActor({ id })
  if (open.length === 0 || connector.channels === undefined || actor === null) return open.length
  const api = await connectWith(context, connection, credential)
  let left = 0
  for (const channel of open)
    if (await isClosed(connector.channels, { api, actor, scope: channel.scope, scopes: [channel.scope] }, channel))
      await store.dropChannel({ id: channel.id })
    else left += 1
  return left
}

/** One of which its system never told is not known to it, as far as anybody can say. */
async function isClosed(
  declared: Channels<unknown>,
  call: Call<unknown>,
  { id, handle }: { readonly id: string; readonly handle: string | null },
): Promise<boolean> {
  if (handle === null) return true
  try {
    await declared.close(call, { id, handle })
    return true
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    return error.failure === 'missing'
  }
}

async function revoke(account: Account, token: string): Promise<void> {
  if (account.client.revocationUrl === undefined)
    throw trouble.notRevoked(account, 'it has no place where tokens are revoked')
  try {
    await account.endpoint.revoke(token)
  } catch (error) {
    if (error instanceof TokenRefusal) throw trouble.notRevoked(account, error.message)
    throw error
  }
}
