/** The pairs of a flow that stand for each other, both there and in it, and what the store says of exactly these. */
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { SIDES, type Side } from '../../src/core/flow.ts'
import { KINDS, type KindName, type Stored } from './board.ts'
import { farSide } from './flow.ts'
import { tokenIn } from './ledger.ts'
import { rowsOf } from './reasons.ts'
import { isInFlow, type View } from './view.ts'

const side = z.enum(SIDES)
const Link = z.object({
  id: z.number(),
  pair: z.enum(KINDS),
  a_ref: z.string(),
  b_ref: z.string(),
  incarnation: z.number(),
  made: side.nullable(),
})
const Gap = z.object({ pair: z.string(), side, ref: z.string(), lens: z.string(), why: z.string() })
type Gap = z.infer<typeof Gap>
const Hold = z.object({ pair: z.string(), side, ref: z.string(), action: z.string() })
type Hold = z.infer<typeof Hold>
const Waiting = z.object({ pair: z.string(), side, ref: z.string() })
const Contest = z.object({ link: z.number(), lens: z.string() })
const Decided = Contest.extend({ a: z.string(), b: z.string(), winner: z.string() })

export interface Linked {
  readonly id: number
  readonly kind: KindName
  readonly a: Stored
  readonly b: Stored
  /** How often it was made again. */
  readonly incarnation: number
  /** The side whose item is the engine's copy; null: both stood there. */
  readonly made: Side | null
  /** Declared differences; a lens in brackets is the item as such. */
  readonly gaps: readonly Gap[]
  readonly holds: readonly Hold[]
  /** Lenses about which people are asked. */
  readonly contested: readonly string[]
  /** What an operator settled for the end from where nothing travels: the two stay as they are. */
  readonly accepted: boolean
  readonly waits: boolean
}

/** The lens that carries the text of a kind. */
export function lensOf(kind: KindName): 'name' | 'title' | 'body' {
  if (kind === 'room') return 'name'
  return kind === 'thread' || kind === 'series' ? 'title' : 'body'
}

export function linkedOf(view: View): readonly Linked[] {
  const { db, route, ends } = view
  const said = saidOf(db, route.id)
  const links = rowsOf(
    db,
    `SELECT id, pair, a_ref, b_ref, incarnation, made FROM link WHERE state = 'live' AND about IS NULL AND flow = ?`,
    route.id,
  )
  return links.flatMap((raw) => {
    const { id, pair: kind, a_ref: aRef, b_ref: bRef, incarnation, made } = Link.parse(raw)
    const [a, b] = [ends.a.board.get(kind, aRef), ends.b.board.get(kind, bRef)]
    if (a === null || b === null || a.emptied || b.emptied) return []
    if (!isInFlow(view, 'a', a) || !isInFlow(view, 'b', b)) return []
    const names = [`a ${kind} ${aRef}`, `b ${kind} ${bRef}`]
    return [
      {
        id,
        kind,
        a,
        b,
        incarnation,
        made,
        gaps: names.flatMap((name) => said.gaps.get(name) ?? []),
        holds: names.flatMap((name) => said.holds.get(name) ?? []),
        contested: said.contested.filter(({ link }) => link === id).map(({ lens }) => lens),
        accepted: said.decided.some(
          (each) =>
            each.link === id &&
            each.lens === lensOf(kind) &&
            each.winner === farSide(route.plan) &&
            tokenIn(each.a) === tokenIn(a.text) &&
            tokenIn(each.b) === tokenIn(b.text),
        ),
        waits: names.some((name) => said.waits.has(name)),
      },
    ]
  })
}

interface Said {
  readonly gaps: ReadonlyMap<string, readonly Gap[]>
  readonly holds: ReadonlyMap<string, readonly Hold[]>
  readonly contested: readonly z.infer<typeof Contest>[]
  readonly decided: readonly z.infer<typeof Decided>[]
  readonly waits: { has(name: string): boolean }
}

function saidOf(db: DatabaseSync, flow: string): Said {
  const about = `FROM held WHERE decision <> 'approved' AND flow = ?`
  return {
    gaps: byItem(
      rowsOf(db, 'SELECT pair, side, ref, lens, why FROM divergence WHERE flow = ?', flow).map((row) => Gap.parse(row)),
    ),
    holds: byItem(rowsOf(db, `SELECT pair, side, ref, action ${about}`, flow).map((row) => Hold.parse(row))),
    contested: rowsOf(db, 'SELECT link, lens FROM conflict WHERE resolved_at IS NULL AND flow = ?', flow).map((row) =>
      Contest.parse(row),
    ),
    decided: rowsOf(
      db,
      'SELECT link, lens, a, b, winner FROM decided WHERE link IN (SELECT id FROM link WHERE flow = ?)',
      flow,
    ).map((row) => Decided.parse(row)),
    waits: byItem(
      rowsOf(db, 'SELECT pair, side, ref FROM due WHERE waits_for IS NOT NULL AND flow = ?', flow).map((row) =>
        Waiting.parse(row),
      ),
    ),
  }
}

function byItem<Row extends z.infer<typeof Waiting>>(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  return Map.groupBy(rows, ({ pair, side: at, ref }) => `${at} ${pair} ${ref}`)
}
