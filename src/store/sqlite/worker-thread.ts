/** The worker's side of worker.ts. */
import { workerData } from 'node:worker_threads'
import { serve } from '../serve.ts'
import { openDatabase } from './database.ts'
import { databaseOf } from './run.ts'
import type { WorkerSetup } from './worker.ts'

const setup: WorkerSetup = workerData
await serve(setup.verbs, () => {
  const { db, migrated, backup } = openDatabase(setup.open)
  return { database: databaseOf(db), migrated, backup }
})
