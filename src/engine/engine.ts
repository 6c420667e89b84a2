/** The engine's life: open, keep in step until told to stop, or once until nothing is left to do. */
import { SIDES } from '../core/flow.ts'
import { createBell, type Ear } from './bell.ts'
import { createBuckets } from './buckets.ts'
import { createChannelKeeper } from './channels.ts'
import { makeContact, type Contact } from './contact.ts'
import { sweepBlobs } from './files.ts'
import { forget } from './forget.ts'
import { lookAtHints } from './inbox.ts'
import type { Levels } from './kept-buckets.ts'
import type { FlowModel, Model } from './model.ts'
import { createOneByOne, type OneByOne } from './one-by-one.ts'
import { pass } from './pass.ts'
import { recover } from './recover.ts'
import { givePeople } from './people.ts'
import { createReader, type Reader } from './reader.ts'
import { planWhatIsSaidAnew } from './replan.ts'
import { listenTo } from './ringing.ts'
import { createStrands, type Strands } from './strands.ts'
import { answering, openSessions, sessionOf, type Ports, type Settings, type World } from './world.ts'

/** Behind every wake-up stands a slow sweep. */
const SWEEP_MS = 15_000
const LOOK_MS = 250

export interface Engine {
  readonly world: World
  /** Keeps both sides in step until `signal` aborts; then finishes the calls in flight. Rejects on a fault of the program. */
  run(signal: AbortSignal): Promise<void>
  /**
   * Reads both sides once and brings them together; resolves when nothing is left that can be done now. `flows`: only
   * these are written, where absent all; with none nothing is written at all.
   */
  once(signal: AbortSignal, flows?: readonly string[]): Promise<void>
  /** Makes the engine look for work now. */
  wake(): void
  /** Makes it look at its hints now: what they bring to light wakes the rest. */
  hinted(): void
  /** Makes it try a connection again now: a person has signed in anew, or out. */
  reconnect(connection: string): void
}

export function createEngine(ports: Ports, model: Model, settings: Settings, process: number): Engine {
  const bell = createBell(ports.clock)
  const limits = new Map(
    [...model.connections.values()].flatMap((setup) => Object.entries(setup.connector.limits(setup.config))),
  )
  const buckets = createBuckets(ports.clock, (name) => limits.get(name) ?? null, levelsIn(ports, process))
  const sessions = openSessions(ports, model, buckets)
  const world: World = { ...ports, model, buckets, bell, settings, sessions, process }
  let begun: Promise<void> | null = null
  const start = async (signal: AbortSignal, once: Once | null): Promise<void> => {
    await (begun ??= begin(world))
    await work(world, signal, once)
  }
  return {
    world,
    wake: () => bell.ring(),
    hinted: () => bell.ring('hint'),
    reconnect(connection) {
      const session = sessions.get(connection)
      if (session !== undefined) session.mended = true
      bell.ring()
    },
    run: (signal) => start(signal, null),
    once: (signal, flows) => start(signal, { flows: flows ?? null }),
  }
}

/** What has to stand before anything is planned. */
async function begin(world: World): Promise<void> {
  await sweepBlobs(world)
  await givePeople(world)
  // What the configuration says of conflicts may have changed.
  await world.store.renewConflicts({ watches: world.model.allWatches, now: world.clock.now() })
  await planWhatIsSaidAnew(world)
}

/** A level that cannot be kept is made good by what systems refuse. */
function levelsIn({ store, clock, log }: Ports, process: number): Levels {
  return {
    load: () => store.levels({ now: clock.now() }),
    keep: (levels) =>
      store.keepLevels({ process, levels, now: clock.now() }).then(
        () => undefined,
        (error: unknown) => log('warn', 'how full the limits are could not be kept', { error: String(error) }),
      ),
  }
}

/** A run that ends by itself once nothing is left to do. `flows`: those that are written; null: all. */
interface Once {
  readonly flows: readonly string[] | null
}

