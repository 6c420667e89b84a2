import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shellWord } from '../../src/words/text.ts'
import { READY, json, worldOf } from './world.ts'

test('people are mapped by command, also while the service runs; the configuration goes before', async (t) => {
  const world = await worldOf(t)
  assert.match((await world.run('people')).out, /Everybody whom items name is known/)
  const mapped = await world.run('people', 'map', 'chat:users/101', 'forum:2')
  assert.equal(mapped.code, 0, mapped.err)
  assert.match(mapped.out, /chat:users\/101 and forum:2 are one person\. No item names them\./)
  for (const wrong of [['chat:users/101'], ['chat:users/101', 'chat:users/102'], ['chat', 'forum:2']]) {
    const refused = await world.run('people', 'map', ...wrong)
    assert.equal(refused.code, 2)
    assert.match(refused.err, /Nobody was mapped/)
  }
  assert.match((await world.run('people', 'map', 'chat:users/101', 'fourm:2')).err, /no connection "fourm"/)

  world.configure((text) => `${text}\npeople:\n  - { chat: users/101, forum: 3 }\n`)
  await world.run('sync', '--yes')
  const service = world.start('run')
  await service.says(READY)
  const refused = await world.run('people', 'unmap', 'chat:users/101')
  assert.match(refused.err, /The configuration says who chat:users\/101 is/)
  const given = await world.run('people', 'map', 'chat:users/102', 'forum:4', '--json')
  assert.deepEqual(json(given)['concerned'], 0)
  service.child.kill('SIGTERM')
  await service.ended
})

// Seen red: `lockstep people map app:Jo <jo@example.org> …` read a file of that name.
test('who is to be mapped is told as a shell takes it for one word', () => {
  assert.equal(shellWord('chat:users/101'), 'chat:users/101')
  assert.equal(shellWord('app:noor+team@example.org'), 'app:noor+team@example.org')
  assert.equal(shellWord("app:Jo O'Neill <jo@example.org>"), `'app:Jo O'\\''Neill <jo@example.org>'`)
})
