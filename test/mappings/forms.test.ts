/** Lenses of one field to one field: exact values, conversions, maps. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../property.ts'
import type { Json, Values } from '../../src/connector/values.ts'
import {
  asDate,
  asDayOf,
  asDecimal,
  asInstant,
  asText,
  asTyped,
  compareDecimals,
  dateFormat,
  decimalOf,
  instantFormat,
  listFormat,
  numberFormat,
  related,
  valueMap,
  wallClock,
  yesNo,
  type Form,
  type Format,
} from '../../src/mappings/index.ts'
import { addDays, instantAt, instantOf, isDate } from '../../src/mappings/dates.ts'
import { obeys } from './laws.ts'

const digits = (min: number, max: number) =>
  fc.array(fc.constantFrom(...'0123456789'), { minLength: min, maxLength: max }).map((all) => all.join(''))
/** As databases and people write them: with zeros before and after, far beyond what a double holds. */
const decimal = fc
  .tuple(fc.constantFrom('', '-'), digits(1, 25), fc.option(digits(1, 12), { nil: null }))
  .map(([sign, whole, rest]) => sign + whole + (rest === null ? '' : `.${rest}`))
const date = fc.integer({ min: -30_000, max: 60_000 }).map((days) => addDays('1970-01-01', days))
const instant = fc
  .integer({ min: -2_000_000_000, max: 6_000_000_000 })
  .map((seconds) => new Date(seconds * 1000).toISOString())
const anything: fc.Arbitrary<Json> = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null))
const words = fc.constantFrom('red', 'dark blue', 'green', 'a', 'B')

interface Case {
  readonly name: string
  readonly a: Form
  readonly b: Form
  readonly good: { readonly a: fc.Arbitrary<Json>; readonly b: fc.Arbitrary<Json> }
}

function text(format: Format): Pick<Case, 'a' | 'b'> {
  return { a: asTyped(format), b: asText(format) }
}

const berlin = wallClock('Europe/Berlin')
const nothing = fc.constant(null)
const status = valueMap([
  { a: 'open', b: 'confirmed' },
  { a: 'planned', b: 'confirmed' },
  { a: 'gone', b: 'cancelled' },
  { a: 'gone', b: 'archived' },
])
const present = <T>(made: T | null): T => {
  assert.ok(made !== null)
  return made
}

const cases: readonly Case[] = [
  { name: 'decimals', a: asDecimal, b: asDecimal, good: { a: decimal, b: decimal } },
  { name: 'dates a day apart', a: asDate(), b: asDate(1), good: { a: date, b: date } },
  { name: 'instants', a: asInstant, b: asInstant, good: { a: instant, b: instant } },
  { name: 'a date and a time', a: asDate(), b: asDayOf(berlin, '09:00'), good: { a: date, b: instant } },
  {
    name: 'a decimal in German',
    ...text(numberFormat({ locale: 'de-DE' })),
    good: { a: decimal, b: decimal.map((each) => each.replace('.', ',')) },
  },
  {
    name: 'a date as people write it',
    ...text(present(dateFormat('D.M.YYYY'))),
    good: { a: date, b: date.map((each) => each.split('-').toReversed().join('.')) },
  },
  {
    name: 'a time in Berlin',
    ...text(present(instantFormat('YYYY-MM-DD HH:mm:ss', berlin))),
    good: { a: fc.constantFrom('2026-11-20T09:30:00.000Z', '2026-07-01T22:15:10.000Z'), b: nothing },
  },
  { name: 'yes and no', ...text(yesNo('ja', 'nein')), good: { a: fc.boolean(), b: fc.constantFrom('ja', 'nein') } },
  {
    name: 'a list in a text',
    ...text(listFormat(', ')),
    good: { a: fc.array(words), b: fc.array(words).map((all) => all.join(' ,')) },
  },
  {
    name: 'a map',
    ...status,
    good: { a: fc.constantFrom('open', 'planned', 'gone'), b: fc.constantFrom('confirmed', 'cancelled', 'archived') },
  },
]

for (const { name, a, b, good } of cases)
  obeys({
    name,
    lens: related({ id: 'x', a: 'p', b: 'q', forms: { a, b } }),
    good: { a: on('p', fc.oneof(good.a, nothing)), b: on('q', fc.oneof(good.b, nothing)) },
    any: { a: on('p', fc.oneof(anything, good.a)), b: on('q', fc.oneof(anything, good.b)) },
  })

