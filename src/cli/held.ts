/** `lockstep held` */
import type { Held } from '../core/state.ts'
import type { Decide } from '../service/operations.ts'
import { EXIT, UserError, type ExitCode } from '../words/errors.ts'
import type { Shell } from './shell.ts'
import { plain } from '../words/text.ts'
import { tableOfFlows } from './table.ts'
import { ago, counted } from '../words/numbers.ts'
import { placeOf } from '../words/events.ts'

export async function heldList(shell: Shell, { flow }: { flow: string | null }): Promise<number> {
  const config = shell.config()
  const found = await shell.operate(config, false, (operations) => operations.held({ flow }))
  const now = shell.clock.now()
  shell.out.result(found, () => {
    if (found.length === 0) return 'Nothing is held.'
    const rows = found.map((each) => {
      const { kind, connection } = placeOf(config, each.flow, each.pair, each.side)
      const { id, flow, action, name, reason, since } = each
      return { flow, cells: [String(id), action, `${kind} of ${connection}`, name, reason, ago(since, now)] }
    })
    const why = [...Map.groupBy(found, ({ detail }) => detail)].map(
      ([detail, each]) => `  ${rangesOf(each.map(({ id }) => id))}: ${plain(detail, 400)}`,
    )
    const head = ['ID', 'DO', 'FOR THE', 'ITEM', 'WHY', 'SINCE']
    const choices = 'Decide: lockstep held approve|retry|discard <ids…> or --all'
    return [tableOfFlows(head, rows, { width: shell.out.width, elastic: 3 }), '', ...why, '', choices].join('\n')
  })
  return heldExit(found)
}

/** "1-3, 7": what is held for one reason is told once. */
function rangesOf(ids: readonly number[]): string {
  const ranges: { from: number; to: number }[] = []
  for (const id of ids.toSorted((one, other) => one - other)) {
    const last = ranges.at(-1)
    if (last !== undefined && last.to + 1 === id) last.to = id
    else ranges.push({ from: id, to: id })
  }
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(', ')
}

function heldExit(held: readonly Held[]): ExitCode {
  if (held.length === 0) return EXIT.inStep
  return held.some(({ reason }) => reason === 'brake') ? EXIT.brake : EXIT.held
}

const SAID = { approved: 'approved', retry: 'to be tried again', discarded: 'discarded' } as const

export async function heldDecide(shell: Shell, { ids, decision }: Decide): Promise<number> {
  const config = shell.config()
  const { decided, running } = await shell.operate(config, false, async (operations) => {
    const known = new Set((await operations.held({ flow: null })).map((each) => each.id))
    const wrong = ids === 'all' ? [] : ids.filter((id) => !known.has(id))
    if (wrong.length > 0) throw unknownHeld(wrong)
    const decided = await operations.decide({ ids, decision })
    return { decided, running: (await operations.status()).running }
  })
  shell.out.result({ decision, decided }, () => {
    const next = running || decided.length === 0 ? '' : '\n  → "lockstep sync" carries it out'
    return `${counted(decided.length, 'held action')} ${SAID[decision]}.${next}`
  })
  return EXIT.inStep
}

function unknownHeld(ids: readonly number[]): UserError {
  return new UserError({
    code: 'unknown-held',
    message: `Nothing is held under ${ids.join(', ')}.`,
    remedy: '"lockstep held" lists what is held, with its ids.',
    exit: EXIT.failed,
  })
}
