/** Runs seeds and tells what they found. See `--help`. */
import { parseArgs } from 'node:util'
import { run, type RunResult } from './world.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})

async function one(seed: number): Promise<void> {
  const result = await run({ seed, trace: values.trace })
  for (const line of result.trace) console.log(line)
  console.log(result.shapes.join('\n'))
  tell(result)
}

function tell(result: RunResult): void {
  for (const { property, what } of result.violations) console.error(`seed ${result.seed}: ${property}: ${what}`)
}

if (values.seed !== undefined) await one(Number(values.seed))
else {
  const started = performance.now()
  let bad = 0
  for (let seed = Number(values.from); seed < Number(values.from) + Number(values.seeds); seed += 1) {
    const result = await run({ seed })
    if (result.violations.length > 0) bad += 1
    tell(result)
  }
  console.log(
    JSON.stringify({
      seeds: Number(values.seeds),
      bad,
      perSecond: (1000 * Number(values.seeds)) / (performance.now() - started),
    }),
  )
}
