/** The end of a bounded run: what Lockstep itself says is different, the judge's verdict, and the summary. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { ENGINE } from './cast.ts'
import type { Configuration } from './configuration.ts'
import { verdict, type CaseQuestion, type Problem, type Verdict } from './judge/case.ts'
import { KEYS, type Ready } from './protocol.ts'
import type { Screen } from './screen.ts'
import { jsonIn, lockstep } from './service.ts'

const placed = z.object({ pair: z.string(), side: z.enum(['a', 'b']), ref: z.string() })
const conflicted = z.object({ pair: z.string(), refs: z.object({ a: z.string(), b: z.string() }).nullable() })

type Excuse = CaseQuestion['excused'][number]

const KINDS: Readonly<Record<string, { readonly a: Excuse['kind']; readonly b: Excuse['kind'] }>> = {
  'thread-topic': { a: 'thread', b: 'topic' },
  'message-post': { a: 'message', b: 'post' },
}

/** Everything that Lockstep says is not the same on both sides. */
export async function excuses(configuration: Configuration): Promise<Excuse[]> {
  const list = async <T>(shape: z.ZodType<T>, ...command: readonly string[]): Promise<T[]> => {
    const { out, err } = await lockstep(configuration, ...command, '--json')
    const found = z.array(shape).safeParse(jsonIn(out))
    if (!found.success) throw new Error(`lockstep ${command.join(' ')} said: ${out}${err}`)
    return found.data
  }
  const held = await list(placed, 'held')
  const differing = await list(placed, 'divergences')
  const conflicts = await list(conflicted, 'conflicts')
  return [
    ...[...held, ...differing].flatMap(({ pair, side, ref }) => excuse(pair, side, ref)),
    ...conflicts.flatMap(({ pair, refs }) =>
      refs === null ? [] : [...excuse(pair, 'a', refs.a), ...excuse(pair, 'b', refs.b)],
    ),
  ]
}

function excuse(pair: string, side: 'a' | 'b', ref: string): Excuse[] {
  const kind = KINDS[pair]?.[side]
  return kind === undefined ? [] : [{ kind, ref }]
}

export async function judge({ chat, forum }: Ready, excused: readonly Excuse[]): Promise<Verdict> {
  const question: CaseQuestion = {
    chat: {
      url: chat,
      clientId: KEYS.judgeClientId,
      clientSecret: KEYS.judgeClientSecret,
      refreshToken: KEYS.judgeRefreshToken,
      engine: `users/${ENGINE.chat}`,
    },
    forum: { url: forum, apiKey: KEYS.judgeApiKey, apiUsername: 'admin', engine: ENGINE.forum },
    excused: [...excused],
    emptied: ['(deleted)', '*(message deleted in the other system)*'],
  }
  const script = fileURLToPath(new URL('./judge.ts', import.meta.url))
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(question))
  const [answer] = await Promise.all([text(child.stdout), once(child, 'close')])
  return verdict.parse(jsonIn(answer))
}

export interface Summary {
  readonly ok: boolean
  readonly items: number
  readonly duplicates: number
  readonly echoes: number
  readonly lost: number
  readonly stale: number
  readonly misplaced: number
  readonly disordered: number
  /** Differences that Lockstep lists, because one of the systems cannot say them. */
  readonly declared: number
  readonly conflicts: number
  readonly actions: number
  readonly changes: number
  readonly calls: number
  readonly callsPerChange: number
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null }
  readonly seconds: number
}

const PROBLEMS = ['lost', 'duplicates', 'echoes', 'stale', 'misplaced', 'disordered'] as const

export function showSummary(screen: Screen, summary: Summary, found: Verdict): void {
  const { p50, p99 } = summary.latencyMs
  const rows: readonly (readonly [string, string | number])[] = [
    ['texts of people, on both sides exactly once', summary.items],
    ['lost: on one side only', summary.lost],
    ['duplicates', summary.duplicates],
    ['echoes: copies of copies', summary.echoes],
    ['edits or deletions that did not arrive', summary.stale],
    ['in a wrong thread, or in a wrong order', summary.misplaced + summary.disordered],
    ['differences that one system cannot say, listed', summary.declared],
    ['conflicts, both values kept', summary.conflicts],
    ['what people did / changes that had to travel', `${summary.actions} / ${summary.changes}`],
    ['writing calls / calls per change', `${summary.calls} / ${summary.callsPerChange}`],
    ['from seen to sent, in ms: median / 99 %', `${p50 ?? '–'} / ${p99 ?? '–'}`],
    ['seconds', summary.seconds],
  ]
  screen.head('The verdict of a process that knows only the two APIs')
  for (const [name, value] of rows) screen.say(`  ${name.padEnd(50)} ${String(value).padStart(12)}`)
  for (const kind of PROBLEMS) for (const each of found[kind]) screen.trouble(problemText(kind, each))
  screen.say()
  screen.say(summary.ok ? '  The two systems agree.' : '  The two systems DO NOT agree.')
}

function problemText(kind: string, { system, place, ref, text, why }: Problem): string {
  return `  ${kind}: ${system} ${place}, ${ref}: ${JSON.stringify(text)} (${why})`
}
