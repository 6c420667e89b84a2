/** One seed: people and faults for a while, then quiet; then the tables have to say what their sources say. */
import { ORG } from '../../engine/ingest-systems.ts'
import { streamOf } from '../chance.ts'
import type { Violation } from '../ledger.ts'
import { BY_HAND } from '../listener.ts'
import { inHand, type ShippedResult } from '../shipped.ts'
import { inMissive } from './mail.ts'
import { missiveSays, USERS } from './missive.ts'
import { teamworkSays, type Said, type Tables } from './said.ts'
import { drawTables, type TablesScenario } from './scenario.ts'
import { inBase, inDatabase, isInBase, type Told } from './told.ts'
import { inTeamwork } from './work.ts'
import { tablesWorld, type TablesWorld } from './world.ts'

const MINUTE = 60_000
/** Settle times, what is tried again, and an audit. */
const PATIENCE = 3 * 60 * MINUTE

interface Run extends TablesWorld {
  readonly counts: { deeds: number }
  fail(property: string, what: string): void
}

export async function runTables(scenario: TablesScenario | number): Promise<ShippedResult> {
  const plan = typeof scenario === 'number' ? drawTables(scenario) : scenario
  const world = await tablesWorld(plan)
  const violations: Violation[] = []
  const fail = (property: string, what: string): void => void violations.push({ property, what, at: world.time.now() })
  const run: Run = { ...world, counts: { deeds: 0 }, fail }
  try {
    await play(run)
    await heal(run)
    judge(run)
    await quiet(run)
  } finally {
    await world.close()
  }
  const { host, story } = world
  return {
    seed: plan.seed,
    violations,
    deeds: run.counts.deeds,
    writes: host.writes.length,
    ...host.counts,
    forgiven: 0,
    story,
  }
}

async function play(run: Run): Promise<void> {
  const { time, scenario, host } = run
  for (const { n, at, end, deed } of scenario.deeds) {
    const act = (): void => {
      const chance = streamOf(scenario.seed, `deed ${n}`)
      const done =
        end === 'teamwork' ? inTeamwork(run.teamwork, deed, n, chance) : inMissive(run.missive, deed, n, chance)
      if (done === null) return
      run.counts.deeds += 1
      run.say(`somebody in ${end}: ${done}`)
    }
    if (at === null) act()
    else time.after(at, act)
  }
  await host.begin()
  if (scenario.rules) time.after(MINUTE, () => makeRules(run))
  await time.run(time.now() + scenario.playMs + MINUTE)
  host.healed = true
}

/** What the API makes no rules for. */
const BY_RULES = [
  'outgoing_email',
  'label_change',
  'team_change',
  'conversation_assignee_change',
  'conversation_closed',
  'conversation_reopened',
] as const

function makeRules({ missive }: Run): void {
  const [user = ''] = USERS
  const url = 'https://sync.example.org/webhooks/missive'
  for (const type of BY_RULES) missive.as(user).addRule({ type, url, organizationId: ORG, secret: BY_HAND })
}

/** Until all is calm, and every scope was read whole once more: some changes are told by webhooks alone. */
async function heal(run: Run): Promise<void> {
  const { time, scenario, host } = run
  const audited = time.now() + scenario.auditMs + 5 * MINUTE
  const end = audited + PATIENCE
  for (let calm = 0; (calm < 2 || time.now() < audited) && time.now() < end;) {
    await time.run(time.now() + 5 * MINUTE)
    calm = differences(run).length === 0 && inHand(run.db).length === 0 ? calm + 1 : 0
  }
  for (const error of host.broken) run.fail('run', error instanceof Error ? (error.stack ?? '') : String(error))
}

function judge(run: Run): void {
  const { db, host, say, fail } = run
  for (const what of differences(run)) fail('P1', what)
  for (const what of twins(run)) fail('P2', what)
  for (const what of host.writes) if (what.includes('DELETE FROM')) fail('P4', `a row is gone: ${what}`)
  for (const row of db.prepare('SELECT pair, side, ref, reason, detail FROM held').all())
    fail('P1', `held: ${JSON.stringify(row)}`)
  for (const row of db.prepare('SELECT id, paused_at, paused_why FROM flow WHERE paused_at IS NOT NULL').all())
    fail('P1', `paused: ${JSON.stringify(row)}`)
  for (const row of db.prepare('SELECT * FROM divergence').all()) say(`divergence ${JSON.stringify(row)}`)
  for (const what of inHand(db)) fail('P7', `still in hand: ${what}`)
}

async function quiet({ time, host, fail }: Run): Promise<void> {
  const before = host.writes.length
  await time.run(time.now() + 20 * MINUTE)
  const written = host.writes.slice(before)
  if (written.length > 0) fail('P7', `${written.length} writes for no change: ${written[0] ?? ''}`)
}

/** Each where it is to stand, and nothing else. */
function differences(run: Run): readonly string[] {
  const mail = missiveSays(run.missive)
  if (run.scenario.mailInto === 'warehouse')
    return differ(new Map([...teamworkSays(run.teamwork), ...mail]), inDatabase(run))
  const carried = new Map([...mail].filter(([key]) => isInBase(key)))
  return [...differ(teamworkSays(run.teamwork), inDatabase(run)), ...differ(carried, inBase(run))]
}

function differ(said: Tables, told: readonly Told[]): readonly string[] {
  const byKey = new Map(told.map(({ key, says }) => [key, says]))
  return [
    ...[...said].flatMap(([key, each]) => differs(key, each, byKey.get(key))),
    ...[...byKey.keys()].filter((key) => !said.has(key)).map((key) => `${key} is there no more, and its row is`),
  ]
}

/** Of what both know. */
function differs(key: string, said: Said, row: Said | undefined): readonly string[] {
  if (row === undefined) return [`${key} has no row`]
  return Object.entries(said).flatMap(([column, value]) =>
    row[column] === undefined || row[column] === value
      ? []
      : [`${key} has ${column} "${value}", and its row "${row[column]}"`],
  )
}

function twins(run: Run): readonly string[] {
  const all = Map.groupBy(
    [...inDatabase(run), ...(run.scenario.mailInto === 'base' ? inBase(run) : [])],
    ({ key }) => key,
  )
  return [...all].flatMap(([key, told]) =>
    told.length < 2 ? [] : [`${key} stands at ${told.map(({ ref }) => ref).join()}`],
  )
}
