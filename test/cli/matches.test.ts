import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SPACE, worldOf } from './world.ts'

// Seen red: when the reason was not kept, nothing was told as paired by its text.
test('before a first sync the plan tells who matches whom, who is alone, and what could be either of two', async (t) => {
  const world = await worldOf(t)
  const ann = world.chat.as('101')
  const same = 'The very same words, on both sides'
  ann.post(SPACE, same)
  ann.post(SPACE, 'only in Chat so far')
  for (const text of ['Said twice here, once there', 'Said twice here, once there']) ann.post(SPACE, text)
  for (const text of [same, 'Said twice here, once there', 'only in the forum so far']) {
    const made = world.forum.as('sync_bot').topic({ title: text, raw: text, category: 2 })
    assert.ok(made.ok, JSON.stringify(made))
  }
  const plan = await world.run('plan')
  assert.match(plan.out, /What stands there already:/)
  assert.match(plan.out, /team space-category: 1 paired as the configuration says/)
  assert.match(
    plan.out,
    /team thread-topic: 1 paired by equal title · alone: 3 in chat, 2 in forum · 3 could be either of two and are held/,
  )
  assert.match(plan.out, /team message-post: 1 paired by equal text · alone: 3 in chat, 2 in forum/)
  const after = await world.run('sync', '--yes')
  assert.equal(after.code, 3, after.out + after.err)
  assert.doesNotMatch((await world.run('plan')).out, /What stands there already/)
})
