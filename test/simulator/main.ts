/** Runs seeds and tells what they found. */
import { availableParallelism } from 'node:os'
import { argumentsOf } from './arguments.ts'
import { hunt } from './hunt.ts'
import { many } from './many.ts'
import { work } from './pool.ts'
import { readKept } from './regressions.ts'
import { drawScenario, WORLDS, type Scenario, type Worlds } from './scenario.ts'
import { tellShape } from './shape.ts'
import { shrink } from './shrink.ts'
import { run } from './world.ts'

const HELP = `Seeded runs of the real engine between made-up systems, with people, faults and crashes.

npm run sim                            200 seeds
npm run sim -- --seeds N [--from S]    so many, from this one on; what fails is cut down and kept as a test
               [--minutes M]           for so long at most; Ctrl-C ends it with its result too
               [--jobs J]              in so many processes; 2 unless told
               [--worlds KIND]         only worlds of one kind: ${WORLDS.join(', ')}
               [--scratch]             keeps nothing: neither what fails nor the result
npm run sim -- --seed X                one seed, with its story
               [--trace]               with everything that happened
               [--shrink]              cut down to what it takes to fail
               [--json]                and its result as JSON
npm run sim -- --replay FILE           a kept scenario, with its story; also with --trace
npm run sim:mutants                    engines that are wrong on purpose, which must be found
               [--seeds N]             each of them by so many seeds; goes on where it was cut off
               [--only NAME] [--json]

Exit codes: 0 nothing was found, or of the wrong engines all; 1 something was.`

const values = argumentsOf(HELP, {
  seeds: { type: 'string', default: '200' },
  from: { type: 'string', default: '1' },
  jobs: { type: 'string', default: String(Math.min(2, availableParallelism())) },
  minutes: { type: 'string' },
  worlds: { type: 'string' },
  seed: { type: 'string' },
  replay: { type: 'string' },
  trace: { type: 'boolean', default: false },
  shrink: { type: 'boolean', default: false },
  scratch: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  mutants: { type: 'boolean', default: false },
  only: { type: 'string' },
  worker: { type: 'boolean', default: false },
})

const range = { from: Number(values.from), seeds: Number(values.seeds), jobs: Number(values.jobs) }
const minutes = values.minutes === undefined ? null : Number(values.minutes)

if (values.worker) await work()
else if (values.seed !== undefined) await one(drawScenario(Number(values.seed)))
else if (values.replay !== undefined) await one(readKept(values.replay).scenario)
else if (values.mutants)
  process.exitCode = await hunt({
    ...range,
    only: values.only ?? null,
    worlds: worldsOf(values.worlds),
    json: values.json,
  })
else
  process.exitCode = await many({
    ...range,
    minutes,
    worlds: worldsOf(values.worlds),
    keeps: !values.scratch,
    command: process.argv.slice(2),
  })

function worldsOf(given: string | undefined): Worlds | null {
  if (given === undefined) return null
  const found = WORLDS.find((each) => each === given)
  if (found === undefined) throw new Error(`--worlds is one of ${WORLDS.join(', ')}`)
  return found
}

/** One run, with its story. */
async function one(drawn: Scenario): Promise<void> {
  const first = await run(drawn)
  const property = first.violations[0]?.property
  const scenario =
    values.shrink && property !== undefined
      ? (await shrink(drawn, property, { runs: 500, seconds: 120 })).scenario
      : drawn
  const result = await run(scenario, values.trace)
  for (const line of values.trace ? result.trace : result.story) console.log(line)
  console.log(tellShape(scenario.shapes.a))
  console.log(tellShape(scenario.shapes.b))
  if (scenario.second !== null || scenario.accounts !== null) console.log(tellShape(scenario.shapes.c))
  if (scenario.accounts !== null) console.log(tellShape(scenario.shapes.d))
  const { shapes: _, deeds: __, ...rest } = scenario
  console.log(JSON.stringify(rest))
  for (const { what, ...violation } of result.violations) console.error(`${violation.property}: ${what}`)
  if (values.json) console.log(JSON.stringify({ ...result, trace: undefined, story: undefined, scenario }))
  process.exitCode = result.violations.length === 0 ? 0 : 1
}
