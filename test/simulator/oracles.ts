/** What must hold once faults have ended and the engine had time: both sides agree, or it is said why not. */
import type { DatabaseSync } from 'node:sqlite'
import { other, SIDES, type Side } from '../../src/core/flow.ts'
import { KINDS, type KindName, type Stored } from './board.ts'
import { fileDifference, fileTokens } from './file-oracles.ts'
import { farSide, MARK, placesOf, restoredPlaces, sideOf, withoutHeading } from './flow.ts'
import { aboutOf, tokenIn, type Ledger } from './ledger.ts'
import { peopleDifference } from './people-oracles.ts'
import { rowsOf } from './reasons.ts'
import type { Place } from './shape.ts'
import { isInFlow, viewsOf, type Scene, type View } from './view.ts'

interface Standing {
  readonly side: Side
  readonly item: Stored
}

/** What differs and is not explained; empty: the two sides of every flow agree. */
export function differences(scene: Scene): string[] {
  return viewsOf(scene).flatMap(differencesOf)
}

function differencesOf(view: View): string[] {
  const { route, ends, ledger, watch } = view
  const found: string[] = []
  for (const kind of KINDS) {
    if (!watch.tracks(kind)) continue
    const byRoot = new Map<number, Standing[]>()
    for (const side of SIDES)
      for (const item of ends[side].board.living(kind)) {
        const root = ledger.roots.get(`${route.at[side]} ${kind} ${item.ref}`)
        if (root === undefined || item.emptied || !isInFlow(view, side, item)) continue
        byRoot.set(root, [...(byRoot.get(root) ?? []), { side, item }])
      }
    for (const [root, standing] of byRoot) {
      const why = differenceOf(view, kind, root, standing)
      if (why !== null) found.push(`${route.id}: ${why}`)
    }
  }
  return found
}

function differenceOf(view: View, kind: KindName, root: number, standing: readonly Standing[]): string | null {
  const { reasons, routes } = view
  const { a, b } = { a: standing.find(({ side }) => side === 'a'), b: standing.find(({ side }) => side === 'b') }
  if (standing.some(({ side, item }) => explanation(view, side, item) !== null)) return null
  if (isAstray(view, kind, root, standing)) return null
  if (kind === 'room') return roomDifference(view, standing)
  if (a === undefined || b === undefined) {
    const one = standing[0]
    if (one !== undefined && isKept(view, root, one)) return null
    return `${kind} t${root} stands at ${standing.map(({ side, item }) => `${side} ${item.ref}`).join()} only`
  }
  const tokens = [tokenIn(a.item.text), tokenIn(b.item.text)]
  if (tokens[0] !== tokens[1])
    return `${kind} t${root}: t${tokens[0] ?? '?'} at a ${a.item.ref}, t${tokens[1] ?? '?'} at b ${b.item.ref}`
  const files = kind === 'post' ? fileDifference(view, a.item, b.item) : null
  if (files !== null) return files
  const people = kind === 'post' ? peopleDifference(view, a.item, b.item) : null
  if (people !== null) return people
  // What a thread was called when it was copied stands for good, above its first post or as its title.
  const marks = kind === 'thread' ? 0 : [a, b].filter(({ item }) => withoutHeading(item.text).includes(MARK)).length
  // A mark that another flow put is part of the text.
  if (marks > 0 && (routes.length === 1 || marks === 1)) return `${kind} t${root} is marked, though both agree`
  const parent = kind === 'post' ? 'thread' : kind === 'exception' ? 'series' : null
  if (parent !== null && reasons.counterpart('a', parent, a.item.thread ?? '') !== b.item.thread)
    return `${kind} t${root} is in ${a.item.thread ?? ''} at a and in ${b.item.thread ?? ''} at b, which are no pair`
  return null
}

/** Rooms that were joined by hand have names of their own until one is renamed. */
function roomDifference({ ends, reasons }: View, standing: readonly Standing[]): string | null {
  for (const { side, item } of standing) {
    const there = reasons.counterpart(side, 'room', item.ref)
    if (there === null) return `room ${item.ref} of ${side} has no counterpart`
    const far = ends[other(side)].board.get('room', there)
    if (far === null) continue
    const renamed = !reasons.isAsJoined(side, item.ref, item.text)
    if (renamed && far.text !== item.text)
      return `room ${item.ref} of ${side} is called ${item.text}, and there ${far.text}`
  }
  return null
}

/** Why these two differ, of exactly this item or its counterpart: said by the store, or the copy went out of the flow. */
function explanation(view: View, side: Side, item: Stored): string | null {
  const { ends, reasons } = view
  const far = other(side)
  const own = reasons.why(side, item.kind, item.ref)
  const there = reasons.counterpart(side, item.kind, item.ref)
  if (own === null && there === null && item.thread !== null) {
    // A thread is held with its first post, and one whose first post is put aside is not made.
    const why = reasons.why(side, 'thread', item.thread)
    return view.route.plan.filters ? why : heldAt(why)
  }
  if (own === null && there === null && item.kind === 'thread') return withPosts(view, side, item)
  if (own !== null || there === null) return own
  const copy = ends[far].board.get(item.kind, there)
  if (item.kind !== 'room' && copy !== null && !isInFlow(view, far, copy)) return 'its counterpart left the flow'
  const rested = copy === null ? ends[far].board.lastKnown(item.kind, there)?.room : undefined
  if (rested !== undefined && ends[far].board.get('room', rested) === null)
    return 'its counterpart was in a room that is gone'
  return reasons.why(far, item.kind, there)
}

