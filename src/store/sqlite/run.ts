/** One list of calls, one transaction. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { StoreError, messageOf } from '../errors.ts'
import { databaseFailure, storeError } from './failures.ts'
import type { VerbCall, VerbResult } from '../driver.ts'
import type { Statements, VerbTable } from './verbs.ts'

const perDatabase = new WeakMap<DatabaseSync, Statements>()
/** Whether the last transaction of a database waited for the disk. */
const waiting = new WeakMap<DatabaseSync, boolean>()

/** The prepared statements of a database: one set per database, whoever asks. */
export function statementsOf(db: DatabaseSync): Statements {
  const known = perDatabase.get(db)
  if (known !== undefined) return known
  const prepared = new Map<string, StatementSync>()
  const statements: Statements = {
    get(sql) {
      let statement = prepared.get(sql)
      if (statement === undefined) {
        statement = db.prepare(sql)
        prepared.set(sql, statement)
      }
      return statement
    },
  }
  perDatabase.set(db, statements)
  return statements
}

/**
 * Runs the calls in order in one transaction. A verb that throws undoes only itself: all are run again then, each in a
 * savepoint of its own, which is too much to pay where none throws. Throws a StoreError when the transaction as a whole failed; then nothing of it was written.
 *
 * A database at fault (full, damaged, unreadable) fails the whole transaction even where one verb met it: SQLite may
 * have rolled everything back by then.
 */
export function runVerbs(db: DatabaseSync, verbs: VerbTable, calls: readonly VerbCall[]): readonly VerbResult[] {
  if (calls.length === 0) return []
  const statements = statementsOf(db)
  try {
    setWaiting(db, waitsForDisk(verbs, calls))
    statements.get('BEGIN IMMEDIATE').run()
    const results = runAll(db, statements, verbs, calls)
    const isUndone = results.some(({ ok }) => !ok)
    statements.get(isUndone ? 'ROLLBACK' : 'COMMIT').run()
    if (!isUndone || calls.length === 1) return results
    statements.get('BEGIN IMMEDIATE').run()
    const each = calls.map((call) => runInSavepoint(db, statements, verbs, call))
    statements.get('COMMIT').run()
    return each
  } catch (error) {
    const failure = storeError(error)
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

/** Set anew for each call list that differs: SQLite carries this out when it compiles the statement. */
function setWaiting(db: DatabaseSync, waits: boolean): void {
  if (waiting.get(db) === waits) return
  db.exec(`PRAGMA synchronous = ${waits ? 'FULL' : 'NORMAL'}`)
  waiting.set(db, waits)
}

/** Up to the first that throws. */
function runAll(
  db: DatabaseSync,
  statements: Statements,
  verbs: VerbTable,
  calls: readonly VerbCall[],
): readonly VerbResult[] {
  const results: VerbResult[] = []
  for (const call of calls) {
    const result = runOne(db, statements, verbs, call)
    results.push(result)
    if (!result.ok) break
  }
  return results
}

function runInSavepoint(db: DatabaseSync, statements: Statements, verbs: VerbTable, call: VerbCall): VerbResult {
  statements.get('SAVEPOINT verb').run()
  const result = runOne(db, statements, verbs, call)
  if (!result.ok) statements.get('ROLLBACK TO verb').run()
  statements.get('RELEASE verb').run()
  return result
}

function runOne(db: DatabaseSync, statements: Statements, verbs: VerbTable, call: VerbCall): VerbResult {
  let result: VerbResult
  try {
    const verb = Object.hasOwn(verbs, call.verb) ? verbs[call.verb] : undefined
    if (verb === undefined) throw new TypeError(`The store has no verb "${call.verb}"`)
    // The types of a verb's input are held by the map that both its table and its callers are typed with.
    const output = verb(statements, call.input as never)
    if (output instanceof Promise) {
      output.catch(() => {})
      throw new TypeError(`The verb "${call.verb}" is not synchronous`)
    }
    result = { ok: true, output }
  } catch (error) {
    const failure = databaseFailure(error)
    // A verb's own StoreError (a wrong key, say) is its refusal; one that SQLite is behind is everyone's.
    if (failure !== undefined && failure !== error) throw failure
    result = { ok: false, error: error instanceof Error ? error : new Error(messageOf(error)) }
  }
  if (!db.isTransaction) throw new StoreError('store-failed', `the verb "${call.verb}" ended the transaction`)
  return result
}

function rollBack(db: DatabaseSync): void {
  try {
    if (db.isTransaction) db.exec('ROLLBACK')
  } catch {
    // The failure that led here is the one to tell; an unfinished transaction is never read as written.
  }
}
