import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../../property.ts'
import type { Json, Values } from '../../../src/connector/index.ts'
import { benchOf } from './bills.ts'
import { DATABASES } from './databases.ts'

const text = fc
  .string({ unit: 'binary', maxLength: 40 })
  .filter((each) => !each.includes('\u0000') && each.isWellFormed())
const decimal = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.stringMatching(/^(\.\d{1,12})?$/))
  .map(([minus, whole, part]) => `${minus && (whole > 0n || /[1-9]/.test(part)) ? '-' : ''}${whole}${part}`)
const instant = fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
// A database keeps numbers in JSON in its own form.
const json: fc.Arbitrary<Json> = fc.oneof(
  fc.dictionary(text, fc.oneof(text, fc.boolean(), fc.integer()), { maxKeys: 3, noNullPrototype: true }),
  fc.array(fc.oneof(text, fc.integer()), { maxLength: 3 }),
)
const maybe = <T>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(of, { nil: null })

const values: fc.Arbitrary<Values> = fc.record(
  {
    title: text,
    amount: maybe(decimal),
    paid: maybe(fc.boolean()),
    due: maybe(instant.map((each) => each.toISOString().slice(0, 10))),
    seen: maybe(instant.map((each) => each.toISOString())),
    tags: maybe(fc.array(text, { maxLength: 4 })),
    notes: maybe(json),
  },
  { noNullPrototype: true },
)

const ODD: Values = {
  title: '',
  amount: null,
  paid: null,
  due: null,
  seen: null,
  tags: null,
  notes: JSON.parse('{"__proto__": false, "constructor": "x"}'),
}

for (const { name, make } of DATABASES) {
  // Seen red: with decimals that JSON carries as numbers, and with dates that go through a Date.
  test(`F13 F14 ${name}: any value is read as exactly what was written, and read so again after it was written once more`, async (t) => {
    const bench = await benchOf(await make(t))
    const bill = bench.kind('bill')
    let keys = 0
    await fc.assert(
      fc.asyncProperty(values, values, async (first, second) => {
        const [made] = await bill.create(bench.call(), { key: `k${(keys += 1)}`, values: first, since: 0 })
        assert.ok(made !== undefined && 'values' in made)
        assert.deepEqual({ ...made.values }, first)
        const stored = await bill.update(bench.call(), { key: 'u', ref: made.ref, changed: second, base: made })
        assert.ok('values' in stored)
        assert.deepEqual({ ...stored.values }, second)
        assert.deepEqual({ ...(await bill.get(bench.call(), made.ref)) }, { ...stored, kind: 'bill' })
      }),
      { numRuns: 60, examples: [[ODD, ODD]] },
    )
  })

  test(`${name}: what an application stores in its own forms is read as what it is`, async (t) => {
    const bench = await benchOf(await make(t))
    const { run, dialect } = bench.application
    const day = dialect === 'postgres' ? `'2026-03-29 02:30:00.123456+02'` : `'2026-03-29 00:30:00.123456'`
    // What has halves of characters PostgreSQL refuses.
    const notes = dialect === 'postgres' ? `'["cut \ufffd"]'` : String.raw`'["cut \ud83d"]'`
    run(
      `INSERT INTO bills (user_id, title, amount, paid, seen_at, notes) VALUES (17, 'odd', ${dialect === 'postgres' ? '1e3' : '1000'}, ${dialect === 'postgres' ? 'true' : '1'}, ${day}, ${notes})`,
    )
    const [odd] = await bench.list('17')
    assert.ok(odd !== undefined && 'values' in odd)
    assert.deepEqual(
      [odd.values['amount'], odd.values['paid'], odd.values['seen'], odd.values['notes']],
      ['1000', true, '2026-03-29T00:30:00.123Z', ['cut \ufffd']],
    )
    // An edit with a finer time than an instant holds is no lost race.
    const stored = await bench
      .kind('bill')
      .update(bench.call(), { key: 'u', ref: odd.ref, base: odd, changed: { title: 'even' } })
    assert.ok('values' in stored && stored.values['title'] === 'even')
    assert.match(String(run('SELECT CAST(seen_at AS TEXT) AS at FROM bills')[0]?.['at']), /123456/)
  })

  test(`${name}: a value that no field can hold is told of its row alone, and the others go on`, async (t) => {
    const bench = await benchOf(await make(t))
    const { run, dialect } = bench.application
    const { cursor } = await bench.pull(null)
    run(
      `INSERT INTO bills (id, user_id, title, amount) VALUES (1, 17, 'fine', '1'), (2, 17, 'odd', ${dialect === 'postgres' ? `'NaN'` : `'about ten'`})`,
    )
    const { changes } = await bench.pull(cursor)
    assert.deepEqual(
      changes.map((change) => [change.ref, 'unread' in change]),
      [
        ['1', false],
        ['2', true],
      ],
    )
    await assert.rejects(
      bench.kind('bill').get(bench.call(), '2'),
      /amount of row 2 of bills holds what no field can hold/,
    )
  })
}
