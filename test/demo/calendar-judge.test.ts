/** The judge of the demo of table and calendar, held against two sides that were made by hand: no engine takes part. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { openApplication, tableOf, type Application } from '../../demo/calendar/application.ts'
import { OWNERS } from '../../demo/calendar/configuration.ts'
import { at, day, ZONE } from '../../demo/calendar/days.ts'
import { startGoogle, type Google } from '../../demo/calendar/google.ts'
import { event, insert } from '../../demo/calendar/people.ts'
import type { Verdict } from '../../demo/calendar/question.ts'
import { judge } from '../../demo/calendar/verdict.ts'

const MIRA = OWNERS['17']
const RENT = {
  user_id: 17,
  title: 'Rent',
  notes: 'To the port',
  amount: '-1850.00',
  starts_at: at(day(0), '09:00'),
  ends_at: at(day(0), '09:30'),
  all_day: 0,
  zone: ZONE,
  status: 'planned',
}
const COPY = event('Rent · -1.850,00 €', 0, '09:00', '09:30', { description: 'To the port', colorId: '11' })

interface World {
  readonly application: Application
  readonly google: Google
  found(): Promise<Omit<{ [kind in keyof Verdict]: unknown }, 'items'> & { readonly items: number }>
}

/** One entry and its event. */
async function world(t: TestContext): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-judge-'))
  const application = await openApplication({ url: `sqlite:${join(folder, 'application.db')}`, schema: '' })
  for (const statement of tableOf(application)) await application.run(statement)
  await insert(application, RENT)
  const google = await startGoogle({ '17': [COPY], '18': [] })
  t.after(async () => {
    await google.close()
    await application.close()
    rmSync(folder, { recursive: true })
  })
  return {
    application,
    google,
    async found() {
      const { lost, duplicates, echoes, stale, ...rest } = await judge({
        database: application.place,
        google: google.url,
        owners: OWNERS,
      })
      return { ...rest, lost: lost.length, duplicates: duplicates.length, echoes: echoes.length, stale: stale.length }
    },
  }
}

const NOTHING = { lost: 0, duplicates: 0, echoes: 0, stale: 0 }

test('The judge finds that a table and its calendars agree', async (t) => {
  assert.deepEqual(await (await world(t)).found(), { ...NOTHING, ok: true, items: 1 })
})

test('The judge finds what is in the table or in the calendar alone, and what is there twice', async (t) => {
  const { application, google, found } = await world(t)
  await insert(application, { ...RENT, title: 'Only here' })
  google.person.add(MIRA, event('Only there', 1, '09:00', '10:00'))
  google.person.add(MIRA, COPY)
  assert.deepEqual(await found(), { ...NOTHING, ok: false, items: 0, lost: 2, duplicates: 1 })
})

test('The judge finds an entry in the calendar of somebody else', async (t) => {
  const { application, found } = await world(t)
  await application.run('UPDATE entries SET user_id = 18')
  assert.deepEqual(await found(), { ...NOTHING, ok: false, items: 0, lost: 2 })
})

for (const [what, set] of [
  ['an amount', "amount = '-1850.01'"],
  ['a time', `starts_at = '${at(day(0), '08:59')}'`],
  ['a zone', "zone = 'Europe/Lisbon'"],
  ['whole days', 'all_day = 1'],
  ['a text', "notes = 'To the harbour'"],
  ['a rule', "recurrence = 'RRULE:FREQ=DAILY;COUNT=2'"],
  ['what decides a colour', "amount = '1850'"],
  ['a status', "status = 'perhaps'"],
] as const)
  test(`The judge finds ${what} that did not arrive`, async (t) => {
    const { application, found } = await world(t)
    await application.run(`UPDATE entries SET ${set}`)
    assert.deepEqual(await found(), { ...NOTHING, ok: false, items: 0, stale: 1 })
  })

test('The judge finds an amount that went into a title of the table', async (t) => {
  const { application, google, found } = await world(t)
  await application.run("UPDATE entries SET title = 'Rent · -1.850,00 €'")
  google.person.edit(MIRA, google.person.events(MIRA)[0]?.id ?? '', { summary: 'Rent · -1.850,00 € · -1.850,00 €' })
  const { echoes, ok } = await found()
  assert.deepEqual({ echoes, ok }, { echoes: 2, ok: false })
})

test('The judge finds a cancelled time of a series that the table does not know', async (t) => {
  const { application, google, found } = await world(t)
  const rule = 'RRULE:FREQ=WEEKLY;COUNT=3'
  await application.run('UPDATE entries SET recurrence = $1', rule)
  const id = google.person.events(MIRA)[0]?.id ?? ''
  google.person.edit(MIRA, id, { recurrence: [rule] })
  assert.equal((await found()).ok, true)
  const stamp = at(day(7), '09:00').replaceAll(/[-:]|\.\d+/g, '')
  google.person.remove(MIRA, `${id}_${stamp}`)
  assert.deepEqual(await found(), { ...NOTHING, ok: false, items: 1, lost: 1 })
  await insert(application, {
    ...RENT,
    title: null,
    series_id: 1,
    original_start: at(day(7), '09:00'),
    cancelled: 1,
  })
  assert.deepEqual(await found(), { ...NOTHING, ok: true, items: 2 })
})
