/** One list of calls, one transaction. */
import { StoreError, messageOf } from './errors.ts'
import type { VerbCall, VerbResult } from './driver.ts'
import type { Sql } from './sql.ts'
import type { VerbTable } from './verb.ts'

/** A database as its driver uses it: one connection, by one owner. */
export interface Database {
  readonly sql: Sql
  /** Whether a transaction is open. */
  readonly isTransaction: boolean
  /** `waits`: what is committed has to survive a power cut. */
  begin(waits: boolean): void
  /** Throws where nothing of the transaction was written. */
  commit(): void
  rollback(): void
  /** The store's own failure behind an error; undefined where a statement alone is at fault (a constraint, its SQL). */
  failureOf(error: unknown): StoreError | undefined
  /** Resolves when it is let go of. */
  close(): Promise<void>
}

/**
 * Runs the calls in order in one transaction. A verb that throws undoes only itself: all are run again then, each in a
 * savepoint of its own, which is too much to pay where none throws. Throws a StoreError when the transaction as a whole
 * failed; then nothing of it was written.
 *
 * A database at fault (full, damaged, unreadable) fails the whole transaction even where one verb met it: everything
 * may have been rolled back by then.
 */
export function runVerbs(db: Database, verbs: VerbTable, calls: readonly VerbCall[]): readonly VerbResult[] {
  if (calls.length === 0) return []
  const waits = waitsForDisk(verbs, calls)
  try {
    db.begin(waits)
    const results = runAll(db, verbs, calls)
    const isUndone = results.some(({ ok }) => !ok)
    if (isUndone) db.rollback()
    else db.commit()
    if (!isUndone || calls.length === 1) return results
    db.begin(waits)
    const each = calls.map((call) => runInSavepoint(db, verbs, call))
    db.commit()
    return each
  } catch (error) {
    const failure = db.failureOf(error) ?? new StoreError('store-failed', messageOf(error), error)
    rollBack(db)
    throw failure
  }
}

/**
 * What is told outside has to survive a power cut. A commit that does not wait is never half there, never before an
 * earlier one, and durable with the next that waits; a process that is killed loses neither.
 */
function waitsForDisk(verbs: VerbTable, calls: readonly VerbCall[]): boolean {
  return calls.some(({ verb }) => !(Object.hasOwn(verbs, verb) && verbs[verb]?.redone === true))
}

/** Up to the first that throws. */
function runAll(db: Database, verbs: VerbTable, calls: readonly VerbCall[]): readonly VerbResult[] {
  const results: VerbResult[] = []
  for (const call of calls) {
    const result = runOne(db, verbs, call)
    results.push(result)
    if (!result.ok) break
  }
  return results
}

function runInSavepoint(db: Database, verbs: VerbTable, call: VerbCall): VerbResult {
  db.sql.get('SAVEPOINT verb').run()
  const result = runOne(db, verbs, call)
  if (!result.ok) db.sql.get('ROLLBACK TO verb').run()
  db.sql.get('RELEASE verb').run()
  return result
}

function runOne(db: Database, verbs: VerbTable, call: VerbCall): VerbResult {
  let result: VerbResult
  try {
    if (call.unfit !== undefined)
      throw new TypeError(`The input of the verb "${call.verb}" is not plain data: ${call.unfit}`)
    const verb = Object.hasOwn(verbs, call.verb) ? verbs[call.verb] : undefined
    if (verb === undefined) throw new TypeError(`The store has no verb "${call.verb}"`)
    // The types of a verb's input are held by the map that both its table and its callers are typed with.
    const output = verb(db.sql, call.input as never)
    if (output instanceof Promise) {
      output.catch(() => {})
      throw new TypeError(`The verb "${call.verb}" is not synchronous`)
    }
    result = { ok: true, output }
  } catch (error) {
    const failure = db.failureOf(error)
    // A verb's own StoreError (a wrong key, say) is its refusal; one that the database is behind is everyone's.
    if (failure !== undefined && failure !== error) throw failure
    result = { ok: false, error: error instanceof Error ? error : new Error(messageOf(error)) }
  }
  if (db.isTransaction) return result
  // With a connection that was lost in the middle of a verb its transaction is gone too.
  const failure = result.ok ? undefined : db.failureOf(result.error)
  throw failure ?? new StoreError('store-failed', `the verb "${call.verb}" ended the transaction`)
}

function rollBack(db: Database): void {
  try {
    if (db.isTransaction) db.rollback()
  } catch {
    // The failure that led here is the one to tell; an unfinished transaction is never read as written.
  }
}
