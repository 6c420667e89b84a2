import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../property.ts'
import type { Values } from '../../src/connector/values.ts'
import { wallClock } from '../../src/mappings/index.ts'
import { span, type SpanForm, type SpanOptions } from '../../src/mappings/span.ts'
import { obeys } from './laws.ts'

const EVENT: SpanForm = { start: 'start', end: 'end', type: 'text', allDay: null, zone: 'zone', endsOnLast: false }
const ROW: SpanForm = { start: 'from', end: 'to', type: 'instant', allDay: 'whole', zone: 'tz', endsOnLast: true }

const clock = (zone: string) => {
  try {
    return zone === '' ? null : wallClock(zone)
  } catch {
    return null
  }
}

function lensOf(a: SpanForm, b: SpanForm, more: Partial<SpanOptions> = {}) {
  return span({ id: 'when', forms: { a, b }, zone: 'Europe/Berlin', clock, minutes: null, ...more })
}

const DAY_MS = 86_400_000
/** Around a change of the clocks, and far from one. */
const ms = fc.oneof(
  fc.integer({ min: Date.parse('2026-10-24T00:00Z'), max: Date.parse('2026-10-27T00:00Z') }),
  fc.integer({ min: Date.parse('2020-01-01T00:00Z'), max: Date.parse('2030-01-01T00:00Z') }),
)
const minute = ms.map((time) => Math.floor(time / 60_000) * 60_000)
const zone = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Pacific/Apia', 'UTC')
const length = fc.integer({ min: 0, max: 3 * 24 * 60 })
const instant = (time: number) => new Date(time).toISOString()
const date = (time: number) => instant(time).slice(0, 10)

const timed = fc.tuple(minute, length, zone)
const days = fc.tuple(ms, fc.integer({ min: 1, max: 20 }), zone)

const goodEvent: fc.Arbitrary<Values> = fc.oneof(
  timed.map(([at, lasts, tz]) => ({ start: instant(at), end: instant(at + lasts * 60_000), zone: tz })),
  days.map(([at, lasts]) => ({ start: date(at), end: date(at + lasts * DAY_MS) })),
  fc.constant({}),
)
const noise = fc.oneof(
  fc.constantFrom<string | null>(null, '', 'soon', '2026-02-30', '2026-10-25T02:30', 'Nowhere/At'),
  zone,
)
const anyEvent: fc.Arbitrary<Values> = fc.oneof(
  goodEvent,
  fc.record({ start: noise, end: noise, zone: noise }),
  timed.map(([at, , tz]) => ({ start: date(at), end: instant(at), zone: tz })),
)
/** Rows keep whole days as times at midnight. */
const goodRow: fc.Arbitrary<Values> = fc.oneof(
  timed.map(([at, lasts, tz]) => ({ from: instant(at), to: instant(at + lasts * 60_000), whole: false, tz })),
  days.map(([at, lasts]) => {
    const there = lensOf(ROW, EVENT)
    const event = { start: date(at), end: date(at + lasts * DAY_MS) }
    return there.write('a', there.read('b', event, null), null, null)
  }),
)
const anyRow: fc.Arbitrary<Values> = fc.oneof(
  goodRow,
  fc.record({ from: noise, to: noise, whole: fc.constantFrom(true, false, null), tz: noise }),
)

obeys({ name: 'span', lens: lensOf(ROW, EVENT), any: { a: anyRow, b: anyEvent }, good: { a: goodRow, b: goodEvent } })

const DAYS: SpanForm = { start: 'day', end: 'last', type: 'date', allDay: null, zone: null, endsOnLast: true }
const goodDays: fc.Arbitrary<Values> = days.map(([at, lasts]) => ({
  day: date(at),
  last: date(at + (lasts - 1) * DAY_MS),
}))
const wholeEvents = goodEvent.filter(({ start }) => start === undefined || String(start).length === 10)
obeys({
  name: 'span of days',
  lens: lensOf(DAYS, EVENT),
  any: { a: fc.oneof(goodDays, fc.record({ day: noise, last: noise })), b: anyEvent },
  good: { a: goodDays, b: wholeEvents },
})

const WALL: SpanForm = { start: 'at', end: 'till', type: 'text', allDay: null, zone: 'tz', endsOnLast: false }
const goodWall: fc.Arbitrary<Values> = fc.constantFrom(
  { at: '2026-11-20T09:30', till: '2026-11-20T10:00', tz: 'Europe/Berlin' },
  { at: '2026-07-20 09:30', till: '2026-07-20 10:00:30', tz: 'America/New_York' },
  { at: '2026-11-20', till: '2026-11-22', tz: 'UTC' },
)
obeys({
  name: 'span by a wall clock',
  lens: lensOf(WALL, EVENT),
  any: { a: fc.oneof(goodWall, fc.record({ at: noise, till: noise, tz: noise })), b: anyEvent },
  good: { a: goodWall, b: goodEvent },
})

const reads = (lens: ReturnType<typeof lensOf>, side: 'a' | 'b', values: Values) =>
  lens.unreadable?.(side, values, null)?.why ?? lens.read(side, values, null)

test('F14 span: whole days are the same days, whatever the clock of the place', () => {
  const lens = lensOf(ROW, EVENT)
  for (const tz of ['Pacific/Kiritimati', 'America/Adak', 'Europe/Berlin']) {
    const row = lens.write('a', lens.read('b', { start: '2026-03-29', end: '2026-03-31' }, null), { tz }, null)
    assert.deepEqual(reads(lens, 'a', row), { days: true, from: '2026-03-29', to: '2026-03-31' })
  }
  const berlin = lens.write('a', lens.read('b', { start: '2026-03-29', end: '2026-03-31' }, null), null, null)
  assert.deepEqual(berlin, {
    from: '2026-03-28T23:00:00.000Z',
    to: '2026-03-29T22:00:00.000Z',
    whole: true,
    tz: null,
  })
})

test('span: what has no end lasts as long as is said, or cannot be read', () => {
  const row = { from: '2026-11-20T09:00:00.000Z', whole: false }
  assert.equal(reads(lensOf(ROW, EVENT), 'a', row), 'it has no end')
  assert.deepEqual(reads(lensOf(ROW, EVENT, { minutes: 30 }), 'a', row), {
    days: false,
    from: '2026-11-20T09:00:00.000Z',
    to: '2026-11-20T09:30:00.000Z',
  })
  assert.deepEqual(reads(lensOf(DAYS, EVENT), 'a', { day: '2026-11-20' }), {
    days: true,
    from: '2026-11-20',
    to: '2026-11-21',
  })
})

test('span: what ends before it starts, is in no zone there is, or is half a date, is told', () => {
  const lens = lensOf(DAYS, EVENT)
  assert.equal(reads(lens, 'a', { day: '2026-11-20', last: '2026-11-18' }), 'it ends before it starts')
  const start = '2026-11-20T09:00:00.000Z'
  assert.equal(reads(lens, 'b', { start, end: start, zone: 'Mars/Olympus' }), '"Mars/Olympus" is no time zone')
  assert.equal(reads(lens, 'b', { start: '2026-11-20', end: start }), 'it is all day and tells no days')
})
