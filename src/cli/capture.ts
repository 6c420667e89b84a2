/** `lockstep capture …` */
import { capturingOf, type Capturing } from '../service/capturing.ts'
import { EXIT } from '../words/errors.ts'
import type { Shell } from './shell.ts'
import { areAgreed, scriptOf } from './statements.ts'
import { counted } from '../words/numbers.ts'

export type Change = 'install' | 'remove'

export interface CaptureOptions {
  readonly connection: string
}

function opened(shell: Shell, { connection }: CaptureOptions): Capturing {
  return capturingOf(shell.config(), connection, shell)
}

export function capturePrint(shell: Shell, options: CaptureOptions & { readonly remove: boolean }): Promise<number> {
  const { install, remove } = opened(shell, options)
  const statements = options.remove ? remove : install
  shell.out.result({ statements }, () => scriptOf(statements))
  return Promise.resolve(EXIT.inStep)
}

export async function captureCheck(shell: Shell, options: CaptureOptions): Promise<number> {
  const findings = await opened(shell, options).check()
  shell.out.result({ findings }, () =>
    findings.length === 0
      ? `${options.connection}: every table notes its changes.`
      : findings.map(({ message, remedy }) => `${message}\n  → ${remedy}`).join('\n'),
  )
  return findings.length === 0 ? EXIT.inStep : EXIT.configuration
}

/** Shows the statements, asks, and runs them in one transaction. */
export async function captureChange(
  shell: Shell,
  { connection, what, yes }: CaptureOptions & { readonly what: Change; readonly yes: boolean },
): Promise<number> {
  const { out } = shell
  const capturing = opened(shell, { connection })
  const statements = capturing[what]
  const command = `lockstep capture ${what} ${connection}`
  if (!(await areAgreed(shell, { connection, statements, yes, command }))) return EXIT.held
  await capturing.carry(statements)
  const findings = what === 'install' ? await capturing.check() : []
  out.result({ done: true, statements, findings }, () =>
    [`${connection}: ${counted(statements.length, 'statement')} run.`, ...findings.map(({ message }) => message)].join(
      '\n',
    ),
  )
  return findings.length === 0 ? EXIT.inStep : EXIT.failed
}
