/** `lockstep backup`, `restore` and `keys rotate` */
import type { Config } from '../config/index.ts'
import { EXIT, UserError } from '../words/errors.ts'
import type { Shell } from './shell.ts'

export function backup(shell: Shell, { file }: { file: string }): Promise<number> {
  const config = shell.config()
  shell.backUp(config, file)
  shell.out.result({ backup: file, store: config.store, key: keyPlace(config) }, () =>
    [
      `The store is in ${file}.`,
      `  → it opens with the sealing key alone, which is not in it: keep ${keyPlace(config)} apart`,
    ].join('\n'),
  )
  return Promise.resolve(EXIT.inStep)
}

function keyPlace({ sealing }: Config): string {
  if (sealing.from === 'file') return sealing.path
  return sealing.from === 'command' ? `what "${sealing.command.join(' ')}" prints` : 'the key of `sealing.key`'
}

export async function restore(shell: Shell, { file, yes }: { file: string; yes: boolean }): Promise<number> {
  const config = shell.config()
  const { out } = shell
  if (!yes && (out.json || (await out.ask(`Put ${file} in the place of ${config.store}?`)) !== true))
    throw needsYes(file)
  const aside = await shell.restore(config, file)
  out.result({ restored: file, store: config.store, aside }, () =>
    [
      `${file} is the store now. All flows are paused: nothing is written before you say so.`,
      ...(aside === null ? [] : [`The store that was there is ${aside}.`]),
      '  → "lockstep plan" reads both sides, matches what was made since, and shows what is left to do',
      '  → "lockstep flows resume <flow>" lets a flow go on',
    ].join('\n'),
  )
  return EXIT.inStep
}

function needsYes(file: string): UserError {
  return new UserError({
    code: 'needs-yes',
    message: 'Nothing was restored: that needs a yes.',
    remedy: `lockstep restore ${file} --yes`,
    exit: EXIT.held,
  })
}

export async function keysRotate(shell: Shell, { file }: { file: string | null }): Promise<number> {
  const config = shell.config()
  const { sealing } = config
  const key = file === null ? null : shell.files.read(file)
  if (file !== null && key === null) throw noKey(`there is no file ${file}`)
  if (key === null && sealing.from !== 'file') throw noKey('this configuration takes its key from elsewhere')
  if (key !== null) shell.learned(key.trim())
  const keyId = await shell.operate(config, true, (operations) => operations.rotateKey({ key }))
  shell.out.result({ keyId }, () =>
    [
      `All secrets are sealed with the new key ${keyId}.`,
      ...(sealing.from === 'file'
        ? [`It is in ${sealing.path}; the old one lies beside it, and opens older backups.`]
        : ['  → give the new key where the configuration takes it from, before the next start']),
    ].join('\n'),
  )
  return EXIT.inStep
}

function noKey(why: string): UserError {
  return new UserError({
    code: 'no-key',
    message: `There is no new key to seal with: ${why}.`,
    remedy: 'openssl rand -hex 32 > new.key, then: lockstep keys rotate --key-file new.key',
    exit: EXIT.configuration,
  })
}
