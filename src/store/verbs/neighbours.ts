/** What planning has to know about a subject's neighbours: its children, its siblings, its parent, open creates. */
import { createHash } from 'node:crypto'
import type { ChildCount, WithParent } from '../../core/action.ts'
import { canonical, sameValue, type Json, type Ref } from '../../connector/values.ts'
import { isTold } from '../../core/base.ts'
import { bySide, other, SIDES, type Side } from '../../core/flow.ts'
import { refsIn } from '../../core/people.ts'
import type { Identity, Link, Observation } from '../../core/state.ts'
import { openCreateUnder, ourIntent } from './intents.ts'
import { IS_PLACED, isCorrection, linkOf, NO_CORRECTION, openIntentOf, openIntentOn, sideOf } from './links.ts'
import { personsOf } from './aliases.ts'
import type { Arrival, DueRow, Load, LoadedSubject, PairSpec, SideSpec } from './subjects.ts'
import { isToBeRead } from './unread.ts'
import { remakeOf } from './remade.ts'
import { areOtherFiles } from './staying.ts'
import { toObservation, type Sql } from './rows.ts'

/** Whether it is the first under its parent, and others are there. */
export function doesLead(sql: Sql, spec: SideSpec, item: Observation | null): boolean {
  if (spec.parent === null || item === null || item.parent === null) return false
  const siblings = `FROM item i WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present' AND ${NO_CORRECTION}`
  const where = [item.connection, item.kind, item.parent] as const
  const first = sql
    .get(`SELECT ref ${siblings} AND ${IS_PLACED} ORDER BY created_at NULLS FIRST, length(ref), ref LIMIT 1`)
    .get(...where)
  if (first?.['ref'] !== item.ref) return false
  return sql.get(`SELECT 1 ${siblings} AND ref <> ? LIMIT 1`).get(...where, item.ref) !== undefined
}

/**
 * Whether deleting it would end its parent, made together with such an item, although somebody changed the parent since
 * it was last agreed upon. Asked where the other side's item is gone.
 */
export function endsChanged(
  sql: Sql,
  input: Load,
  pair: PairSpec,
  side: Side,
  sides: { a: Observation | null; b: Observation | null },
): boolean {
  const spec = pair[side]
  const item = sides[side]
  if (
    spec.parent === null ||
    item?.parent == null ||
    item.state !== 'present' ||
    isThere(sql, input.flow, other(side), sides[other(side)], item)
  )
    return false
  const parents = input.pairs.find(
    ({ [side]: { kind, head } }) => kind === spec.parent?.kind && head?.kind === spec.kind,
  )
  if (parents === undefined) return false
  const link = linkOf(sql, parents, side, item.parent, input.flow)
  const parent = sideOf(sql, parents, side, item.parent)
  if (link === null || link === 'elsewhere' || parent?.state !== 'present') return false
  // What our own write left unread shows nobody's change.
  if (parent.unread || !isEdited(sql, parents, link, side, parent, parents[side].refs)) return false
  const sibling = sql
    .get(
      `SELECT 1 FROM item WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present' AND ref <> ? LIMIT 1`,
    )
    .get(item.connection, item.kind, item.parent, item.ref)
  return sibling === undefined
}

/** `but`: references, which tell where it is and not what it says. */
function isEdited(
  sql: Sql,
  pair: PairSpec,
  link: Link,
  side: Side,
  item: Observation,
  but: SideSpec['refs'] = [],
): boolean {
  const { base } = link
  const { values } = item
  const { [side]: spec } = pair
  const { compared, untold, people } = spec
  return [...Object.keys(base[side]), ...compared].some((field) => {
    const [now, was] = [values[field], base[side][field]]
    if (but.some((each) => each.field === field) || !isTold(untold, values, field)) return false
    if (spec.files?.fields.includes(field) === true) return areOtherFiles(sql, link, { side, spec, item }, { now, was })
    const isSet = people.fields.includes(field) && (Array.isArray(now) || Array.isArray(was))
    return isSet ? areOthers(sql, pair, side, { now: refsIn(now), was: refsIn(was) }) : !sameValue(now, was)
  })
}

/** Who is known on the other side came or went: a base holds nobody else. */
function areOthers(
  sql: Sql,
  pair: PairSpec,
  side: Side,
  { now, was }: { readonly now: readonly Ref[]; readonly was: readonly Ref[] },
): boolean {
  const came = now.filter((ref) => !was.includes(ref))
  const known = personsOf(sql, pair, bySide(side, came, [])).filter((each) => each.side === side && each.alias !== null)
  return known.length > 0 || was.some((ref) => !now.includes(ref))
}

