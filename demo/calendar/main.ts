/** `npm run demo:calendar`: an application's own table and Google calendars, kept in step by the product's binary. */
import { parseArgs } from 'node:util'
import { screenOn } from '../screen.ts'
import { tour } from './tour.ts'

const HELP = `npm run demo:calendar                    a table and two calendars, kept in step; Ctrl-C ends it
npm run demo:calendar -- --once          ends by itself, with a verdict; the exit code is 0 only
                                         if both sides agree and everything held that was tried
npm run demo:calendar -- --once --json   the last line on stdout is the summary as JSON

The table is in SQLite, or in the PostgreSQL that the variable DATABASE_URL names, in a schema of its own.`

const { values } = parseArgs({
  options: { once: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
})

const stop = new AbortController()
let signals = 0
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    signals += 1
    // The second one means it: children end with this process.
    if (signals > 1) process.exit(130)
    stop.abort(new Error('stopped'))
  })

if (values.help === true) console.log(HELP)
else {
  const isOnce = values.once === true || values.json === true
  const screen = screenOn(values.json === true ? process.stderr : process.stdout)
  try {
    const summary = await tour(screen, { stays: !isOnce, signal: stop.signal })
    if (values.json === true) console.log(JSON.stringify(summary))
    process.exitCode = summary.ok ? 0 : 1
  } catch (error) {
    if (stop.signal.aborted) process.exitCode = 130
    else {
      screen.trouble(`The demo failed: ${error instanceof Error ? error.message : String(error)}`)
      process.exitCode = 1
    }
  }
}
