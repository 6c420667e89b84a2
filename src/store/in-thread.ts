/** The driver that runs in the thread that calls it: for simulation and for short commands. */
import { StoreError, messageOf } from './errors.ts'
import { callsIn, resultsIn, textOf, textOfResults } from './messages.ts'
import { runVerbs, type Database } from './run.ts'
import type { Driver } from './driver.ts'
import type { VerbTable } from './verb.ts'

/**
 * A driver over an open database, which it closes with itself. It settles in microtasks only. Inputs, outputs and
 * errors are copied as they are on the way to a worker, so that nothing works here that would not work there.
 */
export function driverInThread(db: Database, verbs: VerbTable): Driver {
  let open = true
  return {
    async run(calls) {
      if (!open) throw new StoreError('store-closed')
      const results = runVerbs(db, verbs, callsIn(textOf(calls)))
      try {
        return resultsIn(textOfResults(results))
      } catch (error) {
        throw new StoreError('store-lost', messageOf(error), error)
      }
    },
    async close() {
      if (!open) return
      open = false
      await db.close()
    },
  }
}
