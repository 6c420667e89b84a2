/** Bills in a real database and in a made-up system, with the real engine and store between them, in real time. */
import { flowing } from '../../engine/engine-of.ts'
import assert from 'node:assert/strict'
import { systemClock } from '../../../src/adapters/clock.ts'
import { systemRandom } from '../../../src/adapters/random.ts'
import { type Engine } from '../../../src/engine/engine.ts'
import { type EngineEvent } from '../../../src/engine/world.ts'
import { groupCommit } from '../../../src/store/group-commit.ts'
import { storeFrom } from '../../../src/store/open.ts'
import { openDatabase } from '../../../src/store/sqlite/database.ts'
import { inThread } from '../../../src/store/sqlite/in-thread.ts'
import { verbs, type Store } from '../../../src/store/verbs/index.ts'
import { connectorOf, Table, type Asked, type Sorts } from '../../engine/table.ts'
import { benchOf, type Bench } from './bills.ts'
import type { Application } from './databases.ts'

const FAR: Sorts = {
  bill: {
    fields: {
      title: { type: 'text', required: true },
      amount: { type: 'decimal' },
      due: { type: 'date' },
      papers: { type: 'file', many: 'set' },
    },
    takes: ['payment'],
  },
  payment: {
    fields: { bill: { type: 'ref', to: 'bill', required: true, written: 'on-create' }, words: { type: 'text' } },
    under: 'bill',
  },
}

const same = (...fields: string[]): unknown => Object.fromEntries(fields.map((each) => [each, { a: each, b: each }]))

export interface Ledger {
  readonly bench: Bench
  readonly far: Table
  readonly asked: readonly Asked[]
  readonly events: readonly EngineEvent[]
  readonly store: Store
  readonly engine: Engine
  sync(): Promise<void>
  /** Runs until it is so; a run that takes ten seconds has failed. */
  runUntil(is: () => boolean): Promise<void>
  /** As a process that dies takes its store along. */
  anew(): Promise<Ledger>
}

export async function ledgerOf(application: Application, options: Parameters<typeof benchOf>[1] = {}): Promise<Ledger> {
  const bench = await benchOf(application, options)
  const asked: Asked[] = []
  const far = new Table('b', FAR, systemClock.now, undefined)
  for (const name of ['17', '18']) far.add('shelf', { name })
  return await begin(bench, far, asked)
}

async function begin(bench: Bench, far: Table, asked: Asked[]): Promise<Ledger> {
  const events: EngineEvent[] = []
  const setups = [
    { id: 'app', connector: bench.connector, config: bench.config },
    { id: 'far', connector: connectorOf(FAR, 'b', () => far, asked, { shelves: {} }), config: {} },
  ]
  const settings = {
    between: ['app', 'far'],
    start: 'all',
    scopes: [
      ['17', 'shelf-1'],
      ['18', 'shelf-2'],
    ],
    kinds: {
      owner: { a: 'owner', b: 'shelf', fields: { name: { a: 'name', b: 'name', way: 'app->far' } } },
      bill: {
        a: 'bill',
        b: 'bill',
        fields: same('title', 'amount', 'due', ...(bench.config.files === undefined ? [] : ['papers'])),
        match: ['title', 'amount'],
      },
      payment: { a: 'payment', b: 'payment', fields: same('bill', 'words') },
    },
  }
  const { db } = openDatabase({
    path: ':memory:',
    migrations: new URL('../../../src/store/migrations/', import.meta.url),
    now: systemClock.now(),
  })
  const store = storeFrom(groupCommit(inThread(db, verbs)))
  const engine = await flowing({ team: settings }, setups, {
    clock: systemClock,
    random: systemRandom,
    http: { send: () => Promise.reject(new Error('there is no network')) },
    databases: bench.application.databases,
    folders: bench.runtime.folders,
    store,
    events: (event) => events.push(event),
  })
  return {
    bench,
    far,
    asked,
    events,
    store,
    engine,
    sync: () => engine.once(AbortSignal.timeout(20_000)),
    async runUntil(is) {
      const stop = new AbortController()
      const running = engine.run(stop.signal)
      const late = AbortSignal.timeout(10_000)
      while (!is() && !late.aborted) await new Promise((resolve) => setImmediate(resolve))
      stop.abort()
      await running
      assert.ok(is(), 'it did not come to that')
    },
    anew: () => begin(bench, far, asked),
  }
}
