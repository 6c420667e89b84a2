/** `lockstep explain` */
import { z } from 'zod'
import { templateOf, type Config } from '../config/index.ts'
import type { JournalEntry, Observation } from '../core/state.ts'
import type { Explanation } from '../store/verbs/report.ts'
import { EXIT, UserError } from '../words/errors.ts'
import type { Shell } from './shell.ts'
import { plain } from '../words/text.ts'
import { actionDone, conflictState, placeOf, withSidesNamed } from '../words/events.ts'
import { ago, bytes, duration, moment } from '../words/numbers.ts'

/** As connectors tell them: people know files by name. */
const File = z.object({ ref: z.string(), name: z.string(), size: z.number().optional() })
const Files = z.union([z.array(File).min(1), File.transform((file) => [file])])

export async function explain(shell: Shell, { ref }: { ref: string }): Promise<number> {
  const config = shell.config()
  const found = await shell.operate(config, false, (operations) => operations.explain({ ref }))
  if (found.items.length === 0 && found.links.length === 0 && found.journal.length === 0) throw unknown(ref)
  const addresses = found.items.map((item) => addressOf(config, item))
  shell.out.result({ ...found, addresses }, () => explainText(config, found, shell.clock.now()))
  return EXIT.inStep
}

function unknown(ref: string): UserError {
  return new UserError({
    code: 'unknown-item',
    message: `Nothing is known about an item with the ref "${ref}".`,
    remedy: 'Give its ref as the system has it; if it is new, run "lockstep sync" first.',
    exit: EXIT.failed,
  })
}

function addressOf(config: Config, { connection, kind, scope, ref }: Observation): string | null {
  const setup = config.connections.find((each) => each.id === connection)
  return setup?.connector.link?.(setup.config, kind, { scope, ref }) ?? null
}

export function explainText(config: Config, found: Explanation, now: number): string {
  const { items, links, journal, held, conflicts, divergences, waiting } = found
  return [
    ...items.flatMap((item) => itemLines(config, item, now)),
    ...section(
      'Linked',
      links.map(({ flow, pair, refs, state, about }) =>
        about === null
          ? `${flow} ${pair}: ${refs.a} ↔ ${refs.b} (${state})`
          : `${flow} ${pair}: ${refs.a}${refs.b} tells a difference of ${about} (${state})`,
      ),
    ),
    ...section(
      'Waits',
      waiting.map((why) => plain(why, 200)),
    ),
    ...section(
      'Held',
      held.map((each) => `${each.id} ${each.action}: ${each.reason}: ${plain(each.detail, 200)} (${each.decision})`),
    ),
    ...section(
      'Conflicts',
      conflicts.map(
        (each) =>
          `${each.id} ${each.lens}: ${conflictState(config, each)}: ${plain(withSidesNamed(each.why, config, each.flow, each.pair), 200)}`,
      ),
    ),
    ...section(
      'Stays different',
      divergences.map(
        ({ flow, pair, lens, side, why }) =>
          `${lens} in ${placeOf(config, flow, pair, side).connection}: ${plain(why, 200)}`,
      ),
    ),
    ...section(
      'History',
      journal.map((entry) => `${journalLine(config, entry)}${accountIn(entry)}`),
    ),
  ].join('\n')
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)]
}

function itemLines(config: Config, item: Observation, now: number): string[] {
  const { connection, kind, ref, state, acceptedAt, author, createdAt } = item
  const by = author === null ? '' : `, by ${plain(author.name ?? author.ref)}`
  const made = createdAt === null ? '' : `, made ${moment(Date.parse(createdAt))}`
  const address = addressOf(config, item)
  return [
    `${kind} ${ref} of ${connection}: ${item.unread ? 'to be read again' : state}${by}${made}`,
    ...(address === null ? [] : [`  ${address}`]),
    `  as it is known since ${ago(acceptedAt, now)}:`,
    ...Object.entries(item.values).map(([field, value]) => `    ${field}: ${plain(valueText(value), 68)}`),
  ]
}

export function valueText(value: unknown): string {
  if (typeof value === 'string') return value
  const files = Files.safeParse(value)
  if (!files.success) return JSON.stringify(value)
  return files.data.map(({ name, size }) => (size === undefined ? name : `${name} (${bytes(size)})`)).join(', ')
}

/** Of accounts the flow alone tells which. */
function accountIn({ flow }: JournalEntry): string {
  return templateOf(flow) === null ? '' : ` · ${flow}`
}

function journalLine(config: Config, entry: JournalEntry): string {
  const { at, flow, pair, action, side, refs, why, waitedMs } = entry
  const place = placeOf(config, flow, pair, side)
  const what =
    action === 'link'
      ? 'linked as the same'
      : `${actionDone(action)} the ${place.kind} ${refs[side] ?? ''} in ${place.connection}`
  const waited = waitedMs === null ? '' : ` (${duration(waitedMs)} after it was seen)`
  return `${moment(at)}  ${what}${waited}${why === '' ? '' : `: ${plain(withSidesNamed(why, config, flow, pair), 100)}`}`
}
