/** How things stand, as an exit code. */
import type { Status } from '../service/operations.ts'
import { EXIT, type ExitCode } from '../words/errors.ts'

const CODES: { readonly [verdict in Status['verdict']]: ExitCode } = {
  'in step': EXIT.inStep,
  // Work that waits for its turn is no trouble.
  syncing: EXIT.inStep,
  failed: EXIT.failed,
  held: EXIT.held,
  'not started': EXIT.held,
  brake: EXIT.brake,
}

export function exitOf({ verdict }: Status): ExitCode {
  return CODES[verdict]
}
