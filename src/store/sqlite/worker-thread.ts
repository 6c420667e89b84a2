/** The worker's side of worker.ts: opens the store, then runs one list of calls per message. */
import { parentPort, workerData } from 'node:worker_threads'
import type { DatabaseSync } from 'node:sqlite'
import { openDatabase } from './database.ts'
import { storeError } from './failures.ts'
import { callsIn, flatError, textOfResults } from './messages.ts'
import { runVerbs } from './run.ts'
import { loadVerbs } from './verbs.ts'
import type { Reply, Request, WorkerSetup } from './messages.ts'
import type { VerbTable } from './verbs.ts'

const port = parentPort
if (port === null) throw new Error('This module runs in a worker thread only')
const tell = (reply: Reply): void => port.postMessage(reply)

const setup: WorkerSetup = workerData
await start()

async function start(): Promise<void> {
  try {
    const verbs = await loadVerbs(setup.verbs)
    const { db, migrated, backup } = openDatabase(setup.open)
    port?.on('message', (request: Request) => answer(db, verbs, request))
    tell({ reply: 'opened', migrated, backup })
  } catch (error) {
    tell({ reply: 'refused', error: flatError(storeError(error)) })
  }
}

/**
 * What goes wrong after the commit (an output that is not plain data) ends the thread: the driver must not report that
 * nothing was written.
 */
function answer(db: DatabaseSync, verbs: VerbTable, request: Request): void {
  const { id } = request
  if (request.ask === 'close') {
    db.close()
    tell({ reply: 'closed', id })
    port?.close()
    return
  }
  let results
  try {
    results = runVerbs(db, verbs, callsIn(request.calls))
  } catch (error) {
    tell({ reply: 'failed', id, error: flatError(storeError(error)) })
    return
  }
  tell({ reply: 'ran', id, results: textOfResults(results) })
}
