/** Statements for a system of the user's own: shown, and run after a yes alone. */
import type { Shell } from './shell.ts'

export function scriptOf(statements: readonly string[]): string {
  return ['BEGIN;', ...statements.map((each) => `${each};`), 'COMMIT;'].join('\n')
}

export interface Wanted {
  readonly connection: string
  readonly statements: readonly string[]
  /** It was said ahead. */
  readonly yes: boolean
  /** That runs them without a question. */
  readonly command: string
}

/** Shows them and asks; where that is no yes, says so. */
export async function areAgreed({ out }: Shell, { connection, statements, yes, command }: Wanted): Promise<boolean> {
  out.note(scriptOf(statements))
  const agreed = yes ? true : out.json ? null : await out.ask(`Run these in ${connection}?`)
  if (agreed === true) return true
  out.result({ done: false, statements }, () =>
    agreed === null ? `Nothing was run. To run them: ${command} --yes` : 'Nothing was run.',
  )
  return false
}
