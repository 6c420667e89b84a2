/** The commands by which people sign in and out. */
import { connect } from './connect.ts'
import { disconnect } from './disconnect.ts'
import type { Add, Does } from './command.ts'

export function addSignInCommands(add: Add, does: Does): void {
  const connecting = add(
    'connect',
    'Signs a person in (OAuth, in a browser) and keeps the refresh token, sealed. Asks for all permissions that the connection needs and no others.',
    `  $ lockstep connect chat
  $ lockstep connect google           where one connection is of Google
  $ lockstep connect chat --web       in a browser anywhere, through listen.public_url`,
  )
    .argument('<connection>', 'its id, or its system')
    .option('--web', 'come back to the public address of the running service')
    .option('--another-account', 'it may be another user than before')
  does(connecting, (shell) => {
    const { web, anotherAccount } = connecting.opts<{ web?: boolean; anotherAccount?: boolean }>()
    return connect(shell, {
      name: connecting.args[0] ?? '',
      web: web === true,
      anotherAccount: anotherAccount === true,
    })
  })

  const disconnecting = add(
    'disconnect',
    'Signs a connection out: revokes its token at the system and forgets it. Cursors and links stay, so that it goes on after the next sign-in.',
    `  $ lockstep disconnect chat --yes`,
  )
    .argument('<connection>', 'its id')
    .option('--here-only', 'forget the token without revoking it')
    .option('-y, --yes', 'do it without asking')
  does(disconnecting, (shell) => {
    const { hereOnly, yes } = disconnecting.opts<{ hereOnly?: boolean; yes?: boolean }>()
    return disconnect(shell, {
      connection: disconnecting.args[0] ?? '',
      hereOnly: hereOnly === true,
      yes: yes === true,
    })
  })
}
