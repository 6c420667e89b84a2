/** Everything that a seed decides before its run begins, as data: it can be cut down, kept in a file and run again. */
import { z } from 'zod'
import { between, streamOf, type Chance } from './chance.ts'
import { drawDecisions } from './desk.ts'
import { drawFaults, FaultPlan } from './faults.ts'
import { drawFlow, farSide, FlowPlan, OWN, placesOf, routesOf, type Route } from './flow.ts'
import { drawShape, PLACES, Shape, type Place, type Shapes } from './shape.ts'
import { withAccounts } from './products.ts'
import { DEEDS, type Deed } from './users.ts'
import { PEOPLE, refOf } from './who-is-who.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Longer than any run. */
export const NO_AUDITS = 1000 * HOUR

const Planned = z.object({
  /** Names the stream of chance from which it draws. */
  n: z.number(),
  /** In milliseconds after the first sync; null: before it. */
  at: z.number().nullable(),
  side: z.enum(PLACES),
  deed: z.enum(DEEDS),
})
export type PlannedDeed = z.infer<typeof Planned>

export const Scenario = z.object({
  /** Of the streams of chance that are drawn from while it runs. */
  seed: z.number(),
  shapes: z
    .object({ a: Shape, b: Shape, c: Shape.optional(), d: Shape.optional() })
    .transform(({ a, b, c = { ...b, side: 'c' as const }, d = { ...b, side: 'd' as const } }) => ({ a, b, c, d })),
  flow: FlowPlan,
  /** Another flow over the same rooms of `a`, with a third system; null: there is none. */
  second: FlowPlan.nullable().default(null),
  /** The flow is a template with three accounts, over rooms of each in `a`; null: it is none. */
  accounts: z
    .object({
      /** Whose credential is taken back, and when, until the others are in step; null: nobody's. */
      dead: z.object({ place: z.enum(OWN), from: z.number() }).nullable(),
    })
    .nullable()
    .default(null),
  faults: FaultPlan,
  /** Until when faults strike. */
  playMs: z.number(),
  pollMs: z.number(),
  auditMs: z.number(),
  /** Whether the driver copies what goes in and out, as on the way to a worker. */
  copies: z.boolean(),
  /** How long nothing may happen at the end. */
  quietMs: z.number(),
  deeds: z.array(Planned),
  /** Of the people of both systems, whom the configuration maps, and whose e-mail is shown from the beginning, as a ref. */
  people: z
    .object({ configured: z.array(z.number()), mails: z.array(z.string()) })
    .default({ configured: [], mails: [] }),
})
export type Scenario = z.infer<typeof Scenario>

/** Sorts of worlds that can be run by themselves. */
export const WORLDS = ['one-flow', 'two-flows', 'accounts', 'people'] as const
export type Worlds = (typeof WORLDS)[number]

export function isOf(worlds: Worlds, { second, accounts, shapes }: Scenario): boolean {
  if (worlds === 'people') return shapes.a.people !== null
  return worlds === (second !== null ? 'two-flows' : accounts !== null ? 'accounts' : 'one-flow')
}

export function drawScenario(seed: number): Scenario {
  const scenario = drawPlain(seed)
  const products = streamOf(seed, 'products')
  const drawn = scenario.second === null && products.chance(0.12) ? withAccounts(products, scenario) : scenario
  const whole = withTimes(streamOf(seed, 'edit times'), drawn)
  const decisions = drawDecisions(streamOf(seed, 'desk'), whole.playMs)
  return {
    ...whole,
    deeds: [...whole.deeds, ...decisions.map((each, index) => ({ ...each, n: 10_000 + index, side: 'a' as const }))],
  }
}

/** Where the newest edit is to win, both systems tell when edits were made in many worlds, and people often edit the same. */
function withTimes(chance: Chance, scenario: Scenario): Scenario {
  const { flow, shapes, deeds, playMs } = scenario
  if (flow.policy !== 'newest' || flow.direction !== 'both' || !chance.chance(0.6)) return scenario
  const told = <Of extends Shape>(shape: Of): Of => ({ ...shape, editTimes: true })
  const clashes = Array.from({ length: between(chance, 2, 6) }, (_, index): PlannedDeed => ({
    n: 20_000 + index,
    at: chance.int(playMs),
    side: chance.pick(['a', 'b']),
    deed: 'clash',
  }))
  return {
    ...scenario,
    shapes: { a: told(shapes.a), b: told(shapes.b), c: told(shapes.c), d: told(shapes.d) },
    deeds: [...deeds, ...clashes],
  }
}

