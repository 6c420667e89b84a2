import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairOf, SPACE, type Pair } from './pair.ts'
import { chatThreads, done, forumThreads, topicWith, topics, writes } from './views.ts'

const MINUTE = 60_000

function categories(pair: Pair): { id: number; name: string; parent: number | null }[] {
  return [...pair.discourse.state().categories.values()].map(({ id, name, parentId }) => ({
    id,
    name,
    parent: parentId,
  }))
}

test('a renamed space renames its category, and the other way round', async () => {
  const pair = await pairOf({ webhooks: true })
  await pair.sync()
  pair.chat.as('100').rename(SPACE, 'Team of the North')
  await pair.run(5 * MINUTE)
  assert.equal(categories(pair).find(({ id }) => id === 2)?.name, 'Team of the North')
  pair.discourse.handle({
    method: 'PUT',
    path: '/categories/2.json',
    query: new URLSearchParams(),
    headers: { 'api-key': 'api-key', 'api-username': 'sync_bot', 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ name: 'Team of the South' })),
    address: '10.0.0.9',
  })
  await pair.run(10 * MINUTE)
  assert.equal(pair.chat.as('101').space(SPACE).displayName, 'Team of the South')
})

test('every space gets a category under the given one, new spaces too, and no second one', async () => {
  const pair = await pairOf({
    webhooks: true,
    flow: { scopes: [], each: { from: 'chat', under: 2 } },
    chat: {
      spaces: [
        { id: 'AAAATeam', displayName: 'Team of Ann', members: ['101'], managers: ['100'] },
        { id: 'BBBB', displayName: 'Kitchen', members: ['101'], managers: ['100'] },
      ],
    },
  })
  pair.chat.as('101').post(SPACE, 'in the team')
  await pair.sync()
  const born = pair.chat.as('100').createSpace('Later', ['101'])
  pair.chat.as('101').post(born.name, 'in the later one')
  await pair.run(10 * MINUTE)
  const under = categories(pair).filter(({ parent }) => parent === 2)
  assert.deepEqual(under.map(({ name }) => name).sort(), ['Kitchen', 'Later', 'Team of Ann'])
  const later = under.find(({ name }) => name === 'Later')
  assert.deepEqual(forumThreads(pair, later?.id), [['Ann Lee: in the later one']])
})

// Seen red: when containers that the filter leaves out are matched.
test('a space that the filter leaves out is joined with nothing, also where a category has its name', async () => {
  const pair = await pairOf({
    flow: { scopes: [], each: { from: 'chat', where: { name: { not: ['Team'] } } } },
    discourse: { categories: [{ name: 'Team' }, { name: 'Kitchen' }] },
    chat: {
      spaces: [
        { id: 'AAAATeam', displayName: 'Team', members: ['101'], managers: ['100'] },
        { id: 'BBBB', displayName: 'Kitchen', members: ['101'], managers: ['100'] },
      ],
    },
  })
  pair.chat.as('101').post(SPACE, 'nobody else shall read this')
  pair.chat.as('101').post('spaces/BBBB', 'soup is ready')
  await pair.run(10 * MINUTE)
  const [team, kitchen] = ['Team', 'Kitchen'].map((name) => categories(pair).find((each) => each.name === name)?.id)
  assert.deepEqual(forumThreads(pair, team), [])
  assert.deepEqual(forumThreads(pair, kitchen), [['Ann Lee: soup is ready']])
})

test('a created category takes the name of its space and what is in it', async () => {
  const pair = await pairOf({
    flow: { scopes: [[SPACE, { create: true }]] },
    chat: {
      spaces: [{ id: 'AAAATeam', displayName: 'Makers', members: ['101'], managers: ['100'] }],
    },
  })
  pair.chat.as('101').post(SPACE, 'in the team')
  await pair.sync()
  const made = categories(pair).find(({ name }) => name === 'Makers')
  assert.deepEqual(forumThreads(pair, made?.id), [['Ann Lee: in the team']])
})

