/** Hands out subjects that are due, with everything that planning has to know about them. */
import { z } from 'zod'
import type { Decided } from '../../core/action.ts'
import { other, SIDES, type Side } from '../../core/flow.ts'
import { stands, type Link, type Observation } from '../../core/state.ts'
import {
  behind,
  CHILDLESS,
  childrenOf,
  doesAnyWait,
  doesLead,
  endsChanged,
  isLate,
  isScopeUnread,
  movedHere,
  parentDeletedAt,
  wentWithParent,
} from './neighbours.ts'
import { contestedLenses } from './conflicts.ts'
import { stayingFiles } from './files.ts'
import { ourIntent } from './intents.ts'
import {
  correctionAbout,
  linkOf,
  nextIncarnation,
  NO_CORRECTION,
  openIntentAbout,
  openIntentOn,
  sideOf,
} from './links.ts'
import { park, pausedAround, pausedScopes } from './pausing.ts'
import { toObservation, type Sql } from './rows.ts'
import { finishDue } from './waits.ts'
import { heldOf } from './held.ts'
import { askedAbout, askedOf, isAsked, isHeldAsIs, type Asked } from './questions.ts'
import { copyingDead, isRemadeAway, remaking } from './remade.ts'
import type { DueKey, DueRow, Load, Loaded, LoadedSubject, PairSpec, SideSpec } from './subjects.ts'
import { references } from './references.ts'

const DueShape = z.object({
  pair: z.string(),
  side: z.enum(['a', 'b']),
  ref: z.string(),
  generation: z.number(),
  since: z.number(),
  attempts: z.number(),
  raised: z.number().transform((raised) => raised === 1),
})

/**
 * In the order of an index, to its last column: where no times of creation are told, all that is due has the same. SQLite looks
 * into a bare parameter of LIMIT when it plans, and so would plan anew each time: ten times what a pass takes that finds
 * nothing.
 */
const READY = `
  SELECT pair, side, ref, generation, since, attempts, raised FROM due
  WHERE flow = ? AND claimed = 0 AND waits_for IS NULL AND not_before <= ? ORDER BY rank, created_at, length(ref), ref LIMIT CAST(? AS BIGINT) OFFSET ?`

const ONE =
  'SELECT pair, side, ref, generation, since, attempts, raised FROM due WHERE flow = ? AND pair = ? AND side = ? AND ref = ?'

export const NOTHING: Loaded = { looked: 0, subjects: [], resolved: [], people: [], instances: [], unjoined: [] }

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
  if (rows.length === 0) return NOTHING
  const subjects: LoadedSubject[] = []
  const links = new Set<number>()
  const handedOut = new Set<string>()
  let parked = false
  const paused = pausedScopes(sql, input.flow)
  const loading = { ...input, anyWaits: doesAnyWait(sql, input), asked: askedOf(sql) }
  for (const row of rows) {
    if (handedOut.has(keyOf(row))) continue
    const pair = input.pairs.find((each) => each.id === row.pair)
    const subject = pair === undefined ? null : subjectOf(sql, loading, pair, row)
    // A plan that is only shown goes on behind what it was handed: nothing before that may go.
    if (subject === null && input.claim) finishDue(sql, input.flow, row)
    if (pair === undefined || subject === null || (subject.link !== null && links.has(subject.link.id))) continue
    if (subject.link !== null) links.add(subject.link.id)
    const waits = pausedAround(paused, pair, subject)
    if (waits !== null && input.claim) {
      park(sql, input.flow, subject, waits)
      parked = true
      continue
    }
    subjects.push({ ...subject, isPaused: waits !== null })
    for (const due of subject.dues) handedOut.add(keyOf(due))
    if (input.claim) for (const due of subject.dues) claim(sql, input.flow, due)
  }
  // Behind what waits for a resume may be what does not.
  if (parked && subjects.length === 0) return load(sql, input)
  return { looked: rows.length, subjects, ...references(sql, input, subjects) }
}

