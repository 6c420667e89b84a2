import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stageOf } from '../../demo/stage.ts'
import { handMade, made } from './pair.ts'

const COPY = '**Ann Lee** in Google Chat:\n\nok'

// Seen red: when what stands there and what is awaited were added up, the second was never told.
test('two of one text are both told as arrived, also when the first stands there before anybody looked', async (t) => {
  const { chat, forum, topic } = await handMade((end) => t.after(end))
  const stage = stageOf(chat, forum, () => 0)
  const another = { in: 'forum', text: 'ok', change: 'more' } as const
  stage.expect(1, [another])
  made(forum.as('lockstep').reply(topic, COPY))
  stage.expect(2, [another])
  const told = stage.arrivals().map(({ id }) => id)
  assert.deepEqual(told, [1])
  made(forum.as('lockstep').reply(topic, COPY))
  assert.deepEqual(
    stage.arrivals().map(({ id }) => id),
    [2],
  )
})
