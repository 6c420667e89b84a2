/**
 * `npm run crash`: kills the real process again and again while people work in both systems, then compares the two
 * through their own APIs alone.
 */
import { parseArgs } from 'node:util'
import { run, type Summary } from './run.ts'

const HELP = `npm run crash                        200 kills at listed points and at random, then a verdict
npm run crash -- --kills 20          so many
npm run crash -- --seed 7            the same points and people again
npm run crash -- --json              the last line on stdout is the summary as JSON`

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort(new Error('stopped')))

if (values.help) console.log(HELP)
else {
  const say = (words: string): void => (values.json ? console.error(words) : console.log(words))
  try {
    const summary = await run({ kills: Number(values.kills), seed: Number(values.seed), say, signal: stop.signal })
    tell(summary, say)
    if (values.json) console.log(JSON.stringify(summary))
    process.exitCode = summary.ok ? 0 : 1
  } catch (error) {
    console.error(`The crash run failed: ${error instanceof Error ? error.message : String(error)}`)
    process.exitCode = 1
  }
}

function tell(summary: Summary, say: (words: string) => void): void {
  const rows: readonly (readonly [string, string | number])[] = [
    ['kills (kill -9)', summary.kills],
    ['of them at a listed point / at a random moment', `${summary.atPoints} / ${summary.kills - summary.atPoints}`],
    ['of them in a transaction of the store', summary.inStore],
    ['kinds of points met', summary.kinds],
    ['what people did meanwhile', summary.deeds],
    ['texts that stand on both sides exactly once', summary.items],
    ['lost', summary.lost],
    ['duplicated', summary.duplicated],
    ['edits or deletions that did not arrive', summary.stale],
    ['in a wrong place or order', summary.misplaced + summary.disordered],
    ['held, or in conflict', summary.held],
    ['seconds', summary.seconds],
  ]
  say('')
  for (const [name, value] of rows) say(`  ${name.padEnd(50)} ${String(value).padStart(12)}`)
  say('')
  say(
    summary.ok
      ? '  Nothing was lost, and nothing was done twice.'
      : `  The two systems DO NOT agree (seed ${summary.seed}).`,
  )
}
