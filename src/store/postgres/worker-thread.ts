/** The worker's side of worker.ts. With the connection this thread ends, and with it the store. */
import { workerData } from 'node:worker_threads'
import { serve } from '../serve.ts'
import { openPostgres } from './database.ts'
import type { WorkerSetup } from './worker.ts'

const setup: WorkerSetup = workerData
await serve(setup.verbs, () =>
  openPostgres(setup.open, (why) => {
    throw new Error(why)
  }),
)
