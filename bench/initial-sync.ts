/** A first sync from Chat into an empty forum, against the bare loop that makes the same calls. */
import { z } from 'zod'
import { startChild } from './child.ts'
import { homeFor, memoryOf, startEngine, untilInStep, type Memory } from './engine.ts'
import { figure, median, round, type Figure, type Run, type Scenario } from './figure.ts'
import type { Layout } from './lay.ts'
import type { Calls } from './protocol.ts'
import { startSystems, type Systems } from './systems-process.ts'

const PATIENCE_MS = 1_200_000

export interface Synced {
  /** From the first call to the last write. */
  readonly ms: number
  /** From the first write to the last. */
  readonly writingMs: number
  readonly calls: Calls
  readonly memory: Memory
  readonly storeMegabytes: number
}

/** `who`: what works on the systems; its own `calls` stand where it goes on after the writes. */
export async function syncOnce(
  layout: Layout,
  who: (systems: Systems) => Promise<Omit<Synced, keyof Timed> & { readonly calls?: Calls }>,
): Promise<Synced> {
  const systems = await startSystems(layout)
  try {
    const found = await who(systems)
    return { ...found, ...timed(found.calls ?? (await systems.calls())) }
  } finally {
    await systems.stop()
  }
}

type Timed = Pick<Synced, 'ms' | 'writingMs' | 'calls'>

function timed(calls: Calls): Timed {
  return { calls, ms: calls.lastWriteAt - calls.firstAt, writingMs: calls.lastWriteAt - calls.firstWriteAt }
}

export function byEngine(layout: Layout): Promise<Synced> {
  return syncOnce(layout, async (systems) => {
    const home = homeFor(systems)
    try {
      const engine = await startEngine(home)
      try {
        await untilWritten(systems, layout.threads * layout.perThread, PATIENCE_MS)
        await untilInStep(home, layout.threads * (layout.perThread + 1), PATIENCE_MS)
        return { memory: engine.memory(), storeMegabytes: home.storeMegabytes() }
      } finally {
        await engine.stop()
      }
    } finally {
      home.leave()
    }
  })
}

/** Asks the systems, not the engine: a status would be work for it. */
export async function untilWritten(systems: Systems, writes: number, patienceMs: number): Promise<void> {
  const until = performance.now() + patienceMs
  while ((await systems.calls()).writes < writes) {
    if (performance.now() > until) throw new Error('the first sync did not end')
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

export function byBareLoop(layout: Layout, more: readonly string[] = []): Promise<Synced> {
  return syncOnce(layout, async ({ ready }) => {
    const addresses = ['--chat', ready.chat, '--forum', ready.forum, '--scopes', JSON.stringify(ready.scopes)]
    const child = startChild('bare-sync.ts', [...addresses, ...more])
    await child.hear(z.object({ done: z.literal(true) }))
    const memory = memoryOf(child.pid)
    await child.end()
    return { memory, storeMegabytes: 0 }
  })
}

const AIMS = { 20: 0.95, 0: 0.6 } as const

async function measureAt(latencyMs: 0 | 20, { pairs, quick, say }: Run): Promise<Figure> {
  const threads = quick ? 200 : 1000
  const layout: Layout = { spaces: 1, threads, perThread: 10, born: 'chat', latencyMs }
  const ratios: number[] = []
  const took: number[] = []
  let calls = ''
  for (let pair = 0; pair < pairs; pair += 1) {
    // Each goes first as often as the other.
    const first = pair % 2 === 0 ? await byEngine(layout) : null
    const bare = await byBareLoop(layout)
    const engine = first ?? (await byEngine(layout))
    took.push(engine.ms)
    ratios.push(bare.ms / engine.ms)
    calls = `${engine.calls.writes} writes and ${engine.calls.reads} reads (bare: ${bare.calls.writes} and ${bare.calls.reads})`
    const writing = `writing ${round(engine.writingMs / 1000)} s, bare ${round(bare.writingMs / 1000)} s`
    const whole = `${round(engine.ms / 1000)} s, bare ${round(bare.ms / 1000)} s, ratio ${round(bare.ms / engine.ms)}`
    say(`  pair ${pair + 1}: ${whole}; ${writing}`)
  }
  return figure({
    name: `initial sync of ${threads * 10} messages in ${threads} threads, ${latencyMs} ms latency`,
    value: median(took) / 1000,
    unit: 's',
    ratio: median(ratios),
    atLeast: AIMS[latencyMs],
    detail: `against the bare loop; ${calls}`,
  })
}

export const initialSync: Scenario = {
  name: 'initial-sync',
  about: 'a first sync against a bare loop with the same calls',
  measure: async (run) => [await measureAt(20, run), await measureAt(0, run)],
}
