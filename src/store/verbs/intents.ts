/** Intents that are open: when their calls are sent, and which are to be asked about. */
import type { Intent } from '../store.ts'
import { toIntent, type Sql } from './rows.ts'

/** The call had to wait since its intent: only now is it sent. */
export function noteTurn(sql: Sql, { key, now }: { readonly key: string; readonly now: number }): null {
  sql.get('UPDATE intent SET turn_at = ? WHERE key = ?').run(now, key)
  return null
}

export interface OpenIntents {
  /** Those of earlier processes, and those whose outcome is unknown. */
  readonly process: number
  readonly now: number
  /** Of these connections, which can be asked something now. */
  readonly connections: readonly string[]
}

export function openIntents(sql: Sql, { process, now, connections }: OpenIntents): readonly Intent[] {
  return sql
    .get(
      `SELECT * FROM intent WHERE (process < ? OR state = 'unknown') AND ask_at <= ? AND connection IN (SELECT value FROM json_each(?))
       ORDER BY sent_at, key`,
    )
    .all(process, now, JSON.stringify(connections))
    .map(toIntent)
}

/** Of an intent: a person is asked what became of it, and says so in the end where nothing else does. */
export const ASKED = `EXISTS (SELECT 1 FROM held h WHERE h.fingerprint = intent.key AND h.decision = 'open')`

/** Its outcome is known: nobody is asked any more. Answers whether it was open. */
export function endIntent(sql: Sql, key: string): boolean {
  const ended = sql.get('DELETE FROM intent WHERE key = ? RETURNING state').get(key)
  // People are asked only about what had no answer: most writes have one, and what is held may be much.
  if (ended?.['state'] === 'unknown') sql.get(`DELETE FROM held WHERE fingerprint = ? AND decision = 'open'`).run(key)
  return ended !== undefined
}
