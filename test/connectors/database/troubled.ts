/** A database whose answers, or what is asked of it, get lost on the way. */
import { isChanging, troubledDatabases } from '../../../src/conformance/troubled-databases.ts'
import { SqlError, type Database, type Databases } from '../../../src/connector/index.ts'
import type { Trial } from '../../../src/testing/conformance-bench.ts'

export interface Wire {
  readonly databases: Databases
  /** The next transaction that changes something goes wrong; `limited`: it is one too many. */
  trouble(next: Parameters<Trial['trouble']>[0]): void
  isArmed(): boolean
}

export function troubled(databases: Databases): Wire {
  const wire = troubledDatabases(databases)
  let isFull = false
  return {
    databases: {
      at(address): Database {
        const database = wire.databases.at(address)
        return {
          ...database,
          async run(statements) {
            if (isFull && isChanging(statements)) {
              isFull = false
              throw new SqlError('busy', 'too many clients already', true)
            }
            return await database.run(statements)
          },
        }
      },
    },
    trouble(next) {
      isFull = next === 'limited'
      wire.trouble(next === 'limited' ? null : next)
    },
    isArmed: () => isFull || wire.isArmed(),
  }
}
