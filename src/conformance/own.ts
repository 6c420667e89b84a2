/** Everything that checks write goes through here: so that it is removed again, and nothing else is ever touched. */
import type { Call } from '../connector/call.ts'
import type { Configured, Create, Item, Kind, Made, Unread } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import type { Values } from '../connector/values.ts'
import { createLedger, removalOrder, takenWith, type Ledger } from './ledger.ts'

export interface Own {
  create(kind: string, intent: Create): Promise<Made>
  find(kind: string, intent: Create): Promise<Made | null>
  update(kind: string, base: Item, changed: Values): Promise<Item | Unread>
  delete(kind: string, base: Item): Promise<void>
  empty(kind: string, base: Item): Promise<Item | Unread>
  /** What this account made, and is found elsewhere than in an answer; with the key of the create that it answers. */
  adopt(kind: string, item: Item, key?: string): void
  /** Removes what was made. Answers what stays, and why. */
  clear(): Promise<readonly Left[]>
  /** How many items were made so far. */
  readonly made: number
}

/** Something that was made and could not be removed. */
export interface Left {
  readonly kind: string
  /** Null: whether it was made is not known. */
  readonly ref: string | null
  readonly why: string
}

export interface OwnOptions {
  readonly connector: Configured
  readonly call: Call<unknown>
  /** Throws where nothing more is to be written. */
  readonly mayWrite: () => void
  readonly wait: (ms: number) => Promise<void>
  /** Of one write each. */
  readonly newKey: () => string
}

/** So often a removal is tried that gets no answer, or is refused. */
const TRIES = 4
const PAUSE_MS = 2000

export function createOwn(options: OwnOptions): Own {
  const { connector, call, mayWrite, newKey } = options
  const ledger = createLedger()
  const owned = (kind: string, { ref }: Item): void => {
    mayWrite()
    if (!ledger.has(kind, ref)) throw new Error(`${kind} ${ref} was not made here: it is not touched`)
  }
  const rewritten = (kind: string, base: Item, stored: Item | Unread): Item | Unread => {
    ledger.note(kind, 'values' in stored ? stored : base)
    return stored
  }
  return {
    async create(kind, intent) {
      mayWrite()
      ledger.open.set(intent.key, { kind, intent })
      try {
        const changes = await offered(kindOf(connector, kind).create?.(call, intent), 'create')
        ledger.noteAll(changes)
        ledger.open.delete(intent.key)
        return changes
      } catch (error) {
        if (error instanceof ConnectorError && error.noEffect) ledger.open.delete(intent.key)
        throw error
      }
    },
    find: (kind, intent) => find(options, ledger, kind, intent),
    async update(kind, base, changed) {
      owned(kind, base)
      const intent = { key: newKey(), ref: base.ref, changed, base }
      return rewritten(kind, base, await offered(kindOf(connector, kind).update?.(call, intent), 'update'))
    },
    async empty(kind, base) {
      owned(kind, base)
      const intent = { key: newKey(), ref: base.ref, base }
      return rewritten(kind, base, await offered(kindOf(connector, kind).empty?.(call, intent), 'empty'))
    },
    async delete(kind, base) {
      owned(kind, base)
      await offered(kindOf(connector, kind).delete?.(call, { key: newKey(), ref: base.ref, base }), 'delete')
    },
    adopt(kind, item, key) {
      ledger.note(kind, item)
      if (key !== undefined) ledger.open.delete(key)
    },
    clear: () => clear(options, ledger),
    get made() {
      return ledger.made
    },
  }
}

async function find(
  { connector, call }: OwnOptions,
  ledger: Ledger,
  kind: string,
  intent: Create,
): Promise<Made | null> {
  const found = await offered(kindOf(connector, kind).find?.(call, intent), 'find')
  ledger.noteAll(found ?? [])
  if (found !== null) ledger.open.delete(intent.key)
  return found
}

async function clear(options: OwnOptions, ledger: Ledger): Promise<readonly Left[]> {
  const { connector } = options
  const left: Left[] = []
  for (const { kind, intent } of ledger.open.values()) {
    const isAsked = kindOf(connector, kind).find !== undefined
    const why = isAsked ? await tried(options, () => find(options, ledger, kind, intent)) : 'it cannot be asked about'
    if (why !== null) left.push({ kind, ref: null, why })
  }
  ledger.open.clear()
  for (const noted of removalOrder(connector, ledger.all())) {
    const { kind, item } = noted
    if (!ledger.has(kind, item.ref)) continue
    const why = await tried(options, () => remove(options, kindOf(connector, kind), item))
    if (why !== null) left.push({ kind, ref: item.ref, why })
    else for (const taken of takenWith(connector, noted, ledger.all())) ledger.forget(taken.kind, taken.item.ref)
  }
  for (const { kind, item } of ledger.all()) ledger.forget(kind, item.ref)
  return left
}

async function remove({ call, newKey }: OwnOptions, kind: Kind<unknown>, item: Item): Promise<void> {
  try {
    await kind.delete?.(call, { key: newKey(), ref: item.ref, base: item })
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    if (error.failure === 'missing') return
    if (error.failure !== 'stale' || kind.get === undefined) throw error
    const now = await kind.get(call, item.ref)
    if ('values' in now) await kind.delete?.(call, { key: newKey(), ref: item.ref, base: now })
  }
}

/** Why it did not go at last; null: it did, or there is nothing. */
async function tried({ wait }: OwnOptions, work: () => Promise<unknown>): Promise<string | null> {
  for (let tries = 1; ; tries += 1)
    try {
      await work()
      return null
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error
      if (error.failure === 'missing') return null
      // What is gone already may be refused where the read that tells so lags.
      if (!['unavailable', 'rejected'].includes(error.failure) || tries === TRIES) return error.message
      await wait(PAUSE_MS * tries)
    }
}

function kindOf({ name, kinds }: Configured, kind: string): Kind<unknown> {
  const found = kinds[kind]
  if (found === undefined) throw new Error(`${name} has no kind ${kind}`)
  return found
}

function offered<T>(work: Promise<T> | undefined, what: string): Promise<T> {
  return work ?? Promise.reject(new Error(`it has no ${what}`))
}
