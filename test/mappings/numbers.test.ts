/** Numbers in texts, as people of many places write them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../property.ts'
import { decimalOf } from '../../src/mappings/index.ts'
import { numberText, type NumberStyle } from '../../src/mappings/numbers.ts'

const PLACES =
  'en-US en-GB en-NL pt-CV de-DE de-CH de-AT fr-FR fr-CH es-ES pt-PT pt-BR it-IT nl-NL sv-SE nb-NO fi-FI da-DK pl-PL cs-CZ hu-HU ru-RU tr-TR el-GR he-IL ar-EG fa-IR hi-IN en-IN bn-BD th-TH ja-JP zh-CN ko-KR'.split(
    ' ',
  )

const decimal = fc
  .tuple(fc.constantFrom('', '-'), fc.bigInt({ min: 0n, max: 10n ** 25n }), fc.option(fc.nat({ max: 99_999_999 })))
  .map(([sign, whole, rest]) => decimalOf(`${sign}${whole}.${rest ?? 0}`) ?? '0')

for (const negative of ['minus', 'accounting'] as const)
  for (const currency of [undefined, 'EUR', 'USD', 'JPY', 'CHF'])
    test(`what is shown in ${PLACES.length} places, ${currency ?? 'without a currency'}, ${negative}, is read back exactly`, () => {
      for (const locale of PLACES) {
        const number = numberText({ locale, negative, ...(currency === undefined ? {} : { currency }) })
        fc.assert(
          fc.property(decimal, (value) => {
            const shown = number.show(value) ?? ''
            assert.equal(number.read(shown), value, `${locale}: ${shown}`)
          }),
          { numRuns: 20 },
        )
      }
    })

const german: NumberStyle = { locale: 'de-DE', currency: 'EUR', decimals: 2 }

test('-1234567.89 survives whatever a person makes of its signs', () => {
  const number = numberText(german)
  assert.equal(number.show('-1234567.89'), '-1.234.567,89\u00a0€')
  for (const typed of [
    '-1.234.567,89 €',
    '-1.234.567,89\u00a0€',
    '\u22121.234.567,89€',
    '– 1234567,89',
    '€ -1.234.567,89',
    '-€1.234.567,89',
    'EUR 1 234 567,89-',
    '(1.234.567,89 EUR)',
    "-1'234'567,89",
    '-1\u202f234\u202f567,89 EUR',
    '-1.234.567,890',
  ])
    assert.equal(number.read(typed), '-1234567.89', typed)
})

test('what is no number of the place is not guessed at', () => {
  const number = numberText(german)
  for (const typed of [
    '1,234,567.89',
    '1.5',
    '12.34.567',
    '1..000',
    '--5',
    '5 € €',
    '5 $',
    '1e5',
    '',
    '-',
    '(5',
    '5)',
    '.',
  ])
    assert.equal(number.read(typed), undefined, typed)
})

test('a number with more digits than are shown is not rounded', () => {
  assert.equal(numberText(german).show('0.125'), undefined)
  assert.equal(numberText({ locale: 'en-US' }).show('0.1234567890123456789'), '0.1234567890123456789')
  // There money has the point that other numbers are grouped by.
  assert.equal(numberText({ locale: 'en-NL', currency: 'EUR' }).read('1.234'), '1.234')
  assert.equal(numberText({ locale: 'ja-JP', currency: 'JPY' }).show('5'), '￥5')
  assert.equal(numberText({ locale: 'en-IN' }).show('12345678'), '1,23,45,678')
  assert.equal(numberText({ locale: 'en-IN' }).read('12,345,678'), '12345678')
})

test('a long run of signs is turned away in no time', () => {
  const number = numberText({ locale: 'fr-FR', currency: 'EUR' })
  const regex = new RegExp(`^[^\\n]* ${number.pattern(false)}x$`, 'u')
  for (const run of [' '.repeat(20_000), '1 '.repeat(5000), '1'.repeat(20_000), '-'.repeat(20_000)]) {
    const begin = process.hrtime.bigint()
    assert.equal(number.read(run), undefined)
    regex.test(run)
    assert.ok(process.hrtime.bigint() - begin < 5_000_000_000n, run.slice(0, 9))
  }
})
