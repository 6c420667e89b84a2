/** P10: a cursor is committed only together with everything that lies before it. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { z } from 'zod'
import type { VerbCall } from '../../src/store/driver.ts'
import type { Ledger } from './ledger.ts'
import { PLACES, type Place, type Shape } from './shape.ts'
import type { Systems } from './system.ts'

const Observed = z.object({
  connection: z.enum(PLACES),
  changes: z.array(z.object({ kind: z.string(), ref: z.string() })),
  cursor: z.object({ feed: z.string(), cursor: z.string() }).optional(),
})

export class CursorOracle {
  private readonly systems: Systems
  private readonly ledger: Ledger
  private readonly db: DatabaseSync
  private readonly stored: StatementSync
  /** Where each feed was read first. */
  private readonly first = new Map<string, number>()

  constructor(db: DatabaseSync, systems: Systems, ledger: Ledger) {
    this.db = db
    this.stored = db.prepare('SELECT cursor FROM feed WHERE connection = ? AND feed = ?')
    this.systems = systems
    this.ledger = ledger
  }

  private note(connection: Place, feed: string, cursor: number): void {
    const name = `${connection} ${feed}`
    const known = this.first.get(name)
    const oldest = this.systems[connection].board.firstCursor
    if (known === undefined || known < oldest) this.first.set(name, Math.max(cursor, oldest))
  }

  /** Everything that every feed delivered is delivered once more. What is under way rests on the cursors before. */
  rewind(): void {
    for (const { handed } of Object.values(this.systems)) handed.clear()
    for (const [name, cursor] of this.first) {
      const [connection = '', feed = ''] = name.split(' ')
      this.db
        .prepare('UPDATE feed SET cursor = ? WHERE connection = ? AND feed = ?')
        .run(String(cursor), connection, feed)
    }
  }

  /** Null: the feed begins with this commit. */
  private storedCursor(connection: Place, feed: string): number | null {
    const cursor = this.stored.get(connection, feed)?.['cursor']
    return typeof cursor === 'string' ? Number(cursor) : null
  }

  check(calls: readonly VerbCall[]): void {
    for (const { verb, input } of calls) {
      if (verb !== 'observe') continue
      const { connection, changes, cursor } = Observed.parse(input)
      if (cursor === undefined) continue
      this.note(connection, cursor.feed, Number(cursor.cursor))
      const system = this.systems[connection]
      const kinds = kindsOf(cursor.feed, system.shape)
      const from = this.storedCursor(connection, cursor.feed)
      const given = new Set(changes.map(({ kind, ref }) => `${kind} ${ref}`))
      const page = system.handed.get(`${kinds} ${cursor.cursor}`)?.findLast((each) => each.from === from)
      const missing = (page?.refs ?? []).filter((ref) => !given.has(ref))
      if (missing.length > 0)
        this.ledger.fail(
          'P10',
          `the cursor ${cursor.cursor} of ${connection} was committed without ${missing.join(', ')}`,
        )
    }
  }
}

/** What a feed tells of, as pages are named that were handed out. */
function kindsOf(feed: string, { feeds, series }: Shape): string {
  if (feed === 'rooms') return 'room'
  return [...(feeds === 'one' ? ['room'] : []), 'thread', 'post', ...(series ? ['series', 'exception'] : [])].join()
}
