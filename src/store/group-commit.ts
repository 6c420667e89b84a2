/** Turns calls that arrive one by one into as few transactions as possible, without a timer. */
import { StoreError, messageOf } from './errors.ts'
import type { Driver, VerbCall, VerbResult } from './driver.ts'

export interface GroupCommitOptions {
  /** The most calls in one transaction; 256 unless told. */
  readonly maxBatch?: number
  /** Called with each batch just before it is run: for measuring, and a point at which a simulation may crash. */
  readonly onFlush?: (calls: readonly VerbCall[]) => void
}

/** Resolves with the verb's output once it is durable. Rejects with the verb's own error, or with a StoreError. */
export type Call = (verb: string, input: unknown) => Promise<unknown>

interface Waiting extends VerbCall {
  readonly resolve: (output: unknown) => void
  readonly reject: (error: Error) => void
}

/**
 * The first call of a tick schedules a flush in a microtask; what is called before it runs goes along in the same
 * transaction. Calls that arrive while one is under way wait for the next, so a slow disk makes larger batches. Calls
 * are run in the order in which they were made. A verb's own error rejects its caller only; a failed transaction
 * rejects everyone in it.
 */
export function groupCommit(driver: Driver, options: GroupCommitOptions = {}): Call {
  const maxBatch = options.maxBatch ?? 256
  let waiting: Waiting[] = []
  let busy = false

  const flush = async (): Promise<void> => {
    const batch = waiting.slice(0, maxBatch)
    waiting = waiting.slice(maxBatch)
    settle(batch, await attempt(driver, batch, options.onFlush))
    busy = false
    schedule()
  }
  const schedule = (): void => {
    if (busy || waiting.length === 0) return
    busy = true
    queueMicrotask(() => void flush())
  }
  return (verb, input) =>
    new Promise((resolve, reject) => {
      waiting.push({ verb, input, resolve, reject })
      schedule()
    })
}

async function attempt(
  driver: Driver,
  batch: readonly Waiting[],
  onFlush: GroupCommitOptions['onFlush'],
): Promise<readonly VerbResult[] | StoreError> {
  const calls = batch.map(({ verb, input }) => ({ verb, input }))
  try {
    onFlush?.(calls)
    const results = await driver.run(calls)
    if (results.length === calls.length) return results
    return new StoreError('store-lost', `the driver answered ${results.length} of ${calls.length} calls`)
  } catch (error) {
    return error instanceof StoreError ? error : new StoreError('store-failed', messageOf(error), error)
  }
}

function settle(batch: readonly Waiting[], results: readonly VerbResult[] | StoreError): void {
  for (const [i, caller] of batch.entries()) {
    const result = results instanceof StoreError ? results : results[i]
    if (result === undefined) continue
    if (result instanceof StoreError) caller.reject(result)
    else if (result.ok) caller.resolve(result.output)
    else caller.reject(result.error)
  }
}

/** A verb's two types. */
export interface VerbTypes {
  readonly in: unknown
  readonly out: unknown
}

/** The typed face of a store: one function per verb. */
export type StoreOf<Verbs extends { [V in keyof Verbs]: VerbTypes }> = {
  readonly [V in keyof Verbs]: (input: Verbs[V]['in']) => Promise<Verbs[V]['out']>
}

/** `names` are the verbs of the type map; the drivers hold the map's types by the table of verbs that they run. */
export function storeOf<Verbs extends { [V in keyof Verbs]: VerbTypes }>(
  names: readonly string[],
  call: Call,
): StoreOf<Verbs> {
  const face = Object.fromEntries(names.map((name) => [name, (input: unknown) => call(name, input)]))
  return face as StoreOf<Verbs>
}
