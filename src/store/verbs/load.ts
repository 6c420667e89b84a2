/** Hands out subjects that are due, with everything that planning has to know about them. */
import { z } from 'zod'
import type { ChildCount, Decided } from '../../core/action.ts'
import { other, SIDES, type Side } from '../../core/flow.ts'
import { sameValue } from '../../connector/values.ts'
import type { Held, Link, Observation } from '../store.ts'
import { itemOf, numberOf, toHeld, toLink, toObservation, type Sql } from './rows.ts'

export interface SideSpec {
  readonly connection: string
  readonly kind: string
  readonly parent: { readonly field: string; readonly kind: string } | null
  /** The kind that its items are made together with, and the pair that it belongs to. */
  readonly head: { readonly kind: string; readonly pair: string } | null
  readonly containerKind: string
  /** The kinds whose items under it go with it when it is deleted. */
  readonly takes: readonly string[]
  /** Fields that hold refs, and of which kind. */
  readonly refs: readonly { readonly field: string; readonly kind: string }[]
}

export interface PairSpec {
  readonly id: string
  readonly rank: number
  readonly container: boolean
  readonly a: SideSpec
  readonly b: SideSpec
}

export interface Load {
  readonly flow: string
  readonly connections: { readonly [side in Side]: string }
  readonly pairs: readonly PairSpec[]
  readonly now: number
  readonly limit: number
  /** Claims what it hands out, so that it is handed out once. A plan that is only shown claims nothing. */
  readonly claim: boolean
  /** Only these; absent: whatever is due, in order. */
  readonly only?: readonly DueKey[]
  /** Skips this many, for a plan that is shown in portions. */
  readonly offset?: number
}

export interface DueKey {
  readonly pair: string
  readonly side: Side
  readonly ref: string
}

export interface DueRow extends DueKey {
  readonly generation: number
  readonly since: number
  readonly attempts: number
  readonly raised: boolean
}

export interface LoadedSubject {
  readonly dues: readonly DueRow[]
  readonly pair: string
  readonly link: Link | null
  readonly a: Observation | null
  readonly b: Observation | null
  readonly decided: readonly Decided[]
  readonly head: LoadedSubject | null
  readonly leads: { readonly [side in Side]: boolean }
  readonly raised: boolean
  readonly children: { readonly [side in Side]: ChildCount }
  readonly goesWithParent: { readonly side: Side; readonly link: number } | null
  readonly late: boolean
  readonly maybeOurs: string | null
  readonly held: readonly Held[]
  /** The key of a write about this subject whose outcome is open. */
  readonly busy: string | null
  /** An earlier sibling waits to be created: it goes first. */
  readonly behind: { readonly ref: string; readonly since: number; readonly held: boolean } | null
}

export interface Loaded {
  readonly subjects: readonly LoadedSubject[]
  readonly resolved: readonly {
    readonly side: Side
    readonly kind: string
    readonly ref: string
    readonly to: string
  }[]
  readonly instances: readonly { readonly side: Side; readonly scope: string; readonly to: string }[]
}

const DueShape = z.object({
  pair: z.string(),
  side: z.enum(['a', 'b']),
  ref: z.string(),
  generation: z.number(),
  since: z.number(),
  attempts: z.number(),
  raised: z.number().transform((raised) => raised === 1),
})

const READY = `
  SELECT pair, side, ref, generation, since, attempts, raised FROM due
  WHERE flow = ? AND claimed = 0 AND waits_for IS NULL AND not_before <= ? ORDER BY rank, created_at, ref LIMIT ? OFFSET ?`
const ONE =
  'SELECT pair, side, ref, generation, since, attempts, raised FROM due WHERE flow = ? AND pair = ? AND side = ? AND ref = ?'

