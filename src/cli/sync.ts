/** `lockstep sync` */
import type { Config } from '../config/index.ts'
import type { PlanReport, SyncReport, SyncRequest } from '../service/operations.ts'
import { EXIT } from '../words/errors.ts'
import { createMeter } from './meter.ts'
import { differences, planText } from './plan.ts'
import type { Shell } from './shell.ts'
import { plain } from '../words/text.ts'
import { exitOf } from './verdict.ts'
import { counted, duration } from '../words/numbers.ts'

/** So many lines are shown before a question. */
const SHOWN = 20

export interface SyncOptions {
  readonly flow: string | null
  readonly item: string | null
  readonly full: boolean
  readonly yes: boolean
}

export async function sync(shell: Shell, { flow, item, full, yes }: SyncOptions): Promise<number> {
  const config = shell.config()
  const { out } = shell
  return shell.operate(config, true, async (operations) => {
    const once = async (request: SyncRequest): Promise<SyncReport> => {
      const meter = createMeter(shell, config)
      return operations.sync(request, meter.say).finally(() => meter.end())
    }
    let report = await once({ flow, item, full, approval: yes ? 'ahead' : null })
    for (let shown: PlanReport | null = null; report.waits !== null;) {
      out.note(
        shown === null ? firstText(config, report.waits, out.width) : changedText(shown, report.waits, out.width),
      )
      shown = report.waits
      const agreed = out.json ? null : await out.ask('Go ahead?')
      if (agreed !== true) {
        out.result(report, () => notApproved(agreed))
        return EXIT.held
      }
      report = await once({ flow, item: null, full: false, approval: { shown: shown.fingerprint } })
    }
    out.result(report, () => syncText(report, shell.signal.aborted))
    return shell.signal.aborted ? EXIT.failed : exitOf(report.status)
  })
}

function firstText(config: Config, plan: PlanReport, width: number): string {
  return `The first sync of ${plan.unapproved.join(', ')} would do this:\n\n${planText(config, plan, width, SHOWN)}\n`
}

/** A yes is to what was shown: where that is no longer what would be done, it is asked for again. */
function changedText(shown: PlanReport, now: PlanReport, width: number): string {
  const lines = differences(shown.lines, now.lines)
  const more = lines.length > SHOWN ? [`… and ${counted(lines.length - SHOWN, 'difference')} more`] : []
  const text = [...lines.slice(0, SHOWN).map((line) => plain(line, width)), ...more]
  return `Nothing was written: meanwhile the plan has become another one.\n\n${text.join('\n')}\n`
}

function notApproved(answer: boolean | null): string {
  if (answer === false) return 'Nothing was written.'
  return 'Nothing was written: a first sync needs a yes.\n  → look at "lockstep plan", then run "lockstep sync --yes"'
}

function syncText({ written, held, durationMs, status }: SyncReport, stopped: boolean): string {
  const done = `${counted(written, 'change')} written${held > 0 ? `, ${held} held` : ''} in ${duration(durationMs)}`
  const end = stopped ? 'stopped; "lockstep sync" goes on' : status.verdict
  return [`${done}: ${end}.`, ...status.notes.map((note) => `  ! ${note}`)].join('\n')
}
