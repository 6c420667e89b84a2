/** One run: first sync, what people do, quiet, the judge, and a database that is left as it was. */
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Screen } from '../screen.ts'
import { startService, statusOf, type Service } from '../service.ts'
import { ACTS } from './acts.ts'
import { openApplication, tableOf, type Application } from './application.ts'
import { claimsOn } from './claims.ts'
import { captureOf, folderOf, OWNERS, placeIn, writeConfiguration } from './configuration.ts'
import { startGoogle, type Google } from './google.ts'
import { ENTRIES, EVENTS, insert } from './people.ts'
import type { Verdict } from './question.ts'
import { ran, type Stage } from './stage.ts'
import { judge } from './verdict.ts'

/** How long nobody does anything, while every write is an echo. */
const QUIET_MS = 3000
/** In the table and in a calendar before the first sync. */
const ON_BOTH_SIDES = 2
const SEEDED = Object.values(EVENTS).flat().length
/** Whoever is on one side only travels; each event that a person made gets the colour of the rule besides. */
const AT_FIRST = ENTRIES.length + SEEDED - 2 * ON_BOTH_SIDES + SEEDED

export interface Summary {
  readonly ok: boolean
  readonly items: number
  readonly lost: number
  readonly duplicates: number
  readonly echoes: number
  readonly stale: number
  readonly conflicts: number
  readonly changes: number
  readonly calls: number
  readonly callsPerChange: number
  /** Claims that did not come true. */
  readonly failed: readonly string[]
  readonly database: 'SQLite' | 'PostgreSQL'
  readonly seconds: number
}

interface Run {
  readonly stays: boolean
  readonly signal: AbortSignal
}

export async function tour(screen: Screen, { stays, signal }: Run): Promise<Summary> {
  const began = performance.now()
  const folder = folderOf()
  const application = await openApplication(placeIn(folder))
  let google: Google | null = null
  let service: Service | null = null
  let summary: Summary | null = null
  try {
    google = await startGoogle(EVENTS)
    const configuration = await writeConfiguration(folder, application, google.url)
    const claims = claimsOn(screen, signal)
    const stage: Stage = {
      application,
      google,
      configuration,
      screen,
      claims,
      tally: {
        own: 0,
        changes: AT_FIRST,
        conflicts: 0,
      },
    }
    const before = await lay(stage)
    service = await startService(configuration, () => undefined)
    await claims.holds('both sides were read, and are in step', async () => {
      const { flows } = await statusOf(configuration)
      return flows.length === 2 && flows.every((each) => each.in_step_at !== null)
    })
    for (const { title, play } of ACTS) {
      screen.head(title)
      await play(stage)
    }
    const found = await settle(stage)
    if (stays) await stay(screen, stage, signal)
    await claims.holds('the service ends well', async () => (await service?.stop()) === 0)
    summary = await removed(stage, before, found, began)
    show(screen, summary)
    return summary
  } finally {
    await service?.stop()
    await google?.close()
    if (application.place.schema !== '')
      await application.run(`DROP SCHEMA IF EXISTS ${application.place.schema} CASCADE`)
    await application.close()
    if (summary?.ok === true) rmSync(folder, { recursive: true, force: true })
  }
}

/** Answers what the catalogue says before Lockstep has touched the database. */
async function lay(stage: Stage): Promise<string> {
  const { application, screen, google, configuration, claims } = stage
  const { schema } = application.place
  screen.head('An application’s own table and Google calendars, kept in step.')
  screen.say()
  screen.say(
    `  table                    ${application.table} in ${schema === '' ? application.place.url : 'PostgreSQL'}`,
  )
  screen.say(`  Google Calendar (local)  ${google.url}`)
  screen.say(`  configuration            ${configuration.path}`)
  if (schema !== '') await application.run(`CREATE SCHEMA ${schema}`)
  for (const statement of tableOf(application)) await application.run(statement)
  for (const entry of ENTRIES) await insert(application, entry)
  const before = await application.schema()
  screen.head('lockstep capture install app, lockstep check, lockstep run')
  await ran(stage, [0], 'capture', 'install', 'app', '--yes')
  await claims.holds('the database notes its changes', async () => (await application.schema()) !== before)
  await ran(stage, [0], 'capture', 'check', 'app')
  await ran(stage, [0], 'check')
  return before
}