export function load(sql: Sql, input: Load): Loaded {
  const rows =
    input.only === undefined
      ? sql
          .get(READY)
          .all(input.flow, input.now, input.limit, input.offset ?? 0)
          .map((row) => DueShape.parse(row))
      : input.only.map(
          (key) =>
            dueOf(sql, input.flow, key) ?? { ...key, generation: 0, since: input.now, attempts: 0, raised: false },
        )
  const subjects: LoadedSubject[] = []
  const links = new Set<number>()
  for (const row of rows) {
    const pair = input.pairs.find((each) => each.id === row.pair)
    const subject = pair === undefined ? null : subjectOf(sql, input, pair, row)
    if (subject === null)
      sql
        .get('DELETE FROM due WHERE flow = ? AND pair = ? AND side = ? AND ref = ?')
        .run(input.flow, row.pair, row.side, row.ref)
    if (subject === null || (subject.link !== null && links.has(subject.link.id))) continue
    if (subject.link !== null) links.add(subject.link.id)
    subjects.push(subject)
    if (input.claim) for (const due of subject.dues) claim(sql, input.flow, due)
  }
  return { subjects, ...references(sql, input, subjects) }
}

function dueOf(sql: Sql, flow: string, key: DueKey): DueRow | null {
  const row = sql.get(ONE).get(flow, key.pair, key.side, key.ref)
  return row === undefined ? null : DueShape.parse(row)
}

function claim(sql: Sql, flow: string, due: DueKey): void {
  sql
    .get('UPDATE due SET claimed = 1 WHERE flow = ? AND pair = ? AND side = ? AND ref = ?')
    .run(flow, due.pair, due.side, due.ref)
}

/** Null: the item is unknown, or another flow between the same connections has linked it. */
function subjectOf(sql: Sql, input: Load, pair: PairSpec, row: DueRow): LoadedSubject | null {
  const spec = pair[row.side]
  const item = itemOf(sql, { connection: spec.connection, kind: spec.kind, ref: row.ref })
  if (item === null) return null
  const link = linkOf(sql, pair, row.side, row.ref, input.flow)
  if (link === 'elsewhere') return null
  const counterpart = link === null ? null : sideOf(sql, pair, other(row.side), link.refs[other(row.side)])
  const sides = row.side === 'a' ? { a: item, b: counterpart } : { a: counterpart, b: item }
  const twin =
    link === null
      ? null
      : dueOf(sql, input.flow, { pair: pair.id, side: other(row.side), ref: link.refs[other(row.side)] })
  const unlinked = link === null || link.state === 'gone'
  return {
    dues: twin === null ? [row] : [row, twin],
    pair: pair.id,
    link,
    ...sides,
    decided: link === null ? [] : decidedOf(sql, link.id),
    leads:
      link === null || unlinked ? NOBODY : { a: doesLead(sql, pair.a, sides.a), b: doesLead(sql, pair.b, sides.b) },
    head: unlinked && spec.head !== null ? headOf(sql, input, spec.head, row) : null,
    raised: row.raised || (twin?.raised ?? false),
    children: { a: childrenOf(sql, input, pair, 'a', link, sides), b: childrenOf(sql, input, pair, 'b', link, sides) },
    goesWithParent: unlinked ? null : parentDeletedAt(sql, input, pair, sides),
    late: unlinked && isLate(sql, pair, row.side, item, input.flow),
    maybeOurs: unlinked ? ourIntent(sql, spec, item) : null,
    held: heldOf(sql, input.flow, pair.id, sides),
    busy: busyIntent(sql, input.flow, pair.id, link, row),
    behind: unlinked ? behind(sql, input, pair, row, item) : null,
  }
}

function sideOf(sql: Sql, pair: PairSpec, side: Side, ref: string): Observation | null {
  return itemOf(sql, { connection: pair[side].connection, kind: pair[side].kind, ref })
}

