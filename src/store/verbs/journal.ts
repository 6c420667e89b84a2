/** Every action with its before and after values: what explains and undoes. */
import type { JournalEntry } from '../store.ts'
import type { Sql } from './rows.ts'

export function writeJournal(sql: Sql, entry: Omit<JournalEntry, 'id'>): void {
  sql
    .get(
      'INSERT INTO journal (at, flow, pair, link, action, side, a_ref, b_ref, before_json, after_json, why, waited_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    .run(
      entry.at,
      entry.flow,
      entry.pair,
      entry.link,
      entry.action,
      entry.side,
      entry.refs.a,
      entry.refs.b,
      JSON.stringify(entry.before),
      JSON.stringify(entry.after),
      entry.why,
      entry.waitedMs,
    )
}
