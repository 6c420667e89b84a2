/**
 * What flows do to each other: rings of flows, and two between the same connections that take new items from one
 * container. Both would multiply items, so that they are refused before anything runs. So is one that takes back in a
 * container what another brings there.
 */
import { carries, other, SIDES, type Pair, type Side } from '../core/flow.ts'
import { areDisjoint } from './filter.ts'
import type { CompiledFlow } from './compiled-flow.ts'
import { placeOf, type Finding, type Path } from './problem.ts'

/** A container, named or made by a flow; or all containers of a connection that a flow finds. */
interface End {
  readonly connection: string
  readonly is: 'ref' | 'made' | 'all'
  /** Of a container that is made: the place in the configuration that makes it. */
  readonly name: string
}

/** One pair of containers of a flow, or all that its `each` finds. */
interface Strand {
  readonly of: CompiledFlow
  readonly path: Path
  readonly ends: { readonly [side in Side]: End }
}

export function checkOverlaps(flows: readonly CompiledFlow[]): readonly Finding[] {
  const strands = flows.flatMap(strandsOf)
  const rings = ringsOf(strands)
  const shared = strands.flatMap((strand, index) =>
    strands.slice(0, index).flatMap((earlier) => shareOf(earlier, strand)),
  )
  // Each mistake is told once: a ring of three explains what its flows share, and a ring of two is what they share.
  const isWithin = (ring: readonly Strand[], { between }: Share) => between.every((strand) => ring.includes(strand))
  return [
    ...rings.filter((ring) => ring.length > 2 || !shared.some((share) => isWithin(ring, share))).map(ringFinding),
    ...shared
      .filter((share) => !rings.some((ring) => ring.length > 2 && isWithin(ring, share)))
      .map(({ finding }) => finding),
    ...strands.flatMap((strand) => takenBack(strand, strands)),
  ]
}

/** What a two-way flow writes in a container for people elsewhere is nothing that a mirror there may undo or delete. */
function takenBack(mirror: Strand, strands: readonly Strand[]): readonly Finding[] {
  const { flow } = mirror.of
  const far = SIDES.find((side) => !carries(flow.direction, side))
  if (flow.astray !== 'restore' || far === undefined) return []
  const isWritten = (by: Strand, side: Side): boolean =>
    meet(mirror.ends[far], by.ends[side]) && !areApart(mirror, far, by, side)
  const writers = strands.filter((each) => each.of !== mirror.of && each.of.flow.direction === 'both')
  return writers
    .filter((each) => SIDES.some((side) => isWritten(each, side)))
    .map((writer) => ({
      code: 'scope-mirrored',
      path: mirror.path,
      message: `takes back what is changed in ${nameOf(mirror.ends[far])}, and ${placeOf(writer.path)} brings changes there`,
      remedy: `set \`astray\` of flows.${flow.id} to leave or hold, or make flows.${writer.of.flow.id} one-way`,
    }))
}

interface Share {
  readonly between: readonly [Strand, Strand]
  readonly finding: Finding
}

function strandsOf(of: CompiledFlow): readonly Strand[] {
  const { flow } = of
  const pinned = flow.scopes.map((scopes, index): Strand => {
    const path = ['flows', flow.id, 'scopes', index]
    const end = (side: Side): End => {
      const choice = scopes[side]
      const named = 'ref' in choice ? { is: 'ref' as const, name: choice.ref } : made(path)
      return { connection: flow.connections[side], ...named }
    }
    return { of, path, ends: { a: end('a'), b: end('b') } }
  })
  if (flow.each === null) return pinned
  const { from } = flow.each
  const path = ['flows', flow.id, 'each']
  const found: End = { connection: flow.connections[from], is: 'all', name: '' }
  const there: End = { connection: flow.connections[other(from)], ...made(path) }
  return [...pinned, { of, path, ends: from === 'a' ? { a: found, b: there } : { a: there, b: found } }]
}

function made(path: Path): Pick<End, 'is' | 'name'> {
  return { is: 'made', name: placeOf(path) }
}

function shareOf(earlier: Strand, later: Strand): readonly Share[] {
  const joined = (strand: Strand) =>
    SIDES.map((side) => keyOf(strand.ends[side]))
      .sort()
      .join('\n')
  if (joined(earlier) === joined(later)) return [{ between: [earlier, later], finding: twice(earlier, later) }]
  for (const side of SIDES)
    for (const there of SIDES)
      if (isShared(earlier, there, later, side))
        return [{ between: [earlier, later], finding: overlap(earlier, later, later.ends[side]) }]
  return []
}

function keyOf({ connection, is, name }: End): string {
  return [connection, is, name].join(' ')
}

function twice(earlier: Strand, later: Strand): Finding {
  return {
    code: 'scope-twice',
    path: later.path,
    message: `the same two containers are joined by ${placeOf(earlier.path)} already`,
    remedy: 'remove one of the two',
  }
}