export const CHILDLESS: ChildCount = { living: 0, surviving: 0, answers: '', staying: 0, unread: 0, open: null }

/** Not deleted, nor in another place than its counterpart, also where this flow does not reach: that may be to go too. */
function isThere(
  sql: Sql,
  flow: string,
  side: Side,
  item: Observation | null,
  counterpart: Observation | null,
): boolean {
  if (item?.state !== 'present' || item.scope === '') return item === null || item.state === 'present'
  const far = other(side)
  const row = sql
    .get(
      `SELECT 1 FROM instance WHERE flow = ? AND ${side}_scope = ? AND (CAST(? AS TEXT) IS NULL OR ${far}_scope = ?)`,
    )
    .get(flow, item.scope, counterpart?.scope ?? null, counterpart?.scope ?? null)
  return row !== undefined
}

/**
 * Counted where the other side's item is gone: what would be taken along, and what speaks against it or would bring that
 * back.
 */
export function childrenOf(
  sql: Sql,
  input: Load,
  pair: PairSpec,
  side: Side,
  link: Link | null,
  sides: { a: Observation | null; b: Observation | null },
): ChildCount {
  const own = sides[side]
  if (link === null || own?.state !== 'present') return CHILDLESS
  const stays = isThere(sql, input.flow, other(side), sides[other(side)], own)
  if (stays && !pair.filtered) return CHILDLESS
  let living = 0
  const answers: Json[] = []
  let staying = 0
  let unread = 0
  let open = openCreateUnder(sql, own)
  for (const child of input.pairs.filter((each) => each[side].parent?.kind === pair[side].kind)) {
    const rows = sql
      .get(`SELECT * FROM item WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present'`)
      .all(own.connection, child[side].kind, own.ref)
    for (const item of rows.map(toObservation)) {
      living += 1
      const ended = link.state === 'gone'
      const fate = fateOf(sql, input, child, { side, item, stays, ended, parent: sides[other(side)] })
      if (fate === 'survives') answers.push([item.kind, item.ref, item.values])
      if (fate === 'stays') staying += 1
      if (fate === 'unread') unread += 1
      if (typeof fate === 'object') open ??= fate.open
    }
  }
  return { living, surviving: answers.length, answers: digestOf(answers), staying, unread, open }
}

/** In whatever order they are read. */
function digestOf(answers: readonly Json[]): string {
  if (answers.length === 0) return ''
  return createHash('sha256').update(answers.map(canonical).toSorted().join('\n')).digest('base64url')
}

interface Fate {
  readonly side: Side
  readonly item: Observation
  readonly stays: boolean
  readonly ended: boolean
  /** The parent's counterpart. One that moved takes along what is under it, whatever that says of its own place. */
  readonly parent: Observation | null
}

/**
 * A child survives its parent where it has no counterpart that was deleted, or was edited since. What a create of ours,
 * whose outcome is open, may have made is a copy of something: nobody knows yet of what. `stays`: the parent's counterpart
 * stands, and left the flow by what it holds; what stands under that goes with it. What is kept although its counterpart left
 * stays, and its parent with it. `ended`: the parent is parted from its counterpart already. What sleeps does not bring
 * that back, nor what is linked still: it waits for something, or has left, and is on its own once it is parted too.
 */
function fateOf(
  sql: Sql,
  input: Load,
  pair: PairSpec,
  { side, item, stays, ended, parent }: Fate,
): 'survives' | 'stays' | 'goes' | 'unread' | { readonly open: string } {
  const link = linkOf(sql, pair, side, item.ref, input.flow)
  if (item.emptied) return 'goes'
  const maker = link === null ? ourIntent(sql, item) : null
  if (maker !== null) return { open: maker }
  if (link === 'elsewhere' && isCorrection(sql, item)) return 'goes'
  if (link === null || link === 'elsewhere') return 'survives'
  const edited = isEdited(sql, pair, link, side, item) || isContested(sql, link)
  if (isUnsettled(sql, link, side)) return 'unread'
  if (link.state === 'gone') {
    const open = openIntentOf(sql, input.flow, link.id)
    return open === null ? 'survives' : { open }
  }
  const far = sideOf(sql, pair, other(side), link.refs[other(side)])
  const hasLeft = isGoneFrom(far)
  // What was deleted there, and is kept here, is no less kept where its parent has but left.
  const isKept = hasLeft || (far?.state === 'deleted' && isGoneFrom(parent))
  if (link.state === 'asleep') return edited && !ended ? 'survives' : isKept ? 'stays' : 'goes'
  if (far?.unread === true) return 'unread'
  if (hasLeft && !edited && isToStay(pair, other(side), parent)) return 'stays'
  // What left is nobody's answer.
  const goesAlong = stays || (parent?.state === 'present' && far?.parent === parent.ref)
  // With the last of what is under it a parent may be gone before the answer to that one's delete.
  const open = far === null ? null : openIntentOn(sql, far)
  if (open !== null && !goesAlong) return { open }
  if (far === null || (isThere(sql, input.flow, other(side), far, item) && !goesAlong)) return 'survives'
  return edited && !ended ? 'survives' : 'goes'
}

