/** `npm run demo`: Lockstep keeps a local Google Chat and a local Discourse in step, and you watch. */
import { parseArgs } from 'node:util'
import { once, watch } from './tour.ts'
import { screenOn } from './screen.ts'

const HELP = `npm run demo                 two local systems, kept in step while people work; Ctrl-C ends it
npm run demo -- --once       a bounded run: first sync, about sixty actions, a verdict;
                             the exit code is 0 only if both systems agree
npm run demo -- --once --json   the last line on stdout is the summary as JSON`

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
  const screen = screenOn(values.json === true ? process.stderr : process.stdout)
  try {
    if (values.once === true || values.json === true) {
      const summary = await once(screen, stop.signal)
      if (values.json === true) console.log(JSON.stringify(summary))
      process.exitCode = summary.ok ? 0 : 1
    } else await watch(screen, stop.signal)
  } catch (error) {
    if (!stop.signal.aborted) {
      screen.trouble(`The demo failed: ${error instanceof Error ? error.message : String(error)}`)
      process.exitCode = 1
    } else if (values.once === true) process.exitCode = 130
  }
}
