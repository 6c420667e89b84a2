import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_FOLDERS } from '../../src/connector/index.ts'
import { connectors } from '../../src/connectors/index.ts'
import { systemClock } from '../../src/adapters/clock.ts'
import { systemRandom } from '../../src/adapters/random.ts'
import { noAddress, noDatabase, noPublicAddress } from '../../src/init/answers.ts'
import { askingWith, type Question } from '../../src/init/asking.ts'
import { chatDiscourse } from '../../src/init/chat-discourse.ts'

// Seen red: where it was enough that an answer began as an address does.
test('an address is one that can be called, and what is wrong with another one is said', () => {
  for (const good of ['https://forum.example.org', 'http://localhost:3000', 'https://example.org/forum/'])
    assert.equal(noAddress(good), null, good)
  assert.equal(noAddress('forum.example.org'), 'an address begins with https://')
  assert.equal(noAddress('https://forum.example.orghttps://forum.acme.test'), 'there are two addresses in it')
  assert.equal(noAddress('https://forum example.org'), 'this is no address that a browser would open')
  assert.equal(noAddress('https://forum.example.org:port'), 'this is no address that a browser would open')
  assert.equal(noAddress('https://ann:secret@forum.example.org'), 'no user and password belong into it')
  assert.equal(noAddress('https://forum.example.org/?lang=de'), 'it ends before "?" and "#"')
  assert.equal(noPublicAddress('http://sync.example.org'), 'an address begins with https://')
  assert.equal(noPublicAddress('https://sync.example.org'), null)
})

test('the address of a database is one, and a sign that would end it early is named', () => {
  for (const good of ['sqlite:./app.db', 'postgres://ann:secret@db:5432/app', 'postgresql:///app?host=/run/postgresql'])
    assert.equal(noDatabase(good), null, good)
  assert.equal(noDatabase('mysql://db/app'), 'it begins with postgres:// or sqlite:')
  assert.match(noDatabase('postgres://ann:secret@db:port/app') ?? '', /^this is no address/)
  assert.equal(noDatabase('postgres://ann:se#cret@db/app'), '"#" in it is written as %23')
})

// Seen red: where the example was what is proposed, so that Enter took it, and what was typed stood behind it.
test('what is only an example is not proposed as an answer', async () => {
  const asked = new Map<string, Question>()
  const answers: Readonly<Record<string, string>> = {
    forum: 'https://forum.acme.test',
    space: 'spaces/B',
    category: '3',
    client: 'c',
  }
  const asking = askingWith(
    new Map(),
    {
      text(question) {
        asked.set(question.id, question)
        return Promise.resolve(answers[question.id] ?? question.proposed ?? `no answer to ${question.id}`)
      },
      choose: ({ options: [first] }) => Promise.resolve(first?.value ?? ''),
      note: () => Promise.resolve(),
    },
    () => undefined,
  )
  const { text } = await chatDiscourse.draft({
    asking,
    connectors,
    databases: {
      at: () => {
        throw new Error('there is no database')
      },
    },
    http: { send: () => Promise.reject(new Error('there is no network')) },
    folders: NO_FOLDERS,
    clock: systemClock,
    random: systemRandom,
    zone: 'Europe/Paris',
    variable: () => undefined,
  })
  const proposed = [...asked.values()].filter((question) => question.proposed !== undefined)
  assert.deepEqual(
    proposed.map(({ id }) => id),
    ['forum_user'],
  )
  assert.equal(asked.get('forum')?.example, 'https://forum.example.org')
  assert.match(text, /base_url: https:\/\/forum\.acme\.test\n/)
})
