/** The driver of the service: the database lives in a thread of its own, so that no commit holds up a request. */
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { StoreError, messageOf } from './errors.ts'
import { resultsIn, revivedError, textOf } from './messages.ts'
import type { Driver, VerbResult } from './driver.ts'
import type { Reply, Request } from './messages.ts'

/** What a verb makes is gone with its answer: more room for young objects costs memory and saves no time. */
const YOUNG = { maxYoungGenerationSizeMb: 12 }

export interface OpenedWorker {
  readonly driver: Driver
  readonly migrated: number
  readonly backup: string | null
}

interface Waiting {
  readonly resolve: (results: readonly VerbResult[]) => void
  readonly reject: (error: Error) => void
}

/**
 * Opens a store in a worker that serves it (serve.ts); rejects with the StoreError with which it refused. Should the
 * thread end by itself, everything waiting and everything asked later is rejected with the code store-lost. `module` is
 * the URL of the worker's module without its extension, which is that of this one: the same code runs as TypeScript and
 * compiled.
 */
export async function openThread(module: URL, setup: unknown): Promise<OpenedWorker> {
  const file = new URL(`${module.href}${extname(import.meta.url)}`)
  // Only where Node keeps what it has compiled: the store reads no environment, and secrets may be in it.
  const { NODE_COMPILE_CACHE } = process.env
  const env = NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }
  const worker = new Worker(file, { workerData: setup, env, name: 'store', resourceLimits: YOUNG })
  const waiting = new Map<number, Waiting>()
  let ended: StoreError | undefined
  const { promise: first, resolve: answered, reject: refused } = Promise.withResolvers<OpenedWorker>()
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))

  const end = (error: StoreError): void => {
    ended ??= error
    refused(ended)
    for (const [id, caller] of waiting) {
      waiting.delete(id)
      caller.reject(ended)
    }
  }
  worker.on('error', (error: unknown) => end(new StoreError('store-lost', messageOf(error), error)))
  worker.on('messageerror', (error) => end(new StoreError('store-lost', error.message, error)))
  worker.once('exit', () => end(new StoreError('store-lost')))

  const ask = (request: Request): Promise<readonly VerbResult[]> => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly VerbResult[]>()
    worker.postMessage(request)
    waiting.set(request.id, { resolve, reject })
    return promise
  }
  const driver = driverOf(ask, () => ended, exited)
  worker.on('message', (message: Reply) => {
    if (message.reply === 'opened') answered({ driver, migrated: message.migrated, backup: message.backup })
    else if (message.reply === 'refused') refused(revivedError(message.error))
    else {
      const caller = waiting.get(message.id)
      waiting.delete(message.id)
      if (message.reply === 'ran') caller?.resolve(resultsIn(message.results))
      else if (message.reply === 'failed') caller?.reject(revivedError(message.error))
      else caller?.resolve([])
    }
  })
  return await first
}

function driverOf(
  ask: (request: Request) => Promise<readonly VerbResult[]>,
  ended: () => StoreError | undefined,
  exited: Promise<void>,
): Driver {
  let last = 0
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    if (ended() === undefined) await ask({ ask: 'close', id: ++last })
    await exited
  }
  return {
    async run(calls) {
      if (closing !== undefined) throw new StoreError('store-closed')
      const over = ended()
      if (over !== undefined) throw over
      return await ask({ ask: 'run', id: ++last, calls: textOf(calls) })
    },
    close: () => (closing ??= close()),
  }
}
