/**
 * Teamwork and Missive into tables: how many calls the first sync makes, against the fewest that their APIs allow, and how
 * many a change.
 */
import { rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { openApplication } from '../demo/calendar/application.ts'
import { folderOf, placeIn } from '../demo/calendar/configuration.ts'
import { writeConfiguration } from '../demo/ingest/configuration.ts'
import { addRules } from '../demo/ingest/people.ts'
import { ANN, LISTS, startSystems, type Systems } from '../demo/ingest/systems.ts'
import { lockstep, startService, statusOf } from '../demo/service.ts'
import { figure, type Figure, type Run, type Scenario } from './figure.ts'

const MESSAGES = 4
/** As the connectors' pages tell: what a page of each list holds at most, and how many messages one call shows. */
const PAGE = { tasks: 250, conversations: 50, messages: 10 } as const
/**
 * Once each, whatever there is: of Teamwork projects, people, tags, and per project lists, comments, time; of Missive
 * organizations, people, labels, teams.
 */
const OF_SITE = 3
const OF_PROJECT = 3
const OF_ORGANIZATION = 4
const PROJECTS = 3
const CHANGES = 5
const LOOK_MS = 20
const PATIENCE_MS = 120_000
const APART_MS = 600_000

/** How far the clock of the systems is behind, while what was before is laid. */
interface Past {
  ms: number
}

/** Each conversation has to be asked for its messages and its comments; bodies come ten to a call. */
function fewest(tasks: number, conversations: number): number {
  const teamwork = Math.ceil(tasks / PAGE.tasks) + OF_SITE + OF_PROJECT * PROJECTS
  const bodies = Math.ceil((conversations * MESSAGES) / PAGE.messages)
  return teamwork + Math.ceil(conversations / PAGE.conversations) + 2 * conversations + bodies + OF_ORGANIZATION
}

/** As people leave it: a conversation every ten minutes, the last of them some time ago. */
function lay({ teamwork, missive }: Systems, past: Past, tasks: number, conversations: number): readonly number[] {
  const made = Array.from({ length: tasks }, (_, at) => teamwork.as(ANN).addTask(LISTS[0], { name: `task ${at}` }).id)
  for (let at = 0; at < conversations; at += 1) {
    past.ms = (conversations - at) * APART_MS
    for (let mail = 0; mail < MESSAGES; mail += 1)
      missive.receive('mailbox', {
        from: { name: `Guest ${at}`, address: `guest${at}@client.test` },
        subject: `Question ${at}`,
        body: `<p>Mail ${mail} of ${at}</p>`,
        messageId: `<${at}.${mail}@client.test>`,
        ...(mail === 0 ? {} : { inReplyTo: `<${at}.0@client.test>` }),
      })
  }
  past.ms = 0
  return made
}

async function measure({ quick, say }: Run): Promise<Figure[]> {
  const [tasks, conversations] = quick ? [60, 10] : [300, 100]
  const folder = folderOf()
  const place = placeIn(folder)
  const past: Past = { ms: APART_MS * conversations }
  const systems = await startSystems(() => Date.now() - past.ms)
  const made = lay(systems, past, tasks, conversations)
  const configuration = await writeConfiguration(folder, place, systems.urls, '1h')
  const application = await openAfter(() => lockstep(configuration, 'tables', 'create', 'warehouse', '--yes'), place)
  const prefix = place.schema === '' ? '' : `${place.schema}.`
  const count = async (table: string, where = 'true'): Promise<number> =>
    Number((await application.run(`SELECT count(*) AS n FROM ${prefix}${table} WHERE ${where}`))[0]?.['n'] ?? 0)
  const service = await startService(configuration, () => undefined)
  try {
    const began = performance.now()
    await until(async () => {
      const { flows } = await statusOf(configuration)
      return flows.length === 2 && flows.every(({ in_step_at: at, due, open }) => at !== null && due + open === 0)
    })
    const seconds = (performance.now() - began) / 1000
    const rows = [await count('tasks'), await count('emails')]
    if (rows[0] !== tasks || rows[1] !== conversations * MESSAGES)
      throw new Error(`there are ${rows.join(' and ')} rows`)
    const calls = systems.calls()
    addRules(systems, configuration.hook)
    await pause(3000)
    const before = systems.calls()
    for (const id of made.slice(0, CHANGES)) {
      systems.teamwork.as(ANN).editTask(id, { name: `changed ${id}` })
      await until(async () => (await count('tasks', `name = 'changed ${id}'`)) === 1)
    }
    const after = systems.calls() - before
    const least = fewest(tasks, conversations)
    say(
      `  ${calls} calls for ${tasks} tasks and ${conversations} conversations of ${MESSAGES}, of which ${least} are needed; ${seconds.toFixed(1)} s`,
    )
    return [
      figure({
        name: `first sync of ${tasks} tasks and ${conversations} conversations of ${MESSAGES} messages into ${place.schema === '' ? 'SQLite' : 'PostgreSQL'}`,
        value: calls,
        unit: 'calls',
        ratio: calls / least,
        atMost: 2,
        detail: `${least} is the fewest that the APIs allow; ${seconds.toFixed(1)} s without their limits of calls`,
      }),
      figure({
        name: `${CHANGES} changes of tasks in steady state, one after the other`,
        value: after / CHANGES,
        unit: 'calls a change',
        atMost: 2,
        detail: 'told by webhooks; polls are an hour apart',
      }),
    ]
  } finally {
    await service.stop()
    await systems.close()
    if (place.schema !== '') await application.run(`DROP SCHEMA IF EXISTS ${place.schema} CASCADE`)
    await application.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function openAfter(
  make: () => Promise<{ code: number | null; err: string }>,
  place: Parameters<typeof openApplication>[0],
) {
  const { code, err } = await make()
  if (code !== 0) throw new Error(`the tables were not made: ${err}`)
  return await openApplication(place)
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const began = performance.now(); !(await condition()); await pause(LOOK_MS))
    if (performance.now() - began > PATIENCE_MS) throw new Error('it did not come to that in two minutes')
}

export const ingest: Scenario = {
  name: 'ingest',
  about: 'Teamwork and Missive into tables: calls of the first sync, and of a change',
  measure,
}
