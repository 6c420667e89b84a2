/**
 * The shipped connectors of databases and Google Calendar under seeded faults and crashes.
 *
 * npm run sim:entries -- [--seeds N] [--from S]   many
 *                        --seed X                 one, with its story
 */
import { parseArgs } from 'node:util'
import { runEntries, type EntriesResult } from './run.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
  },
})

process.exitCode = values.seed === undefined ? await many(Number(values.from), Number(values.seeds)) : await one()

async function one(): Promise<number> {
  const result = await runEntries(Number(values.seed))
  for (const line of result.story) console.log(line)
  tell(result, Number.POSITIVE_INFINITY)
  return result.violations.length === 0 ? 0 : 1
}

async function many(from: number, seeds: number): Promise<number> {
  const total = { seeds: 0, deeds: 0, writes: 0, faults: 0, crashes: 0, forgiven: 0 }
  const failed: number[] = []
  let told = performance.now()
  for (let seed = from; seed < from + seeds; seed += 1) {
    const result = await runEntries(seed)
    total.seeds += 1
    for (const name of ['deeds', 'writes', 'faults', 'crashes', 'forgiven'] as const) total[name] += result[name]
    if (result.violations.length > 0) failed.push(seed)
    tell(result, 4)
    if (performance.now() - told < 5000) continue
    told = performance.now()
    console.error(
      `${total.seeds} of ${seeds} seeds, ${total.crashes} crashes, ${total.faults} faults, ${failed.length} violations`,
    )
  }
  console.log(JSON.stringify({ from, ...total, failed }))
  return failed.length === 0 ? 0 : 1
}

function tell({ seed, violations }: EntriesResult, most: number): void {
  for (const { property, what } of violations.slice(0, most)) console.error(`seed ${seed}: ${property}: ${what}`)
}
