/** `lockstep history` and `lockstep queue` */
import type { HistoryLine, Question, QueueLine } from '../service/operations.ts'
import { EXIT } from '../words/errors.ts'
import type { Shell } from './shell.ts'
import { plain } from '../words/text.ts'
import { tableOfFlows } from './table.ts'
import { actionDone } from '../words/events.ts'
import { ago, counted, duration, moment } from '../words/numbers.ts'

export async function history(shell: Shell, question: Question): Promise<number> {
  const found = await shell.operate(shell.config(), false, (operations) => operations.history(question))
  shell.out.result(found, () => historyText(found, question.limit, shell.out.width))
  return EXIT.inStep
}

function historyText(found: readonly HistoryLine[], limit: number, width: number): string {
  if (found.length === 0) return 'Nothing was done.'
  const rows = found.map((each) => ({
    flow: each.flow,
    cells: [
      String(each.id),
      `r${each.run}`,
      moment(each.at),
      actionDone(each.action),
      each.connection,
      each.kind,
      each.why === '' ? each.name : `${plain(each.name, 40)}: ${each.why}`,
    ],
  }))
  const head = ['ID', 'RUN', 'AT', 'DONE', 'IN', 'KIND', 'ITEM']
  const more = found.length === limit ? [`The newest ${counted(limit, 'action')}; --limit shows more.`] : []
  return [
    tableOfFlows(head, rows, { width }),
    '',
    ...more,
    'Take back: lockstep undo <id>, a run (r…), or --since',
  ].join('\n')
}

export async function queue(shell: Shell, question: Question): Promise<number> {
  const found = await shell.operate(shell.config(), false, (operations) => operations.queue(question))
  shell.out.result(found, () => queueText(found, question.limit, shell.clock.now(), shell.out.width))
  return EXIT.inStep
}

function queueText(found: readonly QueueLine[], limit: number, now: number, width: number): string {
  if (found.length === 0) return 'Nothing waits.'
  const rows = found.map((each) => ({
    flow: each.flow,
    cells: [
      each.is,
      each.state === 'later' ? `in ${duration(each.notBefore - now)}` : each.state,
      `${each.kind === '' ? 'feed' : each.kind} of ${each.connection}`,
      each.name,
      ago(each.since, now),
      each.attempts > 0 ? `${each.why} (${counted(each.attempts, 'try', 'tries')})` : each.why,
    ],
  }))
  const head = ['WHAT', 'STATE', 'OF', 'ITEM', 'SINCE', 'WHY']
  const more =
    found.length === limit ? ['', `The oldest ${counted(limit, 'entry', 'entries')}; --limit shows more.`] : []
  return [tableOfFlows(head, rows, { width, elastic: 3 }), ...more].join('\n')
}