function isGoneFrom(item: Observation | null): boolean {
  return item?.state === 'left' || item?.state === 'moved'
}

/** Where a person is to be asked they are asked about what left, and not where its parent was deleted meanwhile. */
function isToStay({ onLeave }: PairSpec, left: Side, parent: Observation | null): boolean {
  return onLeave[left] === 'keep' || (onLeave[left] === 'hold' && parent?.state === 'deleted')
}

/** People decide what it says: until then it says something that the other side does not. */
function isContested(sql: Sql, { id }: Link): boolean {
  return sql.get('SELECT 1 FROM conflict WHERE link = ? AND resolved_at IS NULL LIMIT 1').get(id) !== undefined
}

/** Two that were linked just now as they were: whether they differ is planned first. */
function isUnsettled(sql: Sql, { flow, pair, refs, base }: Link, side: Side): boolean {
  if (Object.keys(base[side]).length > 0) return false
  const due = sql.get('SELECT 1 FROM due WHERE flow = ? AND pair = ? AND side = ? AND ref = ? AND waits_for IS NULL')
  return SIDES.some((each) => due.get(flow, pair, each, refs[each]) !== undefined)
}

/** Its parent's link, where the parent was deleted with all that was in it, and whether the parent's counterpart lives on. */
export function parentDeletedAt(
  sql: Sql,
  input: Load,
  pair: PairSpec,
  sides: { a: Observation | null; b: Observation | null },
): LoadedSubject['goesWithParent'] {
  for (const side of SIDES) {
    const spec = pair[side]
    const item = sides[side]
    if (spec.parent === null || item?.state !== 'deleted' || item.parent === null) continue
    const parents = input.pairs.find((each) => each[side].kind === spec.parent?.kind)
    const parent = { ...spec.parent, connection: spec.connection, ref: item.parent }
    if (!isDeleted(sql, parent) || parents === undefined) continue
    const link = linkOf(sql, parents, side, item.parent, input.flow)
    // The parent's link has gone on with what another flow has made of it.
    if (link === null && remakeOf(sql, input.flow, parent) !== null) return { side, survived: true }
    if (link === null || link === 'elsewhere' || link.state === 'asleep') continue
    if (link.state === 'live') return { side, link: link.id, survived: false }
    if (sideOf(sql, parents, other(side), link.refs[other(side)])?.state === 'present') return { side, survived: true }
  }
  return null
}

function isDeleted(sql: Sql, { connection, kind, ref }: Identity): boolean {
  const row = sql.get('SELECT state FROM item WHERE connection = ? AND kind = ? AND ref = ?').get(connection, kind, ref)
  return row?.['state'] === 'deleted'
}

/** The news of a parent that was deleted as a whole come this much later than those of its children, at most. */
const WHOLE_MS = 30_000

/** Whether a deleted item went with its whole parent. */
export function wentWithParent(sql: Sql, spec: SideSpec, item: Observation | null, now: number): WithParent {
  if (spec.parent === null || item?.state !== 'deleted' || item.parent === null) return 'no'
  if (isDeleted(sql, { ...spec.parent, connection: spec.connection, ref: item.parent })) return 'yes'
  return now < item.acceptedAt + WHOLE_MS ? 'unsure' : 'no'
}

/**
 * Whether a later sibling has been linked already, or is about to be: its create is under way. What was deleted since came
 * before it too, also where its copy was parted from it and stands.
 */
