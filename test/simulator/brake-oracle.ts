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
}

export class BrakeOracle {
  private readonly deletes = new Map<string, { readonly at: number; readonly alive: number }[]>()

  /** The engine deletes it: more than the brake's limit within an hour? */
  count(braked: Braked, side: Place, { kind }: Stored): void {
    const { ledger, routes, owners } = braked
    // The brake of a template counts over all its flows.
    const together = owners.size > 0
    const at = ledger.time()
    const before = (this.deletes.get(kind) ?? []).filter((each) => each.at > at - HOUR)
    const places = together ? OWN : [side]
    const alive = places.reduce((sum, place) => sum + linked(braked, place, kind), before.length + 1)
    this.deletes.set(kind, [...before, { at, alive }])
    // The brake counts the links that were alive when each was planned: what went along with threads since counts as well.
    const all = Math.max(alive, ...before.map((each) => each.alive))
    const brakes = together ? 1 : routes.length
    if (before.length >= Math.max(10, Math.floor(all * 0.2)) * brakes)
      ledger.fail('P6', `${before.length + 1} deletes of ${kind}s within an hour`)
  }
}

/** What stands there, and what people deleted there that still stands beyond: its link is alive until that is carried out. */
function linked({ ledger, boards, routes }: Braked, place: Place, kind: KindName): number {
  const rootsAt = (at: Place): Set<number | undefined> =>
    new Set(boards[at].living(kind).map(({ ref }) => ledger.roots.get(`${at} ${kind} ${ref}`)))
  const here = rootsAt(place)
  const beyond = new Set(
    routesAt(routes, place)
      .filter((route) => route.plan.onDelete[sideOf(route, place)] !== 'keep')
      .flatMap((route) => [...rootsAt(route.at[other(sideOf(route, place))])]),
  )
  const isDeletedHere = (root: number): boolean =>
    (ledger.deletions.get(root) ?? []).some((each) => each.side === place)
  const pending = [...beyond].filter((root) => root !== undefined && !here.has(root) && isDeletedHere(root))
  return boards[place].living(kind).length + pending.length
}
