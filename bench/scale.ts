/** Memory after a hundred thousand links, and time and memory for each item as their number grows. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { homeFor, startEngine, untilInStep, type Home } from './engine.ts'
import { figure, median, round, type Figure, type Run, type Scenario } from './figure.ts'
import { byBareLoop, syncOnce, untilWritten, type Synced } from './initial-sync.ts'
import type { Layout } from './lay.ts'

const BINARY = fileURLToPath(new URL('../bin/lockstep.mjs', import.meta.url))
const PATIENCE_MS = 3_600_000

function layoutOf(items: number): Layout {
  return { spaces: 1, threads: items / 10, perThread: 10, born: 'chat', latencyMs: 0 }
}

/** A first sync, then everything read anew; what the process holds after that. */
function byEngine(layout: Layout): Promise<Synced> {
  return syncOnce(layout, async (systems) => {
    const home = homeFor(systems)
    try {
      const engine = await startEngine(home)
      try {
        const links = layout.threads * (layout.perThread + 1)
        await untilWritten(systems, layout.threads * layout.perThread, PATIENCE_MS)
        await untilInStep(home, links, PATIENCE_MS)
        const calls = await systems.calls()
        await fullSync(home)
        await untilInStep(home, links, PATIENCE_MS)
        return { memory: engine.memory(), storeMegabytes: home.storeMegabytes(), calls }
      } finally {
        await engine.stop()
      }
    } finally {
      home.leave()
    }
  })
}

async function fullSync({ config }: Home): Promise<void> {
  const child = spawn(process.execPath, [BINARY, 'sync', '--full', '--yes', '-c', config], { stdio: 'ignore' })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new Error(`lockstep sync --full ended with ${String(code)}`)
}

interface Pair {
  readonly engine: Synced
  readonly bare: Synced
}

async function measure({ pairs, quick, say }: Run): Promise<Figure[]> {
  const [few, many] = quick ? [500, 5000] : [1000, 100_000]
  const runs: { few: Pair; many: Pair }[] = []
  const pairOf = async (items: number): Promise<Pair> => {
    const engine = await byEngine(layoutOf(items))
    // It works page by page: a loop that held everything first would make the engine look small.
    const bare = await byBareLoop(layoutOf(items), ['--stream'])
    say(
      `  ${items}: ${perItem(engine, items)} ms an item, ${Math.round(engine.memory.now)} MB; ` +
        `bare ${perItem(bare, items)} ms, ${Math.round(bare.memory.now)} MB; store ${round(engine.storeMegabytes)} MB`,
    )
    return { engine, bare }
  }
  for (let pair = 0; pair < pairs; pair += 1) runs.push({ few: await pairOf(few), many: await pairOf(many) })
  const mid = (pick: (run: (typeof runs)[number]) => number): number => median(runs.map(pick))
  const above = ({ engine, bare }: Pair): number => engine.memory.now - bare.memory.now
  const slower = ({ engine, bare }: Pair): number => engine.writingMs / bare.writingMs
  const store = (size: 'few' | 'many', items: number): number => mid((run) => run[size].engine.storeMegabytes) / items
  return [
    figure({
      name: `memory above the bare loop's process, after ${many} items and a full sync`,
      value: mid(({ many }) => above(many)),
      unit: 'MB',
      atMost: 60,
      detail: `${Math.round(mid(({ many }) => many.engine.memory.now))} MB against ${Math.round(mid(({ many }) => many.bare.memory.now))} MB; at the most ${Math.round(mid(({ many }) => many.engine.memory.peak))} MB`,
    }),
    figure({
      name: `time for an item, ${many} items against ${few}`,
      value: mid(({ many: { engine } }) => engine.writingMs / many),
      unit: 'ms',
      ratio: mid((run) => slower(run.many) / slower(run.few)),
      atMost: 1.2,
      detail: 'each against the bare loop over as many, since the emulated systems slow down as well',
    }),
    figure({
      name: `memory for an item, ${many} items against ${few}`,
      value: (mid(({ many }) => many.engine.memory.now) * 1024) / many,
      unit: 'KB',
      ratio: mid(({ many: large, few: small }) => large.engine.memory.now / many / (small.engine.memory.now / few)),
      atMost: 1.2,
      detail: `${Math.round(mid(({ few }) => few.engine.memory.now))} MB with ${few} items, ${Math.round(mid(({ many }) => many.engine.memory.now))} MB with ${many}`,
    }),
    figure({
      name: `store file for an item, ${many} items against ${few}`,
      value: store('many', many) * 1024,
      unit: 'KB',
      ratio: store('many', many) / store('few', few),
      atMost: 1.2,
      detail: 'observations of both sides, links, journal',
    }),
  ]
}

function perItem({ writingMs }: Synced, items: number): number {
  return round(writingMs / items, 3)
}

export const scale: Scenario = {
  name: 'scale',
  about: 'memory after 100,000 items, and whether time and memory grow with their number alone',
  measure,
}
