/** The commands that keep the store safe. */
import { backup, keysRotate, restore } from './keeping.ts'
import type { Add, Does } from './command.ts'

export function addKeepCommands(add: Add, does: Does): void {
  const backing = add(
    'backup',
    'Copies the store as it is at one moment, while it is in use.',
    `  $ lockstep backup lockstep.backup`,
  ).argument('<file>', 'a new file')
  does(backing, (shell) => backup(shell, { file: backing.args[0] ?? '' }))

  const restoring = add(
    'restore',
    'Puts a backup in the place of the store, with all flows paused; the next plan matches what was made since. The service has to be ended first. One from before "lockstep keys rotate" needs the key of then: sealing.key_file names <key file>.old-….',
    `  $ lockstep restore lockstep.backup --yes
  $ lockstep plan
  $ lockstep flows resume team`,
  )
    .argument('<file>', 'a backup')
    .option('-y, --yes', 'do it without asking')
  does(restoring, (shell) =>
    restore(shell, { file: restoring.args[0] ?? '', yes: restoring.opts<{ yes?: boolean }>().yes === true }),
  )

  const group = add(
    'keys',
    'The key that seals tokens in the store.',
    `  $ lockstep keys rotate                          makes a new one
  $ lockstep keys rotate --key-file new.key       where the configuration takes it from elsewhere`,
  )
  const rotating = add('rotate', 'Seals everything with a new key, while the store is in use.', '', group).option(
    '--key-file <file>',
    'a file that holds the new key',
  )
  does(rotating, (shell) => keysRotate(shell, { file: rotating.opts<{ keyFile?: string }>().keyFile ?? null }))
}
