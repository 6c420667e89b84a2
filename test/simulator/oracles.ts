/** What must hold once faults have ended and the engine had time: both sides agree, or it is said why not. */
import type { DatabaseSync } from 'node:sqlite'
import { SIDES, type Side } from '../../src/core/flow.ts'
import type { KindName, Stored } from './board.ts'
import { farSide, MARK, type FlowPlan } from './flow.ts'
import { aboutOf, tokenIn, type Ledger } from './ledger.ts'
import { reasonsOf, rowsOf, type Reasons } from './reasons.ts'
import type { System } from './system.ts'
import type { Watch } from './watch.ts'

const KINDS: readonly KindName[] = ['room', 'thread', 'post']

export interface Scene {
  readonly db: DatabaseSync
  readonly systems: { readonly [side in Side]: System }
  readonly ledger: Ledger
  readonly watch: Watch
  readonly flow: FlowPlan
  /** By how much the engine's clock is ahead. */
  readonly skewMs: number
  /** Whether scopes are listed again by themselves. */
  readonly audits: boolean
}

interface Standing {
  readonly side: Side
  readonly item: Stored
}

/** What differs and is not explained; empty: the two agree. */
export function differences(scene: Scene): string[] {
  const { systems, ledger, watch } = scene
  const reasons = reasonsOf(scene.db)
  const found: string[] = []
  for (const kind of KINDS) {
    if (!watch.tracked.has(kind)) continue
    const byRoot = new Map<number, Standing[]>()
    for (const side of SIDES)
      for (const item of systems[side].board.living(kind)) {
        const root = ledger.roots.get(`${side} ${kind} ${item.ref}`)
        if (root === undefined || item.emptied || !isInFlow(scene, reasons, side, item)) continue
        byRoot.set(root, [...(byRoot.get(root) ?? []), { side, item }])
      }
    for (const [root, standing] of byRoot) {
      const why = differenceOf(scene, reasons, kind, root, standing)
      if (why !== null) found.push(why)
    }
  }
  return found
}

function differenceOf(
  scene: Scene,
  reasons: Reasons,
  kind: KindName,
  root: number,
  standing: readonly Standing[],
): string | null {
  const { a, b } = { a: standing.find(({ side }) => side === 'a'), b: standing.find(({ side }) => side === 'b') }
  if (standing.some(({ side, item }) => explanation(scene, reasons, side, item) !== null)) return null
  if (isAstray(scene, kind, root, standing)) return null
  if (kind === 'room') return roomDifference(scene, reasons, standing)
  if (a === undefined || b === undefined) {
    const one = standing[0]
    if (one !== undefined && isKept(scene, root, one)) return null
    return `${kind} t${root} stands at ${standing.map(({ side, item }) => `${side} ${item.ref}`).join()} only`
  }
  const tokens = [tokenIn(a.item.text), tokenIn(b.item.text)]
  if (tokens[0] !== tokens[1])
    return `${kind} t${root}: t${tokens[0] ?? '?'} at a ${a.item.ref}, t${tokens[1] ?? '?'} at b ${b.item.ref}`
  if (a.item.text.includes(MARK) || b.item.text.includes(MARK)) return `${kind} t${root} is marked, though both agree`
  if (kind === 'post' && reasons.counterpart('a', 'thread', a.item.thread ?? '') !== b.item.thread)
    return `post t${root} is in ${a.item.thread ?? ''} at a and in ${b.item.thread ?? ''} at b, which are no pair`
  return null
}

/** Rooms that were joined by hand have names of their own until one is renamed. */
function roomDifference({ systems }: Scene, reasons: Reasons, standing: readonly Standing[]): string | null {
  for (const { side, item } of standing) {
    const there = reasons.counterpart(side, 'room', item.ref)
    if (there === null) return `room ${item.ref} of ${side} has no counterpart`
    const far = systems[side === 'a' ? 'b' : 'a'].board.get('room', there)
    if (far === null) continue
    const renamed = !reasons.isAsJoined(side, item.ref, item.text)
    if (renamed && far.text !== item.text)
      return `room ${item.ref} of ${side} is called ${item.text}, and there ${far.text}`
  }
  return null
}