function on(field: string, value: fc.Arbitrary<Json>): fc.Arbitrary<Values> {
  return value.map((each) => ({ [field]: each }))
}

function carried(forms: Pick<Case, 'a' | 'b'>, value: Json, old: Values | null = null): Json | undefined {
  const lens = related({ id: 'x', a: 'p', b: 'q', forms })
  return lens.write('b', lens.read('a', { p: value }, null), old, null)['q']
}

test('decimals never pass through a floating-point number', () => {
  for (const exact of ['9007199254740993', '0.1', '123456789012345678901234567890.123456789', '-0.000000000000000001'])
    assert.equal(decimalOf(exact), exact)
  assert.equal(decimalOf('-0.00'), '0')
  assert.equal(decimalOf(2 ** 53), undefined)
  assert.equal(decimalOf('1e5'), undefined)
  assert.ok(compareDecimals('9007199254740993', '9007199254740992') > 0)
  assert.ok(compareDecimals('-10', '-9.5') < 0 && compareDecimals('-1', '0') < 0 && compareDecimals('2', '10') < 0)
})

test('several values for one: a side keeps the one it holds, and a new item gets the first', () => {
  const lens = related({ id: 'x', a: 'p', b: 'q', forms: status })
  assert.deepEqual(lens.write('a', lens.read('b', { q: 'confirmed' }, null), { p: 'planned' }, null), { p: 'planned' })
  assert.deepEqual(lens.write('a', lens.read('b', { q: 'confirmed' }, null), null, null), { p: 'open' })
  assert.deepEqual(lens.write('b', lens.read('a', { p: 'gone' }, null), { q: 'archived' }, null), { q: 'archived' })
  assert.deepEqual(lens.unreadable?.('a', { p: 'lost' }, null), {
    why: 'cannot be read as one of open, planned, gone',
  })
})

test('a time that gets another day keeps its time of day, over a change of clocks too', () => {
  const forms = { a: asDate(), b: asDayOf(berlin, '09:00') }
  assert.equal(carried(forms, '2026-11-20', { q: '2026-07-01T08:30:00.000Z' }), '2026-11-20T09:30:00.000Z')
  assert.equal(carried(forms, '2026-11-20'), '2026-11-20T08:00:00.000Z')
  assert.equal(instantAt('2026-03-29T02:30:00.000', berlin), '2026-03-29T01:30:00.000Z')
  assert.equal(instantAt('2026-10-25T02:30:00.000', berlin), '2026-10-25T00:30:00.000Z')
})

test('what a text cannot say is unreadable or does not read back, and is never made up', () => {
  const number = text(numberFormat({ locale: 'de-DE', decimals: 2 }))
  assert.equal(carried(number, '1234567.5'), '1.234.567,50')
  assert.equal(carried(number, '0.125'), null)
  assert.equal(carried(text(listFormat(', ')), ['a, b']), null)
  assert.equal(carried(text(present(instantFormat('YYYY-MM-DD HH:mm', berlin))), '2026-11-20T09:30:15.000Z'), null)
  assert.equal(number.b.read('1.5'), undefined)
  assert.equal(present(dateFormat('D.M.YYYY')).read('31.2.2026'), undefined)
})

// Seen red: with 1900 as a leap year.
test('a date is a day that exists, and an instant has one text', () => {
  const two = (n: number): string => String(n).padStart(2, '0')
  const upTo = (most: number): string[] => Array.from({ length: most + 1 }, (_, at) => two(at))
  for (const year of ['0000', '0004', '1900', '2000', '2023', '2024', '9999'])
    for (const month of upTo(13))
      for (const day of upTo(32)) {
        const date = `${year}-${month}-${day}`
        const at = new Date(`${date}T00:00:00Z`)
        assert.equal(isDate(date), !Number.isNaN(at.getTime()) && at.toISOString().startsWith(date), date)
      }
  for (const zone of ['Z', '+02:00'])
    for (const hour of upTo(25)) {
      const text = `2024-02-29T${hour}:30:00.250${zone}`
      const is = new Date(text)
      assert.equal(instantOf(text), Number.isNaN(is.getTime()) ? undefined : is.toISOString())
    }
})
