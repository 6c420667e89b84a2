/** One seed: people and faults for a while, then quiet; then the tables have to say what their sources say. */
import { ORG } from '../../engine/ingest-systems.ts'
import { streamOf } from '../chance.ts'
import type { Violation } from '../ledger.ts'
import { BY_HAND } from '../listener.ts'
import type { ShippedResult } from '../shipped.ts'
import { inMissive } from './mail.ts'
import { differences, judge, sourcesSay, underWay, type Judged } from './judge.ts'
import { USERS } from './missive.ts'
import { Readers } from './readers.ts'
import { drawTables, type TablesScenario } from './scenario.ts'
import { inTeamwork } from './work.ts'
import { tablesWorld } from './world.ts'

const MINUTE = 60_000
/** Settle times, what is tried again, and an audit. */
const PATIENCE = 3 * 60 * MINUTE

interface Run extends Judged {
  readonly counts: { deeds: number }
  readonly gone: Set<string>
}

export async function runTables(scenario: TablesScenario | number): Promise<ShippedResult> {
  const plan = typeof scenario === 'number' ? drawTables(scenario) : scenario
  const world = await tablesWorld(plan)
  const violations: Violation[] = []
  const fail = (property: string, what: string): void => void violations.push({ property, what, at: world.time.now() })
  const run: Run = { ...world, readers: new Readers(world), gone: new Set(), counts: { deeds: 0 }, fail }
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
      const before = sourcesSay(run)
      const done =
        end === 'teamwork'
          ? inTeamwork(run.teamwork, deed, n, chance)
          : end === 'missive'
            ? inMissive(run.missive, deed, n, chance)
            : run.readers.act(n, chance)
      if (done === null) return
      const after = sourcesSay(run)
      for (const key of before.keys()) if (!after.has(key)) run.gone.add(key)
      run.counts.deeds += 1
      run.say(`somebody in ${end}: ${done}`)
    }
    if (at === null) act()
    else time.after(at, act)
  }
  await host.begin()
  for (const at of scenario.drops)
    time.after(at, () => {
      run.say('Airtable knows no place in a list any more')
      run.airtable.dropIterators()
    })
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
    calm = differences(run).length === 0 && underWay(run).length === 0 ? calm + 1 : 0
  }
  for (const error of host.broken) run.fail('run', error instanceof Error ? (error.stack ?? '') : String(error))
}

async function quiet({ time, host, fail }: Run): Promise<void> {
  const before = host.writes.length
  await time.run(time.now() + 20 * MINUTE)
  const written = host.writes.slice(before)
  if (written.length > 0) fail('P7', `${written.length} writes for no change: ${written[0] ?? ''}`)
}
