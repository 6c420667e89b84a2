/** A table and a calendar: what is new on one side goes to the other, against bare loops with the same calls. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { freePorts } from '../demo/configuration.ts'
import { calendarCalls, CALENDAR, OWNER, titleOf, type CalendarCalls, type CalendarLayout } from './calendar-lay.ts'
import { placeOf, tableIn, TABLE, type BenchTable, type Place } from './calendar-table.ts'
import { startChild } from './child.ts'
import { BINARY, startEngine, untilInStep, type Home } from './engine.ts'
import { figure, median, round, type Figure, type Run, type Scenario } from './figure.ts'
import { KEYS } from './lay.ts'

const PATIENCE_MS = 1_200_000
const AFTER_MS = 3000
const CHANGES = 20
const AIMS = { 20: 0.95, 0: 0.6 } as const

interface Calendar {
  readonly url: string
  ask(question: object): Promise<CalendarCalls>
  end(): Promise<void>
}

async function startCalendar(layout: CalendarLayout): Promise<Calendar> {
  const child = startChild('calendar-system.ts', [JSON.stringify(layout)])
  const { url } = await child.hear(z.object({ url: z.string() }))
  return {
    url,
    ask(question) {
      child.say(question)
      return child.hear(calendarCalls)
    },
    end: () => child.end(),
  }
}

/** What is measured: a calendar and a table in which one of both holds all events, and who works on them. */
async function between<T>(
  place: Place,
  layout: CalendarLayout,
  work: (calendar: Calendar, table: BenchTable) => Promise<T>,
): Promise<T> {
  const table = await tableIn(place, layout.born === 'table' ? layout.events : 0)
  const calendar = await startCalendar(layout)
  try {
    return await work(calendar, table)
  } finally {
    await calendar.end()
    await table.close()
  }
}

/** Milliseconds from the first call to the last write. */
async function took({ born, events }: CalendarLayout, calendar: Calendar, table: BenchTable): Promise<number> {
  const until = performance.now() + PATIENCE_MS
  for (;;) {
    const isDone =
      born === 'table' ? (await calendar.ask({ ask: 'calls' })).writes >= events : (await table.count()) >= events
    const now = performance.timeOrigin + performance.now()
    if (isDone) {
      const { firstAt, lastWriteAt } = await calendar.ask({ ask: 'calls' })
      return (born === 'table' ? lastWriteAt : now) - firstAt
    }
    if (performance.now() > until) throw new Error('the first sync did not end')
    await pause(50)
  }
}

function byBareLoop(place: Place, layout: CalendarLayout): Promise<number> {
  return between(place, layout, async (calendar, table) => {
    const way = layout.born === 'table' ? 'push' : 'pull'
    const child = startChild('bare-calendar.ts', ['--way', way, '--google', calendar.url, '--database', place.url])
    try {
      await child.hear(z.object({ done: z.literal(true) }))
      return await took(layout, calendar, table)
    } finally {
      await child.end()
    }
  })
}

/** `then`: what is done once the two are in step. */
function byEngine<T>(
  place: Place,
  layout: CalendarLayout,
  then: (calendar: Calendar, table: BenchTable) => Promise<T>,
): Promise<{ readonly ms: number; readonly after: T }> {
  return between(place, layout, async (calendar, table) => {
    const home = await homeFor(place, calendar)
    const lockstep = (...words: string[]): void =>
      void execFileSync(process.execPath, [BINARY, 'capture', ...words, 'app', '--yes', '-c', home.config], {
        stdio: 'ignore',
      })
    try {
      lockstep('install')
      const engine = await startEngine(home)
      try {
        const ms = await took(layout, calendar, table)
        await untilInStep(home, layout.events + 1, PATIENCE_MS)
        return { ms, after: await then(calendar, table) }
      } finally {
        await engine.stop()
        lockstep('remove')
      }
    } finally {
      home.leave()
    }
  })
}

