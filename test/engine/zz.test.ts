import { test } from 'node:test'
import { pairOf, SPACE } from './pair.ts'
import { chatThreads, done, forumThreads, topicWith, writes } from './views.ts'
test('dbg', async () => {
  const pair = await pairOf({ webhooks: true })
  const first = pair.chat.as('101').post(SPACE, 'a question of Ann')
  pair.chat.as('102').post(SPACE, 'ok', { thread: first.name })
  done(pair.discourse.as('cyd').topic({ title: 'Something of the forum', raw: 'A text of Cyd, long enough', category: 2 }))
  await pair.sync()
  done(pair.discourse.as('dan').reply(topicWith(pair, 'a question'), 'a reply of Dan, long enough'))
  await pair.run(300_000)
  const before = writes(pair).length
  await pair.loseStore()
  await pair.run(1800_000)
  console.log(writes(pair).slice(before), chatThreads(pair), forumThreads(pair))
  const journal = await pair.store.journal({ limit: 100, after: 0 })
  console.log(journal.map((j) => [j.pair, j.action, j.side, j.refs.a, j.refs.b, j.why].join(' ')))
  console.log(await pair.store.heldList({ flow: null }), await pair.store.divergences(undefined))
})