function linkOf(sql: Sql, pair: PairSpec, side: Side, ref: string, flow: string): Link | 'elsewhere' | null {
  const far = other(side)
  const rows = sql
    .get(
      `SELECT id, flow, pair, a_ref, b_ref, a_base_json, b_base_json, complement_json, state, incarnation, late FROM link
       WHERE ${side}_ref = ? AND ${side}_kind = ? AND ${side}_connection = ? AND ${far}_connection = ? ORDER BY (state = 'gone'), id DESC`,
    )
    .all(ref, pair[side].kind, pair[side].connection, pair[far].connection)
    .map(toLink)
  const own = rows.find((link) => link.flow === flow && link.pair === pair.id)
  if (own !== undefined) return own
  return rows.some((link) => link.state !== 'gone') ? 'elsewhere' : null
}

function decidedOf(sql: Sql, link: number): Decided[] {
  const shape = z.object({ lens: z.string(), a: z.string(), b: z.string(), winner: z.enum(['a', 'b', 'accept']) })
  return sql
    .get('SELECT lens, a, b, winner FROM decided WHERE link = ?')
    .all(link)
    .map((row) => shape.parse(row))
}

/** The first child in source order. It is planned inside its parent, not by itself. */
function headOf(sql: Sql, input: Load, head: NonNullable<SideSpec['head']>, row: DueRow): LoadedSubject | null {
  const pair = input.pairs.find((each) => each.id === head.pair)
  if (pair === undefined) return null
  const first = sql
    .get(
      `SELECT * FROM item i WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present' AND unread = 0 AND NOT EXISTS (
         SELECT 1 FROM link l WHERE l.${row.side}_ref = i.ref AND l.${row.side}_kind = i.kind AND l.${row.side}_connection = i.connection
         AND l.flow = ? AND l.state <> 'gone') ORDER BY created_at, length(ref), ref LIMIT 1`,
    )
    .get(pair[row.side].connection, head.kind, row.ref, input.flow)
  if (first === undefined) return null
  const item = toObservation(first)
  const link = linkOf(sql, pair, row.side, item.ref, input.flow)
  if (link === 'elsewhere') return null
  const far = link === null ? null : sideOf(sql, pair, other(row.side), link.refs[other(row.side)])
  const due = dueOf(sql, input.flow, { pair: pair.id, side: row.side, ref: item.ref })
  return {
    dues: due === null ? [] : [due],
    pair: pair.id,
    link,
    ...(row.side === 'a' ? { a: item, b: far } : { a: far, b: item }),
    decided: [],
    head: null,
    leads: NOBODY,
    raised: true,
    children: { a: CHILDLESS, b: CHILDLESS },
    goesWithParent: null,
    late: false,
    maybeOurs: ourIntent(sql, pair[row.side], item),
    held: [],
    busy: null,
    behind: null,
  }
}

const NOBODY = { a: false, b: false }

/** Whether it is the first under its parent, and others are there. */
function doesLead(sql: Sql, spec: SideSpec, item: Observation | null): boolean {
  if (spec.parent === null || item === null || item.parent === null) return false
  const living = sql
    .get(
      `SELECT ref FROM item WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present' ORDER BY created_at, length(ref), ref LIMIT 2`,
    )
    .all(item.connection, item.kind, item.parent)
  return living.length === 2 && living[0]?.['ref'] === item.ref
}

const CHILDLESS: ChildCount = { living: 0, surviving: 0 }

/** Counted where the other side's item is gone: what would be taken along, and what speaks against it. */
function childrenOf(
  sql: Sql,
  input: Load,
  pair: PairSpec,
  side: Side,
  link: Link | null,
  sides: { a: Observation | null; b: Observation | null },
): ChildCount {
  const own = sides[side]
  if (link?.state !== 'live' || own?.state !== 'present' || sides[other(side)]?.state !== 'deleted') return CHILDLESS
  let living = 0
  let surviving = 0
  for (const child of input.pairs.filter((each) => each[side].parent?.kind === pair[side].kind)) {
    const rows = sql
      .get(`SELECT * FROM item WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present'`)
      .all(own.connection, child[side].kind, own.ref)
    for (const item of rows.map(toObservation)) {
      living += 1
      if (survives(sql, input, child, side, item)) surviving += 1
    }
  }
  return { living, surviving }
}