function drawPlain(seed: number): Scenario {
  const draw = streamOf(seed, 'world')
  const forms = streamOf(seed, 'forms')
  const batches = streamOf(seed, 'batches')
  const floods = streamOf(seed, 'floods')
  const thirds = streamOf(seed, 'thirds')
  const calendars = streamOf(seed, 'calendars')
  const drawn = {
    a: drawShape('a', draw, forms, batches),
    b: drawShape('b', draw, forms, batches),
    c: drawShape('c', thirds, streamOf(seed, 'forms of c'), streamOf(seed, 'batches of c')),
    d: drawShape('d', streamOf(seed, 'fourths'), streamOf(seed, 'forms of d'), streamOf(seed, 'batches of d')),
  }
  const plan = drawFlow(draw, streamOf(seed, 'refusals'), streamOf(seed, 'directions'))
  const playMs = between(draw, 5, draw.pick([10, 20, 45])) * MINUTE
  const pollMs = draw.pick([MINUTE / 2, MINUTE, 3 * MINUTE])
  const [first, second] = thirds.chance(0.2) ? besides(plan, drawSecond(seed, plan)) : [plan, null]
  const asides = streamOf(seed, 'asides')
  const flow = { ...first, filters: second === null && asides.chance(0.2) }
  // Between two systems: what becomes of a series beyond them is not looked at yet.
  const series = calendars.chance(0.3) && second === null
  const planned = {
    a: { ...drawn.a, series },
    b: { ...drawn.b, series },
    c: { ...drawn.c, series },
    d: { ...drawn.d, series },
  }
  const files = streamOf(seed, 'files')
  const filed = withFiles(files, second, planned)
  const peopled = streamOf(seed, 'people')
  const shapes = withPeople(peopled, second, filed)
  const faults = withThird(thirds, second, drawFaults(streamOf(seed, 'fault plan'), streamOf(seed, 'meets'), playMs))
  const audits = draw.chance(0.5) || needsAudits(shapes, routesOf(flow, second, false))
  const usual = atThird(
    streamOf(seed, 'deeds at c'),
    second,
    withCalendar(
      calendars,
      series,
      playMs,
      withRemovals(
        streamOf(seed, 'removals'),
        flow,
        playMs,
        withClashes(streamOf(seed, 'clashes'), playMs, drawDeeds(streamOf(seed, 'deeds'), playMs, pollMs, faults)),
      ),
    ),
  )
  return {
    seed,
    shapes,
    flow,
    second,
    accounts: null,
    faults,
    playMs,
    pollMs,
    auditMs: audits ? draw.pick([4, 30]) * MINUTE : NO_AUDITS,
    copies: draw.chance(0.1),
    quietMs: draw.pick([HOUR, 11 * MINUTE, 11 * MINUTE, 11 * MINUTE, ...Array.from({ length: 6 }, () => 4 * MINUTE)]),
    ...withPeopleDeeds(
      peopled,
      shapes,
      playMs,
      audits,
      withFileDeeds(files, shapes, playMs, withAsides(asides, flow, playMs, withFloods(floods, shapes, playMs, usual))),
    ),
  }
}

/** Posts carry files in some worlds of one flow. */
function withFiles(chance: Chance, second: FlowPlan | null, shapes: Shapes): Shapes {
  if (second !== null || !chance.chance(0.25)) return shapes
  const files = (): Shape['files'] => ({
    tells: chance.pick(['size', 'digest'] as const),
    mostBytes: chance.chance(0.3) ? between(chance, 45, 100) : null,
  })
  return { ...shapes, a: { ...shapes.a, files: files() }, b: { ...shapes.b, files: files() } }
}

/** Posts name people in some worlds of one flow. */
function withPeople(chance: Chance, second: FlowPlan | null, shapes: Shapes): Shapes {
  if (second !== null || !chance.chance(0.25)) return shapes
  const people = { many: chance.chance(0.7) }
  return { ...shapes, a: { ...shapes.a, people }, b: { ...shapes.b, people } }
}

/** Directories are read again with the audits: without those no e-mail becomes known later. */
function withPeopleDeeds(
  chance: Chance,
  { a }: Shapes,
  playMs: number,
  audits: boolean,
  deeds: PlannedDeed[],
): Pick<Scenario, 'deeds' | 'people'> {
  const people: { configured: number[]; mails: string[] } = { configured: [], mails: [] }
  if (a.people === null) return { deeds, people }
  for (let n = 1; n <= PEOPLE; n += 1) {
    const how = chance.pick(['configured', 'mails', 'mail', 'unknown', 'unknown'] as const)
    if (how === 'configured') people.configured.push(n)
    if (how === 'mails') people.mails.push(refOf('a', n), refOf('b', n))
    if (how === 'mail') people.mails.push(refOf(chance.pick(['a', 'b']), n))
  }
  const said = ['map', 'map', 'map', 'map-wrongly', 'unmap', ...(audits ? (['mail', 'mail'] as const) : [])] as const
  const added = Array.from({ length: between(chance, 6, 24) }, (_, index): PlannedDeed => {
    const isSaid = chance.chance(0.3)
    const done = ['assign', 'assign', 'assign', 'unassign', 'hand-over', 'assign-both', 'assign-both'] as const
    return {
      n: deeds.length + index,
      at: Math.round(playMs * (isSaid ? chance.next() : chance.next() * 0.8)),
      side: chance.pick(['a', 'b']),
      deed: isSaid ? chance.pick(said) : chance.pick(done),
    }
  })
  const all = [...deeds, ...added]
  const add = (deed: Deed, from: number): void => {
    const at = Math.round(playMs * (from + chance.next() * 0.3))
    all.push({ n: all.length, at, side: chance.pick(['a', 'b']), deed })
  }
  for (let left = between(chance, 2, 10); left > 0; left -= 1) add('join', 0.4)
  for (let left = between(chance, 1, 4); left > 0; left -= 1) add('introduce', 0.6)
  return { deeds: all, people }
}

