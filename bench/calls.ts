/** How many calls a change costs, and how many a poll that finds nothing. */
import { setTimeout as pause } from 'node:timers/promises'
import { homeFor, startEngine, untilInStep, type Home } from './engine.ts'
import { figure, round, type Figure, type Run, type Scenario } from './figure.ts'
import type { Layout } from './lay.ts'
import type { Calls } from './protocol.ts'
import { startSystems, type Systems } from './systems-process.ts'

const PATIENCE_MS = 120_000
const POLLS = 10
/** What comes late, such as a second read of the same item. */
const AFTER_MS = 4000

async function inStep<T>(
  layout: Layout,
  work: (systems: Systems, home: Home, hooks: string) => Promise<T>,
): Promise<T> {
  const systems = await startSystems(layout)
  const home = homeFor(systems, '1s')
  try {
    const engine = await startEngine(home)
    try {
      await untilInStep(home, layout.threads * (layout.perThread + 1), PATIENCE_MS)
      return await work(systems, home, `${engine.webhooks}/webhooks/forum`)
    } finally {
      await engine.stop()
    }
  } finally {
    home.leave()
    await systems.stop()
  }
}

/** Reads of one item in the system that is written to: a guard before the write, or a look at what it did. */
const SINGLE = {
  forum: /^GET \/(posts|t)\/….json$/,
  chat: /^GET \/v…\/…\/…$/,
} as const
const OTHER = { chat: 'forum', forum: 'chat' } as const

function singleReads({ made }: Calls, system: 'chat' | 'forum'): number {
  return Object.entries(made).reduce((sum, [what, count]) => sum + (SINGLE[system].test(what) ? count : 0), 0)
}

async function perChange({ quick }: Run): Promise<Figure[]> {
  const count = quick ? 5 : 20
  const figures: Figure[] = []
  for (const from of ['chat', 'forum'] as const) {
    const layout: Layout = {
      spaces: 1,
      threads: 10,
      perThread: 6,
      born: from === 'chat' ? 'chat' : 'both',
      latencyMs: 0,
    }
    await inStep(layout, async (systems, _home, hooks) => {
      // Chat is polled for everything; the forum tells its edits and deletions by webhooks.
      if (from === 'forum') await systems.hook(hooks)
      for (const [deed, words] of [
        ['reply', 'a new message'],
        ['edit', 'an edit'],
        ['remove', 'a delete'],
      ] as const) {
        await systems.forget()
        await systems.work(from, deed, 0, count)
        await untilWrites(systems, count)
        await pause(AFTER_MS)
        const calls = await systems.calls()
        const reads = singleReads(calls, OTHER[from]) / count
        const name = `calls for ${words} from ${from === 'chat' ? 'Chat' : 'Discourse'}`
        const made = `${count} of them: ${calls.writes} writes, ${reads * count} reads of one item of the system written to`
        figures.push(
          figure({ name: `write ${name}`, value: calls.writes / count, unit: 'writes', atMost: 1, detail: made }),
          figure({ name: `guarding or confirming ${name}`, value: reads, unit: 'reads', atMost: 1, detail: made }),
        )
      }
    })
  }
  return figures
}

async function untilWrites(systems: Systems, writes: number): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  while ((await systems.calls()).writes < writes) {
    if (performance.now() > until) throw new Error('a change did not arrive')
    await pause(100)
  }
}

async function emptyPoll({ say }: Run): Promise<Figure[]> {
  const perPoll: { spaces: number; calls: ReadonlyMap<string, number> }[] = []
  for (const spaces of [1, 40]) {
    const layout: Layout = { spaces, threads: spaces, perThread: 2, born: 'both', latencyMs: 0 }
    perPoll.push({ spaces, calls: await inStep(layout, (systems) => countPolls(systems)) })
  }
  const [few, many] = perPoll
  if (few === undefined || many === undefined) return []
  for (const { spaces, calls } of perPoll)
    say(`  ${spaces} spaces: ${[...calls].map(([what, count]) => `${what} × ${round(count)}`).join(', ')}`)
  const grown = [...many.calls.values()].reduce((sum, each) => sum + each, 0)
  const before = [...few.calls.values()].reduce((sum, each) => sum + each, 0)
  const most = (feed: RegExp): number =>
    [...many.calls].reduce((sum, [what, count]) => sum + (feed.test(what) ? count : 0), 0)
  const feeds = [
    ['messages of Chat', /\/v…\//],
    ['posts and topics of Discourse', /posts|latest/],
    ['categories of Discourse', /categories/],
  ] as const
  return [
    ...feeds.map(([name, pattern]) =>
      figure({
        name: `empty poll of ${name}`,
        value: most(pattern),
        unit: 'calls',
        atMost: 1,
        detail: `mean of ${POLLS} polls with 40 spaces: ${[...many.calls.keys()].filter((what) => pattern.test(what)).join(', ')}`,
      }),
    ),
    figure({
      name: 'calls of an empty poll, 40 spaces against 1',
      value: grown,
      unit: 'calls',
      ratio: grown / before,
      atMost: 1,
      detail: `${round(before)} calls with 1 space`,
    }),
  ]
}

async function countPolls(systems: Systems): Promise<ReadonlyMap<string, number>> {
  await pause(AFTER_MS)
  const polls = (calls: Calls): number => calls.made['GET /v…/spaces'] ?? 0
  await systems.forget()
  for (;;) {
    await pause(50)
    const calls = await systems.calls()
    // Counted over whole polls: a turn later, all feeds of both systems have been asked equally often.
    if (polls(calls) < POLLS) continue
    await pause(500)
    const all = await systems.calls()
    return new Map(Object.entries(all.made).map(([what, count]) => [what, count / polls(all)]))
  }
}

export const calls: Scenario = {
  name: 'calls',
  about: 'calls for each change, and for a poll that finds nothing',
  measure: async (run) => [...(await perChange(run)), ...(await emptyPoll(run))],
}
