/** A store of the engine's tests in a real PostgreSQL, beside the same in SQLite: each verb has to answer the same on both. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { locationOf } from '../../src/config/location.ts'
import { driverInThread } from '../../src/store/in-thread.ts'
import { openPostgres } from '../../src/store/postgres/database.ts'
import type { Database } from '../../src/store/run.ts'
import { verbs } from '../../src/store/verbs/index.ts'
import { postgresStore } from '../postgres.ts'
import { keptInMemory, type Kept } from './kept.ts'

const migrations = new URL('../../src/store/migrations/', import.meta.url)

export function keptInPostgres(t: TestContext): (now: number) => Kept {
  return (now) => {
    let last: Database | null = null
    // Before the schema is dropped, which waits for whoever uses it.
    t.after(() => last?.close())
    const location = locationOf(postgresStore(t).store)
    if (location === null) throw new Error('no such store')
    const twin = keptInMemory(now)
    return {
      async driver() {
        await last?.close()
        last = (await openPostgres({ location, migrations, now })).database
        const own = driverInThread(last, verbs)
        const other = await twin.driver()
        return {
          async run(calls) {
            const [results, expected] = [await own.run(calls), await other.run(calls)]
            assert.deepEqual(results, expected, calls.map(({ verb }) => verb).join(', '))
            return results
          },
          close: () => own.close(),
        }
      },
      written: () => twin.written(),
    }
  }
}
