/** What was done and what is still to do, as people ask for it: by flow, kind, person and time. */
import { z } from 'zod'
import type { Json } from '../../connector/values.ts'
import type { Side } from '../../core/flow.ts'
import type { JournalEntry } from '../../core/state.ts'
import { toJournal } from './journal.ts'
import { jsonIn, personIn, type Sql } from './rows.ts'

/** One side of a pair of kinds of a flow. */
export interface AskedSide {
  readonly flow: string
  readonly pair: string
  readonly side: Side
  readonly connection: string
  readonly kind: string
}

export interface Asked {
  /** Only these: both sides of each pair that is meant. */
  readonly sides: readonly AskedSide[]
  /** Who wrote the item, by name or by ref; null: anybody. */
  readonly person: string | null
  /** From then on, and before then; null: without bound. */
  readonly since: number | null
  readonly until: number | null
  readonly limit: number
}

export interface HistoryEntry extends JournalEntry {
  /** Who wrote the item that called for it, and what it holds now. */
  readonly person: string | null
  readonly source: Json
}

/** A journal entry with the item on the side that called for it. */
const JOURNAL = `
  SELECT j.*, i.author_json, i.values_json FROM journal j
  JOIN json_each(?1) s ON s.value ->> 'flow' = j.flow AND s.value ->> 'pair' = j.pair AND s.value ->> 'side' <> j.side
  LEFT JOIN item i ON i.connection = s.value ->> 'connection' AND i.kind = s.value ->> 'kind'
    AND i.ref = CASE j.side WHEN 'a' THEN j.b_ref ELSE j.a_ref END`
/** By ref, by name, or by whole words of it. */
const BY_PERSON = `(CAST(?2 AS TEXT) IS NULL OR i.author_json ->> 'ref' = ?2
  OR ' ' || lower(i.author_json ->> 'name') || ' ' LIKE CAST(?3 AS TEXT) ESCAPE '!')`

/** Of a name in lower case, as both databases have it: of the letters A to Z alone, whatever the server is set to. */
function wordsLike(person: string | null): string | null {
  if (person === null) return null
  return `% ${person.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase()).replaceAll(/[!%_]/g, '!$&')} %`
}

const Authored = z.object({ author_json: z.string().nullable() })

function nameIn(row: unknown): string | null {
  const { author_json: text } = Authored.parse(row)
  if (text === null) return null
  const { ref, name } = personIn(text)
  return name ?? ref
}

const Valued = z.object({ values_json: z.string().nullable() })

function valuesIn(row: unknown): Json {
  const { values_json: text } = Valued.parse(row)
  return text === null ? null : jsonIn(text)
}

/** The newest first. */
export function history(sql: Sql, { sides, person, since, until, limit }: Asked): readonly HistoryEntry[] {
  return sql
    .get(`${JOURNAL} WHERE ${BY_PERSON} AND j.at >= ?4 AND j.at < ?5 ORDER BY j.id DESC LIMIT CAST(?6 AS BIGINT)`)
    .all(JSON.stringify(sides), person, wordsLike(person), since ?? 0, until ?? Number.MAX_SAFE_INTEGER, limit)
    .map((row) => ({ ...toJournal(row), person: nameIn(row), source: valuesIn(row) }))
}

export interface QueueEntry {
  readonly is: 'item' | 'write' | 'hint'
  /** Null of a hint, which is not yet of any flow. */
  readonly flow: string | null
  readonly pair: string | null
  readonly connection: string
  readonly kind: string
  readonly ref: string
  readonly values: Json
  readonly person: string | null
  readonly since: number
  readonly state: 'ready' | 'waits' | 'later' | 'in hand'
  readonly attempts: number
  readonly notBefore: number
  readonly why: string
}

const QueueRow = z.object({
  is: z.enum(['item', 'write', 'hint']),
  flow: z.string().nullable(),
  pair: z.string().nullable(),
  connection: z.string(),
  kind: z.string(),
  ref: z.string(),
  values_json: z.string().nullable(),
  author_json: z.string().nullable(),
  since: z.number(),
  claimed: z.number(),
  waits_for: z.string().nullable(),
  attempts: z.number(),
  not_before: z.number(),
  why: z.string(),
})

const QUEUE = `
  WITH s AS (SELECT value ->> 'flow' AS flow, value ->> 'pair' AS pair, value ->> 'side' AS side,
      value ->> 'connection' AS connection, value ->> 'kind' AS kind FROM json_each(?1)),
  q AS (
    SELECT 'item' AS "is", d.flow, d.pair, s.connection, s.kind, d.ref, d.since, d.claimed, d.waits_for, d.attempts, d.not_before, d.why
      FROM due d JOIN s ON s.flow = d.flow AND s.pair = d.pair AND s.side = d.side
    UNION ALL SELECT 'write', t.flow, t.pair, s.connection, s.kind, t.source_ref, t.sent_at, CASE t.state WHEN 'sent' THEN 1 ELSE 0 END,
        CASE t.state WHEN 'unknown' THEN 'an answer' END, t.attempts, t.ask_at, t.action || ' at ' || t.connection
      FROM intent t JOIN s ON s.flow = t.flow AND s.pair = t.pair AND s.side <> t.side
    UNION ALL SELECT 'hint', NULL, NULL, h.connection, h.kind, h.ref, h.since, h.claimed, NULL, h.attempts, h.not_before, h.why
      FROM inbox h WHERE EXISTS (SELECT 1 FROM s WHERE s.connection = h.connection AND h.kind IN (s.kind, '')))
  SELECT q.*, i.values_json, i.author_json FROM q
  LEFT JOIN item i ON i.connection = q.connection AND i.kind = q.kind AND i.ref = q.ref`

/** The oldest first. */
export function queue(
  sql: Sql,
  { sides, person, since, until, limit, now }: Asked & { readonly now: number },
): readonly QueueEntry[] {
  return sql
    .get(
      `${QUEUE} WHERE ${BY_PERSON} AND q.since >= ?4 AND q.since < ?5 ORDER BY q.since, q.ref LIMIT CAST(?6 AS BIGINT)`,
    )
    .all(JSON.stringify(sides), person, wordsLike(person), since ?? 0, until ?? Number.MAX_SAFE_INTEGER, limit)
    .map((raw) => QueueRow.parse(raw))
    .map((row) => ({
      is: row.is,
      flow: row.flow,
      pair: row.pair,
      connection: row.connection,
      kind: row.kind,
      ref: row.ref,
      values: valuesIn(row),
      person: nameIn(row),
      since: row.since,
      state:
        row.claimed !== 0
          ? 'in hand'
          : row.waits_for !== null
            ? 'waits'
            : row.not_before > now
              ? 'later'
              : ('ready' as const),
      attempts: row.attempts,
      notBefore: row.not_before,
      why: row.why === '' ? (row.waits_for ?? '') : row.why,
    }))
}
