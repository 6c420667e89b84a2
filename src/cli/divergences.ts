/** `lockstep divergences` */
import { EXIT } from '../words/errors.ts'
import type { Shell } from './shell.ts'
import { plain } from '../words/text.ts'
import { ago } from '../words/numbers.ts'
import { placeOf } from '../words/events.ts'
import { shellWord } from '../words/text.ts'

/** Differences that stay by themselves: they need nobody, so that they are no trouble. */
export async function divergencesList(shell: Shell): Promise<number> {
  const config = shell.config()
  const found = await shell.operate(config, false, (operations) => operations.divergences())
  const now = shell.clock.now()
  shell.out.result(found, () => {
    if (found.length === 0) return 'Both sides say the same, wherever they can.'
    const lines = found.map((each) => {
      const { kind, connection } = placeOf(config, each.flow, each.pair, each.side)
      const what = `${kind} of ${connection}: ${plain(each.ref, 100)}`
      const nobody = each.people
        .map((ref) => `\n    → lockstep people map ${shellWord(`${connection}:${plain(ref, 100)}`)} …`)
        .join('')
      return `${what}\n    ${each.lens}: ${plain(each.why, 200)} (${ago(each.at, now)})${nobody}`
    })
    return lines.join('\n')
  })
  return EXIT.inStep
}
