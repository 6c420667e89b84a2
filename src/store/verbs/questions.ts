/**
 * Items that may be copies which a create of unknown outcome has made, and about which a person is asked. Until they answer,
 * no flow makes anything more of what the copy is of, nor of the copy.
 */
import { z } from 'zod'
import { canonical } from '../../connector/values.ts'
import { other, type Side } from '../../core/flow.ts'
import type { Held, Identity, Observation } from '../../core/state.ts'
import { deadOf } from './remade.ts'
import { jsonIn, toHeld, type Sql } from './rows.ts'

const Named = z.object({ connection: z.string(), kind: z.string(), ref: z.string() })
const Question = z.object({ of: Named, at: Named })
const BEGINS = 'copy '

/** Whether the item `at` is a copy of `of`: the fingerprint of the hold on `at`. */
export function questionOf(of: Identity, at: Identity): string {
  const named = ({ connection, kind, ref }: Identity): z.infer<typeof Named> => ({ connection, kind, ref })
  return `${BEGINS}${canonical({ of: named(of), at: named(at) })}`
}

/** Of an item `i` of this side, where a flow and a pair are bound: a person is asked what it is, or what became of its create. */
export function isHeldAsIs(side: Side): string {
  return `EXISTS (SELECT 1 FROM held h WHERE h.flow = ? AND h.pair = ? AND h.side = '${side}' AND h.ref = i.ref
       AND h.reason = 'ambiguous' AND h.decision = 'open')`
}

export interface Asked extends z.infer<typeof Question> {
  readonly held: Held
}

export function askedOf(sql: Sql): readonly Asked[] {
  return sql
    .get(
      `SELECT * FROM held WHERE reason = 'ambiguous' AND decision = 'open' AND fingerprint LIKE '${BEGINS}{%' ORDER BY id`,
    )
    .all()
    .map(toHeld)
    .map((held) => ({ ...Question.parse(jsonIn(held.fingerprint.slice(BEGINS.length))), held }))
}

/**
 * Those that concern an item without a counterpart: it, or what it was made again of, may have one; or it is one, of another
 * flow's; or another flow may have made its deleted counterpart again.
 */
export function askedAbout(
  sql: Sql,
  flow: string,
  asked: readonly Asked[],
  side: Side,
  item: Observation,
  counterpart: Observation | null,
): readonly Held[] {
  if (asked.length === 0) return []
  const refs = [item.ref, ...deadOf(sql, flow, side, item)]
  const dead = counterpart?.state === 'deleted' || counterpart?.emptied === true ? counterpart : null
  return asked
    .filter(({ of, at, held }) =>
      held.flow === flow
        ? refs.some((ref) => isNamed(of, item, ref))
        : isNamed(at, item) || (dead !== null && wereLinked(sql, held, of, dead)),
    )
    .map(({ held }) => held)
}

/** Whether people are asked what it is, or about it: nothing is made of it now. */
export function isAsked(
  sql: Sql,
  flow: string,
  asked: readonly Asked[],
  side: Side,
  item: Observation,
  counterpart: Observation | null,
): boolean {
  const isOwn = asked.some(({ at, held }) => held.flow === flow && isNamed(at, item))
  return isOwn || askedAbout(sql, flow, asked, side, item, counterpart).length > 0
}

function isNamed(named: Identity, { connection, kind, ref: own }: Identity, ref: string = own): boolean {
  return named.connection === connection && named.kind === kind && named.ref === ref
}

function wereLinked(sql: Sql, { flow, pair, side }: Held, of: Identity, dead: Observation): boolean {
  const far = other(side)
  const row = sql
    .get(
      `SELECT 1 FROM link WHERE flow = ? AND pair = ? AND ${side}_ref = ? AND ${side}_kind = ? AND ${side}_connection = ? AND ${far}_ref = ? LIMIT 1`,
    )
    .get(flow, pair, dead.ref, dead.kind, dead.connection, of.ref)
  return row !== undefined
}
