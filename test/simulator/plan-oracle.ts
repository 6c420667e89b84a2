/** P8: no write is begun on what is known to have changed since it was planned. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { z } from 'zod'
import type { VerbCall, VerbResult } from '../../src/store/driver.ts'
import type { Ledger } from './ledger.ts'

const Begun = z.object({
  intent: z.object({ action: z.string(), connection: z.string(), pair: z.string(), sourceRef: z.string() }),
  seen: z.array(z.object({ connection: z.string(), kind: z.string(), ref: z.string(), rev: z.number() })),
})

/** Those that change what is known of items: beside them in one transaction, what stood before it says nothing. */
const READING = new Set(['observe', 'finish'])

export class PlanOracle {
  private readonly ledger: Ledger
  private readonly rev: StatementSync

  constructor(db: DatabaseSync, ledger: Ledger) {
    this.ledger = ledger
    this.rev = db.prepare('SELECT rev FROM item WHERE connection = ? AND kind = ? AND ref = ?')
  }

  /** Called before a transaction; what it answers is called with its results. */
  watch(calls: readonly VerbCall[]): (results: readonly VerbResult[]) => void {
    if (calls.some(({ verb }) => READING.has(verb))) return () => undefined
    const stale = calls.map(({ verb, input }) => (verb === 'begin' ? this.changed(input) : null))
    return (results) => {
      for (const [index, what] of stale.entries()) {
        const result = results[index]
        if (what !== null && result?.ok === true && result.output === 'begun') this.ledger.fail('P8', what)
      }
    }
  }

  private changed(input: unknown): string | null {
    const { intent, seen } = Begun.parse(input)
    const old = seen.find(
      ({ connection, kind, ref, rev }) => (this.rev.get(connection, kind, ref)?.['rev'] ?? 0) !== rev,
    )
    const { action, connection, pair, sourceRef } = intent
    return old === undefined
      ? null
      : `began to ${action} the ${pair} of ${sourceRef} at ${connection}, though ${old.connection} ${old.kind} ${old.ref} had changed since that was planned`
  }
}
