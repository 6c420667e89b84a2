import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { ANN, BOT, handMade, made, SPACE, type HandMade } from './pair.ts'

const pair = (t: TestContext): Promise<HandMade> => handMade((end) => t.after(end))

test('The judge finds that two systems agree, short, equal and formatted words included', async (t) => {
  const { code, verdict } = await (await pair(t)).judged()
  assert.deepEqual({ code, ok: verdict.ok, items: verdict.items }, { code: 0, ok: true, items: 4 })
})

test('The judge finds a text that was copied twice', async (t) => {
  const world = await pair(t)
  made(world.forum.as('lockstep').reply(world.topic, '**Ann Lee** in Google Chat:\n\nok'))
  const { code, verdict } = await world.judged()
  assert.deepEqual([code, verdict.ok, verdict.duplicates.length], [1, false, 1])
})

test('The judge finds a text that never arrived', async (t) => {
  const world = await pair(t)
  world.chat.as(ANN).post(SPACE, 'Is anybody there?', { thread: world.head })
  made(world.forum.as('cyd').reply(world.topic, 'I only ever said this in the forum.'))
  const { code, verdict } = await world.judged()
  assert.deepEqual(
    [code, verdict.lost.map(({ text }) => text)],
    [1, ['Is anybody there?', 'I only ever said this in the forum.']],
  )
})

test('The judge finds one of two equal texts lost', async (t) => {
  const world = await pair(t)
  made(world.forum.as('lockstep').remove(world.okCopy))
  const { code, verdict } = await world.judged()
  assert.deepEqual([code, verdict.lost.map(({ text }) => text)], [1, ['ok']])
})

test('The judge finds copies in another order than their originals', async (t) => {
  const world = await pair(t)
  for (const word of ['first', 'second']) world.chat.as(ANN).post(SPACE, word, { thread: world.head })
  for (const word of ['second', 'first'])
    made(world.forum.as('lockstep').reply(world.topic, `**Ann Lee** in Google Chat:\n\n${word}`))
  const { code, verdict } = await world.judged()
  assert.deepEqual([code, verdict.lost.length, verdict.disordered.length], [1, 0, 1])
})

test('The judge finds a copy that came back as a copy of itself', async (t) => {
  const world = await pair(t)
  made(
    world.forum
      .as('lockstep')
      .reply(world.topic, '**Lockstep** in Google Chat:\n\n*Cyd Fox*: Welcome from the forum, Ann!'),
  )
  world.chat.as(BOT).post(SPACE, '*Ann Lee*: ok', { thread: world.head })
  const { code, verdict } = await world.judged()
  assert.deepEqual([code, verdict.echoes.length], [1, 2])
})

test('The judge finds an edit and a deletion that did not arrive', async (t) => {
  const world = await pair(t)
  world.chat.as(ANN).edit(world.head, 'Hello, everybody')
  const reply = world.chat.as(ANN).post(SPACE, 'gone in a moment', { thread: world.head })
  made(world.forum.as('lockstep').reply(world.topic, '**Ann Lee** in Google Chat:\n\ngone in a moment'))
  world.chat.as(ANN).remove(reply.name)
  const { code, verdict } = await world.judged()
  assert.deepEqual(
    [code, verdict.lost.length, verdict.stale.map(({ text }) => text)],
    [1, 1, ['**Ann Lee** in Google Chat:\n\nHello, *all*', '**Ann Lee** in Google Chat:\n\ngone in a moment']],
  )
})

test('The judge finds a copy under another author and one in another thread', async (t) => {
  const world = await pair(t)
  const other = world.chat.as(ANN).post(SPACE, 'Another thread')
  const category = world.forum.state().topics.get(world.topic)?.categoryId ?? 0
  const raw = '**Ann Lee** in Google Chat:\n\nAnother thread'
  made(world.forum.as('lockstep').topic({ title: 'Another thread', raw, category }))
  made(world.forum.as('cyd').reply(world.topic, 'This belongs to the first one.'))
  world.chat.as(BOT).post(SPACE, '*Cyd Fox*: This belongs to the first one.', { thread: other.name })
  made(world.forum.as('cyd').reply(world.topic, 'This was said by Cyd, not by Ann.'))
  world.chat.as(BOT).post(SPACE, '*Ann Lee*: This was said by Cyd, not by Ann.', { thread: world.head })
  const { code, verdict } = await world.judged()
  const { misplaced, lost, stale } = verdict
  assert.deepEqual([code, misplaced.length, lost.length, stale.length], [1, 1, 1, 1])
})

test('The judge excuses what the engine says is different, and nothing else', async (t) => {
  const world = await pair(t)
  made(world.forum.as('lockstep').edit(world.okCopy, '**Ann Lee** in Google Chat:\n\nedited by a moderator'))
  const all = world.chat.as(ANN).messages(SPACE)
  const last = all.filter(({ text }) => text === 'ok').at(-1)?.name ?? ''
  assert.equal((await world.judged()).code, 1)
  assert.equal((await world.judged([{ kind: 'post', ref: '999' }])).code, 1)
  const { code, verdict } = await world.judged([{ kind: 'message', ref: last }])
  assert.deepEqual([code, verdict.ok, verdict.excused.length], [0, true, 1])
})

// Seen red: when the judge asked for page after page at an address that Discourse redirects to its first one, it never ended.
test('The judge reads a category of more than one page to its end, once', async (t) => {
  const world = await pair(t)
  const category = world.forum.state().topics.get(world.topic)?.categoryId ?? 0
  for (let number = 1; number <= 40; number += 1)
    made(
      world.forum.as('cyd').topic({ title: `Topic number ${number}`, raw: `Only in the forum, ${number}`, category }),
    )
  const { code, verdict } = await world.judged()
  assert.deepEqual([code, verdict.lost.length], [1, 40])
})
