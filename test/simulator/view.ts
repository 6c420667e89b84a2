/** A run as its oracles see it: whole, and flow by flow. */
import type { DatabaseSync } from 'node:sqlite'
import { other, type Side } from '../../src/core/flow.ts'
import type { Stored } from './board.ts'
import { ASIDE, type Route } from './flow.ts'
import type { Ledger } from './ledger.ts'
import { reasonsOf, type Reasons } from './reasons.ts'
import type { System, Systems } from './system.ts'
import type { Watch } from './watch.ts'

export interface Scene {
  readonly db: DatabaseSync
  readonly systems: Systems
  readonly ledger: Ledger
  readonly watch: Watch
  readonly routes: readonly Route[]
  /** By how much the engine's clock is ahead. */
  readonly skewMs: number
  /** Whether scopes are listed again by themselves. */
  readonly audits: boolean
}

/** One flow of it, as if there were no other: what lies beyond its ends is done at these. */
export interface View extends Scene {
  readonly route: Route
  readonly reasons: Reasons
  /** The systems at its ends. */
  readonly ends: { readonly [side in Side]: System }
}

export function viewsOf(scene: Scene): readonly View[] {
  const { db, routes, systems } = scene
  return routes.map((route) => {
    const { id, at } = route
    return { ...scene, route, reasons: reasonsOf(db, id), ends: { a: systems[at.a], b: systems[at.b] } }
  })
}

/** What is in a room whose counterpart was deleted rests. */
export function isInFlow({ route, ends, reasons }: View, side: Side, item: Stored): boolean {
  if (item.kind === 'room' && route.plan.rooms === 'each') return !item.text.startsWith('private')
  const isAside = route.plan.filters && item.kind === 'post' && item.text.endsWith(ASIDE)
  if (isAside && !reasons.isCopy(side, 'post', item.ref)) return false
  const there = reasons.counterpart(side, 'room', item.kind === 'room' ? item.ref : item.room)
  return there !== null && ends[other(side)].board.get('room', there) !== null
}
