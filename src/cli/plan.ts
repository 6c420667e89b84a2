/** `lockstep plan` */
import type { Config } from '../config/index.ts'
import type { Side } from '../core/flow.ts'
import type { PreviewLine } from '../engine/preview.ts'
import type { PlanReport } from '../service/operations.ts'
import { keptText } from './apply.ts'
import { EXIT } from '../words/errors.ts'
import { createMeter } from './meter.ts'
import type { Shell } from './shell.ts'
import { table, tableOfFlows } from './table.ts'
import { exitOf } from './verdict.ts'
import { placeOf } from '../words/events.ts'
import { bytes, counted, duration, number } from '../words/numbers.ts'

export async function plan(shell: Shell, { flow, out }: { flow: string | null; out: string | null }): Promise<number> {
  const config = shell.config()
  const meter = createMeter(shell, config)
  const found = await shell
    .operate(config, true, (operations) => operations.plan({ flow }, meter.say))
    .finally(() => meter.end())
  if (out !== null) keep(shell, out, found)
  shell.out.result(found, () =>
    config.flows.length === 0 ? NO_FLOW : [planText(config, found, shell.out.width), ...notesOf(found)].join('\n'),
  )
  return planExit(found)
}

const NO_FLOW = 'Nothing to do: no flow is configured.'

function keep({ files, out }: Shell, file: string, found: PlanReport): void {
  files.write(file, keptText(found))
  out.note(`The plan is in ${file}: lockstep apply ${file}`)
}

/** What would be done by itself is no trouble; what would be held is. */
function planExit({ lines, status }: PlanReport): number {
  if (status.verdict === 'failed') return EXIT.failed
  if (lines.some((line) => line.hold?.reason === 'brake')) return EXIT.brake
  if (lines.some((line) => line.hold !== null)) return EXIT.held
  return status.verdict === 'not started' ? EXIT.inStep : exitOf(status)
}

function notesOf({ lines, status }: PlanReport): string[] {
  return lines.length === 0 || status.notes.length === 0 ? [] : ['', ...status.notes.map((note) => `  ! ${note}`)]
}

/** So many lines of a kind are shown; the rest is counted. */
const SHOWN = 40

export function planText(config: Config, report: PlanReport, width: number, shown = SHOWN): string {
  const { lines, status } = report
  if (lines.length === 0)
    return [nothingToDo(status), ...matchText(config, report), ...status.notes.map((note) => `  ! ${note}`)].join('\n')
  const rows = lines.slice(0, shown).map((line) => ({
    flow: line.flow,
    cells: [line.do, line.connection, line.kind, line.name, remarkOf(line)],
  }))
  const more = lines.length > shown ? [`… and ${number(lines.length - shown)} more (--json shows all)`] : []
  const head = ['DO', 'IN', 'KIND', 'ITEM', '']
  return [
    tableOfFlows(head, rows, { width, elastic: 3 }),
    ...more,
    '',
    ...summary(report),
    ...unplanned(report),
    ...matchText(config, report),
    '',
    ...costs(report, width),
  ].join('\n')
}

/** A yes goes beyond what is listed here, so it is said before it is asked for. */
function unplanned({ lines }: PlanReport): string[] {
  const newContainers = lines.filter((line) => line.container && line.do === 'create').length
  if (newContainers === 0) return []
  const [are, them, they] = newContainers === 1 ? ['is', 'it', 'it is'] : ['are', 'them', 'they are']
  return [
    '',
    `${counted(newContainers, 'container')} ${are} new: what stands in ${them} is not planned yet,`,
    `and is copied, without another question, as soon as ${they} made.`,
  ]
}

/** What was not read says nothing. */
function nothingToDo({ connections }: PlanReport['status']): string {
  const unread = connections.filter(({ state, failingSince }) => state === 'dead' || failingSince !== null)
  if (unread.length === 0) return 'Nothing to do.'
  return `Nothing to do, as far as is known: ${unread.map(({ id }) => id).join(' and ')} cannot be read.`
}

