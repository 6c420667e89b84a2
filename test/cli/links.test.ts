import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { json, SPACE, worldOf } from './world.ts'

// Seen red: when what was given was not looked at before matching, the sync copied the thread and the topic.
test('links of an existing service are taken over from CSV: nothing is copied, and edits travel along them', async (t) => {
  const world = await worldOf(t)
  const message = world.chat.as('101').post(SPACE, 'what Ann said, in Chat')
  const topic = {
    title: 'Something of Ann, moved by the old service',
    raw: 'what Ann said, put otherwise',
    category: 2,
  }
  const made = world.forum.as('sync_bot').topic(topic)
  assert.ok(made.ok)
  const thread = message.thread?.name ?? ''
  const rows = [
    'pair,flow,a,b',
    `thread-topic,team,"${thread}",${made.topicId}`,
    `message-post,team,${message.name},${made.postId}`,
  ]
  writeFileSync(join(world.folder, 'links.csv'), `${rows.join('\r\n')}\r\n`)
  const given = await world.run('links', 'import', 'links.csv')
  assert.equal(given.code, 0, given.err)
  assert.match(given.out, /0 links taken over, 2 as soon as both items are seen/)

  const sync = await world.run('sync', '--yes')
  assert.equal(sync.code, 0, sync.out + sync.err)
  assert.match(sync.out, /^0 changes written/)
  const exported = await world.run('links', 'export')
  assert.ok(exported.out.startsWith('flow,pair,a,b\n'))
  assert.ok(exported.out.includes(`team,message-post,${message.name},${made.postId}\n`), exported.out)
  assert.match((await world.run('links')).out, /message-post/)
  world.chat.as('101').edit(message.name, 'what Ann says now, at length')
  assert.equal((await world.run('sync')).code, 0)
  assert.equal(world.forum.state().posts.get(made.postId)?.raw, 'what Ann says now, at length')

  const other = world.chat.as('101').post(SPACE, 'said later')
  writeFileSync(join(world.folder, 'wrong.csv'), `flow,pair,a,b\nteam,message-post,${other.name},${made.postId}\n`)
  const refused = await world.run('links', 'import', 'wrong.csv')
  assert.equal(refused.code, 3)
  assert.match(refused.out, /linked to something else/)
  writeFileSync(join(world.folder, 'none.csv'), 'a,b\n1,2\n')
  assert.equal(json(await world.run('links', 'import', 'none.csv', '--json')).error?.code, 'no-links')
  writeFileSync(join(world.folder, 'ragged.csv'), `flow,pair,a,b\nteam,message-post,1,2\nteam,message-post,"3\n`)
  assert.match((await world.run('links', 'import', 'ragged.csv')).err, /holds no links: .*[Qq]uote/)
  writeFileSync(join(world.folder, 'blank.csv'), 'flow,pair,a,b\n\nteam,message-post,,2\n')
  assert.match((await world.run('links', 'import', 'blank.csv')).err, /line 3 does not have a value for each/)
})
