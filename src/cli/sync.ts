/** `lockstep sync` */
import type { SyncReport, SyncRequest } from '../service/operations.ts'
import { EXIT } from './errors.ts'
import { createMeter } from './meter.ts'
import { planText } from './plan.ts'
import type { Shell } from './shell.ts'
import { exitOf } from './verdict.ts'
import { counted, duration } from './words.ts'

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
    let report = await once({ flow, item, full, approve: yes })
    if (report.waits !== null) {
      const plan = planText(report.waits, out.width, 20)
      out.note(`The first sync of ${report.waits.unapproved.join(', ')} would do this:\n\n${plan}\n`)
      const agreed = out.json ? null : await out.ask('Go ahead?')
      if (agreed === true) report = await once({ flow, item: null, full: false, approve: true })
      else {
        out.result(report, () => notApproved(agreed))
        return EXIT.held
      }
    }
    out.result(report, () => syncText(report, shell.signal.aborted))
    return shell.signal.aborted ? EXIT.failed : exitOf(report.status)
  })
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
