/** Every action with its before and after values: what explains and undoes. */
import { z } from 'zod'
import type { JournalEntry, NewEntry } from '../../core/state.ts'
import { jsonIn, type Sql } from './rows.ts'

export function writeJournal(sql: Sql, entry: NewEntry): void {
  sql
    .get(
      `INSERT INTO journal (at, flow, pair, link, action, side, a_ref, b_ref, before_json, after_json, why, waited_ms, undoes, run)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce((SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'process'), 0))`,
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
      entry.undoes,
    )
}

const JournalRow = z.object({
  id: z.number(),
  at: z.number(),
  flow: z.string(),
  pair: z.string(),
  link: z.number().nullable(),
  action: z.string(),
  side: z.enum(['a', 'b']),
  a_ref: z.string().nullable(),
  b_ref: z.string().nullable(),
  before_json: z.string(),
  after_json: z.string(),
  why: z.string(),
  waited_ms: z.number().nullable(),
  run: z.number(),
  undoes: z.number().nullable(),
})

export function toJournal(raw: unknown): JournalEntry {
  const row = JournalRow.parse(raw)
  return {
    id: row.id,
    at: row.at,
    flow: row.flow,
    pair: row.pair,
    link: row.link,
    action: row.action,
    side: row.side,
    refs: { a: row.a_ref, b: row.b_ref },
    before: jsonIn(row.before_json),
    after: jsonIn(row.after_json),
    why: row.why,
    waitedMs: row.waited_ms,
    run: row.run,
    undoes: row.undoes,
  }
}
