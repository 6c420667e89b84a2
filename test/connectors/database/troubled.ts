/** A database whose answers, or what is asked of it, get lost on the way. */
import { SqlError, type Database, type Databases } from '../../../src/connector/index.ts'
import type { Trial } from '../../../src/testing/conformance-bench.ts'

/** The next transaction that changes something goes wrong. */
export interface Wire {
  readonly databases: Databases
  trouble: Parameters<Trial['trouble']>[0]
}

export function troubled(databases: Databases): Wire {
  const wire: Wire = {
    trouble: null,
    databases: {
      at: (address): Database => ({
        ...databases.at(address),
        async run(statements) {
          const changes = statements.some(({ text }) => /\b(INSERT INTO|UPDATE|DELETE FROM)\b/.test(text))
          const now = changes ? wire.trouble : null
          if (now !== null) wire.trouble = null
          if (now === 'limited') throw new SqlError('busy', 'too many clients already', true)
          if (now === 'lose-request' || now === 'error-before') throw new SqlError('unreachable', 'lost', false)
          const results = await databases.at(address).run(statements)
          if (now !== null) throw new SqlError('unreachable', 'its answer was lost', false)
          return results
        },
      }),
    },
  }
  return wire
}