/** A thread is made with its first post of which nobody is asked, and ends with its last: where people are asked about all, it waits for them. */
function withPosts({ ends, reasons }: View, side: Side, { ref }: Stored): string | null {
  const posts = ends[side].board.living('post').filter(({ thread, emptied }) => thread === ref && !emptied)
  if (posts.length === 0) return ends[side].board.postsOf(ref).length > 0 ? 'all that stood in it was emptied' : null
  const whys = posts.map((post) => reasons.why(side, 'post', post.ref))
  const isAsked = whys.length > 0 && whys.every((why) => why !== null && why.startsWith('held: ambiguous'))
  return isAsked ? `with its posts: ${whys.join()}` : null
}

function heldAt(why: string | null): string | null {
  return why !== null && why.includes('held: ambiguous') ? `with its thread: ${why}` : null
}

/** Deleted on the other side, or gone from it, where that is to change nothing; or nothing ever tells that it is gone. */
function isKept({ route, ledger, audits }: View, root: number, { side }: Standing): boolean {
  const far = other(side)
  const isFar = (each: { readonly side: Place }): boolean => sideOf(route, each.side) === far
  const isKeeping = route.plan.onDelete[far] === 'keep'
  if (isKeeping && (ledger.deletions.get(root) ?? []).some(isFar)) return true
  // What another flow deletes there for its own ends is seen as anybody's delete.
  if (isKeeping && ledger.removals.get(root)?.has(route.at[far]) === true) return true
  const isLeft = route.plan.onLeave[far] === 'keep' || far === farSide(route.plan) || !audits
  return isLeft && ledger.leavesOf(root, route.at.b).some(isFar)
}

/** On a one-way flow: what people did at its far end stays there, unless it is taken back. */
function isAstray(view: View, kind: KindName, root: number, standing: readonly Standing[]): boolean {
  const { route, routes, ends, ledger } = view
  const far = farSide(route.plan)
  if (far === null) return false
  const isFar = (each: { readonly side: Place } | undefined): boolean =>
    each !== undefined && sideOf(route, each.side) === far
  const there = standing.find(({ side }) => side === far)?.item
  const here = standing.find(({ side }) => side !== far)?.item
  if (isFar(ledger.tokens.get(root)) && kind !== 'room') return true
  // What was made there anew began there, though it is the same thing as one before it.
  if (here === undefined && there !== undefined && isFar(ledger.originOf(tokenIn(there.text))) && kind !== 'room')
    return true
  if (route.plan.astray === 'restore') return false
  const deletions = ledger.deletions.get(root) ?? []
  const isGone = [...deletions, ...ledger.leavesOf(root, route.at.b)].some(isFar)
  // Deleted where it came from, and then where it was copied to: what stands there since another flow made of what that had left.
  const endedAt = deletions.findIndex(({ side }) => sideOf(route, side) === other(far))
  if (routes.length > 1 && here === undefined && endedAt >= 0 && deletions.findLastIndex(isFar) > endedAt) return true
  if (there === undefined) return isGone
  // What was deleted there stays deleted, and what somebody made in its place is another item, for all that it is the same thing.
  if (isGone && isFar(ledger.originOf(tokenIn(there.text)))) return true
  const shown = ledger.tokens.get(tokenIn(there.text) ?? 0)
  if (here === undefined) return isFar(shown) || hasAnswer(view, far, there.thread ?? there.ref)
  const source = ledger.tokens.get(tokenIn(here.text) ?? 0)
  // What another flow has made there anew, or says there of what lies beyond it, is a change of its own, however old its words are.
  const isBrought = shown !== undefined && shown.side !== route.at.a && shown.side !== route.at.b
  const { board } = ends[far]
  const [madeAt, saidAt] = [board.madeAt(kind, there.ref), isBrought ? board.changedAt(kind, there.ref) : 0]
  const changedAt = routes.length === 1 ? 0 : Math.max(madeAt, saidAt)
  return isFar(shown) && Math.max(changedAt, shown?.at ?? 0) >= (source?.at ?? 0)
}

/** Whether somebody at the far end wrote in this thread or about this series, which keeps it alive. */
function hasAnswer({ route, ends, ledger }: View, far: Side, thread: string): boolean {
  const { board } = ends[far]
  const writers = [...board.postsOf(thread), ...board.exceptionsOf(thread)].map(({ text }) =>
    ledger.tokens.get(tokenIn(text) ?? 0),
  )
  return writers.some((each) => each !== undefined && sideOf(route, each.side) === far)
}

