/** Webhooks: how fast they are taken, how fast they are done, and how long one takes through the engine. */
import { z } from 'zod'
import { startChild, type Child } from './child.ts'
import { homeFor, startEngine, stateOf, untilInStep, type Engine, type Home } from './engine.ts'
import { figure, median, quantile, round, type Figure, type Run, type Scenario } from './figure.ts'
import type { Layout } from './lay.ts'
import type { Posts } from './protocol.ts'
import { startSystems, type Systems } from './systems-process.ts'

const CONNECTIONS = 64
const PATIENCE_MS = 300_000

const loaded = z.object({ ms: z.number(), beganAt: z.number(), refused: z.int() })
type Loaded = z.infer<typeof loaded>

function layoutOf(threads: number): Layout {
  return { spaces: 20, threads, perThread: 10, born: 'both', latencyMs: 0 }
}

interface World {
  readonly systems: Systems
  readonly home: Home
  readonly engine: Engine
  readonly posts: Posts
}

/** Two systems that are in step already, and an engine that knows it. */
async function inStep<T>(layout: Layout, poll: string, work: (world: World) => Promise<T>): Promise<T> {
  const systems = await startSystems(layout)
  const home = homeFor(systems, poll)
  try {
    const engine = await startEngine(home)
    try {
      await untilInStep(home, layout.threads * (layout.perThread + 1), PATIENCE_MS)
      return await work({ systems, home, engine, posts: await systems.posts() })
    } finally {
      await engine.stop()
    }
  } finally {
    home.leave()
    await systems.stop()
  }
}

async function load(child: Child, url: string, posts: Posts, count: number): Promise<Loaded> {
  child.say({ url, count, connections: CONNECTIONS, posts: posts.map(({ ref, category }) => ({ ref, category })) })
  const found = await child.hear(loaded)
  if (found.refused > 0) throw new Error(`${found.refused} webhooks were refused`)
  return found
}

async function withLoad<T>(work: (generator: Child) => Promise<T>): Promise<T> {
  const generator = startChild('load.ts')
  try {
    await generator.hear(z.object({ ready: z.literal(true) }))
    return await work(generator)
  } finally {
    await generator.end()
  }
}

async function withBare<T>(args: readonly string[], work: (url: string) => Promise<T>): Promise<T> {
  const bare = startChild('bare-hook.ts', args)
  try {
    return await work((await bare.hear(z.object({ url: z.string() }))).url)
  } finally {
    await bare.end()
  }
}

async function untilDrained(home: Home): Promise<void> {
  const until = performance.now() + PATIENCE_MS
  while (!(await stateOf(home)).quiet) if (performance.now() > until) throw new Error('the inbox was not worked off')
}

/** Both systems are far away, so that what is left of the machine is not theirs: the emulators would share it. */
const FAR: Layout = { spaces: 4, threads: 20, perThread: 10, born: 'both', latencyMs: 500 }

async function acceptance({ pairs, quick, say }: Run): Promise<Figure> {
  const count = quick ? 4000 : 20_000
  return inStep(FAR, '60s', ({ home, engine, posts }) =>
    withLoad((generator) =>
      withBare([], async (bare) => {
        const hooks = `${engine.webhooks}/webhooks/forum`
        const ratios: number[] = []
        const rates: number[] = []
        for (let pair = -1; pair < pairs; pair += 1) {
          const engineMs = (await load(generator, hooks, posts, count)).ms
          await untilDrained(home)
          const bareMs = (await load(generator, bare, posts, count)).ms
          if (pair < 0) continue
          rates.push((count * 1000) / engineMs)
          ratios.push(bareMs / engineMs)
          say(
            `  pair ${pair + 1}: ${rateOf(count, engineMs)}, bare ${rateOf(count, bareMs)}, ratio ${round(bareMs / engineMs)}`,
          )
        }
        return figure({
          name: `durable webhook acceptance at ${CONNECTIONS} connections`,
          value: median(rates),
          unit: 'per second',
          ratio: median(ratios),
          atLeast: 0.6,
          detail: `${count} webhooks about ${posts.length} posts, against node:http with an HMAC; the engine looks at each post meanwhile, in systems that answer after ${FAR.latencyMs} ms`,
        })
      }),
    ),
  )
}

