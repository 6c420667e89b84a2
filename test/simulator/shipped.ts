/** Many seeds of a world of shipped connectors, or one with its story. */
import type { DatabaseSync } from 'node:sqlite'
import { argumentsOf } from './arguments.ts'
import { between, type Chance } from './chance.ts'
import type { Violation } from './ledger.ts'

export interface ShippedResult {
  readonly seed: number
  readonly violations: readonly Violation[]
  readonly deeds: number
  readonly writes: number
  readonly faults: number
  readonly crashes: number
  /** Texts that came between the last look and a delete. */
  readonly forgiven: number
  /** What happened, line by line, each with its time in seconds. */
  readonly story: readonly string[]
}

export interface PlannedDeed<Deed, End> {
  /** Names the stream of chance from which it draws. */
  readonly n: number
  /** In milliseconds after the first sync; null: before it. */
  readonly at: number | null
  readonly end: End
  readonly deed: Deed
}

/** Deeds come in bursts, so that people meet, and meet the engine. `first`: those before the first sync. */
export function drawDeeds<Deed, End>(
  chance: Chance,
  playMs: number,
  {
    first,
    mix,
    ends,
  }: { readonly first: readonly Deed[]; readonly mix: readonly Deed[]; readonly ends: readonly End[] },
): readonly PlannedDeed<Deed, End>[] {
  const deeds: PlannedDeed<Deed, End>[] = []
  const add = (deed: Deed, at: number | null): void =>
    void deeds.push({ n: deeds.length, at, end: chance.pick(ends), deed })
  for (const deed of first) add(deed, null)
  for (let left = between(chance, 5, 30); left > 0;) {
    const start = chance.int(playMs)
    for (let burst = Math.min(left, between(chance, 1, 4)); burst > 0; burst -= 1, left -= 1)
      add(chance.pick(mix), start + chance.int(chance.pick([10, 3000, 60_000])))
  }
  return deeds
}

export type RunShipped = (seed: number) => Promise<ShippedResult>

/** What the engine still has to do, row by row. */
export function inHand(db: DatabaseSync): string[] {
  return ['due', 'intent', 'inbox'].flatMap((table) =>
    db
      .prepare(`SELECT * FROM ${table}`)
      .all()
      .map((row) => `${table} ${JSON.stringify(row)}`),
  )
}

/** As the command line says; answers the exit code. `what`: of what these worlds are made. */
export async function runShipped(command: string, what: string, run: RunShipped): Promise<number> {
  const help = `${what}

npm run ${command}                            100 seeds
npm run ${command} -- --seeds N [--from S]    so many, from this one on
npm run ${command} -- --seed X                one, with its story

Exit codes: 0 nothing was found; 1 something was.`
  const values = argumentsOf(help, {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
  })
  return values.seed === undefined
    ? await many(run, Number(values.from), Number(values.seeds))
    : await one(run, Number(values.seed))
}

async function one(run: RunShipped, seed: number): Promise<number> {
  const result = await run(seed)
  for (const line of result.story) console.log(line)
  tell(result, Number.POSITIVE_INFINITY)
  return result.violations.length === 0 ? 0 : 1
}

async function many(run: RunShipped, from: number, seeds: number): Promise<number> {
  const total = { seeds: 0, deeds: 0, writes: 0, faults: 0, crashes: 0, forgiven: 0 }
  const failed: number[] = []
  const started = performance.now()
  let told = started
  for (let seed = from; seed < from + seeds; seed += 1) {
    const result = await run(seed)
    total.seeds += 1
    for (const name of ['deeds', 'writes', 'faults', 'crashes', 'forgiven'] as const) total[name] += result[name]
    if (result.violations.length > 0) failed.push(seed)
    tell(result, 4)
    if (performance.now() - told < 5000) continue
    told = performance.now()
    const perSecond = ((total.seeds * 1000) / (told - started)).toFixed(1)
    console.error(
      `${total.seeds} of ${seeds} seeds, ${perSecond}/s, ${total.crashes} crashes, ${total.faults} faults, ${failed.length} violations`,
    )
  }
  const perSecond = Number(((total.seeds * 1000) / (performance.now() - started)).toFixed(2))
  console.log(JSON.stringify({ from, ...total, failed, perSecond }))
  return failed.length === 0 ? 0 : 1
}

function tell({ seed, violations }: ShippedResult, most: number): void {
  for (const { property, what } of violations.slice(0, most)) console.error(`seed ${seed}: ${property}: ${what}`)
}