/** P4: every text is part of what stands, or was seen by who deleted it, or is kept as the losing side of a conflict. */
export function lostTokens(scene: Scene): string[] {
  const { db, systems, ledger, watch, routes, skewMs } = scene
  const roots: number[] = [...ledger.forgiven, ...ledger.seen, ...fileTokens(scene)]
  for (const side of placesOf(routes))
    for (const kind of KINDS)
      for (const item of systems[side].board.living(kind)) {
        const token = aboutOf(item.text) === null ? tokenIn(item.text) : null
        if (token !== null) roots.push(token)
      }
  for (const seen of ledger.deletions.values()) roots.push(...seen.map((each) => each.seen))
  for (const { id, plan } of routes) {
    // Where people are asked, a conflict that was settled without them keeps nothing.
    const listed = plan.policy === 'ask' ? 'AND resolved_at IS NULL' : ''
    for (const row of rowsOf(db, `SELECT a_json, b_json FROM conflict WHERE flow = ? ${listed}`, id))
      for (const text of [row['a_json'], row['b_json']]) {
        const token = tokenIn(String(JSON.parse(String(text))))
        if (token !== null) roots.push(token)
      }
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
  const restored = restoredPlaces(routes)
  return [...ledger.tokens]
    .filter(([token, { kind, side }]) => !kept.has(token) && watch.tracks(kind) && !restored.has(side))
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
  return viewsOf(scene).flatMap(disorderOf)
}

function disorderOf({ db, route, ends }: View): string[] {
  const found: string[] = []
  const links = rowsOf(
    db,
    `SELECT a_ref, b_ref FROM link WHERE pair = 'post' AND late = 0 AND incarnation = 0 AND flow = ?`,
    route.id,
  )
  for (const from of SIDES) {
    const to = other(from)
    const threads = new Map<string, { source: number; copy: number; ref: string; copiedAt: number; goneAt: number }[]>()
    for (const row of links) {
      const source = ends[from].board.lastKnown('post', String(row[`${from}_ref`]))
      const copy = ends[to].board.lastKnown('post', String(row[`${to}_ref`]))
      if (source?.thread == null || copy?.author.ref !== 'bot' || source.author.ref === 'bot') continue
      const list = threads.get(`${source.thread} ${copy.thread ?? ''}`) ?? []
      list.push({
        source: ends[from].board.seqOf('post', source.ref),
        copy: ends[to].board.seqOf('post', copy.ref),
        ref: source.ref,
        copiedAt: ends[to].board.madeAt('post', copy.ref),
        // What was emptied says nothing any more, so nothing has to stand before it.
        goneAt:
          (ends[to].board.get('post', copy.ref)?.emptied ?? true)
            ? ends[to].board.changedAt('post', copy.ref)
            : Infinity,
      })
      threads.set(`${source.thread} ${copy.thread ?? ''}`, list)
    }
    for (const list of threads.values()) {
      list.sort((left, right) => left.source - right.source)
      for (const [index, each] of list.entries()) {
        const before = list[index - 1]
        if (before === undefined || ends[from].omissions.has('post', before.ref, each.copiedAt)) continue
        if (before.copy > each.copy && each.goneAt > before.copiedAt)
          found.push(`${route.at[from]} post ${each.ref} was copied before ${before.ref}, which is older`)
      }
    }
  }
  return found
}

/** P3: for each item and side, no more writes than people did elsewhere, and deletes there that did not last. */
export function overwritten({ ledger, routes, watch }: Scene): string[] {
  const restored = restoredPlaces(routes)
  const doneAt = (places: readonly Place[], root: number): number =>
    places.reduce((sum, place) => sum + (ledger.done.get(`${place} ${root}`) ?? 0), 0)
  return [...ledger.written].flatMap(([name, { side, root, times }]) => {
    const others = placesOf(routes).filter((place) => place !== side)
    const causes =
      doneAt(others, root) +
      (restored.has(side) ? doneAt(routes.length === 1 ? [side] : placesOf(routes), root) : 0) +
      // What comes back where it was deleted comes back beyond it as well, and as it stands there.
      (ledger.deletions.get(root) ?? []).filter((each) => routes.length > 1 || each.side === side).length *
        routes.length +
      // So does what was taken away here because it had left there.
      (ledger.leaves.get(root) ?? []).filter((each) => each.side !== side).length * routes.length +
      ledger.unaskedOf(side, root) +
      // A thread that went with its only post is made again for the next one.
      (ledger.ended.get(`${side} ${root}`) ?? 0)
    const slack = [...ledger.forgiven, ...watch.unaware].some((token) => ledger.rootOf(token) === root)
    return times > causes && !slack ? [`${times} writes to ${name} for ${causes} changes`] : []
  })
}

/** P3: a mark comes and goes no more often than people did something to the item, on either side. */
export function remarked({ ledger, routes }: Scene): string[] {
  return [...ledger.marks].flatMap(([name, { root, times }]) => {
    const causes = placesOf(routes).reduce((sum, side) => sum + (ledger.done.get(`${side} ${root}`) ?? 0), 0)
    return times > causes ? [`${times} marks on ${name} for ${causes} changes`] : []
  })
}
