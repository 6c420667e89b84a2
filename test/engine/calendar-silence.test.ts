/** Known ways to fail, of rows and Google Calendar: what goes silent, or goes on speaking. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fault } from '../../src/emulators/faults.ts'
import { ANN, CALENDAR, linked, MINUTE, SYNC, writesIn, type Calendars, type CalendarsOptions } from './calendars.ts'

const HOUR = 60 * MINUTE

// Seen red: where a channel that could not be closed is not closed again.
test('F39 calendar: a channel that could not be closed goes on sending, and that does no harm; it is closed in the end', async () => {
  let broken = true
  const fault = ({ path }: { readonly path: string }): Fault | null =>
    broken && path.endsWith('/stop') ? { kind: 'answer-before', status: 503 } : null
  const both = await linked({ channels: true, google: { channelSeconds: 7200 }, fault })
  await both.run(100 * MINUTE)
  assert.equal(both.google.channels().length, 2)
  const before = writesIn(both)
  both.google.as(ANN).edit(CALENDAR, both.id, { summary: 'told twice' })
  await both.run(20_000)
  assert.deepEqual(both.rows.all('row', 'title'), ['told twice'])
  const told = both.told.slice(-2).map(({ state, status }) => `${state} ${status}`)
  assert.deepEqual(told, ['exists 200', 'exists 200'])
  assert.equal(writesIn(both), before)
  broken = false
  await both.run(12 * MINUTE)
  assert.equal(both.google.channels().length, 1)
  assert.equal((await both.store.channels({ connection: 'google' })).length, 1)
})

const SILENCES: readonly {
  readonly what: string
  readonly options?: CalendarsOptions
  readonly harm?: (both: Calendars) => void
  readonly told: RegExp
}[] = [
  {
    what: 'a consent that was withdrawn',
    harm: ({ google }) => google.oauth.withdraw(SYNC),
    told: /^google is dead: .*"lockstep connect google" signs in again/,
  },
  {
    what: 'a channel that Google takes no more',
    options: {
      google: { channelSeconds: 900 },
      fault: ({ path }) => (isBroken && path.endsWith('/watch') ? { kind: 'answer-before', status: 403 } : null),
    },
    told: /^google opens no channel about team@.*, and changes are found by polling: /,
  },
  {
    what: 'a channel that tells nothing any more',
    options: { google: { messageLoss: 1 } },
    told: /^google sends no webhooks: changes are found by polling only; check that "listen.public_url" is reached/,
  },
]
let isBroken = false

// Seen red: where each of the three is not among the alerts; where one that cannot be opened is told as silent too.
for (const { what, options, harm, told } of SILENCES)
  test(`F56 calendar: ${what} is told, and no edit is lost for it`, async () => {
    isBroken = false
    const both = await linked({ channels: true, ...options })
    await both.run(5 * MINUTE)
    assert.deepEqual((await both.status()).alerts, [])
    isBroken = true
    harm?.(both)
    both.google.as(ANN).edit(CALENDAR, both.id, { description: 'seen by nobody yet' })
    for (let hour = 0; hour < 3; hour += 1) {
      await both.run(HOUR)
      both.google.as(ANN).edit(CALENDAR, both.id, { description: `hour ${hour}` })
    }
    await both.run(5 * MINUTE)
    const { alerts, verdict } = await both.status()
    assert.equal(alerts.length, 1, JSON.stringify(alerts))
    assert.match(alerts[0]?.message ?? '', told)
    assert.equal(verdict, 'failed')
    const since = alerts[0]?.since ?? 0
    assert.ok(both.time.now() - since > HOUR)
    const notes = harm === undefined ? 'hour 2' : null
    assert.deepEqual(both.rows.all('row', 'notes'), [notes])
  })
