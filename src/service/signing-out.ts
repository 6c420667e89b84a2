/** A person signs out: the token is revoked at its system, then forgotten here. */
import { TokenRefusal } from '../engine/token-endpoint.ts'
import type { Context } from './context.ts'
import type { Account } from './credentials.ts'
import type { SignedOut } from './operations.ts'
import { accountNamed } from './signing-in.ts'
import * as trouble from './sign-in-troubles.ts'

/** Cursors, links and what waits to be written stay. Where the token could not be revoked nothing changes. */
export async function signOut(
  context: Context,
  { connection, hereOnly }: { readonly connection: string; readonly hereOnly: boolean },
): Promise<SignedOut> {
  const account = accountNamed(context, connection)
  const { credential, client } = account
  const token = await credential.refreshToken()
  const revoked = token !== null && !hereOnly
  if (revoked) await revoke(account, token)
  await credential.wipe()
  await context.owned.store.setConnection({
    id: connection,
    state: 'dead',
    why: 'nobody is signed in',
    actor: null,
    now: context.ports.clock.now(),
  })
  return {
    connection,
    revoked,
    alike: revoked ? context.credentials.alike(connection) : [],
    configured: client.refreshToken !== undefined,
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
