/** The worker's side of thread.ts: opens a database, then runs one list of calls per message. */
import { parentPort } from 'node:worker_threads'
import { StoreError, messageOf } from './errors.ts'
import { callsIn, flatError, textOfResults } from './messages.ts'
import { runVerbs, type Database } from './run.ts'
import type { Reply, Request } from './messages.ts'
import { loadVerbs, type VerbTable } from './verb.ts'

export interface Opened {
  readonly database: Database
  readonly migrated: number
  readonly backup: string | null
}

/** `verbs`: the URL of a module that exports them. */
export async function serve(verbs: string, open: () => Opened | Promise<Opened>): Promise<void> {
  const port = parentPort
  if (port === null) throw new Error('This runs in a worker thread only')
  const tell = (reply: Reply): void => port.postMessage(reply)
  try {
    const table = await loadVerbs(verbs)
    const { database, migrated, backup } = await open()
    const finish = async (id: number): Promise<void> => {
      await database.close()
      tell({ reply: 'closed', id })
      port.close()
    }
    port.on('message', (request: Request) => {
      if (request.ask === 'close') void finish(request.id)
      else tell(answer(database, table, request))
    })
    tell({ reply: 'opened', migrated, backup })
  } catch (error) {
    const failure = error instanceof StoreError ? error : new StoreError('store-failed', messageOf(error), error)
    tell({ reply: 'refused', error: flatError(failure) })
  }
}

/**
 * What goes wrong after the commit (an output that is not plain data) ends the thread: the driver must not report that
 * nothing was written.
 */
function answer(database: Database, verbs: VerbTable, { id, calls }: Extract<Request, { ask: 'run' }>): Reply {
  let results
  try {
    results = runVerbs(database, verbs, callsIn(calls))
  } catch (error) {
    const failure = error instanceof StoreError ? error : new StoreError('store-failed', messageOf(error), error)
    return { reply: 'failed', id, error: flatError(failure) }
  }
  return { reply: 'ran', id, results: textOfResults(results) }
}