function keyOf({ pair, side, ref }: DueKey): string {
  return `${pair} ${side} ${ref}`
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

interface Loading extends Load {
  readonly anyWaits: boolean
  readonly asked: readonly Asked[]
}

/** Null: the item is unknown, or another flow between the same connections has linked it. */
function subjectOf(sql: Sql, input: Loading, pair: PairSpec, row: DueRow): LoadedSubject | null {
  const item = sideOf(sql, pair, row.side, row.ref)
  if (item === null) return null
  const link = ownLink(sql, input, pair, row)
  if (link === 'elsewhere') return null
  const counterpart = link === null ? null : sideOf(sql, pair, other(row.side), link.refs[other(row.side)])
  const sides = row.side === 'a' ? { a: item, b: counterpart } : { a: counterpart, b: item }
  const twin =
    link === null
      ? null
      : dueOf(sql, input.flow, { pair: pair.id, side: other(row.side), ref: link.refs[other(row.side)] })
  const unlinked = link === null || link.state === 'gone'
  const from = unlinked && counterpart !== null && stands(counterpart) && !stands(item) ? counterpart : item
  const source = from === item ? row : { ...row, side: other(row.side), ref: from.ref }
  const spec = pair[source.side]
  const corrections = {
    a: correctionOf(sql, input.flow, pair, 'a', sides.a),
    b: correctionOf(sql, input.flow, pair, 'b', sides.b),
  }
  const head = unlinked && spec.head !== null ? headOf(sql, input, spec.head, source) : null
  return {
    dues: twin === null ? [row] : [row, twin],
    pair: pair.id,
    link,
    ...sides,
    decided: link === null ? [] : decidedOf(sql, link.id),
    contested: link === null ? [] : contestedLenses(sql, link.id),
    leads: link === null ? NOBODY : { a: doesLead(sql, pair.a, sides.a), b: doesLead(sql, pair.b, sides.b) },
    endsChanged:
      link === null
        ? NOBODY
        : { a: endsChanged(sql, input, pair, 'a', sides), b: endsChanged(sql, input, pair, 'b', sides) },
    remade:
      link === null ? NOBODY : { a: isRemadeAway(sql, link, 'a', sides.a), b: isRemadeAway(sql, link, 'b', sides.b) },
    head,
    raised: row.raised || (twin?.raised ?? false),
    children: { a: childrenOf(sql, input, pair, 'a', link, sides), b: childrenOf(sql, input, pair, 'b', link, sides) },
    goesWithParent: link === null ? null : parentDeletedAt(sql, input, pair, sides),
    withParent: {
      a: wentWithParent(sql, pair.a, sides.a, input.now),
      b: wentWithParent(sql, pair.b, sides.b, input.now),
    },
    corrections,
    late: unlinked && isLate(sql, pair, source.side, from, input.flow),
    incarnation: unlinked ? nextIncarnation(sql, input.flow, pair.id, sides) : 0,
    maybeOurs: unlinked ? ourIntent(sql, from) : null,
    held: [
      ...heldOf(sql, input.flow, pair.id, sides),
      ...(unlinked ? askedAbout(sql, input.flow, input.asked, source.side, from, sides[other(source.side)]) : []),
    ],
    ...stayingOf(sql, input.flow, pair, sides),
    diverges: SIDES.some((side) => isDiverging(sql, input.flow, pair.id, side, sides[side])),
    busy:
      busyIntent(sql, input.flow, pair.id, [link, corrections.a?.link, corrections.b?.link], source) ??
      head?.busy ??
      writtenElsewhere(sql, sides) ??
      remaking(sql, input.flow, sides.a) ??
      remaking(sql, input.flow, sides.b) ??
      (link === null ? copyingDead(sql, input.flow, pair.id, row.side, item) : null),
    isPaused: false,
    isScopeUnread: link === null && isScopeUnread(sql, spec, from),
    movedHere: unlinked ? movedHere(sql, input.flow, row.side, spec, from) : null,
    behind: unlinked && input.anyWaits ? behind(sql, input, pair, source, from) : null,
  }
}

/** A dead link is history once its other end has been linked anew: then this item stands alone. */
function ownLink(sql: Sql, input: Load, pair: PairSpec, row: Pick<DueRow, 'side' | 'ref'>): ReturnType<typeof linkOf> {
  const link = linkOf(sql, pair, row.side, row.ref, input.flow)
  if (link === null || link === 'elsewhere' || link.state !== 'gone') return link
  const latest = linkOf(sql, pair, other(row.side), link.refs[other(row.side)], input.flow)
  return latest === null || latest === 'elsewhere' || latest.id === link.id ? link : null
}

const DecidedShape = z.object({ lens: z.string(), a: z.string(), b: z.string(), winner: z.enum(['a', 'b', 'accept']) })

function decidedOf(sql: Sql, link: number): Decided[] {
  return sql
    .get('SELECT lens, a, b, winner FROM decided WHERE link = ? ORDER BY lens, a, b')
    .all(link)
    .map((row) => DecidedShape.parse(row))
}

/** The first child in source order of which nobody is asked anything. It is planned inside its parent, not by itself. */
function headOf(sql: Sql, input: Loading, head: NonNullable<SideSpec['head']>, row: DueRow): LoadedSubject | null {
  const pair = input.pairs.find((each) => each.id === head.pair)
  if (pair === undefined) return null
  const found = sql
    .get(
      `SELECT * FROM item i WHERE connection = ? AND kind = ? AND parent = ? AND state = 'present' AND unread = 0 AND emptied = 0 AND ${NO_CORRECTION} AND NOT EXISTS (
         SELECT 1 FROM link l WHERE l.${row.side}_ref = i.ref AND l.${row.side}_kind = i.kind AND l.${row.side}_connection = i.connection
         AND l.flow = ? AND l.state <> 'gone') AND NOT ${isHeldAsIs(row.side)} ORDER BY created_at NULLS FIRST, length(ref), ref LIMIT CAST(? AS BIGINT)`,
    )
    .all(pair[row.side].connection, head.kind, row.ref, input.flow, input.flow, pair.id, 1 + 2 * input.asked.length)
    .map(toObservation)
    .map((item) => {
      const link = ownLink(sql, input, pair, { side: row.side, ref: item.ref })
      const isOwn = link !== null && link !== 'elsewhere'
      return { item, link, far: isOwn ? sideOf(sql, pair, other(row.side), link.refs[other(row.side)]) : null }
    })
  const first = found.find(({ item, far }) => !isAsked(sql, input.flow, input.asked, row.side, item, far))
  if (first === undefined || first.link === 'elsewhere') return null
  const { item, link, far } = first
  const due = dueOf(sql, input.flow, { pair: pair.id, side: row.side, ref: item.ref })
  const sides = row.side === 'a' ? { a: item, b: far } : { a: far, b: item }
  return {
    dues: due === null ? [] : [due],
    pair: pair.id,
    link,
    ...sides,
    ...stayingOf(sql, input.flow, pair, sides),
    decided: [],
    contested: [],
    head: null,
    leads: NOBODY,
    endsChanged: NOBODY,
    remade: NOBODY,
    raised: true,
    children: { a: CHILDLESS, b: CHILDLESS },
    goesWithParent: null,
    withParent: { a: 'no', b: 'no' },
    corrections: UNCORRECTED,
    late: false,
    incarnation: nextIncarnation(sql, input.flow, pair.id, sides),
    maybeOurs: ourIntent(sql, item),
    held: [],
    diverges: false,
    busy: busyIntent(sql, input.flow, pair.id, [link], { side: row.side, ref: item.ref }),
    isScopeUnread: false,
    movedHere: null,
    behind: null,
    isPaused: false,
  }
}

const NOBODY = { a: false, b: false }

const UNCORRECTED = { a: null, b: null }

function stayingOf(
  sql: Sql,
  flow: string,
  pair: PairSpec,
  { a, b }: { a: Observation | null; b: Observation | null },
): Pick<LoadedSubject, 'staying'> {
  if (!pair.files) return {}
  return { staying: { a: stayingFiles(sql, flow, pair.id, 'a', a), b: stayingFiles(sql, flow, pair.id, 'b', b) } }
}

function isDiverging(sql: Sql, flow: string, pair: string, side: Side, item: Observation | null): boolean {
  if (item === null) return false
  const row = sql
    .get('SELECT 1 FROM divergence WHERE flow = ? AND pair = ? AND side = ? AND ref = ? LIMIT 1')
    .get(flow, pair, side, item.ref)
  return row !== undefined
}

function busyIntent(
  sql: Sql,
  flow: string,
  pair: string,
  links: readonly (Link | null | undefined)[],
  { side, ref }: Pick<DueKey, 'side' | 'ref'>,
): string | null {
  const about = openIntentAbout(sql, { flow, side: other(side) }, pair, ref)
  if (about !== null) return about
  for (const link of links) {
    const found =
      link == null
        ? undefined
        : sql.get('SELECT key FROM intent WHERE flow = ? AND pair = ? AND link = ? LIMIT 1').get(flow, pair, link.id)
    if (found !== undefined) return String(found['key'])
  }
  return null
}

/** A write of another flow to either of the two. */
function writtenElsewhere(sql: Sql, { a, b }: { a: Observation | null; b: Observation | null }): string | null {
  return (a === null ? null : openIntentOn(sql, a)) ?? (b === null ? null : openIntentOn(sql, b))
}

function correctionOf(
  sql: Sql,
  flow: string,
  pair: PairSpec,
  side: Side,
  item: Observation | null,
): LoadedSubject['corrections'][Side] {
  const link = item === null ? null : correctionAbout(sql, flow, pair, side, item.ref)
  return link === null ? null : { link, item: sideOf(sql, pair, side, link.refs[side]) }
}
