import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairOf, SPACE, type Pair, type PairOptions } from './pair.ts'
import { done } from './views.ts'

const OTHER = 'spaces/AAAAOps'
const TEAM = { a: SPACE, b: '2' }

/** Two spaces and two categories, joined one by one. */
function twoRooms(options: PairOptions = {}): Promise<Pair> {
  return pairOf({
    ...options,
    flow: {
      scopes: [
        [SPACE, '2'],
        [OTHER, '3'],
      ],
    },
    chat: {
      spaces: [
        { id: 'AAAATeam', displayName: 'Team', members: ['101', '102'], managers: ['100'] },
        { id: 'AAAAOps', displayName: 'Ops', members: ['101', '102'], managers: ['100'] },
      ],
    },
    discourse: { categories: [{ name: 'Team' }, { name: 'Ops' }] },
  })
}

const pause = ({ store, time }: Pair) =>
  store.pauseFlow({ flow: 'team', scopes: TEAM, why: 'a person paused it', now: time.now() })
const resume = ({ store, engine }: Pair) => store.resumeFlow({ flow: 'team', scopes: TEAM }).then(() => engine.wake())

function posts({ discourse }: Pair): string[] {
  const state = discourse.state()
  const topics = [...state.topics.values()].filter((topic) => !topic.definition && topic.deletedAt === null)
  return topics
    .flatMap((topic) => state.postsOf(topic.id))
    .filter((post) => post.deletedAt === null)
    .map((post) => post.raw)
}

function says(pair: Pair, text: string): boolean {
  return posts(pair).some((raw) => raw.includes(text))
}

function writes({ calls }: Pair): number {
  return calls.filter(({ method, path }) => method !== 'GET' && path !== '/token').length
}

// Seen red: with `pausedScopes` that answers none.
test('of a paused pair of containers nothing is written; the other goes on, and what came meanwhile travels once', async () => {
  const pair = await twoRooms()
  const ann = pair.chat.as('101')
  const kept = ann.post(SPACE, 'a message that will be edited meanwhile')
  const gone = ann.post(SPACE, 'a message that will be deleted meanwhile')
  await pair.sync()
  assert.ok(await pause(pair))
  ann.edit(kept.name, 'edited while nothing was written')
  ann.remove(gone.name)
  ann.post(SPACE, 'said in the room that is paused')
  done(
    pair.discourse
      .as('cyd')
      .topic({ title: 'Written in the paused category', raw: 'A text of the paused category', category: 2 }),
  )
  ann.post(OTHER, 'said in the room that goes on')
  await pair.run(10 * 60_000)
  assert.ok(says(pair, 'said in the room that goes on'))
  assert.ok(!says(pair, 'said in the room that is paused') && !says(pair, 'edited while nothing'))
  assert.ok(says(pair, 'a message that will be deleted meanwhile'))
  const { paused, flows } = await pair.store.status(undefined)
  assert.deepEqual([paused.length, paused[0]?.a, paused[0]?.b], [1, SPACE, '2'])
  assert.equal(flows[0]?.due, flows[0]?.parked)
  const before = writes(pair)
  await pair.run(10 * 60_000)
  assert.equal(writes(pair), before, 'nothing is written meanwhile')
  await resume(pair)
  await pair.run(10 * 60_000)
  assert.equal(posts(pair).filter((raw) => raw.includes('said in the room that is paused')).length, 1)
  assert.ok(says(pair, 'edited while nothing was written') && !says(pair, 'a message that will be deleted'))
  assert.ok(
    pair.chat
      .as('101')
      .messages(SPACE)
      .some(({ text }) => text?.includes('A text of the paused category')),
  )
  assert.equal((await pair.store.status(undefined)).flows[0]?.due, 0)
})

test('a pause outlives the process, and webhooks of a paused container are not lost', async () => {
  const pair = await twoRooms({ webhooks: true })
  const cyd = pair.discourse.as('cyd')
  const topic = done(
    cyd.topic({ title: 'A topic of the category', raw: 'The first text of the category', category: 2 }),
  )
  await pair.sync()
  await pause(pair)
  done(cyd.edit(topic.postId, 'A text that was edited while paused'))
  await pair.run(5 * 60_000)
  await pair.restart()
  await pair.run(5 * 60_000)
  const texts = () =>
    pair.chat
      .as('101')
      .messages(SPACE)
      .map(({ text }) => text)
  assert.ok(!texts().some((text) => text?.includes('edited while paused')))
  await resume(pair)
  await pair.run(5 * 60_000)
  assert.ok(texts().some((text) => text?.includes('edited while paused')))
})

test('what is paused before its first sync is read, and copied when it is resumed', async () => {
  const pair = await twoRooms({ approve: false })
  const ann = pair.chat.as('101')
  ann.post(SPACE, 'said before the first sync')
  ann.post(OTHER, 'said before the first sync elsewhere')
  await pair.run(5 * 60_000)
  assert.ok(await pause(pair))
  await pair.store.approve({ flow: 'team', now: pair.time.now() })
  await pair.run(5 * 60_000)
  assert.deepEqual(
    posts(pair).map((raw) => raw.includes('elsewhere')),
    [true],
  )
  await resume(pair)
  await pair.run(5 * 60_000)
  assert.equal(posts(pair).length, 2)
})

// Seen red: when what was in hand at that moment was still written.
test('a pause holds at once: only writes that have begun are finished', async () => {
  const pair = await twoRooms()
  const ann = pair.chat.as('101')
  for (let at = 0; at < 200; at += 1) ann.post(SPACE, `message number ${at} of two hundred`)
  let atOnce = 0
  pair.time.after(30_000, () => {
    atOnce = posts(pair).length
    void pause(pair)
  })
  await pair.run(10 * 60_000)
  assert.ok(atOnce > 0 && atOnce < 150, String(atOnce))
  assert.ok(posts(pair).length <= atOnce + 32, `${atOnce} when it was paused, ${posts(pair).length} after`)
  await resume(pair)
  await pair.run(20 * 60_000)
  assert.equal(new Set(posts(pair)).size, 200)
  assert.equal(posts(pair).length, 200)
})

test('how far each pair of containers is, is told by itself', async () => {
  const pair = await twoRooms()
  const ann = pair.chat.as('101')
  ann.post(SPACE, 'one message in the first room')
  ann.post(OTHER, 'one message in the second room')
  ann.post(OTHER, 'another message in the second room')
  await pair.sync()
  await pause(pair)
  ann.post(SPACE, 'a message that has to wait')
  await pair.run(5 * 60_000)
  const pairs = pair.engine.world.model.flows[0]?.specs ?? []
  const found = await pair.store.progress({ flow: 'team', pairs })
  const counts = found.map(({ scopes, links, due, pausedAt }) => [scopes.b, links, due > 0, pausedAt !== null])
  // A container, a thread and a message; and two of each of these.
  assert.deepEqual(counts, [
    ['2', 3, true, true],
    ['3', 5, false, false],
  ])
})
