/** One seed: people and faults for a while, then quiet; then both sides have to agree, and nothing may be lost or made twice. */
import { streamOf } from '../chance.ts'
import { Ledger, tokenIn } from '../ledger.ts'
import { inHand, type ShippedResult } from '../shipped.ts'
import { People } from './deeds.ts'
import { drawEntries, type EntriesScenario } from './scenario.ts'
import { atTable, inCalendars, type Shown } from './shown.ts'
import { Windows } from './windows.ts'
import { entriesWorld, type EntriesWorld } from './world.ts'

const MINUTE = 60_000
/** Settle times, what is tried again, and an audit. */
const PATIENCE = 3 * 60 * MINUTE

export async function runEntries(scenario: EntriesScenario | number): Promise<ShippedResult> {
  const plan = typeof scenario === 'number' ? drawEntries(scenario) : scenario
  const world = await entriesWorld(plan)
  const ledger = new Ledger(() => world.time.now())
  try {
    await play(world, ledger)
    await heal(world, ledger)
    judge(world, ledger)
    await quiet(world, ledger)
    for (const row of world.db.prepare('SELECT id, paused_at, paused_why FROM flow WHERE paused_at IS NOT NULL').all())
      ledger.fail('P1', `paused: ${JSON.stringify(row)}`)
    for (const row of world.db.prepare('SELECT * FROM divergence').all()) world.say(`divergence ${JSON.stringify(row)}`)
  } finally {
    await world.close()
  }
  const { counts, writes, story } = world
  const { violations, changesByUsers: deeds, forgiven } = ledger
  return { seed: plan.seed, violations, deeds, writes: writes.length, ...counts, forgiven: forgiven.size, story }
}

async function play(world: EntriesWorld, ledger: Ledger): Promise<void> {
  const { time, scenario, google } = world
  const people = new People(world, ledger)
  for (const { n, at, end, deed } of scenario.deeds) {
    const act = (): void => people.act(deed, end, streamOf(scenario.seed, `deed ${n}`))
    if (at === null) act()
    else time.after(at, act)
  }
  for (const at of scenario.expiries)
    time.after(at, () => {
      world.say('every sync token dies')
      google.expireSyncTokens()
    })
  await world.begin(new Windows(world, ledger))
  await time.run(time.now() + scenario.playMs + MINUTE)
  world.heal()
}

/** Until all is calm, and every scope was read whole once more: no feed tells what becomes an exception as its series changes. */
async function heal(world: EntriesWorld, ledger: Ledger): Promise<void> {
  const { time, scenario } = world
  const audited = time.now() + scenario.auditMs + 5 * MINUTE
  const end = audited + PATIENCE
  for (let calm = 0; (calm < 2 || time.now() < audited) && time.now() < end && ledger.violations.length === 0;) {
    await time.run(time.now() + 5 * MINUTE)
    calm = differences(world, ledger).length === 0 && inHand(world.db).length === 0 ? calm + 1 : 0
  }
  for (const error of world.broken) ledger.fail('run', error instanceof Error ? (error.stack ?? '') : String(error))
}

function judge(world: EntriesWorld, ledger: Ledger): void {
  for (const what of differences(world, ledger)) ledger.fail('P1', what)
  for (const what of twins(world, ledger)) ledger.fail('P2', what)
  for (const what of lost(world, ledger)) ledger.fail('P4', what)
  for (const what of inHand(world.db)) ledger.fail('P7', `still in hand: ${what}`)
  for (const row of world.db.prepare('SELECT pair, side, ref, reason, detail FROM held').all())
    ledger.fail('P1', `held: ${JSON.stringify(row)}`)
}

async function quiet(world: EntriesWorld, ledger: Ledger): Promise<void> {
  const before = world.writes.length
  await world.time.run(world.time.now() + 20 * MINUTE)
  const written = world.writes.slice(before)
  if (written.length > 0) ledger.fail('P7', `${written.length} writes for no change: ${written[0] ?? ''}`)
}

function differences(world: EntriesWorld, ledger: Ledger): string[] {
  const told = (shown: readonly Shown[]): Map<string, string> => new Map(shown.map(({ name, words }) => [name, words]))
  const [table, calendars] = [told(atTable(world, ledger)), told(inCalendars(world, ledger))]
  return [...new Set([...table.keys(), ...calendars.keys()])].flatMap((name) => {
    if (isMovedByHand(ledger, name)) return []
    const [here, there] = [table.get(name), calendars.get(name)]
    return here === there
      ? []
      : [`${name} is ${here ?? 'nowhere'} at the table, and ${there ?? 'nowhere'} in the calendars`]
  })
}

/**
 * What is moved to another calendar is deleted here and new there: with whatever else is done to it at the time, it stands
 * twice.
 */
function isMovedByHand(ledger: Ledger, name: string): boolean {
  return ledger.moves.get(Number(/^t(\d+)/.exec(name)?.[1]))?.includes('b') === true
}

function twins(world: EntriesWorld, ledger: Ledger): string[] {
  return [atTable(world, ledger), inCalendars(world, ledger)].flatMap((shown) => {
    const counted = Map.groupBy(shown, ({ name }) => name)
    return [...counted].flatMap(([name, all]) =>
      all.length < 2 || isMovedByHand(ledger, name) ? [] : [`${name} stands at ${all.map(({ ref }) => ref).join()}`],
    )
  })
}

/** Every text is part of what stands, or was seen by who deleted it, or is kept as the losing side of a conflict. */
function lost(world: EntriesWorld, ledger: Ledger): string[] {
  const roots: (number | null)[] = [
    ...ledger.forgiven,
    ...world.sql('SELECT title FROM entries').map(({ title }) => tokenIn(String(title))),
    ...inCalendars(world, ledger).map(({ title }) => tokenIn(title)),
    ...[...ledger.deletions.values()].flatMap((seen) => seen.map((each) => each.seen)),
    ...world.db
      .prepare('SELECT a_json, b_json FROM conflict')
      .all()
      .flatMap((row) => [tokenIn(String(row['a_json'])), tokenIn(String(row['b_json']))]),
  ]
  const kept = new Set<number>()
  for (const token of roots)
    for (let each = token; each !== null && !kept.has(each); each = ledger.tokens.get(each)?.parent ?? null)
      kept.add(each)
  return [...ledger.tokens.keys()].filter((token) => !kept.has(token)).map((token) => `t${token} is nowhere`)
}
