/** Lenses as people write them in the configuration, and what is said of those that cannot be. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compiledFields, lensesOf } from '../mappings/kinds.ts'

const told = (fields: unknown) =>
  compiledFields(fields).findings.map(({ code, path, message, remedy }) => ({
    code,
    at: path.slice(5).join('.'),
    message,
    remedy,
  }))

const mistakes: readonly [string, Record<string, unknown>, string, RegExp][] = [
  [
    'two texts side by side',
    { b: 'summary', template: '{title}{category}' },
    'bad-template x.template',
    /\{title\} ends and \{category\} begins.*put a sign/,
  ],
  [
    'two texts with a space between',
    { b: 'summary', template: '{title} {category}' },
    'bad-template x.template',
    /"\{title\} · \{category\}"/,
  ],
  [
    'a bracket that is not closed',
    { b: 'summary', template: '{title}[ · {amount}' },
    'bad-template x.template',
    /not closed.*close it/,
  ],
  ['a field twice', { b: 'summary', template: '{title} · {title}' }, 'bad-template x.template', /twice.*`way`/],
  ['an unknown field', { b: 'summary', template: '{titel}' }, 'unknown-field x.template', /did you mean `title`/],
  [
    'a template for a number',
    { b: 'amount', template: '{amount}' },
    'unfit-fields x.template',
    /holds no text.*name a field/,
  ],
  [
    'a template for both sides',
    { a: 'title', b: 'summary', template: '{title}' },
    'invalid x.template',
    /one side.*name one field/,
  ],
  [
    'a template and rules',
    { b: 'summary', template: '{title}', rules: [{ value: 'x' }] },
    'invalid x.template',
    /keep one/,
  ],
  ['a person in a text', { b: 'summary', template: '{owner}' }, 'unfit-fields x.formats.owner', /person.*leave it out/],
  [
    'a format of no field',
    { b: 'summary', template: '{title}', formats: { amount: {} } },
    'unknown-field x.formats.amount',
    /names no field/,
  ],
  [
    'a format of another type',
    { b: 'summary', template: '{amount}', formats: { amount: { as: 'date' } } },
    'unfit-fields x.formats.amount.as',
    /write number/,
  ],
  [
    'an option that says nothing',
    { b: 'summary', template: '{amount}', formats: { amount: { yes: 'ja' } } },
    'invalid x.formats.amount.yes',
    /leave it out/,
  ],
  [
    'no such locale',
    { b: 'summary', template: '{amount}', formats: { amount: { locale: 'x' + 'y'.repeat(20) } } },
    'invalid x.formats.amount.locale',
    /de-DE/,
  ],
  [
    'no such currency',
    { b: 'summary', template: '{amount}', formats: { amount: { currency: 'E1R' } } },
    'invalid x.formats.amount.currency',
    /EUR/,
  ],
  [
    'half a date',
    { b: 'summary', template: '{day}', formats: { day: { pattern: 'DD.MM.' } } },
    'invalid x.formats.day.pattern',
    /YYYY/,
  ],
  ['no such zone', { a: 'day', b: 'begins', zone: 'Europe/Nowhere' }, 'invalid x.zone', /Europe\/Berlin/],
  ['a date and a time without a zone', { a: 'day', b: 'begins' }, 'missing x', /whose day.*zone/],
  ['days between texts', { a: 'title', b: 'summary', days: 1 }, 'unfit-fields x.days', /leave it out/],
  [
    'a map of what a field cannot hold',
    { a: 'income', b: 'status', map: { perhaps: 'tentative' } },
    'invalid x.map.perhaps',
    /boolean.*a value that the field can hold/,
  ],
  [
    'a rule on an unknown field',
    { b: 'colour', rules: [{ when: { amout: 1 }, value: 'red' }] },
    'unknown-field x.rules.0.when',
    /did you mean `amount`/,
  ],
  [
    'a rule that gives no value of the field',
    { b: 'private', rules: [{ value: 'red' }] },
    'invalid x.rules.0.value',
    /boolean/,
  ],
  [
    'a choice of another type',
    { b: 'colour', chosen: 'amount', rules: [{ value: 'red' }] },
    'unfit-fields x.chosen',
    /same type/,
  ],
  ['a constant for what is never written', { a: 'number', value: 5 }, 'unfit-fields x.a', /another field/],
  ['text and truth without a map', { a: 'income', b: 'amount' }, 'unfit-fields x', /one holds boolean/],
]

for (const [what, field, place, words] of mistakes)
  test(`a mistake is told with its place and a remedy: ${what}`, () => {
    const [first, ...rest] = told({ x: field })
    assert.ok(first !== undefined)
    assert.equal(`${first.code} ${first.at}`, place)
    assert.match(`${first.message}. ${first.remedy}`, words)
    assert.deepEqual(rest, [])
  })

test('two lenses that would write one field are refused, but for one that only shows it', () => {
  const title = { b: 'summary', template: '{title}[ · {amount}]' }
  const amount = { a: 'amount', b: 'amount' }
  const [finding] = told({ title, amount })
  assert.deepEqual([finding?.code, finding?.at], ['field-twice', 'amount'])
  assert.match(`${finding?.message} ${finding?.remedy}`, /belongs to `title`.*way: table->calendar/)
  assert.equal(lensesOf({ title: { ...title, way: 'a->b' }, amount }).length, 2)
})

test('rules and constants lead one way, templates both, unless the configuration says so', () => {
  const lenses = lensesOf({
    title: { b: 'summary', template: '{title}' },
    details: { b: 'description', template: '{title}: {amount}', way: 'table->calendar' },
    colour: { b: 'colour', rules: [{ when: { income: true }, value: 'green' }, { value: 'red' }] },
    source: { b: 'source', value: 'the books' },
    status: { a: 'status', b: 'status', map: { open: 'confirmed', gone: ['cancelled', 'archived'] } },
  })
  assert.deepEqual(
    lenses.map(({ id, way, fields }) => [id, way, fields.a, fields.b]),
    [
      ['title', 'both', ['title'], ['summary']],
      ['details', 'a→b', [], ['description']],
      ['colour', 'a→b', [], ['colour']],
      ['source', 'a→b', [], ['source']],
      ['status', 'both', ['status'], ['status']],
    ],
  )
})

test('conditions of rules compare numbers exactly, and dates by their day', () => {
  const [colour] = lensesOf({
    colour: {
      b: 'colour',
      rules: [
        { when: { amount: { below: 0 } }, value: 'red' },
        { when: { amount: { at_least: '9007199254740993' } }, value: 'gold' },
        { when: { day: { at_least: '2026-06-01' } }, value: 'blue' },
      ],
    },
  })
  const shown = (values: { [field: string]: string }) => colour?.read('a', values, null)
  assert.equal(shown({ amount: '-0.01' }), 'red')
  assert.equal(shown({ amount: '9007199254740993' }), 'gold')
  assert.equal(shown({ amount: '9007199254740992.9' }), null)
  assert.equal(shown({ amount: '1', day: '2026-06-01' }), 'blue')
  assert.equal(shown({ day: '2026-05-31' }), null)
  assert.equal(shown({}), null)
})
