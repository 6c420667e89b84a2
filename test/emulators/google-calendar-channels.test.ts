import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  allDay,
  ANN,
  at,
  BOB,
  DAY,
  EVENTS,
  insert,
  refusal,
  START,
  testCalendar,
  textAt,
} from './google-calendar-world.ts'
import type { Call, TestCalendar } from './google-calendar-world.ts'

const HOOK = 'https://hooks.example.com/calendar'
const SECOND = 1000

function watch(call: Call, more: object = {}, path = EVENTS) {
  return call('POST', `${path}/watch`, { body: { id: 'channel-1', type: 'web_hook', address: HOOK, ...more } })
}

const day = (summary: string) => allDay(summary, '2026-03-02', '2026-03-03')
const states = ({ deliveries }: TestCalendar) => deliveries.map(({ headers }) => headers['X-Goog-Resource-State'])
const numbers = ({ deliveries }: TestCalendar) =>
  deliveries.map(({ headers }) => Number(headers['X-Goog-Message-Number']))

test('a channel begins with a sync message and then tells that something has changed, without a body', async () => {
  const world = testCalendar()
  const channel = watch(world.api(ANN), { token: 'secret', params: { ttl: '3600' } })
  assert.equal(channel.status, 200)
  assert.equal(at(channel.body, 'expiration'), String(START + 3600 * SECOND))
  await world.advance(10 * SECOND)
  insert(world.api(ANN), day('one'))
  insert(world.api(ANN), day('two'))
  await world.advance(10 * SECOND)
  assert.deepEqual(states(world), ['sync', 'exists', 'exists'])
  const [first = 0, ...later] = numbers(world).toSorted((one, other) => one - other)
  assert.equal(first, 1)
  assert.ok(later.every((number) => number > 1))
  assert.notDeepEqual(later, [2, 3])
  assert.deepEqual(world.deliveries[0], {
    url: HOOK,
    body: '',
    headers: {
      Accept: '*/*',
      'User-Agent': 'APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)',
      'X-Goog-Channel-ID': 'channel-1',
      'X-Goog-Channel-Token': 'secret',
      'X-Goog-Channel-Expiration': 'Sun, 01 Mar 2026 11:00:00 GMT',
      'X-Goog-Resource-ID': textAt(channel.body, 'resourceId'),
      'X-Goog-Resource-URI': 'https://www.googleapis.com/calendar/v3/calendars/ann%40example.com/events?alt=json',
      'X-Goog-Resource-State': 'sync',
      'X-Goog-Message-Number': '1',
    },
  })
})

test('the sync message may come before the watch is answered', () => {
  const world = testCalendar({ syncBeforeAnswer: true })
  assert.equal(watch(world.api(ANN)).status, 200)
  assert.deepEqual(states(world), ['sync'])
})

test('an address must be https; by a switch http on loopback is taken', () => {
  const strict = testCalendar().api(ANN)
  const local = 'http://127.0.0.1:9000/hook'
  assert.equal(refusal(watch(strict, { address: local })), '400 webhookUrlNotHttps')
  assert.equal(refusal(watch(strict, { address: 'no address' })), '400 webhookUrlNotHttps')
  const lenient = testCalendar({ loopbackWebhooks: true }).api(ANN)
  assert.equal(watch(lenient, { address: local }).status, 200)
  assert.equal(refusal(watch(lenient, { address: 'http://example.com/' })), '400 webhookUrlNotHttps')
})

test('a channel needs an id of its own, a known type, a short token and a life ahead', () => {
  const call = testCalendar().api(ANN)
  assert.equal(refusal(watch(call, { id: '' })), '400 required')
  assert.equal(refusal(watch(call, { id: 'x'.repeat(65) })), '400 invalid')
  assert.equal(refusal(watch(call, { id: 'with space' })), '400 invalid')
  assert.equal(refusal(watch(call, { type: 'carrier_pigeon' })), '400 invalid')
  assert.equal(refusal(watch(call, { address: null })), '400 required')
  assert.equal(refusal(watch(call, { token: 'x'.repeat(257) })), '400 invalid')
  assert.equal(refusal(watch(call, { expiration: START })), '400 invalid')
  assert.equal(watch(call).status, 200)
  assert.equal(refusal(watch(call)), '400 channelIdNotUnique')
})

