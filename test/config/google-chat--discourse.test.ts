import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../property.ts'
import { discourse } from '../../src/connectors/discourse/index.ts'
import { googleChat } from '../../src/connectors/google-chat/index.ts'
import { factsOf } from '../../src/config/facts.ts'
import type { Configured } from '../../src/connector/index.ts'
import type { Lens, Origin, Side } from '../../src/core/flow.ts'
import { mappingOf, type Mapping } from '../../src/mappings/index.ts'

const shipped = new Map<string, Configured>([
  [googleChat.name, googleChat],
  [discourse.name, discourse],
])

function lensesOf(mapping: Mapping | null, pair: string): readonly Lens[] {
  const found = mapping?.pairs.find(({ id }) => id === pair)
  assert.ok(mapping !== null && found !== undefined)
  const facts = (side: Side) => {
    const connector = shipped.get(mapping.connectors[side])
    const kind = connector === undefined ? null : factsOf(side, connector, found.kinds[side])
    assert.ok(kind !== null, `${found.kinds[side]} is a kind of ${mapping.connectors[side]}`)
    return kind
  }
  return found.lenses({ a: facts('a'), b: facts('b') })
}

function lens(id: string, pair: string, mapping = mappingOf('google-chat', 'discourse')): Lens {
  const found = lensesOf(mapping, pair).find((each) => each.id === id)
  assert.ok(found !== undefined)
  return found
}

const ann: Origin = { author: { ref: 'users/7', name: 'Ann Lee' }, parent: null }

test('every lens names fields that the two connectors declare, and writes none that may never be written', () => {
  for (const [a, b] of [
    ['google-chat', 'discourse'],
    ['discourse', 'google-chat'],
  ] as const) {
    const mapping = mappingOf(a, b)
    for (const pair of mapping?.pairs ?? [])
      for (const each of lensesOf(mapping, pair.id))
        for (const side of ['a', 'b'] as const)
          for (const field of each.fields[side]) {
            const kind = shipped.get(side === 'a' ? a : b)?.kinds[pair.kinds[side]]
            assert.ok(kind?.fields[field] !== undefined, `${pair.kinds[side]}.${field}`)
            assert.notEqual(kind.fields[field].written, 'never')
          }
  }
})

test('a message becomes a post that shows its author, and reads as the message again', () => {
  const text = lens('text', 'message-post')
  const known = text.complement?.('b', ann) ?? null
  const post = text.write('b', 'ok', null, known)
  assert.deepEqual(post, { raw: '**Ann Lee** in Google Chat:\n\nok' })
  assert.equal(text.read('b', post, known), 'ok')
  assert.deepEqual(text.write('b', 'ok, but later', post, known), {
    raw: '**Ann Lee** in Google Chat:\n\nok, but later',
  })
})

test('the first message of a topic born in Discourse shows the title and the author above and before its text', () => {
  const text = lens('text', 'message-post')
  const known = text.complement?.('a', { ...ann, parent: { title: 'Where *do* we\nmeet?' } }) ?? null
  assert.deepEqual(text.write('a', 'At noon.', null, known), { text: '*Where ∗do∗ we*\n*Ann Lee*: At noon.' })
})

test('a person without a name is shown by the last part of the ref', () => {
  const text = lens('text', 'message-post')
  const known = text.complement?.('b', { author: { ref: 'users/123' }, parent: null }) ?? null
  assert.deepEqual(text.write('b', 'hi', null, known), { raw: '**123** in Google Chat:\n\nhi' })
})

test('a name makes no markup and notifies nobody', () => {
  const text = lens('text', 'message-post')
  const named = (name: string): Origin => ({ author: { ref: 'users/1', name }, parent: null })
  const inDiscourse = (name: string) => text.write('b', 'x', null, text.complement?.('b', named(name)) ?? null)
  const inChat = (name: string) => text.write('a', 'x', null, text.complement?.('a', named(name)) ?? null)
  assert.deepEqual(inDiscourse('@all **A**\n# B'), { raw: '**all \\*\\*A\\*\\* \\# B** in Google Chat:\n\nx' })
  assert.deepEqual(inChat('<users/all>*A*'), { text: '*‹users/all›∗A∗*: x' })
  assert.deepEqual(inDiscourse(' \u202e@ '), { raw: '**1** in Google Chat:\n\nx' })
})

test('an attribution is one paragraph, whatever the name: a text is always read back', () => {
  const text = lens('text', 'message-post')
  const person = fc.record({
    ref: fc.string({ minLength: 1 }),
    name: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
  })
  fc.assert(
    fc.property(fc.constantFrom<Side>('a', 'b'), person, fc.string(), fc.string(), (side, author, topic, body) => {
      const known = text.complement?.(side, { author, parent: { title: topic } }) ?? null
      const written = text.write(side, body, null, known)
      const raw = String(written[side === 'a' ? 'text' : 'raw'])
      assert.equal(
        text.read(side, written, known),
        body.replaceAll('\0', '').replace(/\r+\n/g, '\n').replaceAll('\u00a0', ' ').trimEnd(),
      )
      assert.ok(raw.length > 0 && !/^\s/.test(raw))
    }),
  )
})

test('a topic is called after the first line that shows anything, and never nothing', () => {
  const title = lens('title', 'thread-topic')
  const named = (subject: string | null) =>
    title.write('b', title.read('a', subject === null ? {} : { subject }, null), null, null)['title']
  assert.equal(named('\n  \u200b\n  Lunch today?  \nWho comes'), 'Lunch today?')
  assert.equal(named('ok'), 'ok')
  assert.equal(named('x'.repeat(300)), 'x'.repeat(255))
  assert.equal(named(null), '(no text)')
  assert.equal(named(' \n\u200b\n'), '(no text)')
  assert.equal(title.way, 'on create a→b')
})

test('a space with a long name keeps it, while its category holds the beginning', () => {
  const name = lens('name', 'space-category')
  const long = 'A space with a name that is longer than fifty characters'
  const category = name.write('b', name.read('a', { name: long }, null), null, null)
  assert.equal(String(category['name']).length, 50)
  assert.ok(name.read('a', { name: long }, null) === name.read('b', category, null))
  assert.deepEqual(name.write('a', name.read('b', category, null), { name: long }, null), { name: long })
})

test('named the other way round, the mapping is the same', () => {
  const flipped = mappingOf('discourse', 'google-chat')
  const text = lens('text', 'message-post', flipped)
  const known = text.complement?.('a', ann) ?? null
  assert.deepEqual(text.write('a', 'ok', null, known), { raw: '**Ann Lee** in Google Chat:\n\nok' })
  assert.equal(text.read('b', { text: 'ok' }, known), 'ok')
  assert.equal(lens('title', 'thread-topic', flipped).way, 'on create b→a')
  assert.deepEqual(lens('thread', 'message-post', flipped).to, { a: 'topic', b: 'thread' })
  assert.equal(mappingOf('discourse', 'nothing'), null)
})
