/** One seed: people and faults for a while, then quiet; then both systems have to agree, and nothing may be lost or made twice. */
import type { DatabaseSync } from 'node:sqlite'
import type { Fault } from '../../../src/emulators/faults.ts'
import type { WireRequest } from '../../../src/emulators/emulator.ts'
import type { Engine } from '../../../src/engine/engine.ts'
import { pairOf, type CrashPoint, type Pair } from '../../engine/pair.ts'
import { keptInMemory } from '../../engine/kept.ts'
import { writes } from '../../engine/views.ts'
import { streamOf } from '../chance.ts'
import type { Violation } from '../ledger.ts'
import { asFault, struckBy } from '../mishaps.ts'
import { inHand, type ShippedResult } from '../shipped.ts'
import { MANAGER, People } from './people.ts'
import { drawThreads, type ThreadsScenario } from './scenario.ts'
import { inChat, inForum, type Text, type Thread } from './shown.ts'

const START = Date.parse('2026-11-02T09:00:00Z')
const MINUTE = 60_000
/** Settle times, what is tried again, and an audit. */
const PATIENCE = 3 * 60 * MINUTE

interface Run {
  readonly scenario: ThreadsScenario
  readonly pair: Pair
  /** The engine's store. */
  readonly db: DatabaseSync
  readonly people: People
  readonly story: string[]
  readonly weather: Weather
  /** Of the process that runs. */
  running: Engine | null
  fail(property: string, what: string): void
}

