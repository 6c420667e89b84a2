/** A deleted item that one flow makes again: the other flows over it go on with what stands there now. */
import { sameValue, type Values } from '../../connector/values.ts'
import { bySide, other, SIDES, type Side } from '../../core/flow.ts'
import type { Intent, Link, Observation } from '../store.ts'
import { writeJournal } from './journal.ts'
import { due, type Watch } from './due.ts'
import { itemOf, LINK, toLink, type Sql } from './rows.ts'
import { linkById, rebase, wakeChildren } from './settle.ts'

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

/** Whether another flow makes what an intent would make again. */
export function isRemade(sql: Sql, { flow, link, side, connection, kind }: Intent): boolean {
  const dead = link === null ? null : linkById(sql, link)
  return dead !== null && remaking(sql, flow, itemOf(sql, { connection, kind, ref: dead.refs[side] })) !== null
}

interface Remade {
  /** The link of what was made again. */
  readonly link: number
  readonly watches: readonly Watch[]
  readonly now: number
}

/**
 * Where a link of another flow ends in what was deleted, and its far end stands, it ends in the new one from here on. What
 * has left that flow at its far end stays out of it.
 */
export function goOnElsewhere(sql: Sql, { link, watches, now }: Remade): void {
  const made = linkById(sql, link)
  if (made === null) return
  for (const side of SIDES) {
    const far = other(side)
    const row = sql
      .get(
        `${LINK} WHERE flow = ? AND pair = ? AND ${far}_ref = ? AND ${side}_ref <> ? AND state = 'gone' AND id < ? ORDER BY id DESC LIMIT 1`,
      )
      .get(made.flow, made.pair, made.refs[far], made.refs[side], link)
    if (row === undefined) continue
    const before = toLink(row)
    const isEdited = Object.entries(before.base[far]).some(([field, value]) => !sameValue(made.base[far][field], value))
    const stands = { ref: made.refs[side], base: isEdited ? null : made.base[side] }
    for (const end of SIDES)
      for (const each of linksTo(sql, before, side, end))
        goOn(sql, each, { end, stands, watches, now, flow: made.flow })
  }
}

/** The latest links of other flows that end where one of this flow ended, and whose far ends nobody deleted. */
function linksTo(sql: Sql, before: Link, side: Side, end: Side): Link[] {
  const far = other(end)
  return sql
    .get(
      `${LINK} WHERE (${end}_connection, ${end}_kind, ${end}_ref) = (SELECT ${side}_connection, ${side}_kind, ${side}_ref FROM link WHERE id = ?)
       AND flow <> ? AND about IS NULL
       AND NOT EXISTS (SELECT 1 FROM link n WHERE n.flow = link.flow AND n.pair = link.pair AND n.${far}_ref = link.${far}_ref AND n.id > link.id)
       AND EXISTS (SELECT 1 FROM item i WHERE i.connection = link.${far}_connection AND i.kind = link.${far}_kind AND i.ref = link.${far}_ref
         AND i.state <> 'deleted' AND i.emptied = 0)`,
    )
    .all(before.id, before.flow)
    .map(toLink)
}

interface Continued {
  readonly end: Side
  /** What stands there now, and its values where nobody has edited them: what the other end says is later then. */
  readonly stands: { readonly ref: string; readonly base: Values | null }
  /** By which it is made again. */
  readonly flow: string
  readonly watches: readonly Watch[]
  readonly now: number
}

function goOn(sql: Sql, link: Link, { end, stands: { ref, base }, flow, watches, now }: Continued): void {
  const far = other(end)
  sql
    .get(
      `UPDATE link SET ${end}_ref = ?, incarnation = incarnation + 1, state = CASE
         WHEN EXISTS (SELECT 1 FROM item i WHERE i.connection = link.${far}_connection AND i.kind = link.${far}_kind AND i.ref = link.${far}_ref
           AND i.state = 'present') THEN 'live' ELSE 'asleep' END WHERE id = ?`,
    )
    .run(ref, link.id)
  if (base !== null) {
    const unknown = Object.fromEntries(Object.keys(link.base[far]).map((field) => [field, null]))
    rebase(sql, link.id, bySide(end, base, unknown))
  }
  wakeChildren(sql, link.id)
  for (const watch of watches)
    if (watch.flow === link.flow && watch.pair === link.pair && watch.side === end)
      due(sql, watch, { ref, createdAt: null }, now)
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
    why: `${link.refs[end]} was deleted, and is made again by the flow ${flow}`,
    waitedMs: null,
    undoes: null,
  })
}
