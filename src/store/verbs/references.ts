/** What subjects refer to: the counterparts of what they name, the persons, and the instances that they stand in. */
import { other, SIDES, type Side } from '../../core/flow.ts'
import { refsIn } from '../../core/people.ts'
import { personsOf } from './aliases.ts'
import { counterpart, isKept, sideOf } from './links.ts'
import type { Sql } from './rows.ts'
import type { Load, Loaded, LoadedSubject, PairSpec } from './subjects.ts'

/** The counterparts of all refs that the subjects name, and named when the two sides last agreed. */
export function references(
  sql: Sql,
  input: Load,
  subjects: readonly LoadedSubject[],
): Omit<Loaded, 'subjects' | 'looked'> {
  const resolved = new Map<string, Loaded['resolved'][number]>()
  const instances = new Map<string, Loaded['instances'][number]>()
  const unjoined = new Map<string, Loaded['unjoined'][number]>()
  const add = (subject: LoadedSubject): void => {
    const pair = input.pairs.find((each) => each.id === subject.pair)
    if (pair === undefined) return
    for (const side of SIDES) {
      const item = subject[side]
      if (item === null) continue
      addInstance(sql, input, { instances, unjoined }, side, item.scope)
      for (const { field, kind } of pair[side].refs)
        for (const ref of new Set([item.values[field], subject.link?.base[side][field]])) {
          const at = typeof ref === 'string' ? addResolved(sql, input, resolved, side, kind, ref) : null
          if (at !== null) addInstance(sql, input, { instances, unjoined }, other(side), at)
        }
    }
    if (subject.head !== null) add(subject.head)
  }
  subjects.forEach(add)
  const people = input.pairs.flatMap((pair) => personsOf(sql, pair, peopleIn(pair, subjects)))
  return {
    resolved: [...resolved.values()],
    people,
    instances: [...instances.values()],
    unjoined: [...unjoined.values()],
  }
}

/** Whom the items of a pair name, and whom they named when the two sides last agreed. */
function peopleIn(pair: PairSpec, subjects: readonly LoadedSubject[]): { readonly [side in Side]: readonly string[] } {
  const own = subjects
    .flatMap((each) => (each.head === null ? [each] : [each, each.head]))
    .filter((each) => each.pair === pair.id)
  const on = (side: Side): string[] =>
    pair[side].people.fields.flatMap((field) =>
      own.flatMap(({ link, ...sides }) => [...refsIn(sides[side]?.values[field]), ...refsIn(link?.base[side][field])]),
    )
  return { a: on('a'), b: on('b') }
}

function addInstance(
  sql: Sql,
  input: Load,
  {
    instances,
    unjoined,
  }: { instances: Map<string, Loaded['instances'][number]>; unjoined: Map<string, Loaded['unjoined'][number]> },
  side: Side,
  scope: string,
): void {
  const name = `${side} ${scope}`
  if (scope === '' || instances.has(name) || unjoined.has(name)) return
  const far = other(side)
  const row = sql
    .get(`SELECT ${far}_scope AS scope, state, coalesce((SELECT l.state FROM link l WHERE l.id = instance.link), 'live') AS link
         FROM instance WHERE flow = ? AND ${side}_scope = ? ORDER BY (state = 'live') DESC, link DESC`)
    .get(input.flow, scope)
  const containers = input.pairs.find((each) => each.container)
  const container = row === undefined && containers !== undefined ? sideOf(sql, containers, side, scope) : null
  if (container !== null) unjoined.set(name, { side, container })
  if (row === undefined || row['link'] === 'gone') return
  const isLive = row['state'] === 'live' && row['link'] === 'live'
  instances.set(name, { side, scope, to: isLive ? String(row['scope']) : null })
}

function addResolved(
  sql: Sql,
  input: Load,
  into: Map<string, Loaded['resolved'][number]>,
  side: Side,
  kind: string,
  ref: string,
): string | null {
  const name = `${side} ${kind} ${ref}`
  const known = into.get(name)
  if (known !== undefined) return known.at
  const there = counterpart(sql, input.connections, side, kind, ref)
  if (there !== null) into.set(name, { side, kind, ref, to: there.ref, at: there.scope })
  else if (isKept(sql, input.connections, side, kind, ref)) into.set(name, { side, kind, ref, to: null, at: null })
  return there?.scope ?? null
}