export async function runThreads(scenario: ThreadsScenario | number): Promise<ShippedResult> {
  const plan = typeof scenario === 'number' ? drawThreads(scenario) : scenario
  const violations: Violation[] = []
  const story: string[] = []
  const weather = new Weather(plan)
  const kept = keptInMemory(START)
  const pair = await pairOf({
    kept: () => kept,
    seed: plan.seed,
    webhooks: plan.webhooks,
    settings: { pollMs: plan.pollMs, auditMs: plan.auditMs },
    chat: {
      users: [
        { id: '100', displayName: 'Sync Bot', email: 'sync@acme.test' },
        { id: '101', displayName: 'Ann Lee', email: 'ann@acme.test' },
        { id: '102', displayName: 'Bob Ray', email: 'bob@acme.test' },
        { id: MANAGER, displayName: 'Meg Moe', email: 'meg@acme.test' },
      ],
      spaces: [{ id: 'AAAATeam', displayName: 'Team', members: ['101', '102'], managers: ['100', MANAGER] }],
      ...plan.chat,
    },
    discourse: plan.discourse,
    latency: () => weather.latency(),
    fault: (request, host) => weather.fault(request, host),
    crash: (point) => weather.dies(point),
  })
  const started = pair.time.now()
  const say = (what: string): void => void story.push(`${((pair.time.now() - started) / 1000).toFixed(1)} ${what}`)
  weather.say = say
  const fail = (property: string, what: string): void => void violations.push({ property, what, at: pair.time.now() })
  const run: Run = {
    running: null,
    scenario: plan,
    pair,
    db: kept.db,
    people: new People(pair, say),
    story,
    weather,
    fail,
  }
  try {
    await play(run)
    await heal(run)
    await judge(run)
  } catch (error) {
    fail('run', error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  const { deeds } = run.people
  return { seed: plan.seed, violations, deeds, writes: writes(pair).length, ...weather.counts, forgiven: 0, story }
}

/** What goes wrong between the engine and the systems, and when its process ends. */
class Weather {
  readonly counts = { faults: 0, crashes: 0 }
  isFair = false
  say: (what: string) => void = () => undefined
  private readonly scenario: ThreadsScenario
  private readonly strikes
  private readonly waits
  private readonly crashAt: number[]
  private steps = 0

  constructor(scenario: ThreadsScenario) {
    this.scenario = scenario
    this.strikes = streamOf(scenario.seed, 'strikes')
    this.waits = streamOf(scenario.seed, 'waits')
    this.crashAt = [...scenario.crashes]
  }

  latency(): number {
    return 5 + this.waits.int(60)
  }

  /** How long nothing runs once a process has ended. */
  pause(): number {
    return this.waits.pick([1, 5000, 120_000])
  }

  dies(point: CrashPoint): boolean {
    if (this.isFair) return false
    this.steps += 1
    if (this.steps !== this.crashAt[0]) return false
    this.crashAt.shift()
    this.steps = 0
    this.counts.crashes += 1
    this.say(`the process is killed: ${JSON.stringify(point)}`)
    return true
  }

  fault({ method, path }: WireRequest, host: string): Fault | null {
    if (this.isFair) return null
    const struck = struckBy(this.strikes, this.scenario.faults)
    if (struck === null) return null
    this.counts.faults += 1
    this.say(`${struck}: ${method} ${host}${path}`)
    return asFault(struck, { refused: '{}', broken: '<html></html>', limited: '{}' })
  }
}

async function play(run: Run): Promise<void> {
  const { pair, people, scenario, weather } = run
  const deedOf = ({ n, deed, end }: ThreadsScenario['deeds'][number]): void =>
    people.act(deed, end, streamOf(scenario.seed, `deed ${n}`))
  for (const deed of scenario.deeds)
    if (deed.at === null) deedOf(deed)
    else pair.time.after(deed.at, () => deedOf(deed))
  await pair.store.liftBrake({ flow: 'team', until: Number.MAX_SAFE_INTEGER, now: pair.time.now() })
  await keepRunning(run, scenario.playMs + MINUTE)
  weather.isFair = true
}

/** One process after another, for so long; each runs until it is killed. */
async function keepRunning(run: Run, ms: number): Promise<void> {
  const { pair, weather, fail } = run
  const until = pair.time.now() + ms
  while (pair.time.now() < until) {
    if (run.running !== pair.engine) {
      run.running = pair.engine
      pair.engine.run(new AbortController().signal).catch((error: unknown) => fail('run', String(error)))
    }
    await pair.time.run(until, () => !pair.alive)
    if (pair.alive) return
    await pair.time.run(pair.time.now() + weather.pause())
    await pair.restart()
  }
}

/** Until all is calm and both were read whole once more. */
async function heal(run: Run): Promise<void> {
  const { pair, scenario } = run
  const audited = pair.time.now() + scenario.auditMs + 5 * MINUTE
  const end = audited + PATIENCE
  for (let calm = 0; (calm < 2 || pair.time.now() < audited) && pair.time.now() < end;) {
    await keepRunning(run, 5 * MINUTE)
    calm = (await differences(run)).length === 0 && inHand(run.db).length === 0 ? calm + 1 : 0
  }
}

async function judge(run: Run): Promise<void> {
  const { pair, people, story, fail } = run
  for (const what of await differences(run)) fail('P1', what)
  const shown = { chat: inChat(pair), forum: inForum(pair) }
  const standing = new Set<number>()
  for (const [end, threads] of Object.entries(shown)) {
    const byItem = Map.groupBy(
      threads.flatMap(({ texts }) => texts.filter(({ token }) => token !== 0)),
      ({ token }) => people.items.get(token) ?? 0,
    )
    for (const [item, all] of byItem) {
      if (all.length > 1 && !people.recovered.has(item))
        fail('P2', `t${item} stands in the ${end} ${all.length} times: ${all.map(({ ref }) => ref).join()}`)
      for (const { token } of all) standing.add(token)
    }
  }
  for (const token of people.newest.values())
    if (!standing.has(token) && !people.deleted.has(token))
      fail('P4', `t${token} is nowhere, and nobody has deleted it`)
  for (const { reason, detail, ref } of await pair.store.heldList({ flow: null }))
    fail('P1', `held: ${ref} ${reason} ${detail}`)
  for (const what of inHand(run.db)) fail('P7', `still in hand: ${what}`)
  const written = writes(pair).length
  await keepRunning(run, 20 * MINUTE)
  const more = writes(pair).slice(written)
  if (more.length > 0) fail('P7', `${more.length} writes for no change: ${more.join()}`)
  for (const each of await pair.store.divergences(undefined)) story.push(`divergence ${JSON.stringify(each)}`)
}

/** What is told to stay, since its system lets nobody but its writer delete it, is no difference, nor is what stands where a first text was. */
async function differences({ pair }: Run): Promise<string[]> {
  const stays = new Set(
    (await pair.store.divergences(undefined)).flatMap(({ lens, ref }) => (lens === '(deleted)' ? [ref] : [])),
  )
  const toldOf = (threads: readonly Thread[]): string[] =>
    threads
      .map(({ texts }) => texts.filter(({ ref, token }) => !stays.has(ref) && token !== 0))
      .filter((texts) => texts.length > 0)
      .map(told)
  const [chat, forum] = [toldOf(inChat(pair)), toldOf(inForum(pair))]
  return [
    ...chat.filter((each) => !forum.includes(each)).map((each) => `only in the chat: ${each}`),
    ...forum.filter((each) => !chat.includes(each)).map((each) => `only in the forum: ${each}`),
  ]
}

function told(texts: readonly Text[]): string {
  return texts
    .map(({ token }) => `t${token}`)
    .toSorted()
    .join()
}
