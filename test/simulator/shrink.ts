/** Cuts a failing scenario down to what it needs to fail: deeds first, then classes of faults, then single ones. */
import { NO_FAULTS, type FaultPlan } from './faults.ts'
import type { Scenario } from './scenario.ts'
import { run, type RunResult } from './world.ts'

export interface Shrunk {
  readonly scenario: Scenario
  readonly result: RunResult
  readonly runs: number
}

export interface Budget {
  readonly runs: number
  readonly seconds: number
}

/** It has to break the same property; what exactly is lost may be another item. */
export async function shrink(failing: Scenario, property: string, budget: Budget): Promise<Shrunk> {
  const end = performance.now() + budget.seconds * 1000
  let best = { scenario: failing, result: await run(failing) }
  let runs = 1
  const tries = async (change: Partial<Scenario>): Promise<boolean> => {
    if (runs >= budget.runs || performance.now() > end) return false
    runs += 1
    const scenario = { ...best.scenario, ...change }
    const result = await run(scenario)
    if (result.violations[0]?.property !== property) return false
    best = { scenario, result }
    return true
  }
  const faults = (change: Partial<FaultPlan>): Promise<boolean> =>
    tries({ faults: { ...best.scenario.faults, ...change } })

  await fewer(best.scenario.deeds, (deeds) => tries({ deeds: [...deeds] }))
  await withoutClasses(best.scenario, tries, faults)
  await faults({ struck: best.result.struck.map(([number, fault]) => [number, fault]), requests: {} })
  if (best.scenario.faults.struck !== null)
    await fewer(best.scenario.faults.struck, (struck) => faults({ struck: [...struck] }))
  await fewer(best.scenario.faults.spells, (spells) => faults({ spells: [...spells] }))
  await fewer(best.scenario.faults.crashes, (crashes) => faults({ crashes: [...crashes] }))
  await fewer(best.scenario.deeds, (deeds) => tries({ deeds: [...deeds] }))
  return { ...best, runs }
}

async function withoutClasses(
  { faults: { requests, hints } }: Scenario,
  tries: (change: Partial<Scenario>) => Promise<boolean>,
  faults: (change: Partial<FaultPlan>) => Promise<boolean>,
): Promise<void> {
  if (await tries({ faults: NO_FAULTS })) return
  await faults({ meets: 0 })
  await faults({ spells: [] })
  await faults({ crashes: [] })
  await faults({ skewMs: NO_FAULTS.skewMs })
  if (!(await faults({ hints: {} })))
    await fewer(Object.entries(hints), (kept) => faults({ hints: Object.fromEntries(kept) }))
  if (!(await faults({ requests: {}, struck: null })))
    await fewer(Object.entries(requests), (kept) => faults({ requests: Object.fromEntries(kept) }))
  await tries({ copies: false })
}

/** Leaves out halves, quarters, at last single ones, as long as the rest still fails. */
async function fewer<T>(items: readonly T[], fails: (kept: readonly T[]) => Promise<boolean>): Promise<void> {
  let kept = items
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let at = 0; at < kept.length;) {
      const rest = [...kept.slice(0, at), ...kept.slice(at + size)]
      if (await fails(rest)) kept = rest
      else at += size
    }
}
