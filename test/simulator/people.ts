/** What people do with the people that posts name, and what an operator says of who they are. */
import type { Model } from '../../src/engine/model.ts'
import type { VerbCall } from '../../src/store/driver.ts'
import type { Person } from '../../src/connector/index.ts'
import type { Stored } from './board.ts'
import { between, type Chance } from './chance.ts'
import { aboutOf, tokenIn, type Ledger } from './ledger.ts'
import type { Place } from './shape.ts'
import type { Trace } from './trace.ts'
import type { UserOptions } from './users.ts'
import { anybody, nameOf, PEOPLE, refOf, type PeopleSide, type WhoIsWho } from './who-is-who.ts'

export const PEOPLE_DEEDS = [
  'assign',
  'unassign',
  /** Somebody else instead. */
  'hand-over',
  /** Somebody on either side at once. */
  'assign-both',
  /** Somebody who is known joins one who stands there and is known to nobody on the other side. */
  'join',
] as const
type PeopleDeed = (typeof PEOPLE_DEEDS)[number]

/**
 * What an operator says: two are one, one is nobody, one is another than was said, who one is that was named and is known
 * to nobody; or a directory shows an e-mail.
 */
export const OPERATOR_DEEDS = ['map', 'map-wrongly', 'unmap', 'introduce', 'mail'] as const
type OperatorDeed = (typeof OPERATOR_DEEDS)[number]

export function isPeopleDeed(deed: string): deed is PeopleDeed {
  return PEOPLE_DEEDS.some((each) => each === deed)
}

export function isOperatorDeed(deed: string): deed is OperatorDeed {
  return OPERATOR_DEEDS.some((each) => each === deed)
}

export function actOnPeople(options: UserOptions, deed: PeopleDeed, side: Place, chance: Chance): void {
  if (deed === 'join') return join(options, chance)
  const all = changeable(options, side)
  // Much happens to few.
  const posts = chance.chance(0.7) ? all.slice(0, 2) : all
  const some = deed === 'unassign' ? posts.filter(({ who }) => who.length > 0) : posts
  if (some.length === 0) return
  const here = chance.pick(some)
  change(options, deed, side, here, chance)
  if (deed !== 'assign-both') return
  const { far, twin } = twinOf(options, side, here)
  if (twin !== undefined) change(options, chance.pick(['assign', 'unassign', 'hand-over'] as const), far, twin, chance)
}

function twinOf(options: UserOptions, side: Place, here: Stored): { far: Place; twin: Stored | undefined } {
  const far = options.places.find((each) => each !== side) ?? side
  const root = options.ledger.roots.get(`${side} post ${here.ref}`)
  return {
    far,
    twin: changeable(options, far).find(({ ref }) => options.ledger.roots.get(`${far} post ${ref}`) === root),
  }
}

/** On the other side, where they travel from. */
function join(options: UserOptions, chance: Chance): void {
  const pairs = [...options.ledger.people.pairs()]
  const known = new Set(pairs.flat())
  const open = options.places.flatMap((place) =>
    options.systems[place].board
      .living('post')
      .filter(({ emptied, who }) => !emptied && who.some((ref) => !known.has(ref)))
      .flatMap((post) => {
        const { far, twin } = twinOf(options, place, post)
        return twin === undefined ? [] : [{ far, twin }]
      }),
  )
  if (open.length === 0 || pairs.length === 0) return
  const { far, twin } = chance.pick(open)
  const [a, b] = chance.pick(pairs)
  if (far === 'a' || far === 'b') name(options, far, twin, [...new Set([...twin.who, far === 'a' ? a : b])])
}

/** With whom a post is written: mostly nobody. */
export function addressed({ systems }: UserOptions, side: Place, chance: Chance): readonly string[] {
  const { people } = systems[side].shape
  if (people === null || side === 'c' || side === 'd' || !chance.chance(0.4)) return []
  const all = Array.from({ length: between(chance, 1, people.many ? 3 : 1) }, () => anybody(side, chance))
  return [...new Set(all)]
}

function changeable({ systems }: UserOptions, side: Place): Stored[] {
  const { shape, board } = systems[side]
  if (shape.people === null) return []
  const may = (post: Stored): boolean => shape.edits === 'all' || post.author.ref !== 'bot'
  return board.living('post').filter((post) => !post.emptied && aboutOf(post.text) === null && may(post))
}

