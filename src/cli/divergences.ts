/** `lockstep divergences` */
import { EXIT } from './errors.ts'
import type { Shell } from './shell.ts'
import { plain, table } from './table.ts'
import { ago, placeOf } from './words.ts'

/** Differences that stay by themselves: they need nobody, so that they are no trouble. */
export async function divergencesList(shell: Shell): Promise<number> {
  const config = shell.config()
  const found = await shell.operate(config, false, (operations) => operations.divergences())
  const now = shell.clock.now()
  shell.out.result(found, () => {
    if (found.length === 0) return 'Both sides say the same, wherever they can.'
    const rows = found.map((each) => {
      const { kind, connection } = placeOf(config, each.flow, each.pair, each.side)
      return [`${kind} of ${connection}`, plain(each.ref, 100), each.lens, plain(each.why, 200), ago(each.at, now)]
    })
    return table(['STAYS AS IT IS', 'ITEM', 'FIELD', 'WHY', 'SINCE'], rows, { width: shell.out.width, elastic: 3 })
  })
  return EXIT.inStep
}
