/** Why nobody was signed in, or out: each with its remedy. Nothing is stored where one of these is thrown. */
import { EXIT, UserError, type ExitCode } from '../words/errors.ts'
import { choice } from '../config/problem.ts'
import type { Config, Connection } from '../config/index.ts'
import type { Person } from '../connector/call.ts'
import type { ConnectorError } from '../connector/failure.ts'
import type { ConsentRefusal, TokenRefusal } from '../engine/token-endpoint.ts'
import type { Account } from './credentials.ts'

const AGAIN = 'Run "lockstep connect" again.'

function failed(code: string, message: string, remedy: string, exit: ExitCode = EXIT.failed): UserError {
  return new UserError({ code, message, remedy: `${remedy}\nNothing was stored.`, exit })
}

export function over(): UserError {
  return failed('sign-in-over', 'This sign-in is over: it was answered, given up, or began too long ago.', AGAIN)
}

export function late(): UserError {
  return failed('sign-in-late', 'Nobody signed in within ten minutes.', AGAIN)
}

export function stopped(): UserError {
  return failed('sign-in-stopped', 'The sign-in was stopped.', AGAIN)
}

export function replaced(connection: string): UserError {
  return failed('sign-in-replaced', `Another sign-in to ${connection} has begun since.`, 'Finish that one.')
}

export function notThisOne(): UserError {
  return failed(
    'not-this-sign-in',
    'This is not the answer that Lockstep waits for.',
    'Copy the whole address that the browser ends at, with its "state" and "code".',
  )
}

export function refused({ code, message }: ConsentRefusal, { connection }: Account): UserError {
  const { title } = connection.connector
  const remedies: { readonly [code: string]: string } = {
    access_denied: `Run "lockstep connect ${connection.id}" again, and give all the permissions that are asked for; or ask an administrator of ${title} whether this application may be used.`,
    admin_policy_enforced: `An administrator of ${title} has to allow this application.`,
    org_internal: 'Sign in as a user of the organization that the OAuth client belongs to.',
    invalid_scope: 'Add the permissions named above to the consent screen of the OAuth client.',
    unauthorized_client: 'Make an OAuth client of the right sort: a desktop one, or with --web a web one.',
  }
  const remedy = remedies[code] ?? `${title} may be in trouble: run "lockstep connect ${connection.id}" again later.`
  return failed('sign-in-refused', `Signing in to ${title} was refused: ${message}.`, remedy)
}

export function unredeemed({ is, code, message }: TokenRefusal, redirect: string): UserError {
  if (code === 'redirect_uri_mismatch')
    return failed('redirect-unknown', message, `Add ${redirect} to the addresses of the OAuth client.`)
  if (is === 'client')
    return failed(
      'client-refused',
      `The OAuth client is not taken: ${message}.`,
      'Correct client_id and client_secret.',
    )
  if (is === 'consent')
    return failed('code-refused', `The answer was used before, or came too late: ${message}.`, AGAIN)
  return failed('no-tokens', `There are no tokens yet: ${message}.`, 'Run "lockstep connect" again later.')
}

export function noRefreshToken({ id, connector }: Connection): UserError {
  return failed(
    'no-refresh-token',
    `${connector.title} gave no refresh token.`,
    `Take this application's access away in the account's settings, then run "lockstep connect ${id}" again.`,
  )
}

export function scopesMissing({ id, connector }: Connection, missing: readonly string[]): UserError {
  return failed(
    'scopes-missing',
    `${connector.title} did not give all the permissions: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing.`,
    `Run "lockstep connect ${id}" again and leave every box ticked; if a permission is not shown there, add it to the consent screen of the OAuth client.`,
  )
}

export function otherAccount({ id, connector }: Connection, known: Person, found: Person): UserError {
  return failed(
    'other-account',
    `Somebody else signed in: ${id} works as ${named(known)} in ${connector.title}, and this is ${named(found)}.`,
    `Run "lockstep connect ${id}" again and choose ${named(known)}.
Or, to go on as ${named(found)}: lockstep connect ${id} --another-account. What ${named(known)} wrote then counts as somebody else's.`,
  )
}

export function accountUnknown({ id }: Connection, known: Person, error: ConnectorError): UserError {
  return failed(
    'account-unknown',
    `Whether this is ${named(known)} could not be asked: ${error.message}.`,
    `Run "lockstep connect ${id}" again.
Or, if you are sure: lockstep connect ${id} --another-account`,
  )
}

function named({ ref, name }: Person): string {
  return name === undefined ? ref : `${name} (${ref})`
}

export function noAccount(name: string, { connections }: Config): UserError {
  const ids = connections.filter(({ connector }) => connector.oauth !== undefined).map(({ id }) => id)
  const isKnown = connections.some(({ id }) => id === name)
  return new UserError({
    code: 'unknown-connection',
    message: isKnown
      ? `The connection "${name}" needs no sign-in: its system uses a key.`
      : `There is no connection "${name}" to sign in to.`,
    remedy: ids.length === 0 ? 'None of the connections uses OAuth.' : choice(name, ids),
    exit: EXIT.configuration,
  })
}

export function notLoopback(redirect: string): UserError {
  return failed('not-loopback', `${redirect} is no address of this machine alone.`, AGAIN)
}

export function noPublicAddress(): UserError {
  return failed(
    'no-public-address',
    'A browser elsewhere has no way back to this service.',
    `Give its public address as listen.public_url ("https://sync.example.com"), and add <that>/oauth/callback to the addresses of the OAuth client.
Or sign in without --web, and paste the address that the browser ends at.`,
    EXIT.configuration,
  )
}

export function notListening(publicUrl: string): UserError {
  return failed(
    'not-listening',
    `Nothing answers at ${publicUrl}: the service does not run, or listen.webhooks is off.`,
    'Start it with "lockstep run"; or sign in without --web, and paste the address that the browser ends at.',
  )
}

export function notRevoked({ connection, client }: Account, why: string): UserError {
  const { id, connector } = connection
  const next = client.revocationUrl === undefined ? '' : `Run "lockstep disconnect ${id}" again later.\n`
  return new UserError({
    code: 'not-revoked',
    message: `${connector.title} still lets this service in: ${why}.`,
    remedy: `${next}Or: lockstep disconnect ${id} --here-only forgets the token here; then take the application's access away in the account's settings.
Nothing was changed.`,
    exit: EXIT.failed,
  })
}