function change(options: UserOptions, deed: PeopleDeed, side: Place, post: Stored, chance: Chance): void {
  if (side === 'c' || side === 'd') return
  const one = anybody(side, chance)
  const goes = post.who.length > 0 ? chance.pick(post.who) : null
  const kept = deed === 'assign' || deed === 'assign-both' ? post.who : post.who.filter((each) => each !== goes)
  const all = deed === 'unassign' ? kept : [...new Set([...kept, one])]
  name(options, side, post, all)
}

function name({ systems, ledger, trace }: UserOptions, side: Place, post: Stored, all: readonly string[]): void {
  const { shape, board } = systems[side]
  const who = shape.people?.many === true ? all : all.slice(-1)
  noteNamed(ledger, side, board.put({ ...post, who, editedAt: systems[side].clock() }))
  const root = ledger.roots.get(`${side} post ${post.ref}`) ?? 0
  for (const each of post.who) if (!who.includes(each)) ledger.people.unnamed.add(`${side} ${root} ${each}`)
  ledger.noteUserChange('people changed', side, tokenIn(post.text))
  trace.tell(`somebody at ${side} changes the people of post ${post.ref}: ${post.who.join()} → ${who.join()}`)
}

export function noteNamed(ledger: Ledger, side: Place, { kind, ref, who }: Stored): void {
  const root = ledger.roots.get(`${side} ${kind} ${ref}`) ?? 0
  for (const each of who) ledger.people.named.add(`${side} ${root} ${each}`)
}

/** What the directory of a system tells. */
export function directoryOf(side: Place, { mails }: WhoIsWho): readonly Person[] {
  if (side === 'c' || side === 'd') return []
  return Array.from({ length: PEOPLE }, (_, index) => {
    const ref = refOf(side, index + 1)
    const email = mails.has(ref) ? { email: `p${index + 1}@example.org` } : {}
    return { ref, name: nameOf(side, index + 1), ...email }
  })
}

export interface Operator {
  act(deed: OperatorDeed, side: Place, chance: Chance): void
}

export interface OperatorOptions {
  readonly ledger: Ledger
  readonly trace: Trace
  readonly model: Model
  readonly now: () => number
  /** People whom the configuration maps. */
  readonly configured: readonly number[]
  /** Runs a verb, whether a process is there or not, and wakes the one that is. */
  readonly ask: (call: VerbCall) => void
}

export function operatorOf({ ledger, trace, model, now, configured, ask }: OperatorOptions): Operator {
  const { people } = ledger
  const at = (side: PeopleSide, ref: string): { connection: string; ref: string } => ({ connection: side, ref })
  const waking = () => ({ watches: model.allWatches, now: now() })
  const map = (a: number, b: number): void => {
    const [one, two] = [refOf('a', a), refOf('b', b)]
    people.map(one, two)
    trace.tell(`the operator says that ${one} and ${two} are one`)
    ask({ verb: 'mapPeople', input: { persons: [at('a', one), at('b', two)], ...waking() } })
  }
  return {
    act(deed, side, chance) {
      const free = Array.from({ length: PEOPLE }, (_, index) => index + 1).filter((n) => !configured.includes(n))
      if (free.length === 0 || side === 'c' || side === 'd') return
      const n = chance.pick(free)
      if (deed === 'map') map(n, n)
      else if (deed === 'map-wrongly') map(n, chance.pick(free))
      else if (deed === 'introduce') {
        const unknown = free.filter((each) => people.isUnheardOf(each) && people.isNamed(side, each))
        const one = unknown.length === 0 ? null : chance.pick(unknown)
        if (one !== null) map(one, one)
      } else if (deed === 'mail') {
        people.tell(refOf(side, n))
        trace.tell(`the directory of ${side} shows the e-mail of ${refOf(side, n)}`)
      } else {
        people.unmap(refOf(side, n))
        trace.tell(`the operator says that ${refOf(side, n)} is nobody elsewhere`)
        ask({ verb: 'unmapPerson', input: { person: at(side, refOf(side, n)), ...waking() } })
      }
    },
  }
}