export function isLate(sql: Sql, pair: PairSpec, side: Side, item: Observation, flow: string): boolean {
  if (pair[side].parent === null || item.parent === null) return false
  const far = other(side)
  const row = sql
    .get(
      `SELECT 1 FROM item i WHERE i.connection = ? AND i.kind = ? AND i.parent = ? AND (i.created_at, length(i.ref), i.ref) > (?, length(?), ?) AND (EXISTS (
         SELECT 1 FROM link l WHERE l.${side}_ref = i.ref AND l.${side}_kind = i.kind AND l.${side}_connection = i.connection
         AND l.flow = ? AND l.about IS NULL AND (l.state <> 'gone' OR EXISTS (SELECT 1 FROM item c
           WHERE c.connection = l.${far}_connection AND c.kind = l.${far}_kind AND c.ref = l.${far}_ref AND c.state = 'present')))
         OR EXISTS (SELECT 1 FROM intent t WHERE t.flow = ? AND t.pair = ? AND t.action = 'create' AND t.side <> '${side}' AND t.source_ref = i.ref)) LIMIT 1`,
    )
    .get(item.connection, item.kind, item.parent, item.createdAt, item.ref, item.ref, flow, flow, pair.id)
  return row !== undefined
}

/**
 * Where a feed began anew, only a listing tells of what it missed. What has an order among its siblings, or is made with
 * its first child, may not be the first of them.
 */
export function isScopeUnread(sql: Sql, { connection, feed, parent, head }: SideSpec, item: Observation): boolean {
  return (parent !== null || head !== null) && isToBeRead(sql, { connection, feed, scope: item.scope })
}

/**
 * Of what has an order, or is made with its first child: when it came to where it stands, alone or with its parent; null: it
 * was there when the flow began with its container.
 */
export function movedHere(
  sql: Sql,
  flow: string,
  side: Side,
  { connection, parent, head }: SideSpec,
  item: Observation,
): Arrival | null {
  if (parent === null && head === null) return null
  const [kind, ref] = parent === null ? [item.kind, item.ref] : [parent.kind, item.parent]
  const above = sql
    .get(
      `SELECT i.moved_at, i.first_seen, i.created_at, n.live_at FROM item i
       LEFT JOIN instance n ON n.flow = ? AND n.${side}_scope = i.scope WHERE i.connection = ? AND i.kind = ? AND i.ref = ?`,
    )
    .get(flow, connection, kind, ref)
  const moved = Math.max(item.movedAt ?? 0, Number(above?.['moved_at'] ?? 0))
  if (moved > 0) return { at: moved, madeAt: null }
  const seen = Number(above?.['first_seen'] ?? 0)
  const madeAt = above?.['created_at']
  const liveAt = above?.['live_at'] ?? null
  const isSince = liveAt !== null && seen > Number(liveAt)
  return isSince && typeof madeAt === 'string' ? { at: seen, madeAt: Date.parse(madeAt) } : null
}

/** Whether any subject of a flow waits, for a time or for something else: where none does, nobody is behind another. */
export function doesAnyWait(sql: Sql, { flow, now }: Load): boolean {
  const [time, other] = [
    sql.get('SELECT 1 FROM due WHERE claimed = 0 AND waits_for IS NULL AND not_before > ? AND flow = ? LIMIT 1'),
    sql.get('SELECT 1 FROM due WHERE waits_for IS NOT NULL AND claimed = 0 AND flow = ? LIMIT 1'),
  ]
  return time.get(now, flow) !== undefined || other.get(flow) !== undefined
}

/** The earliest sibling before it that is still to be created and is not handed out already. */
export function behind(sql: Sql, input: Load, pair: PairSpec, row: DueRow, item: Observation): LoadedSubject['behind'] {
  const spec = pair[row.side]
  if (spec.parent === null || item.parent === null) return null
  const earlier = sql
    .get(
      `SELECT i.ref FROM item i JOIN due d ON d.flow = ? AND d.pair = ? AND d.side = ? AND d.ref = i.ref
       WHERE i.connection = ? AND i.kind = ? AND i.parent = ? AND (i.state = 'present' OR d.waits_for LIKE 'intent %')
         AND (i.created_at < ? OR (i.created_at = ? AND (length(i.ref), i.ref) < (length(?), ?)))
         AND (d.claimed = 0 AND (d.not_before > ? OR d.waits_for IS NOT NULL))
         AND NOT EXISTS (SELECT 1 FROM link l WHERE l.${row.side}_ref = i.ref AND l.${row.side}_kind = i.kind AND l.${row.side}_connection = i.connection AND l.flow = d.flow)
       ORDER BY i.created_at NULLS FIRST, length(i.ref), i.ref LIMIT 1`,
    )
    .get(
      input.flow,
      pair.id,
      row.side,
      spec.connection,
      spec.kind,
      item.parent,
      item.createdAt,
      item.createdAt,
      item.ref,
      item.ref,
      input.now,
    )
  return earlier === undefined ? null : String(earlier['ref'])
}
