/** What it costs the process itself that nothing has changed: five thousand linked items, read anew and planned anew. */
import { z } from 'zod'
import { startChild } from './child.ts'
import { homeFor, startEngine, untilInStep } from './engine.ts'
import { figure, median, round, type Figure, type Run, type Scenario } from './figure.ts'
import type { Layout } from './lay.ts'
import { startSystems } from './systems-process.ts'

const PATIENCE_MS = 300_000
/** As many as there are linked messages, threads and spaces. */
const LINKED = 5000

async function measure({ pairs, say }: Run): Promise<Figure[]> {
  const threads = Math.round(LINKED / 11)
  const layout: Layout = { spaces: 1, threads, perThread: 10, born: 'both', latencyMs: 0 }
  const systems = await startSystems(layout)
  const home = homeFor(systems)
  try {
    const engine = await startEngine(home)
    const { links } = await untilInStep(home, threads * 11, PATIENCE_MS).finally(() => engine.stop())
    const child = startChild('pass.ts', [home.config, String(pairs)])
    const { read, planned } = await child.hear(z.object({ read: z.array(z.number()), planned: z.array(z.number()) }))
    await child.end()
    say(
      `  read: ${read.map((ms) => round(ms)).join(', ')} ms; planned: ${planned.map((ms) => round(ms)).join(', ')} ms`,
    )
    const detail = `${links} links, both sides; the median of ${pairs} turns`
    return [
      figure({
        name: `no-change pass over ${LINKED} linked items: what was read is accepted`,
        value: median(read),
        unit: 'ms',
        below: 80,
        detail: `${detail}; the pages were fetched before`,
      }),
      figure({
        name: `no-change pass over ${LINKED} linked items: all of them are planned anew`,
        value: median(planned),
        unit: 'ms',
        below: 80,
        detail: `${detail}; which an audit never asks for where nothing changed`,
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