/** What is in a room whose counterpart was deleted rests. */
export function isInFlow({ flow, systems }: Scene, reasons: Reasons, side: Side, item: Stored): boolean {
  if (item.kind === 'room' && flow.rooms === 'each') return !item.text.startsWith('private')
  const there = reasons.counterpart(side, 'room', item.kind === 'room' ? item.ref : item.room)
  return there !== null && systems[side === 'a' ? 'b' : 'a'].board.get('room', there) !== null
}

/** Why these two differ, of exactly this item or its counterpart: said by the store, or the copy went out of the flow. */
function explanation({ systems, ...scene }: Scene, reasons: Reasons, side: Side, item: Stored): string | null {
  const far = side === 'a' ? 'b' : 'a'
  const own = reasons.why(side, item.kind, item.ref)
  const there = reasons.counterpart(side, item.kind, item.ref)
  if (own !== null || there === null) return own
  const copy = systems[far].board.get(item.kind, there)
  if (item.kind !== 'room' && copy !== null && !isInFlow({ systems, ...scene }, reasons, far, copy))
    return 'its counterpart left the flow'
  const rested = copy === null ? systems[far].board.lastKnown(item.kind, there)?.room : undefined
  if (rested !== undefined && systems[far].board.get('room', rested) === null)
    return 'its counterpart was in a room that is gone'
  return reasons.why(far, item.kind, there)
}

/** Deleted on the other side, or gone from it, where that is to change nothing; or nothing ever tells that it is gone. */
function isKept({ flow, ledger, audits }: Scene, root: number, { side }: Standing): boolean {
  const far = side === 'a' ? 'b' : 'a'
  const isFar = (each: { readonly side: Side }): boolean => each.side === far
  if (flow.onDelete[far] === 'keep' && (ledger.deletions.get(root) ?? []).some(isFar)) return true
  return (
    (flow.onLeave[far] === 'keep' || far === farSide(flow) || !audits) && (ledger.leaves.get(root) ?? []).some(isFar)
  )
}

/** On a one-way flow: what people did at its far end stays there, unless it is taken back. */
function isAstray(scene: Scene, kind: KindName, root: number, standing: readonly Standing[]): boolean {
  const { flow, ledger, systems } = scene
  const far = farSide(flow)
  if (far === null) return false
  if (ledger.tokens.get(root)?.side === far && kind !== 'room') return true
  if (flow.astray === 'restore') return false
  const there = standing.find(({ side }) => side === far)?.item
  const here = standing.find(({ side }) => side !== far)?.item
  if (there === undefined)
    return [...(ledger.deletions.get(root) ?? []), ...(ledger.leaves.get(root) ?? [])].some(({ side }) => side === far)
  const shown = ledger.tokens.get(tokenIn(there.text) ?? 0)
  if (here === undefined)
    return shown?.side === far || hasAnswer(systems[far], ledger, far, kind === 'thread' ? there.ref : there.thread)
  const source = ledger.tokens.get(tokenIn(here.text) ?? 0)
  return shown?.side === far && shown.at >= (source?.at ?? 0)
}

/** Whether somebody at the far end wrote in this thread, which keeps it alive. */
function hasAnswer({ board }: System, { tokens }: Ledger, far: Side, thread: string | null): boolean {
  return thread !== null && board.postsOf(thread).some(({ text }) => tokens.get(tokenIn(text) ?? 0)?.side === far)
}

