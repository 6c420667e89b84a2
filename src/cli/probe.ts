/** `lockstep probe` */
import type { Progress, ProbeLine, ProbeReport } from '../service/operations.ts'
import { EXIT, type ExitCode } from '../words/errors.ts'
import type { Shell } from './shell.ts'
import { plain } from '../words/text.ts'
import { table } from './table.ts'
import { counted, duration } from '../words/numbers.ts'

export interface ProbeOptions {
  readonly connection: string
  readonly scope: string
  readonly yes: boolean
}

export async function probe(shell: Shell, { connection, scope, yes }: ProbeOptions): Promise<number> {
  const config = shell.config()
  const { out } = shell
  // The first Ctrl-C ends the trying, here or in the service; what was made is removed before anything ends.
  return shell.busy(() =>
    shell.operate(config, false, async (operations) => {
      const stop = (): void => void operations.stopProbe({ connection }).catch(() => undefined)
      shell.signal.addEventListener('abort', stop, { once: true })
      const once = (approve: boolean): Promise<ProbeReport> =>
        operations.probe({ connection, scope, approve }, meterOf(shell)).finally(() => out.bar(''))
      let report = await once(yes)
      if (report.done === null) {
        out.note(firstText(report))
        const agreed = out.json ? null : await out.ask('Go ahead?')
        if (agreed !== true) {
          out.result(report, () => notApproved(agreed, { connection, scope }))
          return EXIT.held
        }
        report = await once(true)
      }
      out.result(report, () => reportText(report, out.width))
      return exitOf(report)
    }),
  )
}

function meterOf({ out }: Shell): (progress: Progress) => void {
  return (progress) => {
    if (progress.is === 'removing') tell(out, 'Removing what was made …')
    if (progress.is === 'check') tell(out, `${progress.at} of ${progress.of}: ${progress.assumed}`)
  }
}

function tell(out: Shell['out'], text: string): void {
  if (out.live) out.bar(plain(text, out.width - 1))
  else out.note(text)
}

function exitOf({ done, checks }: ProbeReport): ExitCode {
  const isWell = done !== null && !done.stopped && done.left.length === 0
  return isWell && !checks.some(({ verdict }) => verdict === 'differs') ? EXIT.inStep : EXIT.failed
}

function placeText({ system, actor, scope }: ProbeReport): string {
  return `${system} as ${plain(actor)}, in the ${scope.kind} "${plain(scope.name)}" (${plain(scope.ref)})`
}

function firstText(report: ProbeReport): string {
  const open = report.checks.filter(({ unconfirmed }) => unconfirmed !== null)
  return [
    `${counted(report.checks.length, 'behaviour')} would be tried on ${placeText(report)}.`,
    'Items are made there, changed and removed again; whoever reads it sees them meanwhile. Nothing else is touched.',
    ...(open.length === 0 ? [] : ['', 'First, what nobody has confirmed so far:']),
    ...open.map(({ unconfirmed }) => `  · ${unconfirmed?.fact ?? ''}`),
    '',
  ].join('\n')
}

function notApproved(answer: boolean | null, { connection, scope }: Omit<ProbeOptions, 'yes'>): string {
  if (answer === false) return 'Nothing was written.'
  return `Nothing was written: this needs a yes.\n  → lockstep probe ${connection} --scope ${scope} --yes`
}

const MARKS = { 'as assumed': 'as assumed', differs: 'DIFFERS', 'not tried': 'not tried' } as const

function reportText(report: ProbeReport, width: number): string {
  const { checks, done } = report
  const isMarked = checks.some(({ unconfirmed }) => unconfirmed !== null)
  const rows = checks.flatMap(({ id, unconfirmed, verdict, seen }) => {
    const [first = '', ...more] = linesOf(verdict === null ? 'it was stopped before' : seen, width - SEEN_AT)
    const name = `${id}${unconfirmed === null ? '' : ' *'}`
    return [[name, verdict === null ? 'not tried' : MARKS[verdict], first], ...more.map((line) => ['', '', line])]
  })
  const differing = checks.filter(({ verdict }) => verdict === 'differs')
  return [
    placeText(report),
    '',
    table(['BEHAVIOUR', 'VERDICT', 'SEEN'], rows, { width }),
    ...(isMarked ? ['* not confirmed before'] : []),
    ...differing.flatMap((line) => ['', ...differenceText(line)]),
    '',
    ...(done === null ? [] : endText(done, checks)),
  ].join('\n')
}

/** Where the last column begins: after the longest name and verdict. */
const SEEN_AT = 36

function linesOf(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of plain(text, 400).split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

function differenceText({ id, assumed, seen, means, unconfirmed }: ProbeLine): readonly string[] {
  const remedy = unconfirmed?.remedy ?? 'report it with the output of --json: the connector relies on it'
  return [
    `DIFFERS  ${id}`,
    `  assumed: ${assumed}`,
    `  seen:    ${plain(seen, 400)}`,
    `  means:   ${means}`,
    `  → ${remedy}`,
  ]
}

function endText(
  { made, left, stopped, durationMs }: NonNullable<ProbeReport['done']>,
  checks: readonly ProbeLine[],
): readonly string[] {
  const so = (wanted: ProbeLine['verdict']): number => checks.filter(({ verdict }) => verdict === wanted).length
  const counts = `${so('as assumed')} as assumed, ${so('differs')} different, ${so('not tried') + so(null)} not tried`
  const gone = left.length === 0 ? 'all removed' : `${left.length} not removed`
  return [
    `${counts}, in ${duration(durationMs)}${stopped ? '; it was stopped' : ''}. ${counted(made, 'item')} made, ${gone}.`,
    ...left.map(
      ({ kind, ref, why, link }) =>
        `  ! ${kind} ${ref === null ? '(whether it was made is not known)' : plain(link ?? ref, 120)}: ${plain(why, 200)}`,
    ),
  ]
}
