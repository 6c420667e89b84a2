/** The options with which a person narrows down what is told. */
import type { Command } from 'commander'
import type { Question } from '../service/operations.ts'
import { EXIT, UserError } from '../words/errors.ts'
import { instantOf } from '../words/numbers.ts'

const LIMIT = 50

/** Which flows are meant. */
export const ONE = 'one flow, or a template with all its accounts; all where absent'

export function withQuestion(command: Command): Command {
  return command
    .argument('[flow]', ONE)
    .option('--kind <kind>', 'a kind of either system ("post"), or a pair of kinds ("message-post")')
    .option('--person <name>', 'who wrote the item, by name, a word of it, or ref')
    .option('--since <when>', 'from then on: "90m", "2h", "3d" ago, or a date or time')
    .option('--until <when>', 'before then')
    .option('--limit <number>', `at most so many; ${LIMIT} unless told`)
}

export function questionOf(command: Command, now: number): Question {
  const { kind, person, since, until, limit } = command.opts<{
    kind?: string
    person?: string
    since?: string
    until?: string
    limit?: string
  }>()
  return {
    flow: command.args[0] ?? null,
    kind: kind ?? null,
    person: person ?? null,
    since: since === undefined ? null : when('--since', since, now),
    until: until === undefined ? null : when('--until', until, now),
    limit: limit === undefined ? LIMIT : countOf(limit),
  }
}

/** Refuses what is no time. */
export function when(option: string, text: string, now: number): number {
  const at = instantOf(text, now)
  if (at !== null) return at
  throw new UserError({
    code: 'no-time',
    message: `${option} "${text}" is no time.`,
    remedy: 'Write how long ago ("30m", "2h", "3d"), a date ("2026-11-24") or a time ("2026-11-24T10:30").',
    exit: EXIT.configuration,
  })
}

function countOf(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text)
  throw new UserError({
    code: 'no-number',
    message: `--limit "${text}" is no number of entries.`,
    remedy: 'Write a number from 1 on.',
    exit: EXIT.configuration,
  })
}