/** P4: every text is part of what stands, or was seen by who deleted it, or is kept as the losing side of a conflict. */
export function lostTokens({ db, systems, ledger, watch, flow, skewMs }: Scene): string[] {
  const roots: number[] = [...ledger.forgiven, ...ledger.seen]
  for (const side of SIDES)
    for (const kind of KINDS)
      for (const item of systems[side].board.living(kind)) {
        const token = aboutOf(item.text) === null ? tokenIn(item.text) : null
        if (token !== null) roots.push(token)
      }
  for (const seen of ledger.deletions.values()) roots.push(...seen.map((each) => each.seen))
  // Where people are asked, a conflict that was settled without them keeps nothing.
  const listed = flow.policy === 'ask' ? 'WHERE resolved_at IS NULL' : ''
  for (const row of rowsOf(db, `SELECT a_json, b_json FROM conflict ${listed}`))
    for (const text of [row['a_json'], row['b_json']]) {
      const token = tokenIn(String(JSON.parse(String(text))))
      if (token !== null) roots.push(token)
    }
  roots.push(...joinedNames(db, ledger, skewMs))
  const kept = new Set<number>()
  for (const token of roots)
    for (
      let each: number | null = token;
      each !== null && !kept.has(each);
      each = ledger.tokens.get(each)?.parent ?? null
    )
      kept.add(each)
  const restored = flow.astray === 'restore' ? farSide(flow) : null
  return [...ledger.tokens]
    .filter(([token, { kind, side }]) => !kept.has(token) && watch.tracked.has(kind) && side !== restored)
    .map(([token, { kind }]) => `t${token} of a ${kind} is nowhere`)
}

/** The names that two rooms had when they were joined give way to the first rename. */
function joinedNames(db: DatabaseSync, ledger: Ledger, skewMs: number): number[] {
  const joined = new Map(
    rowsOf(db, `SELECT a_ref, made_at FROM link WHERE pair = 'room'`).map((row) => [
      ledger.roots.get(`a room ${String(row['a_ref'])}`),
      Number(row['made_at']) - skewMs,
    ]),
  )
  return [...ledger.tokens].flatMap(([token, { root, at }]) => (at <= (joined.get(root) ?? 0) ? [token] : []))
}

/** P13: copies that stood there together stand in the order of what they copy, unless they are marked late. */
export function disorder(scene: Scene): string[] {
  const { db, systems } = scene
  const found: string[] = []
  const links = rowsOf(db, `SELECT a_ref, b_ref FROM link WHERE pair = 'post' AND late = 0 AND incarnation = 0`)
  for (const from of SIDES) {
    const to = from === 'a' ? 'b' : 'a'
    const threads = new Map<
      string,
      { source: number; copy: number; ref: string; madeAt: number; copiedAt: number; goneAt: number }[]
    >()
    for (const row of links) {
      const source = systems[from].board.lastKnown('post', String(row[`${from}_ref`]))
      const copy = systems[to].board.lastKnown('post', String(row[`${to}_ref`]))
      if (source?.thread == null || copy?.author.ref !== 'bot' || source.author.ref === 'bot') continue
      const list = threads.get(`${source.thread} ${copy.thread ?? ''}`) ?? []
      list.push({
        source: systems[from].board.seqOf('post', source.ref),
        copy: systems[to].board.seqOf('post', copy.ref),
        ref: source.ref,
        madeAt: copy.createdAt,
        copiedAt: systems[to].board.madeAt('post', copy.ref),
        // What was emptied says nothing any more, so nothing has to stand before it.
        goneAt:
          (systems[to].board.get('post', copy.ref)?.emptied ?? true)
            ? systems[to].board.changedAt('post', copy.ref)
            : Infinity,
      })
      threads.set(`${source.thread} ${copy.thread ?? ''}`, list)
    }
    for (const list of threads.values()) {
      list.sort((left, right) => left.source - right.source)
      for (const [index, each] of list.entries()) {
        const before = list[index - 1]
        if (before === undefined || wasLeftOut(scene, from, before.ref, each.copiedAt)) continue
        if (before.copy > each.copy && each.goneAt > before.madeAt)
          found.push(`${from} post ${each.ref} was copied before ${before.ref}, which is older`)
      }
    }
  }
  return found
}