function withFileDeeds(chance: Chance, { a }: Shapes, playMs: number, deeds: PlannedDeed[]): PlannedDeed[] {
  if (a.files === null) return deeds
  const added = Array.from({ length: between(chance, 3, 12) }, (_, index): PlannedDeed => ({
    n: deeds.length + index,
    at: chance.int(playMs),
    side: chance.pick(['a', 'b']),
    deed: chance.pick(['attach', 'attach', 'attach', 'enclose', 'detach', 'swap', 'attach-both', 'attach-both']),
  }))
  return [...deeds, ...added]
}

/** A mirror of what another flow changes is refused where a configuration is read. */
function besides(one: FlowPlan, two: FlowPlan): readonly [FlowPlan, FlowPlan] {
  const beside = (plan: FlowPlan, { direction }: FlowPlan): FlowPlan =>
    plan.astray === 'restore' && farSide(plan) === 'a' && direction === 'both' ? { ...plan, astray: 'hold' } : plan
  return [beside(one, two), beside(two, one)]
}

/** Over the same rooms, joined as they are found or each by itself. */
function drawSecond(seed: number, { rooms }: FlowPlan): FlowPlan {
  const own = streamOf(seed, 'second flow')
  const plan = drawFlow(own, streamOf(seed, 'second refusals'), streamOf(seed, 'second directions'))
  const joined = rooms === 'each' ? rooms : own.pick(['pinned', 'created'] as const)
  const made = joined !== 'pinned' && plan.direction === 'b→a'
  return { ...plan, rooms: joined, ...(made ? { direction: 'both' as const } : {}) }
}

/** A part of what goes wrong, and of what people do, is at the third system. */
function withThird(chance: Chance, second: FlowPlan | null, faults: FaultPlan): FaultPlan {
  if (second === null) return faults
  const { skewMs } = faults
  const skewed = skewMs.a !== 0 || skewMs.b !== 0
  return {
    ...faults,
    spells: faults.spells.map((spell) => (chance.chance(0.3) ? { ...spell, side: 'c' } : spell)),
    skewMs: { ...skewMs, c: skewed ? between(chance, -120_000, 120_000) : 0 },
  }
}

function atThird(chance: Chance, second: FlowPlan | null, deeds: PlannedDeed[]): PlannedDeed[] {
  if (second === null) return deeds
  return deeds.map((deed) => (deed.deed !== 'room' && chance.chance(0.35) ? { ...deed, side: 'c' } : deed))
}

/**
 * A new room cannot be read wholly where reads lag: the feed reports from now on, and a listing may show how things
 * were before. And nothing but a listing tells of what vanishes.
 */
function needsAudits(shapes: Shapes, routes: readonly Route[]): boolean {
  const ends = placesOf(routes).map((place) => shapes[place])
  if (ends.some(({ retentionMin }) => retentionMin !== null)) return true
  const appear = routes.some(({ plan: { rooms } }) => rooms === 'each' || rooms === 'created')
  return appear && ends.some(({ lagMs }) => lagMs > 0)
}

