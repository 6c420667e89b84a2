import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../property.ts'
import { sameValue, sameValues, type Json, type Values } from '../../src/connector/values.ts'
import { SIDES, type Lens, type Origin, type Side } from '../../src/core/flow.ts'
import { direct, reference, signed, title } from '../../src/mappings/index.ts'
import { flippedLens } from '../../src/mappings/mapping.ts'
import { plain } from '../../src/mappings/signed.ts'

const PREFIX = { a: '*Ann*: ', b: '**Ann**:\n\n' }

/** Texts that like to be near what lenses look for. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc
    .array(
      fc.constantFrom(
        PREFIX.a,
        PREFIX.b,
        '*Ann* · here: ',
        '**Ann** · here:\n\n',
        '*Ann*:',
        '\n',
        '\r\n',
        ' ',
        '\u00a0',
        '\0',
        '\u200b',
        'ok',
        'é',
        '👍🏽',
        'word ',
      ),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
)
const scalar = fc.oneof(text, fc.boolean(), fc.integer(), fc.constant(null))

interface Subject {
  readonly name: string
  readonly lens: Lens
  readonly field: fc.Arbitrary<Json>
  readonly complement: fc.Arbitrary<Json>
}

const none: fc.Arbitrary<Json> = fc.constant(null)
const subjects: readonly Subject[] = [
  { name: 'direct', lens: direct({ id: 'x', a: 'p', b: 'q' }), field: scalar, complement: none },
  { name: 'direct with a limit', lens: direct({ id: 'x', a: 'p', b: 'q', max: 5 }), field: scalar, complement: none },
  {
    name: 'direct over sets',
    lens: direct({ id: 'x', a: 'p', b: 'q', set: true }),
    field: fc.oneof(fc.array(fc.constantFrom('red', 'blue', 'green')), fc.constant(null)),
    complement: none,
  },
  {
    name: 'reference',
    lens: reference({ id: 'x', a: 'p', b: 'q', to: { a: 'thread', b: 'topic' } }),
    field: fc.oneof(text, fc.constant(null)),
    complement: none,
  },
  {
    name: 'title',
    lens: title({ id: 'x', a: 'p', b: 'q', way: 'on create a→b', max: 6, untitled: '(none)' }),
    field: fc.oneof(text, fc.constant(null)),
    complement: none,
  },
  {
    name: 'signed',
    lens: signed({
      id: 'x',
      a: 'p',
      b: 'q',
      attribution: { a: () => PREFIX.a, b: () => PREFIX.b },
      mark: { a: 'here', b: 'here' },
    }),
    field: fc.oneof(text, fc.constant(null)),
    complement: fc.constantFrom<Json>(null, { a: PREFIX.a }, { b: PREFIX.b }, PREFIX),
  },
]

const all = subjects.flatMap((subject) => [
  subject,
  { ...subject, name: `${subject.name}, flipped`, lens: flippedLens(subject.lens) },
])

function plainOf(value: Json): string {
  return plain(String(value))
}

function valuesOn(lens: Lens, side: Side, value: Json): Values {
  return { [lens.fields[side][0] ?? '']: value }
}

for (const { name, lens, field, complement } of all) {
  test(`${name}: writing what was read changes nothing`, () => {
    fc.assert(
      fc.property(fc.constantFrom(...SIDES), field, complement, (side, value, known) => {
        const values = valuesOn(lens, side, value)
        const written = lens.write(side, lens.read(side, values, known), values, known)
        assert.ok(sameValues({ ...values, ...written }, values))
      }),
    )
  })

  test(`${name}: what was written is read back, on old values and on none`, () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SIDES),
        field,
        field,
        complement,
        fc.boolean(),
        (side, old, from, known, fresh) => {
          const there = side === 'a' ? 'b' : 'a'
          const value = lens.read(there, valuesOn(lens, there, from), known)
          const written = lens.write(side, value, fresh ? null : valuesOn(lens, side, old), known)
          assert.ok(sameValue(lens.read(side, written, known), value))
        },
      ),
    )
  })

  test(`${name}: it touches only the fields that it names`, () => {
    fc.assert(
      fc.property(fc.constantFrom(...SIDES), field, field, complement, (side, old, value, known) => {
        const written = lens.write(
          side,
          lens.read(side, valuesOn(lens, side, value), known),
          valuesOn(lens, side, old),
          known,
        )
        assert.deepEqual(Object.keys(written), lens.fields[side])
      }),
    )
  })

  const { mark } = lens
  if (mark === undefined) continue
  test(`${name}: a mark is not read, is put once, and goes without a trace`, () => {
    fc.assert(
      fc.property(fc.constantFrom(...SIDES), field, complement, fc.boolean(), (side, value, known, on) => {
        const values = valuesOn(lens, side, value)
        const bare = mark(side, values, known, false)
        const marked = mark(side, values, known, true)
        assert.equal(bare === null, marked === null)
        if (bare === null || marked === null) return
        assert.ok(!sameValues(bare, marked))
        for (const each of [bare, marked]) {
          assert.ok(sameValue(lens.read(side, each, known), lens.read(side, values, known)))
          const again: Values = mark(side, each, known, on) ?? {}
          assert.deepEqual(Object.values(again).map(plainOf), Object.values(on ? marked : bare).map(plainOf))
        }
        assert.ok(sameValues(values, bare) || sameValues(values, marked) || !sameValue(value, plain(String(value))))
      }),
    )
  })
}

test('signed: a mark stands in the line that says whose text it is, and where there is none there is no mark', () => {
  const lens = signed({ id: 'x', a: 'p', b: 'q', attribution: { a: () => PREFIX.a, b: () => PREFIX.b } })
  const marked = (text: string, known: Json) => lens.mark?.('b', { q: text }, known, true)
  assert.deepEqual(marked('**Ann**:\n\nhello', PREFIX), { q: '**Ann** · edited here, not there:\n\nhello' })
  assert.equal(marked('somebody took the line away', PREFIX), null)
  assert.equal(marked('**Ann**:\n\nhello', null), null)
  assert.equal(marked('A title: of a topic\nhello', { b: 'A title: of a topic\n' }), null)
})

test('signed: any text is read back as its plain form, also one that begins with the attribution', () => {
  const lens = signed({ id: 'x', a: 'p', b: 'q', attribution: { a: () => PREFIX.a, b: () => PREFIX.b } })
  fc.assert(
    fc.property(fc.constantFrom(...SIDES), text, text, fc.boolean(), (side, value, old, fresh) => {
      const written = lens.write(side, value, fresh ? null : valuesOn(lens, side, old), PREFIX)
      assert.equal(lens.read(side, written, PREFIX), plain(value))
      assert.equal(plain(plain(value)), plain(value))
    }),
  )
})

test('signed: a system that trims its texts tells the same text', () => {
  const lens = signed({ id: 'x', a: 'p', b: 'q', attribution: { a: () => PREFIX.a, b: () => PREFIX.b } })
  fc.assert(
    fc.property(fc.constantFrom(...SIDES), text, (side, value) => {
      const written = lens.write(side, value, null, PREFIX)
      const kept = valuesOn(lens, side, String(written[lens.fields[side][0] ?? '']).trimEnd())
      assert.equal(lens.read(side, kept, PREFIX), plain(value))
    }),
  )
})

test('direct with a limit: the longer text stays while the shorter one is its beginning', () => {
  const lens = direct({ id: 'name', a: 'name', b: 'name', max: 5 })
  assert.deepEqual(lens.write('a', 'proje', { name: 'project alpha' }, null), { name: 'project alpha' })
  assert.deepEqual(lens.write('a', 'other', { name: 'project alpha' }, null), { name: 'other' })
  assert.equal(lens.read('a', { name: '👍👍👍👍👍👍' }, null), '👍👍👍👍👍')
})

test('a complement is kept only where there is an attribution', () => {
  const origin: Origin = { author: null, parent: null }
  const lens = signed({ id: 'x', a: 'p', b: 'q', attribution: { a: () => '', b: () => 'B: ' } })
  assert.equal(lens.complement?.('a', origin), null)
  assert.deepEqual(lens.complement?.('b', origin), { b: 'B: ' })
})

test('flipping turns every way round, and twice is once', () => {
  for (const [way, back] of [
    ['both', 'both'],
    ['a→b', 'b→a'],
    ['on create a→b', 'on create b→a'],
  ] as const) {
    const lens = direct({ id: 'x', a: 'p', b: 'q', way, policy: 'a' })
    const flipped = flippedLens(lens)
    assert.deepEqual([flipped.way, flipped.policy, flipped.fields], [back, 'b', { a: ['q'], b: ['p'] }])
    assert.deepEqual([flippedLens(flipped).way, flippedLens(flipped).policy], [way, 'a'])
  }
})
