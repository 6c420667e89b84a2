/** `lockstep flows`: what becomes of a flow that the configuration no longer names. */
import { EXIT } from './errors.ts'
import type { Shell } from './shell.ts'
import { counted } from './words.ts'

export async function flowsAdopt(shell: Shell, { from, to }: { from: string; to: string }): Promise<number> {
  const links = await shell.operate(shell.config(), false, (operations) => operations.adoptFlow({ from, to }))
  shell.out.result(
    { from, to, links },
    () => `${counted(links, 'link')} of ${from} now ${links === 1 ? 'belongs' : 'belong'} to ${to}.`,
  )
  return EXIT.inStep
}

export async function flowsRemove(shell: Shell, { flow }: { flow: string }): Promise<number> {
  const links = await shell.operate(shell.config(), false, (operations) => operations.forgetFlow({ flow }))
  shell.out.result(
    { flow, links },
    () => `${counted(links, 'link')} of ${flow} forgotten; both systems keep what they hold.`,
  )
  return EXIT.inStep
}