function rateOf(count: number, ms: number): string {
  return `${Math.round((count * 1000) / ms)} a second`
}

interface Done {
  readonly ms: number
  readonly calls: string
}

/** Everything is edited first; from the first webhook to the last write in Chat. */
async function edited(systems: Systems, posts: Posts, url: string): Promise<Done> {
  const refs = new Set(await systems.work('forum', 'edit', 0, posts.length))
  const told = posts.filter(({ ref }) => refs.has(ref))
  await systems.forget()
  const { beganAt } = await withLoad((generator) => load(generator, url, told, told.length))
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const { writes, reads, lastWriteAt } = await systems.calls()
    if (writes >= told.length) return { ms: lastWriteAt - beganAt, calls: `${writes} writes, ${reads} reads` }
    if (performance.now() > until) throw new Error(`${writes} of ${told.length} webhooks were done`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function done({ pairs, quick, say }: Run): Promise<Figure> {
  const layout = layoutOf(quick ? 40 : 200)
  const ratios: number[] = []
  const rates: number[] = []
  let calls = ''
  for (let pair = 0; pair < pairs; pair += 1) {
    const engine = (): Promise<Done> =>
      inStep(layout, '60s', (world) => edited(world.systems, world.posts, `${world.engine.webhooks}/webhooks/forum`))
    const first = pair % 2 === 0 ? await engine() : null
    const bare = await bareDone(layout)
    const own = first ?? (await engine())
    const count = layout.threads * (layout.perThread - 1)
    rates.push((count * 1000) / own.ms)
    ratios.push(bare.ms / own.ms)
    calls = `${own.calls} (bare: ${bare.calls})`
    say(
      `  pair ${pair + 1}: ${rateOf(count, own.ms)}, bare ${rateOf(count, bare.ms)}, ratio ${round(bare.ms / own.ms)}`,
    )
  }
  return figure({
    name: 'webhook → planned and done',
    value: median(rates),
    unit: 'per second',
    ratio: median(ratios),
    atLeast: 0.5,
    detail: `edits of ${layout.threads * (layout.perThread - 1)} posts, against node:http with an HMAC that makes the calls itself; ${calls}`,
  })
}

async function bareDone(layout: Layout): Promise<Done> {
  const systems = await startSystems(layout)
  try {
    const posts = await systems.posts()
    const copies = JSON.stringify(Object.fromEntries(posts.map(({ ref, copy }) => [ref, copy])))
    const { chat, forum } = systems.ready
    return await withBare(['--work', '--chat', chat, '--forum', forum, '--copies', copies], (url) =>
      edited(systems, posts, url),
    )
  } finally {
    await systems.stop()
  }
}

async function latency({ quick, say }: Run): Promise<Figure[]> {
  const count = quick ? 60 : 400
  return inStep(layoutOf(100), '60s', async ({ systems, engine }) => {
    await systems.hook(`${engine.webhooks}/webhooks/forum`)
    const figures: Figure[] = []
    for (const [deed, words] of [
      ['edit', 'an edit'],
      ['reply', 'a new post'],
    ] as const) {
      // The first ones find cold code.
      await systems.latency(deed, 20)
      const ms = await systems.latency(deed, count)
      const [p50, p99] = [quantile(ms, 0.5), quantile(ms, 0.99)]
      say(`  ${words}: p50 ${round(p50)} ms, p99 ${round(p99)} ms`)
      const detail = `${count} one after the other, without the time in the two systems' own code`
      const name = `engine-added latency, webhook → remote write, ${words}`
      figures.push(
        figure({ name: `${name}, p50`, value: p50, unit: 'ms', below: 5, detail }),
        figure({ name: `${name}, p99`, value: p99, unit: 'ms', below: 50, detail }),
      )
    }
    return figures
  })
}

export const hooks: Scenario = {
  name: 'webhooks',
  about: 'taken durably, and planned and done, against bare servers',
  measure: async (run) => [await acceptance(run), await done(run)],
}

export const added: Scenario = {
  name: 'latency',
  about: 'what the engine adds between a webhook and the write that it calls for',
  measure: latency,
}
