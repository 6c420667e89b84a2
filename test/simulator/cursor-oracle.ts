/** P10: a cursor is committed only together with everything that lies before it. */
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { Side } from '../../src/core/flow.ts'
import type { VerbCall } from '../../src/store/driver.ts'
import type { Ledger } from './ledger.ts'
import type { System } from './system.ts'

const Observed = z.object({
  connection: z.enum(['a', 'b']),
  changes: z.array(z.object({ kind: z.string(), ref: z.string() })),
  cursor: z.object({ feed: z.string(), cursor: z.string() }).optional(),
})

export class CursorOracle {
  private readonly systems: { readonly [side in Side]: System }
  private readonly ledger: Ledger
  /** Where each feed was read first. */
  private readonly first = new Map<string, number>()

  constructor(systems: { readonly [side in Side]: System }, ledger: Ledger) {
    this.systems = systems
    this.ledger = ledger
  }

  private note(connection: Side, feed: string, cursor: number): void {
    const name = `${connection} ${feed}`
    const known = this.first.get(name)
    const oldest = this.systems[connection].board.firstCursor
    if (known === undefined || known < oldest) this.first.set(name, Math.max(cursor, oldest))
  }

  /** Everything that every feed delivered is delivered once more. */
  rewind(db: DatabaseSync): void {
    for (const [name, cursor] of this.first) {
      const [connection = '', feed = ''] = name.split(' ')
      db.prepare('UPDATE feed SET cursor = ? WHERE connection = ? AND feed = ?').run(String(cursor), connection, feed)
    }
  }

  check(calls: readonly VerbCall[]): void {
    for (const { verb, input } of calls) {
      if (verb !== 'observe') continue
      const { connection, changes, cursor } = Observed.parse(input)
      if (cursor === undefined) continue
      this.note(connection, cursor.feed, Number(cursor.cursor))
      const system = this.systems[connection]
      const kinds = cursor.feed === 'rooms' ? 'room' : system.shape.feeds === 'one' ? 'room,thread,post' : 'thread,post'
      const pages = system.handed.get(`${kinds} ${cursor.cursor}`) ?? []
      const given = new Set(changes.map(({ kind, ref }) => `${kind} ${ref}`))
      if (pages.length === 0 || pages.some(({ refs }) => refs.every((ref) => given.has(ref)))) continue
      const missing = (pages.at(-1)?.refs ?? []).filter((ref) => !given.has(ref))
      if (missing.length > 0)
        this.ledger.fail(
          'P10',
          `the cursor ${cursor.cursor} of ${connection} was committed without ${missing.join(', ')}`,
        )
    }
  }
}
