/** `lockstep undo` */
import type { Approval, UndoLine, UndoReport, UndoRequest } from '../service/operations.ts'
import { EXIT, UserError, type ExitCode } from '../words/errors.ts'
import { valueText } from './explain.ts'
import { createMeter } from './meter.ts'
import type { Shell } from './shell.ts'
import { plain } from '../words/text.ts'
import { table } from './table.ts'
import { exitOf } from './verdict.ts'
import { counted, moment } from '../words/numbers.ts'

export interface UndoOptions extends Omit<UndoRequest, 'approval'> {
  readonly yes: boolean
}

/** '45' is an action, 'r3' a run; both as `lockstep history` shows them. */
export function targetsOf(words: readonly string[]): Pick<UndoRequest, 'ids' | 'run'> {
  const runs = words.filter((word) => /^r\d{1,9}$/.test(word)).map((word) => Number(word.slice(1)))
  const ids = words.filter((word) => /^\d{1,15}$/.test(word)).map(Number)
  const [run = null] = runs
  if (runs.length > 1 || runs.length + ids.length < words.length || (run !== null && ids.length > 0))
    throw whichActions()
  return { ids, run }
}

export function whichActions(): UserError {
  return new UserError({
    code: 'which-actions',
    message: 'It is not clear what is to be taken back.',
    remedy:
      'Give ids of actions ("lockstep undo 45 46"), one run ("lockstep undo r3"), or --since; "lockstep history" shows them.',
    exit: EXIT.configuration,
  })
}

export async function undo(shell: Shell, { yes, ...request }: UndoOptions): Promise<number> {
  if (request.ids.length === 0 && request.run === null && request.since === null) throw whichActions()
  const config = shell.config()
  const { out } = shell
  return shell.operate(config, false, async (operations) => {
    const once = (approval: Approval): Promise<UndoReport> => {
      const meter = createMeter(shell, config)
      return operations.undo({ ...request, approval }, meter.say).finally(() => meter.end())
    }
    let report = await once(yes ? 'ahead' : null)
    for (let asked = false; report.done === null && !yes && !out.json && report.lines.some(isDone); asked = true) {
      if (asked) out.note('Nothing was taken back: meanwhile it has become something else.\n')
      if (asked || out.live) out.note(`${linesText(report, out.width)}\n`)
      if ((await out.ask('Take this back?')) !== true) break
      report = await once({ shown: report.fingerprint })
    }
    out.result(report, () => reportText(report, out.width))
    return exitAfter(report)
  })
}

function isDone(line: UndoLine): boolean {
  return line.do !== 'nothing' && line.hold === null
}

function exitAfter({ lines, done, status }: UndoReport): ExitCode {
  if (done?.some(({ failed }) => failed !== null) === true) return EXIT.failed
  if (
    lines.some(({ hold }) => hold !== null) &&
    (done?.length ?? 0) < lines.filter(({ do: what }) => what !== 'nothing').length
  )
    return EXIT.brake
  if (lines.some(({ refused }) => refused === true)) return EXIT.held
  return done === null && lines.some(isDone) ? EXIT.held : exitOf(status)
}

function linesText({ lines }: UndoReport, width: number): string {
  const rows = lines.map((line) => [
    String(line.action),
    line.refused === true ? 'cannot' : line.do,
    line.connection,
    line.kind,
    plain(line.name, 40),
    remarkOf(line),
  ])
  return table(['OF', 'DO', 'IN', 'KIND', 'ITEM', ''], rows, { width, elastic: 4 })
}

function remarkOf({ hold, why, before, after }: UndoLine): string {
  if (hold !== null) return `brake: ${hold}`
  if (why !== '') return why
  const [field] = Object.keys(before ?? {})
  if (field === undefined) return ''
  return `${field}: back to ${fromWhereItDiffers(valueText(after?.[field] ?? null), valueText(before?.[field] ?? null))}`
}

/** Long texts begin alike: what is told begins a little before they part. */
function fromWhereItDiffers(text: string, now: string): string {
  let same = 0
  while (same < text.length && text[same] === now[same]) same += 1
  return same < 20 ? plain(text, 40) : `…${plain(text.slice(same - 8), 38)}`
}

function reportText(report: UndoReport, width: number): string {
  const { lines, done, past, begins, status } = report
  const notes = [
    ...(past && begins !== null
      ? [`  ! The journal begins at ${moment(begins)}; what was done before cannot be taken back.`]
      : []),
    ...(lines.some(({ refused }) => refused === true)
      ? ['  ! What cannot be taken back says why; --over takes back too what was changed since.']
      : []),
    ...(lines.some(({ hold, action }) => hold !== null && done?.some((line) => line.action === action) !== true)
      ? ['  ! The brake holds some of it; --past-brake lets it go.']
      : []),
    ...status.notes.map((note) => `  ! ${note}`),
  ]
  if (done === null) {
    const end = lines.some(isDone)
      ? 'Nothing was taken back yet: that needs a yes.\n  → lockstep undo … --yes'
      : lines.some(({ hold }) => hold !== null)
        ? 'Nothing was taken back: the brake holds it.'
        : 'There is nothing to take back.'
    return [linesText(report, width), '', ...notes, end].join('\n')
  }
  const failed = done.filter((line) => line.failed !== null)
  const said = `${counted(done.length - failed.length, 'action')} taken back: ${status.verdict}.`
  return [
    said,
    ...failed.map((line) => `  ! ${line.action} ${line.kind} ${plain(line.name, 40)}: ${line.failed ?? ''}`),
    ...notes,
    'It can be undone itself: "lockstep history" shows what was done.',
  ].join('\n')
}
