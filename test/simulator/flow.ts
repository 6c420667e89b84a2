/** The flow between two made-up systems: the pairs and lenses that Chat and Discourse have, whatever the two can do. */
import { z } from 'zod'
import { factsOf } from '../../src/config/facts.ts'
import type { Configured } from '../../src/connector/connector.ts'
import type { Values } from '../../src/connector/values.ts'
import {
  DEFAULT_BRAKE,
  SIDES,
  type Flow,
  type KindFacts,
  type Lens,
  type OnDelete,
  type OnLeave,
  type Origin,
  type Pair,
  type PinnedScopes,
  type Side,
  type Words,
} from '../../src/core/flow.ts'
import { direct, files, people, reference, signed, title } from '../../src/mappings/index.ts'
import type { KindName } from './board.ts'
import type { Chance } from './chance.ts'
import { tokenIn } from './ledger.ts'
import { PLACES, type Place, type Shape, type Shapes } from './shape.ts'

const onDelete = z.enum(['delete', 'empty', 'keep', 'hold'])
const onLeave = z.enum(['keep', 'delete', 'hold'])

export const FlowPlan = z.object({
  policy: z.enum(['newest', 'a', 'b', 'ask']),
  onDelete: z.object({ a: onDelete, b: onDelete }),
  /** How its rooms are joined. */
  rooms: z.enum(['pinned', 'two', 'created', 'each']),
  signed: z.boolean(),
  /** What is done about an edit that is refused. */
  onRefused: z.enum(['declare', 'mark', 'reply']).default('declare'),
  onLeave: z.object({ a: onLeave, b: onLeave }).default({ a: 'keep', b: 'keep' }),
  direction: z.enum(['both', 'a→b', 'b→a']).default('both'),
  /** On a one-way flow: what becomes of changes at its far end. */
  astray: z.enum(['leave', 'restore', 'hold']).default('leave'),
  /** Posts that say that they are put aside are out of the flow. */
  filters: z.boolean().default(false),
})
export type FlowPlan = z.infer<typeof FlowPlan>

export function drawFlow(chance: Chance, refusals: Chance, directions: Chance): FlowPlan {
  const drawn = (): OnDelete => chance.pick(['delete', 'delete', 'delete', 'delete', 'keep', 'hold', 'empty'])
  const plan = {
    policy: chance.pick(['newest', 'newest', 'a', 'b', 'ask'] as const),
    onDelete: { a: drawn(), b: drawn() },
    rooms: chance.pick(['pinned', 'two', 'created', 'each'] as const),
    signed: chance.chance(0.6),
    onRefused: refusals.chance(0.5) ? ('reply' as const) : refusals.pick(['declare', 'mark'] as const),
  }
  // Rooms are made from those of a.
  const ways = ['both', 'both', 'both', 'a→b', plan.rooms === 'pinned' || plan.rooms === 'two' ? 'b→a' : 'a→b'] as const
  const left = (): OnLeave => directions.pick(['keep', 'keep', 'delete', 'hold'])
  return {
    ...plan,
    direction: directions.pick(ways),
    astray: directions.pick(['leave', 'restore', 'hold'] as const),
    filters: false,
    onLeave: { a: left(), b: left() },
  }
}

/** The side from which nothing travels; null: there is none. */
export function farSide({ direction }: Pick<FlowPlan, 'direction'>): Side | null {
  if (direction === 'both') return null
  return direction === 'a→b' ? 'b' : 'a'
}

/** One flow of a run: its plan, and the system at each of its ends. */
export interface Route {
  readonly id: string
  /** What it is for one account of. */
  readonly template?: string
  readonly plan: FlowPlan
  readonly at: { readonly [side in Side]: Place }
}

/** The accounts' own systems. */
export const OWN = ['b', 'c', 'd'] as const

/**
 * `second`: another one over the same rooms of `a`; null: there is none. With `accounts` there is a flow for each of them,
 * over rooms of its own in `a`.
 */
export function routesOf(plan: FlowPlan, second: FlowPlan | null, accounts: boolean): readonly Route[] {
  if (accounts) return OWN.map((b) => ({ id: `events/${b}`, template: 'events', plan, at: { a: 'a', b } }))
  const first: Route = { id: 'team', plan, at: { a: 'a', b: 'b' } }
  return second === null ? [first] : [first, { id: 'wide', plan: second, at: { a: 'a', b: 'c' } }]
}

/** On which side of a flow a system lies: what is done beyond `a` comes through it. */
export function sideOf({ at }: Route, place: Place): Side {
  return place === at.b ? 'b' : 'a'
}

/** The systems between which flows run. */
export function placesOf(routes: readonly Route[]): readonly Place[] {
  return PLACES.filter((place) => routes.some(({ at }) => at.a === place || at.b === place))
}

/** The systems where what people did is taken back, or from which that travels on. */
export function restoredPlaces(routes: readonly Route[]): ReadonlySet<Place> {
  const ends = routes.flatMap(({ plan, at }) => {
    const far = plan.astray === 'restore' ? farSide(plan) : null
    return far === null ? [] : [at[far]]
  })
  return new Set(ends.includes('a') ? placesOf(routes) : ends)
}

/** The flows that end in a system. */
export function routesAt(routes: readonly Route[], place: Place): readonly Route[] {
  return routes.filter(({ at }) => at.a === place || at.b === place)
}

/** Of a copy whose original may not be changed. No user writes it. */
export const MARK = 'alone'
export function unmarked(text: string): string {
  return text.replace(` · ${MARK}`, '')
}
/** Of a post that is put aside: the filter leaves it out. */
export const ASIDE = ' #aside'
/** With this a correction begins; after it come the token of what it is about, and that of what it tells. */
export const CORRECTION = 'about '
/** Rooms with this mark are nobody's business. */
const PRIVATE = /^private/