function overlap(earlier: Strand, later: Strand, end: End): Finding {
  const { template } = later.of.flow
  if (template !== undefined && earlier.of.flow.template === template && earlier.of !== later.of)
    return {
      code: 'scope-overlap',
      path: later.path,
      message: `accounts share containers of ${end.connection}: what one of them writes there would reach the others`,
      remedy:
        'name a container of each account (`${account.…}`), or let the flow lead only from there to the accounts (`direction`)',
    }
  return {
    code: 'scope-overlap',
    path: later.path,
    message: `${placeOf(earlier.path)} takes new items from ${nameOf(end)} to the same connection`,
    remedy:
      'remove one of the two, or give both filters (`where`) on one field with different values; pairs that `each` would find too belong into the `scopes` of the same flow',
  }
}

function nameOf({ connection, is, name }: End): string {
  return is === 'ref' ? `${name} of ${connection}` : `containers of ${connection}`
}

function isShared(earlier: Strand, there: Side, later: Strand, side: Side): boolean {
  const ends = [earlier.ends[there], later.ends[side]] as const
  if (!meet(...ends)) return false
  // A flow knows its own pairs, so that its `each` passes them over.
  if (earlier.of === later.of && keyOf(ends[0]) !== keyOf(ends[1])) return false
  const takes = carries(earlier.of.flow.direction, there) && carries(later.of.flow.direction, side)
  return takes && !isFanOut(earlier, there, later, side) && !areApart(earlier, there, later, side)
}

function meet(left: End, right: End): boolean {
  if (left.connection !== right.connection) return false
  return left.is === 'all' || right.is === 'all' || keyOf(left) === keyOf(right)
}

/**
 * One container may be joined with several connections: what comes from one of them goes to the others through it. Not
 * so where these are of accounts: what one writes there is not for another.
 */
function isFanOut(earlier: Strand, there: Side, later: Strand, side: Side): boolean {
  const { template, direction } = later.of.flow
  const ofAccounts = template !== undefined && earlier.of !== later.of && earlier.of.flow.template === template
  if (ofAccounts && carries(direction, other(side))) return false
  return earlier.of.flow.connections[other(there)] !== later.of.flow.connections[other(side)]
}

/** Filters that no item can pass both of: of the containers, or of every kind that has no parent among the pairs. */
function areApart(earlier: Strand, there: Side, later: Strand, side: Side): boolean {
  if (earlier.ends[there].is === 'all' && later.ends[side].is === 'all')
    if (areDisjoint(earlier.of.eachWhere ?? {}, later.of.eachWhere ?? {})) return true
  const mine = rootsOf(later.of, side)
  const theirs = rootsOf(earlier.of, there)
  return mine.every((pair) =>
    theirs
      .filter((each) => each.kinds[there].kind === pair.kinds[side].kind)
      .every((each) =>
        areDisjoint(earlier.of.filters[each.id]?.[there] ?? {}, later.of.filters[pair.id]?.[side] ?? {}),
      ),
  )
}

function rootsOf({ flow }: CompiledFlow, side: Side): readonly Pair[] {
  const kinds = new Set(flow.pairs.map((pair) => pair.kinds[side].kind))
  return flow.pairs.filter((pair) => !kinds.has(pair.kinds[side].parent?.kind ?? ''))
}

/** A strand from whose end another way leads back to its beginning. Each ring is found once. */
function ringsOf(strands: readonly Strand[]): readonly (readonly Strand[])[] {
  const seen = new Set<string>()
  const rings: (readonly Strand[])[] = []
  for (const strand of strands)
    for (const side of SIDES) {
      if (!carries(strand.of.flow.direction, side)) continue
      const back = wayBack(strands, strand, strand.ends[other(side)], strand.ends[side])
      if (back === null) continue
      const ring = [strand, ...back]
      const key = ring
        .map((each) => placeOf(each.path))
        .sort()
        .join(' ')
      if (!seen.has(key)) rings.push(ring)
      seen.add(key)
    }
  return rings
}

function ringFinding(ring: readonly Strand[]): Finding {
  const places = ring.map((each) => placeOf(each.path))
  return {
    code: 'flow-cycle',
    path: ring[0]?.path ?? ['flows'],
    message: `items would go round and multiply: ${[...places, places[0] ?? ''].join(' → ')}`,
    remedy: 'remove one of these, or make it one-way so that the ring is open',
  }
}

/** The shortest way along other strands, or null. */
function wayBack(strands: readonly Strand[], first: Strand, from: End, to: End): readonly Strand[] | null {
  const reached = new Set([keyOf(from)])
  const queue: { at: End; way: readonly Strand[] }[] = [{ at: from, way: [] }]
  for (const step of queue)
    for (const strand of strands)
      for (const side of SIDES) {
        if (strand === first || step.way.includes(strand)) continue
        if (!carries(strand.of.flow.direction, side) || !meet(strand.ends[side], step.at)) continue
        const way = [...step.way, strand]
        const at = strand.ends[other(side)]
        if (meet(at, to)) return way
        if (!reached.has(keyOf(at))) queue.push({ at, way })
        reached.add(keyOf(at))
      }
  return null
}