async function homeFor(place: Place, { url }: Calendar): Promise<Home> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-bench-'))
  const config = join(folder, 'lockstep.yaml')
  const [port = 0] = await freePorts(1)
  writeFileSync(config, yaml(place, url, port))
  const store = join(folder, 'lockstep.db')
  return {
    folder,
    config,
    store,
    storeMegabytes: () => statSync(store).size / 2 ** 20,
    leave: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** The calendar tells of its changes by push, the database by its triggers. */
function yaml(place: Place, google: string, port: number): string {
  return `store: ./lockstep.db
poll: 1h
listen:
  webhooks: 127.0.0.1:${port}
  public_url: http://127.0.0.1:${port}
  control: off
connections:
  app:
    connector: database
    url: ${JSON.stringify(place.url)}
    tables:
      entry:
        table: ${TABLE}
        key: id
        owner: user_id
        columns:
          title: text
          starts: { type: instant, column: starts_at }
          ends: { type: instant, column: ends_at }
          zone: text
  calendar:
    connector: google-calendar
    client_id: ${KEYS.clientId}
    client_secret: ${KEYS.clientSecret}
    refresh_token: ${KEYS.refreshToken}
    base_url: ${google}
    token_url: ${google}/token
    tokeninfo_url: ${google}/tokeninfo
flows:
  bench:
    between: [app, calendar]
    start: all
    scopes: [["${OWNER}", "${CALENDAR}"]]
    brake:
      deletes: { at_least: 1000000 }
      writes: { at_least: 1000000 }
    kinds:
      user-calendar: { a: owner, b: calendar }
      entry-event:
        a: entry
        b: event
        match: [title, when]
        fields:
          title: { a: title, b: summary }
          when:
            as: span
            a: { start: starts, end: ends, zone: zone }
            b: { start: start, end: end, zone: zone }
            zone: UTC
`
}

async function measureAt(place: Place, born: CalendarLayout['born'], latencyMs: 0 | 20, run: Run): Promise<Figure> {
  const layout: CalendarLayout = { events: run.quick ? 1000 : 10_000, born, latencyMs }
  const engineAlone = async (): Promise<number> => (await byEngine(place, layout, async () => undefined)).ms
  const ratios: number[] = []
  const times: number[] = []
  for (let pair = 0; pair < run.pairs; pair += 1) {
    // Each goes first as often as the other.
    const first = pair % 2 === 0 ? await engineAlone() : null
    const bare = await byBareLoop(place, layout)
    const engine = first ?? (await engineAlone())
    times.push(engine)
    ratios.push(bare / engine)
    run.say(
      `  pair ${pair + 1}: ${round(engine / 1000)} s, bare ${round(bare / 1000)} s, ratio ${round(bare / engine)}`,
    )
  }
  const way = born === 'table' ? 'from the table to the calendar' : 'from the calendar to the table'
  return figure({
    name: `${layout.events} events ${way}, ${latencyMs} ms latency`,
    value: median(times) / 1000,
    unit: 's',
    ratio: median(ratios),
    atLeast: AIMS[latencyMs],
    detail: `against the bare loop; the table is in ${place.is}`,
  })
}

async function countCalls(place: Place): Promise<Figure[]> {
  const layout: CalendarLayout = { events: 100, born: 'table', latencyMs: 0 }
  const { after } = await byEngine(place, layout, async (calendar, table) => {
    await pause(AFTER_MS)
    await calendar.ask({ ask: 'forget' })
    await table.run({ text: `UPDATE ${TABLE} SET title = title || '!' WHERE id <= ${CHANGES}`, values: [] })
    await pause(AFTER_MS)
    const pushed = await calendar.ask({ ask: 'calls' })
    const lists: number[] = []
    for (let event = CHANGES; event < 2 * CHANGES; event += 1) {
      await calendar.ask({ ask: 'forget' })
      const title = `Moved ${event}`
      await calendar.ask({ ask: 'edit', event, title })
      for (let tries = 0; (await table.count(`title = '${title}'`)) === 0; tries += 1) {
        if (tries > 200) throw new Error(`the edit of "${titleOf(event)}" did not arrive`)
        await pause(50)
      }
      await pause(300)
      lists.push((await calendar.ask({ ask: 'calls' })).lists)
    }
    return { writes: pushed.writes, lists }
  })
  return [
    figure({
      name: 'write calls for a changed row',
      value: after.writes / CHANGES,
      unit: 'writes',
      atMost: 1,
      detail: `${CHANGES} rows changed in one statement: ${after.writes} writes to the calendar`,
    }),
    figure({
      name: 'list calls for a pull of one change',
      value: median(after.lists),
      unit: 'lists',
      atMost: 1,
      detail: `${CHANGES} edits one after the other, told by push: ${after.lists.join(', ')} lists`,
    }),
  ]
}

export const calendar: Scenario = {
  name: 'calendar',
  about: 'a table and a calendar: all events from the one to the other, and the calls of a change',
  async measure(run) {
    const place = await placeOf()
    try {
      const figures = await countCalls(place)
      for (const born of ['table', 'calendar'] as const)
        for (const latencyMs of [20, 0] as const) figures.push(await measureAt(place, born, latencyMs, run))
      return figures
    } finally {
      place.leave()
    }
  },
}