/** A child survives its parent where it has no counterpart that was deleted, or was edited since. */
function survives(sql: Sql, input: Load, pair: PairSpec, side: Side, item: Observation): boolean {
  const link = linkOf(sql, pair, side, item.ref, input.flow)
  if (link === null || link === 'elsewhere') return true
  if (link.state === 'asleep') return false
  const far = sideOf(sql, pair, other(side), link.refs[other(side)])
  if (far?.state !== 'deleted') return true
  return Object.entries(link.base[side]).some(([field, value]) => !sameValue(item.values[field], value))
}

/** Its parent's link, where the parent was deleted and its counterpart lives and takes its children along. */
function parentDeletedAt(
  sql: Sql,
  input: Load,
  pair: PairSpec,
  sides: { a: Observation | null; b: Observation | null },
): LoadedSubject['goesWithParent'] {
  for (const side of SIDES) {
    const spec = pair[side]
    const item = sides[side]
    if (spec.parent === null || item === null || item.parent === null) continue
    const parent = itemOf(sql, { connection: spec.connection, kind: spec.parent.kind, ref: item.parent })
    const parents = input.pairs.find((each) => each[side].kind === spec.parent?.kind)
    if (parent?.state !== 'deleted' || parents === undefined) continue
    const link = linkOf(sql, parents, side, item.parent, input.flow)
    const takes = parents[other(side)].takes.includes(pair[other(side)].kind)
    if (takes && link !== null && link !== 'elsewhere' && link.state === 'live') return { side, link: link.id }
  }
  return null
}

/** Whether a later sibling has been linked already. */
function isLate(sql: Sql, pair: PairSpec, side: Side, item: Observation, flow: string): boolean {
  if (pair[side].parent === null || item.parent === null) return false
  const row = sql
    .get(
      `SELECT 1 FROM item i WHERE i.connection = ? AND i.kind = ? AND i.parent = ? AND i.created_at > ? AND i.state = 'present' AND EXISTS (
         SELECT 1 FROM link l WHERE l.${side}_ref = i.ref AND l.${side}_kind = i.kind AND l.${side}_connection = i.connection
         AND l.flow = ? AND l.state = 'live') LIMIT 1`,
    )
    .get(item.connection, item.kind, item.parent, item.createdAt, flow)
  return row !== undefined
}

/** A create whose outcome is open may have made this item: only that create's actor can be its author. */
function ourIntent(sql: Sql, spec: SideSpec, item: Observation): string | null {
  const row = sql
    .get(
      `SELECT key FROM intent WHERE connection = ? AND action = 'create' AND (kind = ? OR head_kind = ?)
       AND (? IS NULL OR actor = ?) AND (parent IS NULL OR ? IS NULL OR parent = ? OR head_kind = ?) LIMIT 1`,
    )
    .get(
      spec.connection,
      item.kind,
      item.kind,
      item.author?.ref ?? null,
      item.author?.ref ?? null,
      item.parent,
      item.parent,
      item.kind,
    )
  return row === undefined ? null : String(row['key'])
}

function heldOf(sql: Sql, flow: string, pair: string, sides: { a: Observation | null; b: Observation | null }): Held[] {
  return SIDES.flatMap((side) => {
    const item = sides[side]
    if (item === null) return []
    return sql
      .get('SELECT * FROM held WHERE flow = ? AND pair = ? AND side = ? AND ref = ?')
      .all(flow, pair, side, item.ref)
      .map(toHeld)
  })
}

function busyIntent(sql: Sql, flow: string, pair: string, link: Link | null, row: DueKey): string | null {
  const found = sql
    .get('SELECT key FROM intent WHERE flow = ? AND pair = ? AND (link = ? OR (source_ref = ? AND side <> ?)) LIMIT 1')
    .get(flow, pair, link?.id ?? null, row.ref, row.side)
  return found === undefined ? null : String(found['key'])
}

