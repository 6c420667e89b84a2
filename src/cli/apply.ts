/** `lockstep apply`, and the file that `lockstep plan --out` keeps. */
import { z } from 'zod'
import type { ApplyReport, ApplyRequest, PlanReport } from '../service/operations.ts'
import { EXIT, UserError, type ExitCode } from '../words/errors.ts'
import { createMeter } from './meter.ts'
import type { Shell } from './shell.ts'
import { plain } from '../words/text.ts'
import { table } from './table.ts'
import { exitOf } from './verdict.ts'
import { counted } from '../words/numbers.ts'

/** A kept plan. Its lines are those of `lockstep plan --json`; what is only for people is not read back. */
const Kept = z.object({
  lockstep: z.literal('plan 1'),
  fingerprint: z.string(),
  lines: z.array(
    z.object({
      flow: z.string(),
      pair: z.string(),
      do: z.enum(['create', 'update', 'delete', 'empty']),
      side: z.enum(['a', 'b']),
      of: z.enum(['a', 'b']),
      ref: z.string(),
      kind: z.string(),
      name: z.string(),
      fingerprint: z.string(),
    }),
  ),
})

export function keptText({ fingerprint, lines }: PlanReport): string {
  return `${JSON.stringify({ lockstep: 'plan 1', fingerprint, lines }, null, 2)}\n`
}

export async function apply(shell: Shell, { file }: { file: string }): Promise<number> {
  const kept = readKept(shell, file)
  const config = shell.config()
  const meter = createMeter(shell, config)
  const report = await shell
    .operate(config, true, (operations) => operations.apply(kept, meter.say))
    .finally(() => meter.end())
  shell.out.result(report, () => reportText(report, shell.out.width))
  return exitAfter(report)
}

function readKept({ files }: Shell, file: string): ApplyRequest {
  const text = files.read(file)
  if (text === null) throw noPlan(file, 'There is no such file')
  const kept = Kept.safeParse(parsed(text))
  if (!kept.success) throw noPlan(file, 'The file holds no plan')
  return kept.data
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function noPlan(file: string, what: string): UserError {
  return new UserError({
    code: 'no-plan',
    message: `${what}: ${file}.`,
    remedy: 'Make one with "lockstep plan --out plan.json", and apply that.',
    exit: EXIT.configuration,
  })
}

function exitAfter({ refused, status }: ApplyReport): ExitCode {
  if (refused.length > 0) return EXIT.held
  return status.verdict === 'not started' ? EXIT.inStep : exitOf(status)
}

/** So many refusals are shown; the rest is counted. */
const SHOWN = 40

function reportText({ applied, refused, status }: ApplyReport, width: number): string {
  const said = `${counted(applied.length, 'action')} of the plan done${refused.length > 0 ? `, ${refused.length} refused` : ''}: ${status.verdict}.`
  const done = [said, ...status.notes.map((note) => `  ! ${note}`)].join('\n')
  if (refused.length === 0) return done
  const rows = refused.slice(0, SHOWN).map(({ line, why }) => [line.do, line.kind, plain(line.name, 40), why])
  const more =
    refused.length > SHOWN ? [`… and ${counted(refused.length - SHOWN, 'more', 'more')} (--json shows all)`] : []
  const next = '  → what has moved needs a new plan: lockstep plan --out …'
  return [done, '', table(['DO', 'KIND', 'ITEM', 'WHY NOT'], rows, { width, elastic: 2 }), ...more, next].join('\n')
}
