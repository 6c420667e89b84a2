/** `lockstep tables …` */
import { layingOutOf } from '../service/laying-out.ts'
import { EXIT } from '../words/errors.ts'
import type { Shell } from './shell.ts'
import { areAgreed, scriptOf } from './statements.ts'
import { counted } from '../words/numbers.ts'

export interface TablesOptions {
  readonly connection: string
}

export function tablesPrint(shell: Shell, { connection }: TablesOptions): Promise<number> {
  const { whole } = layingOutOf(shell.config(), connection, shell)
  shell.out.result({ statements: whole }, () => scriptOf(whole))
  return Promise.resolve(EXIT.inStep)
}

export async function tablesPlan(shell: Shell, { connection }: TablesOptions): Promise<number> {
  const statements = await layingOutOf(shell.config(), connection, shell).missing()
  shell.out.result({ statements }, () => (statements.length === 0 ? complete(connection) : scriptOf(statements)))
  return statements.length === 0 ? EXIT.inStep : EXIT.held
}

/** Shows the statements, asks, and runs them in one transaction. */
export async function tablesCreate(
  shell: Shell,
  { connection, yes }: TablesOptions & { readonly yes: boolean },
): Promise<number> {
  const { out } = shell
  const laying = layingOutOf(shell.config(), connection, shell)
  const statements = await laying.missing()
  if (statements.length === 0) {
    out.result({ done: true, statements }, () => complete(connection))
    return EXIT.inStep
  }
  const command = `lockstep tables create ${connection}`
  if (!(await areAgreed(shell, { connection, statements, yes, command }))) return EXIT.held
  await laying.carry(statements)
  out.result({ done: true, statements }, () => `${connection}: ${counted(statements.length, 'statement')} run.`)
  return EXIT.inStep
}

function complete(connection: string): string {
  return `${connection}: every table is there, with all of its columns.`
}
