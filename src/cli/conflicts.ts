/** `lockstep conflicts` */
import type { Config } from '../config/index.ts'
import type { Side } from '../core/flow.ts'
import type { ConflictDetail } from '../core/state.ts'
import { EXIT, UserError } from '../words/errors.ts'
import { valueText } from './explain.ts'
import type { Shell } from './shell.ts'
import { plain } from '../words/text.ts'
import { table } from './table.ts'
import { ago, moment } from '../words/numbers.ts'
import { conflictState, placeOf, withSidesNamed } from '../words/events.ts'

export async function conflictsList(shell: Shell, { all }: { all: boolean }): Promise<number> {
  const config = shell.config()
  const found = await shell.operate(config, false, (operations) => operations.conflicts({ all }))
  shell.out.result(found, () => listText(config, found, shell))
  return found.some(isOpen) ? EXIT.held : EXIT.inStep
}

const ITEM_WIDTH = 16
const VALUE_WIDTH = 18
/** So much of what two texts begin with alike is shown. */
const LEAD = 4

/** Two texts as they begin shortly before they differ, so that a narrow column shows in what. */
function fromDifference(a: string, b: string): readonly [string, string] {
  let same = 0
  while (same < Math.min(a.length, b.length) && a[same] === b[same]) same += 1
  const word = a.lastIndexOf(' ', Math.max(0, same - LEAD)) + 1
  return same < VALUE_WIDTH - 1 || word === 0 ? [a, b] : [`…${a.slice(word)}`, `…${b.slice(word)}`]
}

function isOpen({ resolvedAt }: ConflictDetail): boolean {
  return resolvedAt === null
}

/** A difference that was accepted may be decided otherwise. */
function isToDecide(conflict: ConflictDetail): boolean {
  return isOpen(conflict) || conflict.winner === 'accept'
}

function listText(config: Config, found: readonly ConflictDetail[], { clock, out }: Shell): string {
  if (found.length === 0) return 'There are no conflicts.'
  const short = found.map((each) => {
    const [a, b] = fromDifference(plain(valueText(each.values.a), 400), plain(valueText(each.values.b), 400))
    const item = plain(each.refs?.a ?? '', ITEM_WIDTH)
    const since = ago(each.at, clock.now())
    return [
      String(each.id),
      conflictState(config, each),
      each.lens,
      item,
      plain(a, VALUE_WIDTH),
      plain(b, VALUE_WIDTH),
      since,
    ]
  })
  const head = ['ID', 'STATE', 'FIELD', 'ITEM', 'A', 'B', 'SINCE']
  const decide = found.some(isToDecide) ? '; decide: lockstep conflicts resolve <id> --with a|b|accept' : ''
  const choices = `Whole values: lockstep conflicts show <id>${decide}`
  return [table(head, short, { width: out.width, elastic: 3 }), '', choices].join('\n')
}

function connectionOf(config: Config, { flow, pair }: ConflictDetail, side: Side): string {
  return placeOf(config, flow, pair, side).connection
}

export async function conflictsShow(shell: Shell, { id }: { id: number }): Promise<number> {
  const config = shell.config()
  const all = await shell.operate(config, false, (operations) => operations.conflicts({ all: true }))
  const found = all.find((each) => each.id === id)
  if (found === undefined) throw unknownConflict(id)
  shell.out.result(found, () => showText(config, found))
  return isOpen(found) ? EXIT.held : EXIT.inStep
}

function showText(config: Config, found: ConflictDetail): string {
  const side = (name: Side): string => {
    const { kind, connection } = placeOf(config, found.flow, found.pair, name)
    return `${name}  ${kind} ${found.refs?.[name] ?? ''} of ${connection}:\n${block(valueText(found.values[name]))}`
  }
  return [
    `${found.flow} ${found.pair}, ${found.lens}: ${conflictState(config, found)}, ${timeOf(found)}`,
    plain(withSidesNamed(found.why, config, found.flow, found.pair), 400),
    '',
    `before, on both sides:\n${block(valueText(found.base))}`,
    side('a'),
    side('b'),
    '',
    isToDecide(found)
      ? `Decide: lockstep conflicts resolve ${found.id} --with a|b|accept`
      : found.winner === null
        ? 'Nothing is to be decided: the values above are those that were contested.'
        : `Another value: ${AFTER}`,
  ].join('\n')
}

function timeOf({ at, resolvedAt, winner }: ConflictDetail): string {
  return resolvedAt !== null && winner === null ? `from ${moment(at)} to ${moment(resolvedAt)}` : `since ${moment(at)}`
}

/** How what was settled is changed. */
const AFTER =
  'write it on either side, or take back what settled it: "lockstep history" names the action, "lockstep undo" does it.'

function block(text: string): string {
  return text
    .split('\n')
    .map((line) => `    ${plain(line, 400)}`)
    .join('\n')
}

export async function conflictsResolve(shell: Shell, { id, choice }: { id: number; choice: string }): Promise<number> {
  const config = shell.config()
  const { found, winner, running } = await shell.operate(config, false, async (operations) => {
    const known = (await operations.conflicts({ all: true })).find((each) => each.id === id)
    if (known === undefined) throw unknownConflict(id)
    if (!isToDecide(known)) throw notToDecide(config, known)
    const winner = winnerOf(config, known, choice)
    const found = await operations.resolve({ id, winner })
    return { found, winner, running: (await operations.status()).running }
  })
  if (found === null) throw unknownConflict(id)
  shell.out.result({ id, winner, conflict: found }, () => {
    const said = winner === 'accept' ? 'the two stay different' : `${connectionOf(config, found, winner)} stands`
    return `Conflict ${id}: ${said}.${running ? '' : '\n  → "lockstep sync" carries it out'}`
  })
  return EXIT.inStep
}

function winnerOf(config: Config, conflict: ConflictDetail, choice: string): Side | 'accept' {
  if (choice === 'a' || choice === 'b' || choice === 'accept') return choice
  for (const side of ['a', 'b'] as const) if (connectionOf(config, conflict, side) === choice) return side
  throw new UserError({
    code: 'unknown-choice',
    message: `"${choice}" is no choice for this conflict.`,
    remedy: `Write --with a (${connectionOf(config, conflict, 'a')}), b (${connectionOf(config, conflict, 'b')}) or accept.`,
    exit: EXIT.configuration,
  })
}

function unknownConflict(id: number): UserError {
  return new UserError({
    code: 'unknown-conflict',
    message: `There is no conflict ${id}.`,
    remedy: '"lockstep conflicts list --all" lists them, with their ids.',
    exit: EXIT.failed,
  })
}

function notToDecide(config: Config, known: ConflictDetail): UserError {
  const { id, why, flow, pair, winner } = known
  const ended = winner === null
  return new UserError({
    code: ended ? 'conflict-over' : 'conflict-settled',
    message: ended
      ? `Conflict ${id} is over: ${plain(withSidesNamed(why, config, flow, pair), 200)}.`
      : `Conflict ${id} is settled: ${conflictState(config, known)}.`,
    remedy: ended
      ? '"lockstep conflicts" lists what is to be decided.'
      : `${AFTER[0]?.toUpperCase() ?? ''}${AFTER.slice(1)}`,
    exit: EXIT.failed,
  })
}