/** Before a first sync: what stands on both sides already. */
function matchText(config: Config, { matches }: PlanReport): string[] {
  const lines = matches.flatMap(({ flow, pair, paired, alone, ambiguous }) => {
    const found = Object.entries(paired).map(([by, count]) => `${number(count)} paired ${by}`)
    const at = (side: Side): string => `${number(alone[side])} in ${placeOf(config, flow, pair, side).connection}`
    const single = alone.a + alone.b > 0 ? [`alone: ${at('a')}, ${at('b')}`] : []
    const unsure = ambiguous > 0 ? [`${number(ambiguous)} could be either of two and are held`] : []
    const said = [...found, ...single, ...unsure]
    return said.length === 0 ? [] : [`  ${flow} ${pair}: ${said.join(' · ')}`]
  })
  return lines.length === 0 ? [] : ['', 'What stands there already:', ...lines]
}

function remarkOf({ hold, why, files, bytes: size }: PreviewLine): string {
  if (hold !== null) return `held: ${hold.detail}`.slice(0, 40)
  return [why, files === 0 ? '' : `with ${weight(files, size)}`].filter((each) => each !== '').join(', ')
}

/** Where no size is told there is none to say. */
function weight(files: number, size: number): string {
  return `${counted(files, 'file')}${size === 0 ? '' : ` (${bytes(size)})`}`
}

/** What another plan does instead, a line each. */
export function differences(shown: readonly PreviewLine[], now: readonly PreviewLine[]): string[] {
  const keyOf = ({ flow, pair, side, ref }: PreviewLine): string => [flow, pair, side, ref].join(' ')
  const before = new Map(shown.map((line) => [keyOf(line), line]))
  const words = (line: PreviewLine): string => `${line.do} the ${line.kind} in ${line.connection} for ${line.name}`
  const newer = now.flatMap((line) => {
    const known = before.get(keyOf(line))
    before.delete(keyOf(line))
    if (known === undefined) return [`more: ${words(line)}`]
    const isSame = known.fingerprint === line.fingerprint && known.hold?.reason === line.hold?.reason
    return isSame ? [] : [`changed: ${words(line)}${line.hold === null ? '' : `, held: ${line.hold.detail}`}`]
  })
  return [...newer, ...[...before.values()].map((line) => `no more: ${words(line)}`)]
}

function summary({ lines }: PlanReport): string[] {
  const groups = new Map<string, number>()
  for (const line of lines) {
    const key = `${line.do} ${line.kind} in ${line.connection}`
    groups.set(key, (groups.get(key) ?? 0) + 1)
  }
  const held = lines.filter((line) => line.hold !== null).length
  const going = lines.filter((line) => line.hold === null)
  const files = going.reduce((sum, line) => sum + line.files, 0)
  const size = going.reduce((sum, line) => sum + line.bytes, 0)
  return [
    ...[...groups].map(([what, count]) => `${number(count).padStart(7)}  ${what}`),
    ...(files > 0 ? [`         with ${weight(files, size)}`] : []),
    ...(held > 0 ? [`${number(held).padStart(7)}  of them held for a person`] : []),
  ]
}

/** So many limits are shown, the slowest first. */
const LIMITS_SHOWN = 10

function costs({ estimate: { calls, buckets, durationMs } }: PlanReport, width: number): string[] {
  if (calls === 0) return ['No calls: nothing is written before somebody decides.']
  const time = durationMs === 0 ? 'no limit delays them' : `at least ${duration(durationMs)} under the limits`
  const rows = buckets
    .slice(0, LIMITS_SHOWN)
    .map((each) => [
      each.bucket,
      each.of,
      number(each.calls),
      `${number(each.limit.requests)} in ${duration(each.limit.perSeconds * 1000)}`,
      each.durationMs === 0 ? 'no wait' : duration(each.durationMs),
    ])
  const more = buckets.length > LIMITS_SHOWN ? [`… and ${counted(buckets.length - LIMITS_SHOWN, 'limit')} more`] : []
  const head = ['LIMIT', 'OF', 'CALLS', 'ALLOWED', 'TAKES']
  return [`${counted(calls, 'call')}, ${time}:`, table(head, rows, { width, elastic: 1, right: [2, 3, 4] }), ...more]
}