async function work(world: World, outer: AbortSignal, once: Once | null): Promise<void> {
  const own = new AbortController()
  const signal = AbortSignal.any([outer, own.signal])
  let fault: unknown = null
  const fatal = (error: unknown): void => {
    fault ??= error
    own.abort()
  }
  const strands = new Map(world.model.flows.map((model) => [model.flow.id, createStrands(world, fatal)]))
  const readers = [...world.sessions.keys()].map((connection) => createReader(world, connection, once === null))
  const blocked: Blocked = new Map()
  const oneByOne = createOneByOne()
  const { bell, buckets } = world
  // Nothing more is sent: what waits for its turn under a limit would keep the end waiting for minutes.
  const close = (): void => buckets.close()
  outer.addEventListener('abort', close, { once: true })
  const workers = [
    ...readers.map((reader) => loop(bell.hears('reading'), signal, () => reader.turn())),
    loop(bell.hears('hint'), signal, async () => {
      const now = world.clock.now()
      const { count, next } = await lookAtHints(world)
      if (count === 0) return nextTurn(now, next)
      // A run that ends may have waited for just that.
      bell.ring('hint')
      return 'more'
    }),
    ...world.model.flows.map((model) => {
      const own = isWritten(once, model.flow.id) ? strandsOf(strands, model) : null
      const contact: Made = { is: 'none', holdsUntil: 0 }
      const others = own === null ? [] : othersOf(strands, world.model, model)
      return loop(bell.hears('due'), signal, () =>
        flowTurn(world, model, { strands: own, others, oneByOne, blocked, contact }),
      )
    }),
  ]
  workers.push(forget(world, signal))
  if (once === null) for (const connection of world.sessions.keys()) workers.push(listenTo(world, connection, signal))
  const writes = once?.flows?.length !== 0
  if (writes)
    workers.push(
      loop(bell.hears('unanswered'), signal, async () => {
        const now = world.clock.now()
        const { asked, next } = await recover(world)
        return asked > 0 ? 'more' : nextTurn(now, next)
      }),
    )
  if (once === null)
    for (const connection of world.sessions.keys()) {
      const keep = createChannelKeeper(world, connection)
      if (keep !== null) workers.push(loop(bell.hears('channel'), signal, keep))
    }
  if (once !== null) workers.push(endWhenIdle(world, { readers, strands, blocked }, once, signal, () => own.abort()))
  await Promise.all(workers.map((worker) => worker.catch(fatal)))
  for (const each of strands.values()) each.stop()
  await Promise.all([...strands.values()].map((each) => each.settled()))
  outer.removeEventListener('abort', close)
  buckets.open()
  await buckets.settled()
  if (fault !== null) throw fault
  for (const reader of readers) await reader.end()
}

function isWritten(once: Once | null, flow: string): boolean {
  return once === null || once.flows === null || once.flows.includes(flow)
}

/** Of the other accounts of its template. */
function othersOf(strands: ReadonlyMap<string, Strands>, { flows }: Model, { flow }: FlowModel): readonly Strands[] {
  if (flow.template === undefined) return []
  const others = flows.filter((each) => each.flow.template === flow.template && each.flow.id !== flow.id)
  return others.flatMap((each) => strands.get(each.flow.id) ?? [])
}

function strandsOf(strands: ReadonlyMap<string, Strands>, model: FlowModel): Strands {
  const own = strands.get(model.flow.id)
  if (own === undefined) throw new Error(`no strands for ${model.flow.id}`)
  return own
}

