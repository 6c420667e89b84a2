/** Whether a write may begin, as far as other writes and links go. */
import { other, SIDES, type Side } from '../../core/flow.ts'
import type { Identity, Intent, Link, Observation } from '../../core/state.ts'
import { linkById, openIntentAbout, openIntentOn } from './links.ts'
import { openDeleteAbove, openDeleteOf, openWriteUnder, ourIntent } from './intents.ts'
import { remade } from './remade.ts'
import { itemOf, texts, type Sql } from './rows.ts'
import type { PairSpec } from './subjects.ts'

/**
 * Why a write may not begin: `open`, the key of another one about the same two items, of whichever flow, or of what it goes
 * under; 'settled': it has been done, or its link is no more. Also of the head that it makes. Null: it may.
 */
export function hindrance(sql: Sql, intent: Intent): { readonly open: string } | 'settled' | null {
  const head = headIn(sql, intent)
  const open = openBefore(sql, intent, head)
  if (open !== null) return { open }
  return isDone(sql, intent, head) ? 'settled' : null
}

function openBefore(sql: Sql, intent: Intent, head: Head | null): string | null {
  const same = sql
    .get('SELECT key FROM intent WHERE key = ? OR (link = ? AND flow = ? AND pair = ?) LIMIT 1')
    .get(intent.key, intent.link, intent.flow, intent.pair)
  if (same !== undefined) return String(same['key'])
  const about = openIntentAbout(sql, intent, intent.pair, intent.sourceRef)
  if (about !== null) return about
  if (intent.ref !== null) return openAround(sql, intent, { ...intent, ref: intent.ref })
  if (intent.about !== null) return null
  return (
    (intent.parent === null ? null : openDeleteOf(sql, intent.connection, intent.parent)) ??
    remade(sql, intent) ??
    (head === null ? null : openIntentAbout(sql, intent, head.pair, head.ref))
  )
}

/** What goes takes along what is under it, with what was just written to that. */
function openAround(sql: Sql, { action }: Intent, item: Identity): string | null {
  return (
    openIntentOn(sql, item) ??
    openDeleteAbove(sql, item) ??
    (action === 'delete' ? openWriteUnder(sql, item.connection, item.ref) : null)
  )
}

function isDone(sql: Sql, intent: Intent, head: Head | null): boolean {
  if (intent.action !== 'create')
    return !mayWrite(sql, intent, intent.link === null ? null : linkById(sql, intent.link))
  if (intent.about !== null) return isCorrected(sql, intent, intent.about)
  return (
    isCopied(sql, intent, intent.pair, intent.sourceRef) ||
    (head !== null && isCopied(sql, intent, head.pair, head.ref))
  )
}

/** The first child that a create makes with its parent: its pair, and its ref at the source. */
interface Head {
  readonly pair: string
  readonly ref: string
}

function headIn(sql: Sql, { headKind, plan }: Intent): Head | null {
  if (headKind === null) return null
  const head = sql
    .get(`SELECT json_extract(?1, '$.head.pair') AS pair, json_extract(?1, '$.head.action.source.ref') AS ref`)
    .get(JSON.stringify(plan))
  return typeof head?.['pair'] === 'string' ? { pair: head['pair'], ref: String(head['ref']) } : null
}

/** Of an item without a counterpart: whether no create is open that it called for, or that may have made it. */
export function isSettled(
  sql: Sql,
  { flow, pair }: { readonly flow: string; readonly pair: PairSpec },
  side: Side,
): (item: Observation) => boolean {
  if (sql.get('SELECT 1 FROM intent LIMIT 1').get() === undefined) return () => true
  return (item) =>
    openIntentAbout(sql, { flow, side: other(side) }, pair.id, item.ref) === null && ourIntent(sql, item, flow) === null
}

/** Whether each of these items is the work of other flows of this store, or may be that of a create that is open. */
export function areOfOtherFlows(
  sql: Sql,
  { flow, items }: { readonly flow: string; readonly items: readonly Observation[] },
): boolean {
  const isLinked = ({ ref, kind, connection }: Observation): boolean =>
    SIDES.some(
      (side) =>
        sql
          .get(
            `SELECT 1 FROM link WHERE ${side}_ref = ? AND ${side}_kind = ? AND ${side}_connection = ? AND flow <> ? LIMIT 1`,
          )
          .get(ref, kind, connection, flow) !== undefined,
    )
  return items.every((item) => isLinked(item) || ourIntent(sql, item) !== null)
}

/** Of each of these items whether this flow links, or has linked, one with its key: it may be that one, gone elsewhere. */
export function haveKeysOfFlow(
  sql: Sql,
  {
    flow,
    items,
  }: { readonly flow: string; readonly items: readonly Pick<Observation, 'connection' | 'kind' | 'key'>[] },
): readonly boolean[] {
  const known = sql.get(
    `SELECT 1 FROM item i JOIN link l ON l.flow = ?1 AND ((l.a_connection = i.connection AND l.a_kind = i.kind AND l.a_ref = i.ref)
       OR (l.b_connection = i.connection AND l.b_kind = i.kind AND l.b_ref = i.ref))
     WHERE i.key = ?2 AND i.connection = ?3 AND i.kind = ?4 LIMIT 1`,
  )
  return items.map(({ connection, kind, key }) => known.get(flow, key, connection, kind) !== undefined)
}

/** The refs of all items of a kind that this store has ever known, wherever they stand and whatever became of them. */
export function knownRefs(
  sql: Sql,
  { connection, kind }: { readonly connection: string; readonly kind: string },
): readonly string[] {
  return texts(sql.get('SELECT ref FROM item WHERE connection = ? AND kind = ?').all(connection, kind), 'ref')
}

/** What a person takes back may be an item whose link sleeps; one that was emptied may be written though its link is history. */
function mayWrite(sql: Sql, { plan, action, connection, kind, ref }: Intent, link: Link | null): boolean {
  if (link?.state === 'live') return true
  const undoes = typeof plan === 'object' && plan !== null && 'undoes' in plan
  if (undoes && link?.state === 'asleep') return true
  return (undoes || action === 'delete') && ref !== null && itemOf(sql, { connection, kind, ref })?.emptied === true
}

function isCopied(sql: Sql, { flow, side }: Intent, pair: string, ref: string): boolean {
  const linked = sql
    .get(`SELECT 1 FROM link WHERE ${other(side)}_ref = ? AND flow = ? AND pair = ? AND state <> 'gone'`)
    .get(ref, flow, pair)
  return linked !== undefined
}

function isCorrected(sql: Sql, { flow, pair, side }: Intent, about: string): boolean {
  const live = sql
    .get(`SELECT 1 FROM link WHERE about = ? AND ${side}_ref <> '' AND flow = ? AND pair = ? AND state = 'live'`)
    .get(about, flow, pair)
  return live !== undefined
}
