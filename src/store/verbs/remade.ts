/** A deleted item that one flow makes again: the other flows over it go on with what stands there now. */
import { sameValue, type Json, type Values } from '../../connector/values.ts'
import { bySide, other, SIDES, type Side } from '../../core/flow.ts'
import { stands, type Identity, type Intent, type Link, type Observation } from '../../core/state.ts'
import { closeConflicts } from './conflicts.ts'
import { writeJournal } from './journal.ts'
import { due, type Watch } from './due.ts'
import { isAway, linkById, openIntentAbout } from './links.ts'
import { itemOf, LINK, texts, toLink, type Sql } from './rows.ts'
import { linkToken, wake, wakeChildren } from './waits.ts'
import { rebase } from './settle.ts'

/** The key of an open write by which another flow makes a deleted item again: two at once would make two of it. */
export function remaking(sql: Sql, flow: string, item: Observation | null): string | null {
  if (item === null || (item.state !== 'deleted' && !item.emptied)) return null
  for (const side of SIDES) {
    const far = other(side)
    const open = sql
      .get(
        `SELECT i.key FROM intent i JOIN link o ON o.flow = i.flow
           AND (o.pair = i.pair AND o.${far}_ref = i.source_ref
             OR o.pair = json_extract(i.plan_json, '$.head.pair') AND o.${far}_ref = json_extract(i.plan_json, '$.head.action.source.ref'))
         WHERE i.action = 'create' AND i.side = ? AND i.flow <> ? AND o.${side}_ref = ? AND o.${side}_kind = ? AND o.${side}_connection = ? LIMIT 1`,
      )
      .get(side, flow, item.ref, item.kind, item.connection)
    if (open !== undefined) return String(open['key'])
  }
  return null
}

/** The key of an open write by which another flow makes what an intent would make again. */
export function remade(sql: Sql, { flow, link, side, connection, kind }: Intent): string | null {
  const dead = link === null ? null : linkById(sql, link)
  return dead === null ? null : remaking(sql, flow, itemOf(sql, { connection, kind, ref: dead.refs[side] }))
}

/** The deleted items that other flows have made again as this one. What came back by itself is none of them. */
export function deadOf(sql: Sql, flow: string, side: Side, item: Observation): readonly string[] {
  const far = other(side)
  const rows = sql
    .get(
      `SELECT o.${side}_ref AS ref FROM link m JOIN link o ON o.flow = m.flow AND o.pair = m.pair AND o.${far}_ref = m.${far}_ref AND o.id < m.id
       WHERE m.${side}_ref = ? AND m.${side}_kind = ? AND m.${side}_connection = ? AND m.flow <> ? AND m.incarnation > 0 AND o.state = 'gone'`,
    )
    .all(item.ref, item.kind, item.connection, flow)
  return texts(rows, 'ref').filter((ref) => !standsThere(sql, { ...item, ref }))
}

/** Whether this end of a link was deleted, and another flow made it again where this one does not reach. */
export function isRemadeAway(sql: Sql, link: Link, side: Side, item: Observation | null): boolean {
  if (link.incarnation === 0 || item?.state !== 'present' || !isAway(sql, link.flow, side, item.scope)) return false
  return deadOf(sql, link.flow, side, item).length > 0
}

/** The key of this flow's open create for a deleted item that another flow has made again meanwhile: as this one. */
export function copyingDead(sql: Sql, flow: string, pair: string, side: Side, item: Observation): string | null {
  for (const ref of deadOf(sql, flow, side, item)) {
    const open = openIntentAbout(sql, { flow, side: other(side) }, pair, ref)
    if (open !== null) return open
  }
  return null
}

/** A flow's two links of something that it has made again: the dead one, and that of what stands there now. */
interface Remake {
  readonly dead: Link
  readonly made: Link
  /** Where it was made again. */
  readonly side: Side
}

