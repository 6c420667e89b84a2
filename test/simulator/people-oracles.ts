/** What must hold of the people that posts name: who is known on both sides stands on both, and nobody else is touched. */
import type { DatabaseSync } from 'node:sqlite'
import type { Side } from '../../src/core/flow.ts'
import type { Board, Stored } from './board.ts'
import { farSide, namesPeople, placesOf, restoredPlaces, type Route } from './flow.ts'
import type { Ledger } from './ledger.ts'
import { noteNamed } from './people.ts'
import { rowsOf } from './reasons.ts'
import type { Place } from './shape.ts'
import type { View } from './view.ts'
import type { Sent } from './watch.ts'

interface Told {
  readonly why: string
  readonly people: readonly string[]
}

/** P1: of two posts that stand for each other. Who is known to be one is named by both; who is not, is told by name. */
export function peopleDifference({ db, route, ends, ledger }: View, a: Stored, b: Stored): string | null {
  const { plan } = route
  if (!namesPeople({ a: ends.a.shape, b: ends.b.shape })) return null
  // What people do at the far end stays there.
  const far = farSide(plan)
  if (far !== null && ends[far].board.isTouched('post', { a, b }[far].ref, ({ who }) => who)) return null
  const told = { a: toldOf(db, route.id, 'a', a.ref), b: toldOf(db, route.id, 'b', b.ref) }
  const pairs = ledger.people.pairs()
  const known = new Set([...pairs.keys(), ...pairs.values()])
  // Whoever was put down at the far end, and is known to be nobody by now, travels nowhere.
  for (const [side, { ref, who }] of [
    ['a', a],
    ['b', b],
  ] as const)
    for (const person of side === far ? [] : who)
      if (!known.has(person) && !told[side].some(({ people }) => people.includes(person)))
        return `nobody tells that ${person} of post ${ref} at ${side} is nobody there`
  const all = [...told.a, ...told.b]
  // A single one that stays leaves the other side as it is.
  const isSingle = ends.a.shape.people?.many !== true
  if (isSingle ? all.length > 0 : all.some(({ why }) => why.includes('somebody else'))) return null
  for (const [one, two] of pairs) {
    if (a.who.includes(one) === b.who.includes(two)) continue
    const isSettled = ledger.people.changed.has(one) || ledger.people.changed.has(two)
    if (isSettled && all.length > 0) continue
    return `people of post ${a.ref} at a: ${a.who.join()}; of ${b.ref} at b: ${b.who.join()}`
  }
  return null
}

function toldOf(db: DatabaseSync, flow: string, side: Side, ref: string): Told[] {
  return rowsOf(
    db,
    `SELECT why, people_json FROM divergence WHERE flow = ? AND pair = 'post' AND lens = 'who' AND side = ? AND ref = ?`,
    flow,
    side,
    ref,
  ).map((row) => {
    const people: unknown = JSON.parse(String(row['people_json']))
    return { why: String(row['why']), people: Array.isArray(people) ? people.map(String) : [] }
  })
}

export interface Naming {
  readonly side: Place
  readonly board: Board
  readonly ledger: Ledger
  readonly routes: readonly Route[]
}

/** P4: whoever the engine names is one whom the other side has named. P5: nobody goes whom nobody took away there. */
export function checkNaming(
  { side, board, ledger, routes }: Naming,
  before: Stored | null,
  after: Stored,
  sent: Sent | null,
): void {
  const { people } = ledger
  const root = ledger.roots.get(`${side} post ${after.ref}`)
  if (root === undefined) return
  const far = placesOf(routes).find((each) => each !== side) ?? side
  const own = before?.who ?? []
  const were = (ref: string, other: string): boolean =>
    side === 'a' ? people.wereOne(ref, other) : people.wereOne(other, ref)
  const wasThere = (all: ReadonlySet<string>, ref: string): boolean =>
    [...all].some((name) => {
      const [place, of, other = ''] = name.split(' ')
      return place === far && of === String(root) && were(ref, other)
    })
  // What came since the guard read, a system without conditional writes loses.
  const since = sent === null ? 0 : (sent.guarded ?? sent.at)
  const isUnaware = before !== null && !board.shape.guarded && board.changedAt('post', before.ref) > since
  for (const ref of after.who)
    if (!own.includes(ref) && !wasThere(people.named, ref))
      if (!isUnaware || !people.named.has(`${side} ${root} ${ref}`))
        ledger.fail('P4', `named ${ref} in post ${after.ref} at ${side}, whom nobody named elsewhere`)
  noteNamed(ledger, side, after)
  if (isUnaware || restoredPlaces(routes).has(side) || ledger.deletions.has(root)) return
  const isSet = board.shape.people?.many === true
  const isOneWay = routes.some(({ plan }) => farSide(plan) !== null)
  for (const ref of own) {
    if (after.who.includes(ref)) continue
    const excused = isSet
      ? people.wasKnown(ref) && (isOneWay || wasThere(people.unnamed, ref))
      : isOneWay || people.wasKnown(ref)
    if (!excused) ledger.fail('P5', `took ${ref} from post ${after.ref} at ${side}, whom nobody took away elsewhere`)
  }
}
