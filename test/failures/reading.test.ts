/** Reading: every page, and nothing that is not one. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MessageSeed } from '../../src/emulators/google-chat/options.ts'
import { pairOf, type PairOptions } from '../engine/pair.ts'
import { forumThreads } from '../engine/views.ts'

const MINUTE = 60_000

function many(count: number): PairOptions {
  const messages: MessageSeed[] = Array.from({ length: count }, (_, i) => ({
    thread: `t${i % 25}`,
    sender: i % 2 === 0 ? '101' : '102',
    text: `message ${i} of many`,
    createTime: new Date(Date.parse('2026-10-01T09:00:00Z') + i * 1000).toISOString(),
  }))
  return {
    chat: {
      pageCap: 40,
      spaces: [{ id: 'AAAATeam', displayName: 'Team', members: ['101', '102'], managers: ['100'], messages }],
    },
  }
}

// Red when: messagePages stops after its first page.
test('F22 all 250 messages arrive where a page holds 40', async () => {
  const pair = await pairOf(many(250))
  await pair.sync()
  const texts = forumThreads(pair).flat()
  assert.equal(texts.length, 250)
  assert.equal(new Set(texts).size, 250)
})

// Red when: listScope commits a `complete` page after one that failed.
test('F23 a page that fails is no empty page: the listing goes on from there, and the flow waits for it', async () => {
  let pages = 0
  let asked = 0
  const pair = await pairOf({
    ...many(120),
    fault: ({ method, path }, host) => {
      if (host !== 'chat.test' || method !== 'GET' || !path.endsWith('/messages')) return null
      pages += 1
      asked = pages
      return pages === 2 || pages === 3
        ? { kind: 'answer-before', status: 503, headers: { 'content-type': 'application/json' }, body: '{}' }
        : null
    },
  })
  await pair.run(20 * MINUTE)
  assert.ok(asked > 3)
  assert.equal(forumThreads(pair).flat().length, 120)
  for (const posts of forumThreads(pair)) {
    const numbers = posts.map((text) => Number(/message (\d+)/.exec(text)?.[1]))
    assert.deepEqual(
      numbers,
      [...numbers].sort((left, right) => left - right),
    )
  }
})