/** Deeds come in bursts, some of them around what goes wrong, some after faults have ended. */
function drawDeeds(chance: Chance, playMs: number, pollMs: number, { spells }: FaultPlan): PlannedDeed[] {
  const deeds: PlannedDeed[] = []
  const add = (at: number | null, deed: Deed, side: Place = chance.pick(['a', 'b'])): void => {
    deeds.push({ n: deeds.length, at: at === null ? null : Math.max(0, Math.round(at)), side, deed })
  }
  // Somebody cleans up a full house: the brake's case.
  const purges = chance.chance(0.15)
  for (const side of ['a', 'b'] as const) for (let left = chance.int(4); left > 0; left -= 1) add(null, 'thread', side)
  for (let left = chance.int(6) + (purges ? 24 : 0); left > 0; left -= 1) add(null, 'reply')
  if (purges) for (const share of [0.5, 0.7]) add(playMs * share, 'purge')
  const mix = mixOf(chance.chance(0.2))
  for (let left = between(chance, 5, 40); left > 0;) {
    const start = chance.int(Math.round(playMs * 1.1))
    for (let burst = Math.min(left, between(chance, 1, 4)); burst > 0; burst -= 1, left -= 1)
      add(start + chance.int(chance.pick([10, 3000, 30_000])), chance.pick(mix))
  }
  for (const { side, what, from, until } of spells)
    for (let left = chance.int(what === 'cursors-expire' ? 4 : 3); left > 0; left -= 1)
      add(
        between(chance, from - pollMs, Math.max(from, until)),
        chance.pick(mix),
        chance.chance(0.7) ? side : undefined,
      )
  return deeds
}

/** Things that happen on both sides at once are rare among single deeds. */
function withClashes(chance: Chance, playMs: number, deeds: PlannedDeed[]): PlannedDeed[] {
  const clashes = Array.from({ length: chance.int(8) }, (_, index): PlannedDeed => ({
    n: deeds.length + index,
    at: chance.int(playMs),
    side: chance.pick(['a', 'b']),
    deed: chance.pick([
      'clash',
      'clash',
      'contest',
      'answer-too-late',
      'edit-copy',
      'edit-copy',
      'edit-copy',
      'edit-told',
      'edit-told',
      'delete-copy',
    ]),
  }))
  return [...deeds, ...clashes]
}

/** People change few occurrences of few series, on both sides. */
function withCalendar(chance: Chance, series: boolean, playMs: number, deeds: PlannedDeed[]): PlannedDeed[] {
  if (!series) return deeds
  const all = [...deeds]
  const add = (deed: Deed, at: number | null): void => {
    all.push({ n: all.length, at, side: chance.pick(['a', 'b']), deed })
  }
  for (let left = between(chance, 1, 3); left > 0; left -= 1) add('series', null)
  for (let left = chance.int(4); left > 0; left -= 1) add('occurrence', null)
  for (let left = between(chance, 5, 25); left > 0; left -= 1)
    add(chance.pick(['occurrence', 'occurrence', 'occurrence', 'occurrences', 'occurrences']), chance.int(playMs))
  for (let left = chance.int(4); left > 0; left -= 1)
    add(chance.pick(['series', 'edit-series', 'delete-series']), chance.int(playMs))
  return all
}

/** Where one call takes many writes, there are many at once. */
function withFloods(chance: Chance, { a, b }: Scenario['shapes'], playMs: number, deeds: PlannedDeed[]): PlannedDeed[] {
  if (a.batch === null && b.batch === null) return deeds
  const floods = Array.from({ length: between(chance, 1, 4) }, (_, index): PlannedDeed => ({
    n: deeds.length + index,
    at: chance.chance(0.4) ? null : chance.int(playMs),
    side: a.batch === null ? 'a' : b.batch === null ? 'b' : chance.pick(['a', 'b']),
    deed: 'flood',
  }))
  return [...deeds, ...floods]
}

function withAsides(chance: Chance, { filters }: FlowPlan, playMs: number, deeds: PlannedDeed[]): PlannedDeed[] {
  if (!filters) return deeds
  const asides = Array.from({ length: between(chance, 3, 14) }, (_, index): PlannedDeed => ({
    n: deeds.length + index,
    at: chance.chance(0.2) ? null : chance.int(playMs),
    side: chance.pick(['a', 'b']),
    deed: 'aside',
  }))
  return [...deeds, ...asides]
}

/** Where rooms are found while running, some are removed too. */
function withRemovals(chance: Chance, { rooms }: FlowPlan, playMs: number, deeds: PlannedDeed[]): PlannedDeed[] {
  if (rooms !== 'each' || !chance.chance(0.4)) return deeds
  const removals = Array.from({ length: between(chance, 1, 2) }, (_, index): PlannedDeed => ({
    n: deeds.length + index,
    at: Math.round(playMs * (0.3 + chance.next() * 0.7)),
    side: chance.pick(['a', 'b']),
    deed: 'delete-room',
  }))
  return [...deeds, ...removals]
}

function mixOf(purges: boolean): Deed[] {
  const many = (deed: Deed, count: number): Deed[] => Array.from({ length: count }, () => deed)
  return [
    ...many('thread', 8),
    ...many('reply', 14),
    ...many('edit', 12),
    ...many('edit-latest', 4),
    ...many('delete', 5),
    ...many('delete-thread', 2),
    ...many('rename', 2),
    ...many('retitle', 3),
    ...many('move', 3),
    ...many('room', 2),
    ...many('purge', purges ? 3 : 0),
  ]
}