/** How a deleted item was made again by a flow other than this one; null: it was not. */
export function remakeOf(sql: Sql, flow: string, { connection, kind, ref }: Identity): Remake | null {
  if (standsThere(sql, { connection, kind, ref })) return null
  for (const side of SIDES) {
    const dead = sql
      .get(
        `${LINK} WHERE ${side}_ref = ? AND ${side}_kind = ? AND ${side}_connection = ? AND flow <> ? AND state = 'gone' ORDER BY id DESC`,
      )
      .all(ref, kind, connection, flow)
      .map(toLink)
    for (const each of dead) {
      const made = latestOf(sql, each, side)
      if (made !== null) return { dead: each, made, side }
    }
  }
  return null
}

/** The latest link with the same other end as a dead one, where that is another item made again. */
function latestOf(sql: Sql, { id, flow, pair, refs }: Link, side: Side): Link | null {
  const far = other(side)
  const row = sql
    .get(
      `${LINK} WHERE flow = ? AND pair = ? AND ${far}_ref = ? AND ${side}_ref <> ? AND incarnation > 0 AND id > ? ORDER BY id DESC LIMIT 1`,
    )
    .get(flow, pair, refs[far], refs[side], id)
  return row === undefined ? null : toLink(row)
}

interface Made {
  readonly watches: readonly Watch[]
  readonly now: number
}

/** A link that its flow has just made, under its new id. */
interface MadeLink extends Pick<Link, 'id' | 'flow' | 'pair' | 'refs' | 'incarnation' | 'about'> {
  readonly connections: { readonly [side in Side]: string }
  readonly kinds: { readonly [side in Side]: string }
}

/**
 * Of a link that a flow has just made: where it makes a deleted item again, the links of other flows that ended in that
 * one, and whose far ends stand, end in the new one from here on. Where its own source was made again meanwhile, it does.
 */
export function goOnElsewhere(sql: Sql, link: MadeLink, at: Made): void {
  if (link.about !== null) return
  const { flow, pair, connections, kinds, refs, incarnation } = link
  const own = (side: Side): Remake | null =>
    remakeOf(sql, flow, { connection: connections[side], kind: kinds[side], ref: refs[side] })
  const remakes = { a: own('a'), b: own('b') }
  const isPlain = incarnation === 0 && remakes.a === null && remakes.b === null
  const made = isPlain ? null : linkById(sql, link.id)
  if (made === null) return
  for (const side of SIDES) {
    const remake = remakes[side]
    if (remake !== null) goOn(sql, made, { end: side, remake, ...at })
    const far = other(side)
    const row = sql
      .get(
        `${LINK} WHERE flow = ? AND pair = ? AND ${far}_ref = ? AND ${side}_ref <> ? AND state = 'gone' AND id < ? ORDER BY id DESC LIMIT 1`,
      )
      .get(flow, pair, refs[far], refs[side], link.id)
    if (row === undefined || incarnation === 0) continue
    const dead = toLink(row)
    if (standsThere(sql, { connection: connections[side], kind: kinds[side], ref: dead.refs[side] })) continue
    for (const end of SIDES)
      for (const each of linksTo(sql, dead, side, end)) goOn(sql, each, { end, remake: { dead, made, side }, ...at })
  }
}

/**
 * After a delete that ended a link: had its source been made again while it was under way, that wants a copy of its own.
 * `watches` are of the connection that was written to: so the pair is due by its deleted end.
 */
export function dueAgain(sql: Sql, id: number, at: Made): void {
  const link = linkById(sql, id)
  if (link === null || link.incarnation === 0) return
  for (const side of SIDES) {
    if (standsThere(sql, endOf(sql, id, side))) dueAt(sql, link, other(side), link.refs[other(side)], at)
  }
}

function dueAt(sql: Sql, link: Link, side: Side, ref: string, { watches, now }: Made): void {
  for (const watch of watches)
    if (watch.flow === link.flow && watch.pair === link.pair && watch.side === side)
      due(sql, watch, { ref, createdAt: null }, now)
}

function standsThere(sql: Sql, identity: Identity): boolean {
  const item = itemOf(sql, identity)
  return item !== null && stands(item)
}