/** Before a later sibling was copied, a listing that called itself complete left it out. */
function wasLeftOut({ systems }: Scene, side: Side, ref: string, copiedAt: number): boolean {
  return systems[side].omissions.has('post', ref, copiedAt)
}

/** P3: for each item and side, no more writes than people did elsewhere, and deletes there that did not last. */
export function overwritten({ ledger, flow, watch }: Scene): string[] {
  return [...ledger.written].flatMap(([name, { side, root, times }]) => {
    const far = side === 'a' ? 'b' : 'a'
    const causes =
      (ledger.done.get(`${far} ${root}`) ?? 0) +
      (farSide(flow) === side && flow.astray === 'restore' ? (ledger.done.get(`${side} ${root}`) ?? 0) : 0) +
      (ledger.deletions.get(root) ?? []).filter((each) => each.side === side).length +
      (ledger.leaves.get(root) ?? []).filter((each) => each.side === far).length
    const slack = [...ledger.forgiven, ...watch.unaware].some((token) => ledger.rootOf(token) === root)
    return times > causes && !slack ? [`${times} writes to ${name} for ${causes} changes`] : []
  })
}

/** P3: a mark comes and goes no more often than people did something to the item, on either side. */
export function remarked({ ledger }: Scene): string[] {
  return [...ledger.marks].flatMap(([name, { root, times }]) => {
    const causes = SIDES.reduce((sum, side) => sum + (ledger.done.get(`${side} ${root}`) ?? 0), 0)
    return times > causes ? [`${times} marks on ${name} for ${causes} changes`] : []
  })
}

/** A correction tells a difference that is there, as it is now; and such a difference is told, unless somebody deleted that. */
export function mistold(scene: Scene): string[] {
  const { systems, ledger, flow, db } = scene
  if (flow.onRefused !== 'reply') return []
  const reasons = reasonsOf(db)
  const found: string[] = []
  const told = new Set<string>()
  for (const side of SIDES) {
    const far = side === 'a' ? 'b' : 'a'
    const own = (at: Side, root: number | null): Stored | undefined =>
      systems[at].board
        .living('post')
        .find(
          (each) => !each.emptied && aboutOf(each.text) === null && ledger.roots.get(`${at} post ${each.ref}`) === root,
        )
    for (const correction of systems[side].board.living('post')) {
      const about = correction.emptied ? null : aboutOf(correction.text)
      if (about === null) continue
      const root = ledger.rootOf(about)
      told.add(`${side} ${root ?? ''}`)
      const [item, there] = [own(side, root), own(far, root)]
      if (item !== undefined && (reasons.why(side, 'post', item.ref) ?? '').startsWith('held')) continue
      // Where a room is gone on one side, what stands in the other one rests.
      const room = systems[side].board.living('room').find((each) => each.ref === correction.room)
      const counterpart = room === undefined ? null : reasons.counterpart(side, 'room', room.ref)
      if (counterpart === null || systems[far].board.get('room', counterpart) === null) continue
      const now = there === undefined ? 'deleted' : `t${tokenIn(there.text) ?? '?'}`
      const what = `the correction ${correction.ref} at ${side} (${correction.text})`
      if (item === undefined) found.push(`${what} outlives its item`)
      else if (there !== undefined && tokenIn(there.text) === tokenIn(item.text))
        found.push(`${what} stays, though both agree`)
      else if (tokenIn(item.text) !== about || !correction.text.endsWith(now))
        found.push(`${what} is not what stands: ${now}`)
    }
  }
  for (const row of rowsOf(db, `SELECT side, ref FROM divergence WHERE pair = 'post' AND lens = 'body'`)) {
    const [side, ref] = [String(row['side']), String(row['ref'])]
    const root = `${side} ${ledger.roots.get(`${side} post ${ref}`) ?? ''}`
    if (!told.has(root) && !ledger.uncorrected.has(root))
      found.push(`nothing tells of the difference at ${side} ${ref}`)
  }
  return found
}
