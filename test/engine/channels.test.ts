import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Fault } from '../../src/emulators/faults.ts'
import { ANN, CALENDAR, calendarsOf, type Calendars, type CalendarsOptions } from './calendars.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

function world(options: CalendarsOptions = {}): Promise<Calendars> {
  return calendarsOf({ channels: true, ...options })
}

const known = ({ store }: Calendars) => store.channels({ connection: 'google' })
/** How many calls opened a channel, or closed one. */
const asked = ({ calls }: Calendars, what: 'watch' | 'stop'): number =>
  calls.filter(({ path }) => path.endsWith(`/${what}`)).length

function add({ google, time }: Calendars, afterMs: number, summary: string): void {
  time.after(afterMs, () => {
    google.as(ANN).add(CALENDAR, { summary, start: { date: '2026-12-24' }, end: { date: '2026-12-25' } })
  })
}

test('channels: a change is told by push, and travels before the next poll', async () => {
  const both = await world()
  await both.run(2 * MINUTE)
  assert.deepEqual(
    both.told.map(({ state, status }) => `${state} ${status}`),
    ['sync 200'],
  )
  // Just after a poll.
  add(both, 2000, 'Trip')
  await both.run(20_000)
  assert.deepEqual(both.rows.all('row', 'title'), ['Trip'])
  assert.equal(asked(both, 'watch'), 1)
})

// Seen red: with no renewal; with the old one closed before the new one is open.
test('F39 channels: one is renewed before it ends, with an overlap, and the old one closed; nothing leaks', async () => {
  const both = await world({ google: { channelSeconds: 900 } })
  let most = 0
  let least = Infinity
  for (let minute = 0; minute < 38; minute += 1) {
    await both.run(MINUTE)
    const open = both.google.channels().length
    most = Math.max(most, open)
    least = Math.min(least, open)
  }
  assert.deepEqual([least, most <= 2], [1, true])
  // Every twelve minutes; of the last two the old one may still stand for a minute.
  assert.ok(asked(both, 'watch') >= 4)
  const renewed = both.events.filter((event) => event.is === 'renewed' && event.of === 'channel')
  assert.equal(renewed.length, asked(both, 'watch'))
  assert.equal(asked(both, 'watch') - asked(both, 'stop'), (await known(both)).length)
})

// Seen red: with a renewal that is not tried again.
test('F39 channels: where a renewal fails it is tried again for ever, and a person is told; polls find what changes meanwhile', async () => {
  let broken = true
  const fault = ({ path }: { readonly path: string }): Fault | null =>
    broken && path.endsWith('/watch') ? { kind: 'answer-before', status: 403 } : null
  const both = await world({ fault })
  add(both, 5 * MINUTE, 'Trip')
  await both.run(3 * HOUR)
  assert.deepEqual(both.rows.all('row', 'title'), ['Trip'])
  const [trying] = await known(both)
  assert.equal(trying?.state, 'opening')
  assert.ok((trying?.tries ?? 0) > 10)
  assert.ok(trying?.failingSince !== null && both.time.now() - trying.failingSince > 2 * HOUR)
  broken = false
  await both.run(15 * MINUTE)
  assert.deepEqual(
    (await known(both)).map(({ state, failingSince, tries }) => [state, failingSince, tries]),
    [['open', null, 0]],
  )
})

test('channels: one whose opening had no answer is closed once it tells something', async () => {
  let lost = 0
  const fault = ({ path }: { readonly path: string }): Fault | null =>
    path.endsWith('/watch') && (lost += 1) === 1 ? { kind: 'lose-response' } : null
  const both = await world({ fault })
  await both.run(5 * MINUTE)
  add(both, MINUTE, 'Trip')
  await both.run(5 * MINUTE)
  assert.equal(both.google.channels().length, 1)
  assert.equal((await known(both)).length, 1)
  assert.ok(both.told.every(({ status }) => status === 200))
})

test('channels: each calendar has its own; one that is ended by Google, or is no more wanted, is forgotten', async () => {
  const both = await world({ google: { channelSeconds: 900 } })
  await both.run(5 * MINUTE)
  const [first] = await known(both)
  assert.equal(first?.scope, CALENDAR)
  await both.run(MINUTE)
  assert.equal(await both.store.renewChannels({ connection: null, now: both.time.now() }), 1)
  both.engine.world.bell.ring('channel')
  await both.run(5 * MINUTE)
  const [second, ...none] = await known(both)
  assert.deepEqual(none, [])
  assert.notEqual(second?.id, first?.id)
  await both.run(16 * MINUTE)
  assert.equal(both.google.channels().length, 1)
})
