/** Limits of calls, over the life of more than one process. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairOf, SPACE, type CrashPoint, type Pair } from './pair.ts'
import { forumThreads } from './views.ts'

const MINUTE = 60_000

function questions(pair: Pair, count: number): void {
  for (let i = 0; i < count; i += 1) pair.chat.as('101').post(SPACE, `question ${i} of Ann`)
}

function refused(pair: Pair): number {
  return pair.calls.filter(({ status }) => status === 429).length
}

// Seen red: when levels are not loaded; when they are kept once in a window only.
test('A process that dies and starts anew does not begin with full limits: no system has to say so', async () => {
  for (const dyingAt of [5, 20, 40, 50]) {
    let written = 0
    const pair = await pairOf({
      crash: (point: CrashPoint) => {
        if (point.at !== 'answered' || point.host !== 'forum.test') return false
        written += 1
        return written === dyingAt
      },
    })
    questions(pair, 60)
    await pair.sync()
    assert.equal(pair.alive, false)
    await pair.restart()
    await pair.sync()
    assert.equal(forumThreads(pair).length, 60)
    assert.equal(refused(pair), 0, `dying at answer ${dyingAt}`)
  }
})

// Seen red: when what was left counts from the start of the new process.
test('What an earlier process used up counts for its window and no longer', async () => {
  const pair = await pairOf()
  questions(pair, 24)
  await pair.sync()
  await pair.restart()
  await pair.time.run(pair.time.now() + MINUTE / 2)
  questions(pair, 20)
  const began = pair.time.now()
  await pair.sync()
  assert.equal(forumThreads(pair).length, 44)
  assert.ok(pair.time.now() - began < 45_000, `it took ${pair.time.now() - began} ms`)
})

// Seen red: when the levels of earlier processes are kept anew as those of the next (it took 316 s).
test('A process that is started again and again is not starved by what the ones before it kept', async () => {
  const pair = await pairOf()
  const began = pair.time.now()
  for (let start = 0; start < 20; start += 1) {
    questions(pair, 1)
    await pair.run(3000)
    await pair.restart()
  }
  await pair.sync()
  const seconds = (pair.time.now() - began) / 1000
  const asked = pair.calls.filter(({ host }) => host === 'forum.test').length
  assert.equal(refused(pair), 0)
  assert.ok(seconds < asked * 1.5, `${seconds} s for ${asked} calls, of which 60 are allowed in a minute`)
})

// Seen red: when every call keeps its levels.
test('Keeping the limits costs a commit now and then, not one for each call', async () => {
  let kept = 0
  const pair = await pairOf({
    crash: (point) => {
      if (point.at === 'committed' && point.verb === 'keepLevels') kept += 1
      return false
    },
  })
  questions(pair, 100)
  await pair.sync()
  assert.ok(kept > 0)
  assert.ok(kept * 3 < pair.calls.length, `${kept} commits for ${pair.calls.length} calls`)
  kept = 0
  await pair.run(60 * MINUTE)
  assert.ok(kept <= 4 * 60, `${kept} commits in an idle hour`)
})

// Seen red: when a request counts as sent when its intent was committed.
test('A request that had to wait for its turn may still take effect for the settle time from then on', async () => {
  const sent: number[] = []
  const pair = await pairOf({
    fault: ({ method, path }) => {
      if (method !== 'POST' || path !== '/posts.json') return null
      sent.push(pair.time.now())
      if (sent.length === 1)
        return {
          kind: 'answer-before',
          status: 429,
          headers: { 'retry-after': '300' },
          body: '{"errors":["slow down"]}',
        }
      return sent.length === 2 ? { kind: 'lose-request' } : null
    },
  })
  questions(pair, 1)
  await pair.run(15 * MINUTE)
  assert.equal(forumThreads(pair).length, 1)
  const [, second = 0, third = 0] = sent
  assert.ok(third - second >= MINUTE, `sent again after ${third - second} ms`)
})

// Seen red: when whoever waits for a turn is not turned away.
test('A service that ends does not wait for limits: what waits for its turn was not sent, and goes on in the next process', async () => {
  const pair = await pairOf()
  questions(pair, 100)
  const began = pair.time.now()
  await pair.run(10_000)
  assert.ok(pair.time.now() - began < 15_000, `it ended after ${pair.time.now() - began} ms`)
  assert.ok(forumThreads(pair).length < 100)
  const status = await pair.store.status(undefined)
  assert.ok(!JSON.stringify(status).includes('the service ends'))
  await pair.restart()
  await pair.sync()
  assert.equal(forumThreads(pair).length, 100)
})
