/** PostgreSQL from a thread of its own, which stands still while the server works. */
import { fileURLToPath } from 'node:url'
import { openThread, type OpenedWorker } from '../thread.ts'
import type { OpenOptions } from './database.ts'

export interface WorkerOptions extends OpenOptions {
  /** The URL of a module that exports `verbs`; the worker imports it. */
  readonly verbs: string | URL
}

/** What the worker is started with. */
export interface WorkerSetup {
  readonly open: Omit<OpenOptions, 'migrations'> & { readonly migrations: string }
  readonly verbs: string
}

export function openPostgresWorker({ verbs, ...open }: WorkerOptions): Promise<OpenedWorker> {
  const migrations = open.migrations instanceof URL ? fileURLToPath(open.migrations) : open.migrations
  const setup: WorkerSetup = { open: { ...open, migrations }, verbs: String(verbs) }
  return openThread(new URL('./worker-thread', import.meta.url), setup)
}
