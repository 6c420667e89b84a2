/** `lockstep backfill` */
import type { BackfillReport } from '../service/operations.ts'
import { EXIT } from '../words/errors.ts'
import type { Shell } from './shell.ts'
import { counted, moment } from '../words/numbers.ts'

export async function backfill(
  shell: Shell,
  { flow, since, yes }: { flow: string; since: number; yes: boolean },
): Promise<number> {
  const config = shell.config()
  const { out } = shell
  return shell.operate(config, false, async (operations) => {
    const asked = { flow, since: new Date(since).toISOString() }
    let report = await operations.backfill({ ...asked, approve: yes })
    if (!report.done && !yes && !out.json && report.found.length > 0 && report.start !== null) {
      if (out.live) out.note(foundText(flow, since, report))
      if ((await out.ask('Bring them over?')) === true) report = await operations.backfill({ ...asked, approve: true })
    }
    const { running } = await operations.status()
    out.result(report, () => reportText(flow, since, report, running))
    return report.done || report.found.length === 0 || report.start === null ? EXIT.inStep : EXIT.held
  })
}

function foundText(flow: string, since: number, { found }: BackfillReport): string {
  const lines = found.map(({ items, kind, connection }) => `  ${counted(items, kind)} of ${connection}`)
  return [`Since ${moment(since)}, and from before the start of ${flow}:`, ...lines].join('\n')
}

function reportText(flow: string, since: number, report: BackfillReport, running: boolean): string {
  const { found, start, done } = report
  if (start === null) return `${flow} takes all there is already ("start: all").`
  if (found.length === 0) return `There is nothing from before the start of ${flow} since ${moment(since)}.`
  if (!done)
    return `${foundText(flow, since, report)}\nNothing was done: that needs a yes.\n  → lockstep backfill … --yes`
  return [
    foundText(flow, since, report),
    `They are wanted now.${running ? '' : '\n  → "lockstep plan" shows them, "lockstep sync" carries it out'}`,
    `  → the brake counts them; ahead of many: lockstep flows lift-brake ${flow} --for 2h`,
  ].join('\n')
}
