/** First contact: what stands on both sides without a link, and the links that it gets. */
import { other, SIDES, type Side } from '../../core/flow.ts'
import type { Observation } from '../../core/state.ts'
import type { PairSpec } from './subjects.ts'
import { NO_CORRECTION } from './links.ts'
import { isHeldAsIs } from './questions.ts'
import { toObservation, type Sql } from './rows.ts'
import { addLink, standsElsewhere, type NewLink } from './new-links.ts'
import { addHold, type NewHold } from './held.ts'
import { isSettled } from './taken.ts'
import { finishDue } from './waits.ts'
import { writeJournal } from './journal.ts'

export interface Unlinked {
  readonly flow: string
  readonly pair: PairSpec
  readonly scopes: { readonly [side in Side]: string }
  /** Only what could be linked is of use: `correctors` write corrections, null that there are none of this pair. */
  readonly toLink?: { readonly correctors: { readonly [side in Side]: string | null } | null }
}

function unlinkedOn(side: Side): string {
  return `FROM item i WHERE i.connection = ? AND i.kind = ? AND i.scope = ? AND i.state = 'present' AND i.emptied = 0 AND NOT EXISTS (
       SELECT 1 FROM link l WHERE l.${side}_ref = i.ref AND l.${side}_kind = i.kind AND l.${side}_connection = i.connection
       AND l.${other(side)}_connection = ?) AND NOT ${isHeldAsIs(side)} AND ${NO_CORRECTION}`
}

const UNLINKED = { a: unlinkedOn('a'), b: unlinkedOn('b') }

const CORRECTED = `AND i.parent IS NOT NULL AND (i.author_json IS NULL OR json_extract(i.author_json, '$.ref') = ?)`

/**
 * All items of one pair of kinds in one pair of scopes that no flow between these connections has linked, and about which
 * no person is asked and no create is open. Where one side has none, the other's would be read for nothing.
 */
export function unlinked(
  sql: Sql,
  { flow, pair, scopes, toLink }: Unlinked,
): { readonly [side in Side]: readonly Observation[] } {
  const where = (side: Side): string[] => {
    const { connection, kind } = pair[side]
    return [connection, kind, scopes[side], pair[other(side)].connection, flow, pair.id]
  }
  const isAny = (side: Side): boolean => sql.get(`SELECT 1 ${UNLINKED[side]} LIMIT 1`).get(...where(side)) !== undefined
  const isAnyCorrected = ({ correctors }: NonNullable<Unlinked['toLink']>): boolean =>
    correctors !== null &&
    SIDES.some(
      (side) =>
        sql.get(`SELECT 1 ${UNLINKED[side]} ${CORRECTED} LIMIT 1`).get(...where(side), correctors[side]) !== undefined,
    )
  if (toLink !== undefined && !SIDES.every(isAny) && !isAnyCorrected(toLink)) return { a: [], b: [] }
  const on = (side: Side): Observation[] =>
    sql
      .get(`SELECT * ${UNLINKED[side]} ORDER BY i.created_at NULLS FIRST, length(i.ref), i.ref`)
      .all(...where(side))
      .map(toObservation)
      .filter(isSettled(sql, { flow, pair }, side))
  return { a: on('a'), b: on('b') }
}

export interface Adopt {
  readonly flow: string
  readonly links: readonly NewLink[]
  readonly holds: readonly (NewHold & { readonly pair: string })[]
  readonly now: number
  readonly container: boolean
}

/**
 * Links items that stood on both sides already, but for one that stands for another by now. Nothing is written to either.
 * Answers how many links that made.
 */
export function adopt(sql: Sql, { flow, links, holds, now, container }: Adopt): number {
  let made = 0
  for (const link of links) {
    if (!container && standsElsewhere(sql, flow, link)) continue
    made += 1
    const id = addLink(sql, flow, link, now, container)
    for (const side of SIDES) {
      const row = sql
        .get('SELECT generation FROM due WHERE flow = ? AND pair = ? AND side = ? AND ref = ?')
        .get(flow, link.pair, side, link.refs[side])
      if (row !== undefined)
        finishDue(sql, flow, {
          pair: link.pair,
          side,
          ref: link.refs[side],
          generation: Number(row['generation']),
          since: now,
          attempts: 0,
          raised: false,
        })
    }
    writeJournal(sql, {
      at: now,
      flow,
      pair: link.pair,
      link: id,
      action: 'link',
      side: 'a',
      refs: link.refs,
      before: null,
      after: null,
      why:
        link.about === null
          ? `the same on both sides: ${link.by ?? 'as the configuration says'}`
          : 'a correction of our own',
      waitedMs: null,
      undoes: null,
    })
  }
  for (const hold of holds) addHold(sql, flow, hold.pair, hold, now)
  return made
}

/** The refs of all live links of one pair of kinds, a first. */
export function linkedRefs(
  sql: Sql,
  { flow, pair }: { readonly flow: string; readonly pair: string },
): readonly [string, string][] {
  return sql
    .get(`SELECT a_ref, b_ref FROM link WHERE flow = ? AND pair = ? AND state <> 'gone' AND about IS NULL ORDER BY id`)
    .all(flow, pair)
    .map((row) => [String(row['a_ref']), String(row['b_ref'])])
}
