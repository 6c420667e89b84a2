/** `npm run bench`: measures, and says which aims are met. */
import { parseArgs } from 'node:util'
import { measureFsync } from './machine.ts'
import type { Figure, Scenario } from './figure.ts'
import { httpClients } from './http-client.ts'
import { ingest } from './ingest.ts'
import { initialSync } from './initial-sync.ts'
import { calendar } from './calendar.ts'
import { calls } from './calls.ts'
import { added, hooks } from './hooks.ts'
import { noChange } from './no-change.ts'
import { scale } from './scale.ts'

const SCENARIOS: readonly Scenario[] = [
  initialSync,
  calls,
  added,
  hooks,
  noChange,
  httpClients,
  ingest,
  scale,
  calendar,
]

const HELP = `npm run bench                          everything, each ratio the median of 7 interleaved pairs
npm run bench -- --only ${SCENARIOS[0]?.name ?? ''}   one measurement; there are:
${SCENARIOS.map(({ name, about }) => `    ${name.padEnd(16)} ${about}`).join('\n')}
npm run bench -- --quick               smaller, 3 pairs: to see whether it runs
npm run bench -- --pairs 11            more pairs
npm run bench -- --json                the last line on stdout is the list of figures as JSON`

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    pairs: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (values.help) console.log(HELP)
else process.exitCode = await main()

async function main(): Promise<number> {
  const chosen = SCENARIOS.filter(({ name }) => values.only === undefined || name === values.only)
  if (chosen.length === 0) {
    console.error(`There is no measurement "${values.only ?? ''}".\n${HELP}`)
    return 2
  }
  const say = (words: string): void => (values.json ? console.error(words) : console.log(words))
  const pairs = Number(values.pairs ?? (values.quick ? 3 : 7))
  const figures: Figure[] = []
  say(await measureFsync())
  for (const { name, about, measure } of chosen) {
    say(`\n${name}: ${about}`)
    const found = await measure({ pairs, quick: values.quick, say })
    figures.push(...found)
    for (const each of found) say(lineOf(each))
  }
  say(`\n${await measureFsync()}`)
  const missed = figures.filter(({ met }) => !met)
  say(missed.length === 0 ? 'Every aim is met.' : `${missed.length} of ${figures.length} aims are missed.`)
  if (values.json) console.log(JSON.stringify(figures))
  return 0
}

function lineOf({ name, value, unit, ratio, aim, met, detail }: Figure): string {
  const against = ratio === null ? '' : `, ratio ${ratio}`
  return `  ${met ? 'met   ' : 'MISSED'}  ${name}: ${value} ${unit}${against} (aim ${aim})\n          ${detail}`
}
