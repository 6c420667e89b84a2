/** P6: the engine's deletes, counted as its brake has to count them. */
import { other } from '../../src/core/flow.ts'
import type { Board, KindName, Stored } from './board.ts'
import { OWN, routesAt, sideOf, type Route } from './flow.ts'
import type { Ledger } from './ledger.ts'
import type { Place } from './shape.ts'

const HOUR = 3_600_000

interface Braked {
  readonly ledger: Ledger
  readonly boards: { readonly [place in Place]: Board }
  readonly routes: readonly Route[]
  /** Of each room of `a` the account's own system; empty: there are no accounts. */
  readonly owners: ReadonlyMap<string, Place>
  /** What the engine has read there and not read to be gone: its links are alive until it has. */
  readonly believed: (place: Place, kind: KindName) => readonly string[]
}

/** What goes along with a deleted item. */
const TAKEN: Partial<Record<KindName, KindName>> = { thread: 'post', series: 'exception' }

interface Counted {
  readonly at: number
  /** The links alive then, with those that deletes within the hour before had ended. */
  readonly alive: number
}

export class BrakeOracle {
  private readonly deletes = new Map<KindName, readonly Counted[]>()
  /** As it was before it went along with a delete of something else. */
  private readonly whole = new Map<KindName, readonly Counted[]>()
  /** By place and kind, what the engine deleted: that counts among the deletes, whatever it has read since. */
  private readonly ended = new Set<string>()

  /** The engine deletes it: more than the brake's limit within an hour? */
  count(braked: Braked, side: Place, { kind, ref }: Stored): void {
    this.ended.add(`${side} ${kind} ${ref}`)
    const { ledger, routes, owners } = braked
    // The brake of a template counts over all its flows.
    const together = owners.size > 0
    const at = ledger.time()
    const places = together ? OWN : [side]
    const aliveOf = (each: KindName, done: number): number =>
      places.reduce((sum, place) => sum + linked(braked, place, each, this.ended), done)
    const within = (counted: Map<KindName, readonly Counted[]>, each: KindName): readonly Counted[] =>
      (counted.get(each) ?? []).filter((one) => one.at > at - HOUR)
    const before = within(this.deletes, kind)
    const alive = aliveOf(kind, before.length + 1)
    this.deletes.set(kind, [...before, { at, alive }])
    const taken = TAKEN[kind]
    if (taken !== undefined)
      this.whole.set(taken, [
        ...within(this.whole, taken),
        { at, alive: aliveOf(taken, within(this.deletes, taken).length) },
      ])
    // The brake counts the links that were alive when each was planned: what went along with threads since counts as well.
    const all = Math.max(alive, ...[...before, ...within(this.whole, kind)].map((each) => each.alive))
    const brakes = together ? 1 : routes.length
    if (before.length >= Math.max(10, Math.floor(all * 0.2)) * brakes)
      ledger.fail('P6', `${before.length + 1} deletes of ${kind}s within an hour`)
  }
}

/**
 * What stands there, and what was deleted there or has left it and still stands beyond: its link is alive until that is
 * carried out, or where nothing is to be done, until it is read.
 */
function linked(
  { ledger, boards, routes, believed }: Braked,
  place: Place,
  kind: KindName,
  ended: ReadonlySet<string>,
): number {
  const rootsAt = (at: Place): Set<number> =>
    new Set(boards[at].living(kind).flatMap(({ ref }) => ledger.roots.get(`${at} ${kind} ${ref}`) ?? []))
  const here = rootsAt(place)
  const unread = believed(place, kind).flatMap((ref) => {
    const name = `${place} ${kind} ${ref}`
    return ended.has(name) ? [] : (ledger.roots.get(name) ?? [])
  })
  const pending = new Set(unread.filter((root) => !here.has(root)))
  for (const route of routesAt(routes, place)) {
    const side = sideOf(route, place)
    const isHere = (each: { readonly side: Place }): boolean => each.side === place
    const isDeleted = (root: number): boolean =>
      route.plan.onDelete[side] !== 'keep' && (ledger.deletions.get(root) ?? []).some(isHere)
    const hasLeft = (root: number): boolean =>
      route.plan.onLeave[side] !== 'keep' && ledger.leavesOf(root, route.at.b).some(isHere)
    for (const root of rootsAt(route.at[other(side)]))
      if (!here.has(root) && (isDeleted(root) || hasLeft(root))) pending.add(root)
  }
  return boards[place].living(kind).length + pending.size
}
