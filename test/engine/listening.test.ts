/** What a service that was stopped, or whose webhooks did not come, missed of changes that webhooks alone tell. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pairOf, SPACE, type Pair } from './pair.ts'
import { chatThreads, done, postWith, topicWith } from './views.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** A question with an answer that is so old that no feed shows an edit of it any more. */
async function grown(webhooks = true): Promise<Pair> {
  const pair = await pairOf({ webhooks, settings: { pollMs: 10 * MINUTE, auditMs: 1000 * HOUR } })
  pair.chat.as('101').post(SPACE, 'what do you think?')
  await pair.run(5 * MINUTE)
  done(pair.discourse.as('cyd').reply(topicWith(pair, 'what do you'), 'a first thought about it all'))
  await pair.run(MINUTE)
  for (let i = 0; i < 60; i += 1) pair.chat.as('101').post(SPACE, `another question, number ${i}`)
  await pair.run(30 * MINUTE)
  return pair
}

function edit(pair: Pair): void {
  done(pair.discourse.as('cyd').edit(postWith(pair, 'a first thought'), 'a second thought about it all'))
}

function answers(pair: Pair): string[] {
  return chatThreads(pair).at(-1) ?? []
}

/** How often the forum was read whole since. */
function listings(pair: Pair, from: number): number {
  return pair.events
    .slice(from)
    .filter((event) => event.is === 'listed' && event.connection === 'forum' && event.complete).length
}

async function stopped(pair: Pair, ms: number, meanwhile: () => void): Promise<void> {
  pair.post.toNobody()
  meanwhile()
  await pair.time.run(pair.time.now() + ms)
  await pair.restart()
}

// Red when: note() wants no listing.
test('an edit and a deletion of old posts, whose webhooks met a stopped service, arrive soon after its start', async () => {
  const pair = await grown()
  done(pair.discourse.as('dan').reply(topicWith(pair, 'what do you'), 'and one of Dan, long enough'))
  await pair.run(MINUTE)
  await stopped(pair, 3 * HOUR, () => {
    edit(pair)
    done(pair.discourse.as('dan').remove(postWith(pair, 'and one of Dan')))
  })
  assert.equal(answers(pair).length, 3)
  await pair.run(5 * MINUTE)
  assert.deepEqual(answers(pair), ['what do you think?', 'Cyd Fox: a second thought about it all'])
})

// Red when: PAUSE_MS is 0; when the end of a run is not noted.
test('an engine that begins anew while webhooks are taken reads nothing whole again, and nor does one that goes on', async () => {
  const pair = await grown()
  await stopped(pair, 50, () => undefined)
  const before = pair.events.length
  await pair.run(30 * MINUTE)
  assert.equal(listings(pair, before), 0)
})

// Red when: the listings are wanted at each turn until one is done.
test('after a long pause each scope is read whole once', async () => {
  const pair = await grown()
  await stopped(pair, HOUR, () => undefined)
  const before = pair.events.length
  await pair.run(30 * MINUTE)
  assert.equal(listings(pair, before), 1)
})

// Red when: note() does not ask whether a webhook ever came.
test('where no webhook ever came a pause missed nothing that the audit would not have found as well', async () => {
  const pair = await grown(false)
  await pair.time.run(pair.time.now() + HOUR)
  await pair.restart()
  const before = pair.events.length
  await pair.run(30 * MINUTE)
  assert.equal(listings(pair, before), 0)
})

// Red when: a connection counts as listened to although its webhooks have stopped.
test('what was edited while webhooks did not come arrives soon after they come again', async () => {
  const pair = await grown()
  const begin = (title: string): unknown =>
    done(pair.discourse.as('dan').topic({ title, raw: 'A text of Dan, long enough', category: 2 }))
  pair.post.toNobody()
  edit(pair)
  for (let hour = 1; hour <= 4; hour += 1) pair.time.after(hour * HOUR, () => begin(`A topic of Dan in hour ${hour}`))
  await pair.run(5 * HOUR)
  assert.equal(answers(pair).at(-1), 'Cyd Fox: a first thought about it all')
  pair.post.to(pair.store, () => pair.engine.wake())
  begin('They come again, it seems to Dan')
  await pair.run(5 * MINUTE)
  assert.equal(answers(pair).at(-1), 'Cyd Fox: a second thought about it all')
})