function endOf(sql: Sql, link: number, side: Side): Identity {
  const row = sql
    .get(`SELECT ${side}_connection AS connection, ${side}_kind AS kind, ${side}_ref AS ref FROM link WHERE id = ?`)
    .get(link)
  return { connection: String(row?.['connection']), kind: String(row?.['kind']), ref: String(row?.['ref']) }
}

/** The latest links of other flows that end where one of this flow ended, and whose far ends nobody deleted. */
function linksTo(sql: Sql, dead: Link, side: Side, end: Side): Link[] {
  const far = other(end)
  const { connection, kind, ref } = endOf(sql, dead.id, side)
  return sql
    .get(
      `${LINK} WHERE ${end}_connection = ? AND ${end}_kind = ? AND ${end}_ref = ? AND flow <> ? AND about IS NULL
       AND NOT EXISTS (SELECT 1 FROM link n WHERE n.flow = link.flow AND n.pair = link.pair AND n.${far}_ref = link.${far}_ref AND n.id > link.id)
       AND EXISTS (SELECT 1 FROM item i WHERE i.connection = link.${far}_connection AND i.kind = link.${far}_kind AND i.ref = link.${far}_ref
         AND i.state <> 'deleted' AND i.emptied = 0)`,
    )
    .all(connection, kind, ref, dead.flow)
    .map(toLink)
}

interface Continued extends Made {
  readonly end: Side
  readonly remake: Remake
}

/** What has left its flow at the far end stays out of it. */
function goOn(sql: Sql, link: Link, { end, remake, watches, now }: Continued): void {
  const { made, side } = remake
  const far = other(end)
  const ref = made.refs[side]
  const base = baseAfter(link, end, remake, itemOf(sql, endOf(sql, link.id, end))?.values ?? {})
  sql
    .get(
      `UPDATE link SET ${end}_ref = ?, incarnation = incarnation + 1, state = CASE
         WHEN EXISTS (SELECT 1 FROM item i WHERE i.connection = link.${far}_connection AND i.kind = link.${far}_kind AND i.ref = link.${far}_ref
           AND i.state = 'present') THEN 'live' ELSE 'asleep' END WHERE id = ?`,
    )
    .run(ref, link.id)
  rebase(sql, link.id, base)
  const why = `${link.refs[end]} was deleted, and is made again by the flow ${made.flow}`
  closeConflicts(sql, { link: link.id, why }, now)
  wake(sql, linkToken(link.id))
  wakeChildren(sql, link.id)
  dueAt(sql, link, end, ref, { watches, now })
  writeJournal(sql, {
    at: now,
    flow: link.flow,
    pair: link.pair,
    link: link.id,
    action: 'link',
    side: end,
    refs: { ...link.refs, [end]: ref },
    before: null,
    after: null,
    why,
    waitedMs: null,
    undoes: null,
  })
}

/**
 * What a link that goes on has agreed on. `said`: what the deleted item held at last. What its flow had carried of that, or of
 * what the new item is made from, is no news in the new item, in whatever form it stands there, unless somebody edited what
 * that was made from. Where the flow that made it had not come as far, the new item is older than the far end.
 */
function baseAfter(link: Link, end: Side, { dead, made, side }: Remake, said: Values): Link['base'] {
  const far = other(side)
  const isEdited = Object.entries(dead.base[far]).some(([field, value]) => !sameValue(made.base[far][field], value))
  if (isEdited) return { a: {}, b: {} }
  const copied = dead.base[side]
  const isCopied = (field: string, value: Json): boolean => field in copied && sameValue(copied[field], value)
  const carried = Object.entries(link.base[end]).filter(
    ([field, value]) => sameValue(said[field], value) || isCopied(field, value),
  )
  const again = carried.flatMap(([field]) =>
    field in made.base[side] ? [[field, made.base[side][field] ?? null]] : [],
  )
  const isOlder = carried.some(([field, value]) => field in copied && !isCopied(field, value))
  const unknown = Object.keys(link.base[other(end)]).map((field) => [field, null])
  return bySide<Values>(end, Object.fromEntries(again), isOlder ? Object.fromEntries(unknown) : {})
}
