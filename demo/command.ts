/** What every demo is as a program: its options, the two signals that end it, and its exit code. */
import { parseArgs } from 'node:util'
import { screenOn, type Screen } from './screen.ts'

export interface Demo {
  readonly help: string
  /** Ends by itself, or `stays` until the signal. Null: it watches, and has no verdict. */
  play(screen: Screen, run: { readonly stays: boolean; readonly signal: AbortSignal }): Promise<{ ok: boolean } | null>
}

export async function begin({ help, play }: Demo): Promise<void> {
  const { values } = parseArgs({
    options: { once: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  })
  if (values.help === true) return console.log(help)
  const stop = new AbortController()
  let signals = 0
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      signals += 1
      // The second one means it: children end with this process.
      if (signals > 1) process.exit(130)
      stop.abort(new Error('stopped'))
    })
  const isOnce = values.once === true || values.json === true
  const screen = screenOn(values.json === true ? process.stderr : process.stdout)
  try {
    const summary = await play(screen, { stays: !isOnce, signal: stop.signal })
    if (summary === null) return
    if (values.json === true) console.log(JSON.stringify(summary))
    process.exitCode = summary.ok ? 0 : 1
  } catch (error) {
    if (stop.signal.aborted) process.exitCode = isOnce ? 130 : 0
    else {
      screen.trouble(`The demo failed: ${error instanceof Error ? error.message : String(error)}`)
      process.exitCode = 1
    }
  }
}