/** The earliest sibling before it that is still to be created and is not handed out already. */
function behind(sql: Sql, input: Load, pair: PairSpec, row: DueRow, item: Observation): LoadedSubject['behind'] {
  const spec = pair[row.side]
  if (spec.parent === null || item.parent === null) return null
  const earlier = sql
    .get(
      `SELECT i.ref, d.since, EXISTS (SELECT 1 FROM held h WHERE h.flow = d.flow AND h.pair = d.pair AND h.ref = i.ref AND h.decision = 'open') AS held
       FROM item i JOIN due d ON d.flow = ? AND d.pair = ? AND d.side = ? AND d.ref = i.ref
       WHERE i.connection = ? AND i.kind = ? AND i.parent = ? AND i.state = 'present'
         AND (i.created_at < ? OR (i.created_at = ? AND (length(i.ref), i.ref) < (length(?), ?)))
         AND (d.claimed = 0 AND (d.not_before > ? OR d.waits_for IS NOT NULL))
         AND NOT EXISTS (SELECT 1 FROM link l WHERE l.${row.side}_ref = i.ref AND l.${row.side}_kind = i.kind AND l.${row.side}_connection = i.connection AND l.flow = d.flow)
       ORDER BY i.created_at, length(i.ref), i.ref LIMIT 1`,
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
  if (earlier === undefined) return null
  return {
    ref: String(earlier['ref']),
    since: Number(earlier['since']),
    held: numberOf({ held: earlier['held'] }) === 1,
  }
}

/** The counterparts of all refs that the subjects name. */
function references(sql: Sql, input: Load, subjects: readonly LoadedSubject[]): Pick<Loaded, 'resolved' | 'instances'> {
  const resolved = new Map<string, Loaded['resolved'][number]>()
  const instances = new Map<string, Loaded['instances'][number]>()
  const add = (subject: LoadedSubject): void => {
    const pair = input.pairs.find((each) => each.id === subject.pair)
    if (pair === undefined) return
    for (const side of SIDES) {
      const item = subject[side]
      if (item === null) continue
      addInstance(sql, input, instances, side, item.scope)
      for (const { field, kind } of pair[side].refs) {
        const ref = item.values[field]
        if (typeof ref === 'string') addResolved(sql, input, resolved, side, kind, ref)
      }
    }
    if (subject.head !== null) add(subject.head)
  }
  subjects.forEach(add)
  return { resolved: [...resolved.values()], instances: [...instances.values()] }
}

function addInstance(
  sql: Sql,
  input: Load,
  into: Map<string, Loaded['instances'][number]>,
  side: Side,
  scope: string,
): void {
  const name = `${side} ${scope}`
  if (scope === '' || into.has(name)) return
  const far = other(side)
  const row = sql
    .get(`SELECT ${far}_scope AS scope FROM instance WHERE flow = ? AND ${side}_scope = ? AND state = 'live'`)
    .get(input.flow, scope)
  if (row !== undefined) into.set(name, { side, scope, to: String(row['scope']) })
}

function addResolved(
  sql: Sql,
  input: Load,
  into: Map<string, Loaded['resolved'][number]>,
  side: Side,
  kind: string,
  ref: string,
): void {
  const name = `${side} ${kind} ${ref}`
  if (into.has(name)) return
  const to = counterpart(sql, input.connections, side, kind, ref)
  if (to !== null) into.set(name, { side, kind, ref, to })
}

/** Through the live links of any flow between the same connections. */
export function counterpart(
  sql: Sql,
  connections: Load['connections'],
  side: Side,
  kind: string,
  ref: string,
): string | null {
  const far = other(side)
  const row = sql
    .get(
      `SELECT ${far}_ref AS ref FROM link WHERE ${side}_ref = ? AND ${side}_kind = ? AND ${side}_connection = ? AND ${far}_connection = ?
       AND state <> 'gone' ORDER BY id DESC LIMIT 1`,
    )
    .get(ref, kind, connections[side], connections[far])
  return row === undefined ? null : String(row['ref'])
}