test('a topic that moves out of the flow sleeps: nothing is deleted, and it may return', async () => {
  const pair = await pairOf({ webhooks: true, discourse: { categories: [{ name: 'Team' }, { name: 'Elsewhere' }] } })
  pair.chat.as('101').post(SPACE, 'here today')
  await pair.sync()
  const topic = topicWith(pair, 'here today')
  const elsewhere = categories(pair).find(({ name }) => name === 'Elsewhere')?.id ?? 0
  done(pair.discourse.as('mod').moveTopic(topic, elsewhere))
  await pair.run(10 * MINUTE)
  assert.deepEqual(chatThreads(pair), [['here today']])
  const written = writes(pair).length
  done(pair.discourse.as('mod').moveTopic(topic, 2))
  await pair.run(10 * MINUTE)
  done(pair.discourse.as('cyd').reply(topic, 'back again, as you can see'))
  await pair.run(10 * MINUTE)
  assert.deepEqual(chatThreads(pair), [['here today', 'Cyd Fox: back again, as you can see']])
  assert.equal(topics(pair).length, 1)
  assert.equal(writes(pair).length, written + 1)
})

// Seen red: when an item whose link sleeps is taken for its counterpart's counterpart.
test('what is written under a topic that left the flow is not sent after it, and follows when it returns', async () => {
  const pair = await pairOf({ webhooks: true, discourse: { categories: [{ name: 'Team' }, { name: 'Elsewhere' }] } })
  const first = pair.chat.as('101').post(SPACE, 'here today')
  await pair.sync()
  const topic = topicWith(pair, 'here today')
  const elsewhere = categories(pair).find(({ name }) => name === 'Elsewhere')?.id ?? 0
  done(pair.discourse.as('mod').moveTopic(topic, elsewhere))
  await pair.run(10 * MINUTE)
  pair.chat.as('101').post(SPACE, 'and gone tomorrow', { thread: first.name })
  await pair.run(10 * MINUTE)
  assert.deepEqual(forumThreads(pair, elsewhere), [['Ann Lee: here today']])
  const [gap] = await pair.store.divergences(undefined)
  assert.match(gap?.why ?? '', /left the flow/)
  done(pair.discourse.as('mod').moveTopic(topic, 2))
  await pair.run(10 * MINUTE)
  assert.deepEqual(forumThreads(pair), [['Ann Lee: here today', 'Ann Lee: and gone tomorrow']])
  assert.deepEqual(await pair.store.divergences(undefined), [])
})

// Seen red: when a container that is not there keeps the whole flow back; when it is looked for at every turn.
test('a container that cannot be reached keeps back its own instance alone, and is looked for once a poll', async () => {
  let shut = true
  const pair = await pairOf({
    flow: {
      scopes: [
        [SPACE, '2'],
        ['spaces/BBBBShut', '3'],
      ],
    },
    chat: {
      spaces: [
        { id: 'AAAATeam', displayName: 'Team', members: ['101'], managers: ['100'] },
        { id: 'BBBBShut', displayName: 'Shut', members: ['101'], managers: ['100'] },
      ],
    },
    discourse: { categories: [{ name: 'Team' }, { name: 'Shut' }] },
    fault: ({ path }) =>
      shut && path === '/v1/spaces/BBBBShut'
        ? { kind: 'answer-before', status: 403, body: '{"error":{"status":"PERMISSION_DENIED","message":"no"}}' }
        : null,
  })
  const looks = (): number => pair.calls.filter(({ path }) => path === '/v1/spaces/BBBBShut').length
  for (let i = 0; i < 20; i += 1) pair.chat.as('101').post(SPACE, `question ${i} of Ann`)
  pair.chat.as('101').post('spaces/BBBBShut', 'said behind the door')
  await pair.run(10 * 60_000)
  assert.equal(forumThreads(pair).length, 20)
  assert.ok(pair.events.some((event) => event.is === 'trouble' && event.where.includes('spaces/BBBBShut')))
  assert.ok(looks() >= 9 && looks() <= 11, `looked for ${looks()} times in ten minutes`)
  shut = false
  await pair.run(5 * 60_000)
  assert.equal(forumThreads(pair, 3).length, 1)
})
