/** `lockstep disconnect`: a person signs out. */
import type { SignedOut } from '../service/operations.ts'
import { EXIT, UserError } from '../words/errors.ts'
import type { Shell } from './shell.ts'
import { counted } from '../words/numbers.ts'

export interface DisconnectOptions {
  readonly connection: string
  readonly hereOnly: boolean
  readonly yes: boolean
}

export async function disconnect(shell: Shell, { connection, hereOnly, yes }: DisconnectOptions): Promise<number> {
  const config = shell.config()
  const { out } = shell
  if (
    !yes &&
    (out.json || (await out.ask(`Sign ${connection} out? Nothing of it is synced until somebody signs in.`)) !== true)
  )
    throw new UserError({
      code: 'needs-yes',
      message: `${connection} was not signed out: that needs a yes.`,
      remedy: `lockstep disconnect ${connection} --yes`,
      exit: EXIT.held,
    })
  const done = await shell.operate(config, true, (operations) => operations.signOut({ connection, hereOnly }))
  out.result(done, () => textOf(done, hereOnly))
  return EXIT.inStep
}

function textOf({ connection, revoked, channelsLeft, alike, configured }: SignedOut, hereOnly: boolean): string {
  const kept = 'cursors, links and what waits to be written are kept'
  return [
    revoked
      ? `${connection} is signed out: its token is revoked and forgotten; ${kept}.`
      : `${connection} is signed out here: its token is forgotten; ${kept}.`,
    ...(channelsLeft > 0
      ? [`  ! ${counted(channelsLeft, 'channel')} could not be closed; what comes by it is refused`]
      : []),
    ...(hereOnly ? [`  ! it was not revoked: take the application's access away in the account's settings`] : []),
    ...(alike.length > 0
      ? [
          `  ! ${alike.join(', ')} may be signed out as well, where signed in as the same user: the OAuth client is the same`,
        ]
      : []),
    ...(configured ? ['  → remove refresh_token from the configuration: it counts no more'] : []),
    `  → "lockstep connect ${connection}" signs in again, and it goes on where it was`,
  ].join('\n')
}