/** Takes turns until aborted. A turn answers 'more', or until when there is nothing to do unless the bell rings. */
async function loop(ear: Ear, signal: AbortSignal, turn: () => Promise<'more' | number>): Promise<void> {
  while (!signal.aborted) {
    const { rung } = ear
    const until = await turn()
    if (until === 'more' || signal.aborted) continue
    await ear.wait(rung, until, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
}

/**
 * `now`: before it was looked for; `next`: when the earliest of what waits for a time comes. What was ready and was not taken
 * waits for somebody else, who rings.
 */
function nextTurn(now: number, next: number | null): number {
  return Math.min(next ?? Infinity, now + SWEEP_MS)
}

/** Flows that cannot be planned now, and how often the bell had rung when they were last looked at. */
type Blocked = Map<string, number>

/** The contact that was made; a whole one is not looked at before each pass. */
interface Made {
  is: Contact
  holdsUntil: number
}

interface Turns {
  /** Null: the flow is only read. */
  readonly strands: Strands | null
  readonly others: readonly Strands[]
  readonly oneByOne: OneByOne
  readonly blocked: Blocked
  readonly contact: Made
}

async function flowTurn(
  world: World,
  model: FlowModel,
  { strands, others, oneByOne, blocked, contact }: Turns,
): Promise<'more' | number> {
  if (strands !== null && strands.room() === 0) return world.clock.now() + SWEEP_MS
  const { rung } = world.bell.hears('due')
  const now = world.clock.now()
  const holds = now < contact.holdsUntil
  if (!holds) {
    contact.is = await makeContact(world, model)
    contact.holdsUntil = contact.is === 'whole' && strands !== null ? world.clock.now() + SWEEP_MS : 0
  }
  const known = contact.is !== 'none'
  if (known && !isCutOff(world, model)) blocked.delete(model.flow.id)
  else blocked.set(model.flow.id, rung)
  if (!known) return world.clock.now() + Math.min(SWEEP_MS, world.settings.pollMs)
  if (strands === null || isCutOff(world, model)) return world.clock.now() + SWEEP_MS
  const { flow } = model
  const passing = (): ReturnType<typeof pass> => pass(world, model, strands, others)
  // Two accounts that are planned at one moment would not see each other's writes.
  const { handled, inStep, listing, next } = await (flow.template === undefined
    ? passing()
    : oneByOne(flow.template, passing))
  // An instance has come, or is to be read anew.
  if (listing) contact.holdsUntil = 0
  if (handled > 0 || (listing && holds)) return 'more'
  if (!inStep && strands.busy === 0) await world.store.noteInStep({ flow: flow.id, now: world.clock.now() })
  return nextTurn(now, next)
}

/** Where a connection is dead nothing is planned: a person has to mend it, and the reader notices when it is back. */
function isCutOff(world: World, { flow }: FlowModel): boolean {
  return SIDES.some((side) => sessionOf(world, flow.connections[side]).dead !== null)
}

interface AtWork {
  readonly readers: readonly Reader[]
  readonly strands: ReadonlyMap<string, Strands>
  readonly blocked: Blocked
}

/** Ends a run once everything was read, nothing is under way, and what is left waits for people or for a later time. */
async function endWhenIdle(
  world: World,
  { readers, strands, blocked }: AtWork,
  { flows }: Once,
  signal: AbortSignal,
  end: () => void,
): Promise<void> {
  await loop(world.bell, signal, async () => {
    if ([...strands.values()].some((each) => each.busy > 0)) return world.clock.now() + SWEEP_MS
    const through = await Promise.all(readers.map((reader) => reader.isThrough(world.store)))
    if (through.includes(false)) return world.clock.now() + SWEEP_MS
    // What a flow could not be planned for may have come since: it has to have looked after the last ring.
    const { rung: last } = world.bell.hears('due')
    if ([...blocked.values()].some((rung) => rung < last)) return world.clock.now() + LOOK_MS
    const chosen = flows ?? world.model.flows.map(({ flow }) => flow.id)
    const able = chosen.filter((flow) => !blocked.has(flow))
    if (await world.store.isBusy({ now: world.clock.now(), flows: able, connections: answering(world) }))
      return world.clock.now() + SWEEP_MS
    for (const { flow } of world.model.flows) await world.store.noteInStep({ flow: flow.id, now: world.clock.now() })
    end()
    return world.clock.now() + SWEEP_MS
  })
}