/** Until nothing is due; then for a while nobody does anything, and the judge looks. */
async function settle(stage: Stage): Promise<Verdict & { calls: number }> {
  const { screen, claims, configuration, google, application } = stage
  screen.head('Nobody does anything')
  await claims.holds('nothing is due, held, in conflict or different', async () => {
    const { flows, inbox } = await statusOf(configuration)
    return (
      inbox === 0 &&
      flows.every(({ due, open, held, conflicts, divergences }) => due + open + held + conflicts + divergences === 0)
    )
  })
  const writes = async (): Promise<number> => google.writes() + (await captured(application)) - stage.tally.own
  const calls = await writes()
  await pause(QUIET_MS)
  const quiet = (await writes()) - calls
  await claims.holds(`in ${QUIET_MS / 1000} seconds nothing is written on either side`, () => quiet === 0)
  const found = await judge({ database: application.place, google: google.url, owners: OWNERS })
  await claims.holds('a program that knows only SQL and Google’s API finds both sides alike', () => found.ok)
  for (const kind of ['lost', 'duplicates', 'echoes', 'stale'] as const)
    for (const { item, why } of found[kind]) screen.trouble(`  ${kind}: ${item} (${why})`)
  const echoed = quiet === 0 ? [] : [{ item: 'writes', why: `${quiet} while nobody did anything` }]
  return { ...found, echoes: [...found.echoes, ...echoed], calls }
}

/** How many changes of rows the database itself has noted. */
async function captured({ run, place }: Application): Promise<number> {
  const table = `${captureOf(place)}${place.schema === '' ? '_' : '.'}change`
  const [row] = await run(`SELECT count(*) AS noted FROM ${table}`)
  return Number(row?.['noted'] ?? 0)
}

async function stay(screen: Screen, { application }: Stage, signal: AbortSignal): Promise<void> {
  screen.head('It goes on until you press Ctrl-C')
  if (application.place.schema === '')
    screen.say(`  Try: sqlite3 ${application.place.url.slice('sqlite:'.length)} "UPDATE entries SET …"`)
  await once(signal, 'abort')
}

async function removed(
  stage: Stage,
  before: string,
  found: Verdict & { calls: number },
  began: number,
): Promise<Summary> {
  const { application, claims, screen, tally } = stage
  screen.head('lockstep capture remove app')
  const rows = async (): Promise<string> =>
    JSON.stringify(await application.run(`SELECT * FROM ${application.table} ORDER BY id`))
  const held = await rows()
  await ran(stage, [0], 'capture', 'remove', 'app', '--yes')
  await claims.holds('the catalogue says what it said before', async () => (await application.schema()) === before)
  await claims.holds('and every row stays as it is', async () => (await rows()) === held)
  const { ok, items, lost, duplicates, echoes, stale, calls } = found
  return {
    ok: ok && echoes.length === 0 && claims.failed.length === 0,
    items,
    lost: lost.length,
    duplicates: duplicates.length,
    echoes: echoes.length,
    stale: stale.length,
    conflicts: tally.conflicts,
    changes: tally.changes,
    calls,
    callsPerChange: Math.round((calls / tally.changes) * 100) / 100,
    failed: claims.failed,
    database: application.place.schema === '' ? 'SQLite' : 'PostgreSQL',
    seconds: Math.round((performance.now() - began) / 100) / 10,
  }
}

function show(screen: Screen, summary: Summary): void {
  const rows: readonly (readonly [string, string | number])[] = [
    ['entries and exceptions, on both sides exactly once', summary.items],
    ['lost: on one side only', summary.lost],
    ['duplicates', summary.duplicates],
    ['echoes: copies of copies, writes while nobody wrote', summary.echoes],
    ['not the same on both sides', summary.stale],
    ['conflicts, both values kept', summary.conflicts],
    ['writes / changes that had to travel', `${summary.calls} / ${summary.changes}`],
    ['seconds', summary.seconds],
  ]
  screen.head('The verdict')
  for (const [name, value] of rows) screen.say(`  ${name.padEnd(54)} ${String(value).padStart(12)}`)
  screen.say()
  screen.say(summary.ok ? '  Table and calendars agree.' : '  Table and calendars DO NOT agree.')
}
