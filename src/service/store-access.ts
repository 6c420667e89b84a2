/** The way to the store that a configuration names: through the process that owns it, or by owning it for a while. */
import { existsSync } from 'node:fs'
import { storeInUse } from '../words/errors.ts'
import { socketPath } from '../server/socket.ts'
import type { Config } from '../config/index.ts'
import type { Clock, Random } from '../connector/ports.ts'
import type { Operations } from './operations.ts'
import { besideStore, openOwnedStore, openPassingStore, type OwnedStore } from './owned-store.ts'
import { connectRemote } from './remote.ts'

export type Access =
  | { readonly is: 'remote'; readonly operations: Operations }
  | { readonly is: 'owned'; readonly owned: OwnedStore }

export interface AccessOptions {
  readonly config: Config
  readonly clock: Clock
  readonly random: Random
  readonly release: string
  /** Makes the store where there is none; else an empty one in memory stands in for it. */
  readonly create: boolean
  readonly thread: boolean
}

/** A process that has just begun to own a store answers soon. */
const PATIENCE_MS = 5000
const RETRY_MS = 100
/** One that is at work answers within this; one that was stopped (Ctrl-Z) takes the question and never does. */
const ANSWER_MS = 20_000

export function socketOf(store: string): string {
  return socketPath(besideStore(store, '.sock'))
}

export async function openAccess(options: AccessOptions): Promise<Access> {
  const { config, clock, random, create, thread } = options
  const { beside: path, postgres, sealing } = config
  const until = clock.now() + PATIENCE_MS
  do {
    const operations = await ownerAt(socketOf(path), options)
    if (operations !== null) return { is: 'remote', operations }
    if (!create && postgres === null && !existsSync(path)) return { is: 'owned', owned: openPassingStore(clock) }
    const owned = await openOwnedStore({ path, postgres, create, sealing, clock, random, thread })
    if (owned === 'none') return { is: 'owned', owned: openPassingStore(clock) }
    if (owned !== 'held') return { is: 'owned', owned }
    await clock.sleep(RETRY_MS)
  } while (clock.now() < until)
  throw storeInUse(config.store)
}

async function ownerAt(path: string, { clock, release, config }: AccessOptions): Promise<Operations | null> {
  const answered = new AbortController()
  const late = new AbortController()
  clock.sleep(ANSWER_MS, answered.signal).then(
    () => late.abort(),
    () => undefined,
  )
  try {
    return await connectRemote(path, release, late.signal)
  } catch (error) {
    throw late.signal.aborted ? storeInUse(config.store) : error
  } finally {
    answered.abort()
  }
}