test('a channel lives a week unless asked otherwise, and never longer than the most', async () => {
  const world = testCalendar()
  const week = watch(world.api(ANN))
  assert.equal(at(week.body, 'expiration'), String(START + 7 * DAY))
  const long = watch(world.api(ANN), { id: 'channel-2', expiration: String(START + 90 * DAY) })
  assert.equal(at(long.body, 'expiration'), String(START + 30 * DAY))
  await world.advance(7 * DAY)
  world.deliveries.length = 0
  insert(world.api(ANN), day('late'))
  await world.advance(10 * SECOND)
  assert.deepEqual(
    world.deliveries.map(({ headers }) => headers['X-Goog-Channel-ID']),
    ['channel-2'],
  )
  assert.deepEqual(
    world.emulator.channels().map(({ id }) => id),
    ['channel-2'],
  )
})

test('channels overlap on one resource, and each is stopped by its own id', async () => {
  const world = testCalendar()
  const one = watch(world.api(ANN))
  const two = watch(world.api(ANN), { id: 'channel-2' })
  assert.equal(at(one.body, 'resourceId'), at(two.body, 'resourceId'))
  await world.advance(10 * SECOND)
  world.deliveries.length = 0
  insert(world.api(ANN), day('both'))
  await world.advance(10 * SECOND)
  assert.equal(world.deliveries.length, 2)
  const stop = (user: string, body: object) => world.api(user)('POST', '/calendar/v3/channels/stop', { body })
  const resourceId = textAt(one.body, 'resourceId')
  assert.equal(refusal(stop(ANN, { id: 'channel-1' })), '400 required')
  assert.equal(refusal(stop(ANN, { id: 'channel-1', resourceId: 'other' })), '404 notFound')
  assert.equal(refusal(stop(ANN, { id: 'channel-3', resourceId })), '404 notFound')
  assert.equal(refusal(stop(BOB, { id: 'channel-1', resourceId })), '404 notFound')
  assert.equal(stop(ANN, { id: 'channel-1', resourceId }).status, 204)
  assert.equal(refusal(stop(ANN, { id: 'channel-1', resourceId })), '404 notFound')
  world.deliveries.length = 0
  insert(world.api(ANN), day('one'))
  await world.advance(10 * SECOND)
  assert.deepEqual(
    world.deliveries.map(({ headers }) => headers['X-Goog-Channel-ID']),
    ['channel-2'],
  )
})

test('a message is tried again after 500, 502, 503 and 504 with its number, and after nothing else', async () => {
  for (const [status, tries] of [
    [503, 3],
    [404, 1],
    [null, 1],
  ] as const) {
    const world = testCalendar()
    watch(world.api(ANN))
    let count = 0
    world.receivers(() => {
      count += 1
      return count < 3 ? status : 204
    })
    await world.advance(DAY)
    assert.deepEqual(
      numbers(world),
      Array.from({ length: tries }, () => 1),
      String(status),
    )
  }
})

test('messages may be lost or come twice', async () => {
  const lossy = testCalendar({ messageLoss: 1 })
  watch(lossy.api(ANN))
  insert(lossy.api(ANN), day('unheard'))
  await lossy.advance(DAY)
  assert.deepEqual(states(lossy), ['sync'])
  const doubling = testCalendar({ messageDuplication: 1 })
  watch(doubling.api(ANN))
  insert(doubling.api(ANN), day('heard twice'))
  await doubling.advance(DAY)
  assert.deepEqual(states(doubling).toSorted(), ['exists', 'exists', 'sync'])
})

test('a channel hears of its own calendar alone, of edits in the window, and that the calendar is gone', async () => {
  const world = testCalendar()
  const person = world.emulator.as(ANN)
  const other = person.addCalendar('Other')
  const path = `/calendar/v3/calendars/${encodeURIComponent(other)}`
  watch(world.api(ANN), {}, `${path}/events`)
  await world.advance(10 * SECOND)
  world.deliveries.length = 0
  person.add('primary', day('elsewhere'))
  await world.advance(10 * SECOND)
  assert.deepEqual(states(world), [])
  person.add(other, day('here'))
  await world.advance(10 * SECOND)
  person.removeCalendar(other)
  await world.advance(10 * SECOND)
  assert.deepEqual(states(world), ['exists', 'not_exists'])
})

test('the list of calendars is watched in the same way', async () => {
  const world = testCalendar()
  const list = '/calendar/v3/users/me/calendarList'
  const channel = watch(world.api(ANN), {}, list)
  assert.match(textAt(channel.body, 'resourceUri'), /users\/me\/calendarList/)
  await world.advance(10 * SECOND)
  world.emulator.as(ANN).addCalendar('New')
  world.emulator.as(BOB).addCalendar('Not mine')
  await world.advance(10 * SECOND)
  assert.deepEqual(states(world), ['sync', 'exists'])
})
