/** One run: tables, the first sync, what people do, a burst, a kill -9 in it, and the judge. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openApplication, type Application } from '../calendar/application.ts'
import { claimsOn, type Claims } from '../calendar/claims.ts'
import { folderOf, placeIn } from '../calendar/configuration.ts'
import type { Configuration } from '../configuration.ts'
import type { Screen } from '../screen.ts'
import { jsonIn, lockstep, startService, statusOf, type Service } from '../service.ts'
import { writeConfiguration } from './configuration.ts'
import { addRules, burst, lay, work, type Made } from './people.ts'
import { verdict, type Question, type Verdict } from './question.ts'
import { startSystems, type Systems } from './systems.ts'

const TASKS = 60
const CONVERSATIONS = 20
const ROUNDS = 10

export interface Summary {
  readonly ok: boolean
  readonly items: number
  readonly lost: number
  readonly duplicates: number
  readonly stale: number
  readonly deleted: number
  readonly webhooks: number
  readonly calls: number
  readonly failed: readonly string[]
  readonly database: 'SQLite' | 'PostgreSQL'
  readonly seconds: number
}

interface Stage {
  readonly screen: Screen
  readonly claims: Claims
  readonly systems: Systems
  readonly configuration: Configuration
  readonly question: Question
  readonly made: Made
}

export async function tour(
  screen: Screen,
  { stays, signal }: { stays: boolean; signal: AbortSignal },
): Promise<Summary> {
  const began = performance.now()
  const folder = folderOf()
  const place = placeIn(folder)
  const systems = await startSystems()
  const claims = claimsOn(screen, signal)
  let service: Service | null = null
  let isWell = false
  try {
    const configuration = await writeConfiguration(folder, place, systems.urls)
    const question = { database: place, ...systems.urls }
    const stage = { screen, claims, systems, configuration, question, made: lay(systems, TASKS, CONVERSATIONS) }
    await makeTables(stage)
    service = await startService(configuration, () => undefined)
    await claims.holds('everything that was there is in the tables', () => isInStep(stage))
    addRules(systems, configuration.hook)
    screen.head('People work, and everything is told by webhooks and polls')
    work(systems, stage.made)
    await claims.holds('the tables say it too', () => agree(stage))
    service = await killed(stage, service)
    const found = await ended(stage)
    if (stays) {
      screen.head('It goes on until you press Ctrl-C')
      if (place.schema === '') screen.say(`  Try: sqlite3 ${place.url.slice(7)} "SELECT * FROM current_tasks"`)
      await once(signal, 'abort')
    }
    await claims.holds('the service ends well', async () => (await service?.stop()) === 0)
    const summary = summaryOf(stage, found, began)
    show(screen, summary)
    isWell = summary.ok
    return summary
  } finally {
    await service?.stop()
    await systems.close()
    if (place.schema !== '') await dropped(await openApplication(place))
    if (isWell) rmSync(folder, { recursive: true, force: true })
  }
}

async function makeTables({ screen, claims, systems, configuration, question }: Stage): Promise<void> {
  screen.head('Teamwork and Missive, into tables that people query.')
  screen.say()
  screen.say(`  Teamwork (local)   ${systems.urls.teamwork}`)
  screen.say(`  Missive (local)    ${systems.urls.missive}`)
  screen.say(`  tables             ${question.database.schema === '' ? question.database.url : 'PostgreSQL'}`)
  screen.say(`  configuration      ${configuration.path}`)
  screen.head('lockstep tables create warehouse, lockstep check, lockstep run')
  const ran = async (...command: readonly string[]): Promise<boolean> => {
    const { code, out, err } = await lockstep(configuration, ...command)
    if (code !== 0) screen.trouble(`lockstep ${command.join(' ')}: ${out}${err}`)
    return code === 0
  }
  await claims.holds('the tables are made', () => ran('tables', 'create', 'warehouse', '--yes'))
  await claims.holds('the configuration can be used', () => ran('check'))
}

async function isInStep({ configuration }: Stage): Promise<boolean> {
  const { flows, inbox } = await statusOf(configuration)
  return (
    inbox === 0 &&
    flows.length === 2 &&
    flows.every(({ in_step_at: at, due, open, held }) => at !== null && due + open + held === 0)
  )
}

async function agree(stage: Stage): Promise<boolean> {
  return (await isInStep(stage)) && (await judged(stage.question)).ok
}

/** A burst of webhooks, and in the middle of it kill -9; people go on while nothing runs. */
async function killed(stage: Stage, service: Service): Promise<Service> {
  const { screen, claims, systems, configuration, made } = stage
  screen.head('A burst of webhooks, and kill -9 in the middle of it')
  const edits = burst(systems, made, ROUNDS)
  await pause(150)
  await service.kill()
  screen.told(`${edits} edits in a moment; the service was killed, and people go on`)
  const [, , , , , sixth = 0, seventh = 0] = made.tasks
  systems.teamwork.as(101).editTask(sixth, { name: 'Renamed while nothing ran' })
  systems.teamwork.as(101).removeTask(seventh)
  const again = await startService(configuration, () => undefined)
  await claims.holds('it is started again, and the tables say everything', () => agree(stage))
  return again
}

async function ended({ screen, claims, question, systems }: Stage): Promise<Verdict> {
  screen.head('Nobody does anything')
  const before = systems.calls()
  await pause(3000)
  screen.say(`  ${systems.calls() - before} calls in three seconds of polling every two`)
  const found = await judged(question)
  await claims.holds('a program that knows only SQL and both HTTP APIs finds the same in both', () => found.ok)
  for (const kind of ['lost', 'duplicates', 'stale'] as const)
    for (const { item, why } of found[kind].slice(0, 20)) screen.trouble(`  ${kind}: ${item} (${why})`)
  return found
}

async function judged(question: Question): Promise<Verdict> {
  const script = fileURLToPath(new URL('./judge.ts', import.meta.url))
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(question))
  const [answer] = await Promise.all([text(child.stdout), once(child, 'close')])
  return verdict.parse(jsonIn(answer))
}

async function dropped(application: Application): Promise<void> {
  await application.run(`DROP SCHEMA IF EXISTS ${application.place.schema} CASCADE`)
  await application.close()
}

function summaryOf({ claims, question, systems }: Stage, found: Verdict, began: number): Summary {
  return {
    ok: found.ok && claims.failed.length === 0,
    items: found.items,
    lost: found.lost.length,
    duplicates: found.duplicates.length,
    stale: found.stale.length,
    deleted: found.deleted,
    webhooks: systems.teamwork.webhooksSent().length + systems.missive.webhooksSent().length,
    calls: systems.calls(),
    failed: claims.failed,
    database: question.database.schema === '' ? 'SQLite' : 'PostgreSQL',
    seconds: Math.round((performance.now() - began) / 100) / 10,
  }
}

function show(screen: Screen, summary: Summary): void {
  const rows: readonly (readonly [string, string | number])[] = [
    ['items that stand in their table once', summary.items],
    ['lost: in a system and in no table', summary.lost],
    ['duplicates', summary.duplicates],
    ['otherwise than in the system', summary.stale],
    ['rows that are marked as deleted', summary.deleted],
    ['webhooks', summary.webhooks],
    ['seconds', summary.seconds],
  ]
  screen.head('The verdict')
  for (const [name, value] of rows) screen.say(`  ${name.padEnd(54)} ${String(value).padStart(12)}`)
  screen.say()
  screen.say(summary.ok ? '  The tables say what both systems say.' : '  The tables DO NOT say what both systems say.')
}
