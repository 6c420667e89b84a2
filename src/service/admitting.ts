/** Whether what a sign-in brought may be kept: all permissions, and the account that the connection works as. */
import type { Person } from '../connector/call.ts'
import type { Standing } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import type { Tokens } from '../connector/ports.ts'
import type { Granted } from '../engine/token-endpoint.ts'
import { connectWith } from './connecting.ts'
import type { Context } from './context.ts'
import type { Account } from './credentials.ts'
import type { SignedIn } from './operations.ts'
import * as trouble from './sign-in-troubles.ts'

/** Keeps it, sealed. Throws where it may not be kept: then all is as it was. */
export async function admit(
  context: Context,
  account: Account,
  { accessToken, refreshToken, scopes }: Granted,
  anotherAccount: boolean,
): Promise<SignedIn> {
  const { connection, client, credential } = account
  for (const secret of [accessToken, refreshToken]) if (secret !== null) context.ports.learned(secret)
  if (refreshToken === null) throw trouble.noRefreshToken(connection)
  const missing = scopes === null ? [] : client.scopes.filter((each) => !scopes.includes(each))
  if (missing.length > 0) throw trouble.scopesMissing(connection, missing)
  const known = await context.owned.store.connectionActor({ id: connection.id })
  const standing = await standingOf(context, account, accessToken)
  if (known !== null && !anotherAccount) assertSame(account, known, standing)
  await credential.replace(refreshToken)
  if (!(standing instanceof ConnectorError))
    return { connection: connection.id, account: standing.actor, problems: standing.problems }
  const remedy = `"lockstep check" tells more; the sign-in itself is kept`
  return { connection: connection.id, account: null, problems: [{ message: standing.message, remedy }] }
}

function assertSame({ connection }: Account, known: Person, standing: Standing | ConnectorError): void {
  if (standing instanceof ConnectorError) throw trouble.accountUnknown(connection, known, standing)
  if (standing.actor.ref !== known.ref) throw trouble.otherAccount(connection, known, standing.actor)
}

/** What the connector says of this token. */
async function standingOf(
  context: Context,
  { connection }: Account,
  accessToken: string,
): Promise<Standing | ConnectorError> {
  const tokens: Tokens = { bearer: () => Promise.resolve(accessToken), refused: () => undefined }
  const api = await connectWith(context, connection, tokens)
  try {
    return await connection.connector.probe(api)
  } catch (error) {
    if (error instanceof ConnectorError) return error
    throw error
  }
}