/** Whether texts of a kind travel both ways. */
export function isTracked({ at }: Route, shapes: Shapes, kind: string): boolean {
  return kind !== 'thread' || SIDES.every((side) => shapes[at[side]].threads === 'headed')
}

export function flowOf(
  { id: flow, template, plan, at }: Route,
  shapes: { readonly [side in Side]: Shape },
  connectors: { readonly [side in Side]: Configured },
  scopes: readonly PinnedScopes[],
): Flow {
  const pair = (id: KindName, lenses: (kinds: Pair['kinds']) => readonly Lens[]): Pair => {
    const kinds = { a: facts(connectors.a, at.a, id), b: facts(connectors.b, at.b, id) }
    const onDelete = id === 'room' ? { a: 'hold' as const, b: 'hold' as const } : plan.onDelete
    const rules = {
      onDelete,
      onLeave: id === 'room' ? { a: 'keep' as const, b: 'keep' as const } : plan.onLeave,
      onRefused: { a: plan.onRefused, b: plan.onRefused },
    } as const
    const words = id === 'post' && plan.onRefused === 'reply' ? { words: WORDS } : {}
    const where = (_: Side, { body }: Values): boolean => !String(body).endsWith(ASIDE)
    const filter = id === 'post' && plan.filters ? { where } : {}
    return { id, kinds, lenses: lenses(kinds), ...rules, ...words, match: matchOf(id), ...filter }
  }
  return {
    id: flow,
    title: flow,
    ...(template === undefined ? {} : { template }),
    connections: at,
    direction: plan.direction,
    astray: plan.astray,
    policy: plan.policy,
    containers: pair('room', () => [direct({ id: 'name', a: 'name', b: 'name' })]),
    pairs: [
      pair('thread', () => [
        reference({ id: 'room', a: 'room', b: 'room', to: { a: 'room', b: 'room' } }),
        titles(shapes),
      ]),
      pair('post', () => [
        reference({ id: 'thread', a: 'thread', b: 'thread', to: { a: 'thread', b: 'thread' } }),
        body(plan, shapes),
        ...(carriesFiles(shapes) ? [files({ id: 'files', a: 'files', b: 'files' })] : []),
        ...(namesPeople(shapes)
          ? [people({ id: 'who', a: 'who', b: 'who', set: shapes.a.people?.many === true })]
          : []),
      ]),
      ...(SIDES.every((side) => shapes[side].series) ? calendar(pair) : []),
    ],
    scopes,
    each: plan.rooms === 'each' ? { from: 'a', where: ({ name }) => !PRIVATE.test(String(name)), under: {} } : null,
    start: null,
    brake: DEFAULT_BRAKE,
  }
}

function calendar(pair: (id: KindName, lenses: () => readonly Lens[]) => Pair): readonly Pair[] {
  return [
    pair('series', () => [direct({ id: 'title', a: 'title', b: 'title' })]),
    pair('exception', () => [
      reference({ id: 'series', a: 'series', b: 'series', to: { a: 'series', b: 'series' } }),
      direct({ id: 'slot', a: 'slot', b: 'slot' }),
      direct({ id: 'body', a: 'body', b: 'body' }),
    ]),
  ]
}

/** Whether posts name people on both sides. */
export function namesPeople(shapes: { readonly [side in Side]: Shape }): boolean {
  return SIDES.every((side) => shapes[side].people !== null)
}

/** Whether posts carry files on both sides. */
export function carriesFiles(shapes: { readonly [side in Side]: Shape }): boolean {
  return SIDES.every((side) => shapes[side].files !== null)
}

const WORDS: Words = {
  lens: 'body',
  field: { a: 'body', b: 'body' },
  opening: (_, { values }) => `${CORRECTION}t${tokenIn(String(values['body'])) ?? '?'}: `,
  rest: (_, now) => (typeof now === 'string' ? `it reads t${tokenIn(now) ?? '?'}` : 'deleted'),
}

function facts(connector: Configured, connection: string, kind: string): KindFacts {
  const found = factsOf(connection, connector, kind)
  if (found === null) throw new Error(`${connection} has no ${kind}`)
  return found
}

function matchOf(id: KindName): readonly string[] {
  if (id === 'exception') return []
  return id === 'room' ? ['name'] : id === 'post' ? ['body'] : ['title']
}

function titles(shapes: { readonly [side in Side]: Shape }): Lens {
  const options = { id: 'title', a: 'title', b: 'title' }
  if (SIDES.every((side) => shapes[side].threads === 'headed')) return direct(options)
  return title({
    ...options,
    way: shapes.a.threads === 'implicit' ? 'on create a→b' : 'on create b→a',
    max: 80,
    untitled: '(no text)',
  })
}

function body(plan: FlowPlan, shapes: { readonly [side in Side]: Shape }): Lens {
  const options = { id: 'body', a: 'body', b: 'body' }
  if (!plan.signed) return direct(options)
  const attribution = (side: Side) => (origin: Origin) => {
    const heading = shapes[side].threads === 'implicit' ? headingOf(origin) : ''
    return heading + (origin.author === null ? '' : `${origin.author.name ?? origin.author.ref}: `)
  }
  const mark = { a: MARK, b: MARK }
  return signed({ ...options, attribution: { a: attribution('a'), b: attribution('b') }, mark })
}

/** A text without what its thread was called. */
export function withoutHeading(text: string): string {
  return text.replace(/^\[.*\]\n/, '')
}

function headingOf({ parent }: Origin): string {
  const heading = parent?.['title']
  return typeof heading === 'string' ? `[${heading}]\n` : ''
}
