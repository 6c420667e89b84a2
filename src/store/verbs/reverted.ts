/** Two writers that undo each other: whether a write has been made again and again. */
import { isObject, sameValue, type Json, type Values } from '../../connector/values.ts'
import type { Intent } from '../../core/state.ts'
import { jsonIn, texts, type Sql } from './rows.ts'

/** So often within the span the same values may be written to the same item. */
const TIMES = 5
const SPAN_MS = 3600_000

/** A person who approved it is asked no more. */
export function isReverted(sql: Sql, intent: Intent, changed: Values, now: number): boolean {
  if (intent.action !== 'update' || intent.link === null) return false
  const fields = Object.keys(changed)
  const written = texts(
    sql
      .get(`SELECT after_json FROM journal WHERE link = ? AND side = ? AND action = 'update' AND at > ?`)
      .all(intent.link, intent.side, now - SPAN_MS),
    'after_json',
  )
  const same = written.map(jsonIn).filter((after) => fields.every((field) => holds(after, field, changed)))
  if (fields.length === 0 || same.length < TIMES) return false
  const approved = sql
    .get(`SELECT 1 FROM held WHERE flow = ? AND pair = ? AND fingerprint = ? AND decision = 'approved'`)
    .get(intent.flow, intent.pair, intent.fingerprint)
  return approved === undefined
}

function holds(after: Json, field: string, changed: Values): boolean {
  return isObject(after) && field in after && sameValue(after[field], changed[field])
}
