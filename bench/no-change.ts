/** What it costs the process itself that nothing has changed: five thousand linked items, read anew and planned anew. */
import { z } from 'zod'
import { startChild } from './child.ts'
import { homeFor, startEngine, untilInStep } from './engine.ts'
import { figure, median, round, type Figure, type Run, type Scenario } from './figure.ts'
import type { Layout } from './lay.ts'
import { startSystems } from './systems-process.ts'

const PATIENCE_MS = 300_000
const took = z.object({ ms: z.number(), cpuMs: z.number() })
/** As many as there are linked messages, threads and spaces. */
const LINKED = { whole: 5000, quick: 500 } as const

async function measure({ pairs, quick, say }: Run): Promise<Figure[]> {
  const linked = quick ? LINKED.quick : LINKED.whole
  const threads = Math.round(linked / 11)
  const layout: Layout = { spaces: 1, threads, perThread: 10, born: 'both', latencyMs: 0 }
  const systems = await startSystems(layout)
  const home = homeFor(systems)
  try {
    const engine = await startEngine(home)
    const { links } = await untilInStep(home, threads * 11, PATIENCE_MS).finally(() => engine.stop())
    const child = startChild('pass.ts', [home.config, String(pairs)])
    const { read, planned } = await child.hear(z.object({ read: z.array(took), planned: z.array(took) }))
    await child.end()
    const inMs = (turns: readonly z.infer<typeof took>[]): string =>
      turns.map(({ ms, cpuMs }) => `${round(ms)} (${round(cpuMs)} of processor time)`).join(', ')
    say(`  read: ${inMs(read)} ms; planned: ${inMs(planned)} ms`)
    const detail = (turns: readonly z.infer<typeof took>[]): string =>
      `${links} links, both sides; the median of ${pairs} turns; ${round(median(turns.map(({ cpuMs }) => cpuMs)))} ms of processor time in all threads`
    return [
      figure({
        name: `no-change pass over ${linked} linked items: what was read is accepted`,
        value: median(read.map(({ ms }) => ms)),
        unit: 'ms',
        below: 80,
        detail: `${detail(read)}; the pages were fetched before`,
      }),
      figure({
        name: `no-change pass over ${linked} linked items: all of them are planned anew`,
        value: median(planned.map(({ ms }) => ms)),
        unit: 'ms',
        below: 80,
        detail: `${detail(planned)}; which an audit never asks for where nothing changed`,
      }),
    ]
  } finally {
    home.leave()
    await systems.stop()
  }
}

export const noChange: Scenario = {
  name: 'no-change',
  about: 'a pass in which nothing has changed, in the process itself',
  measure,
}
