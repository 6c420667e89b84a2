import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupCommit } from '../../src/store/group-commit.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { inThread } from '../../src/store/sqlite/in-thread.ts'
import { storeFrom } from '../../src/store/open.ts'
import { verbs } from '../../src/store/verbs/index.ts'

// Seen red: when what was never planned was told, and when a flow that got its links from another began without its settings.
test('a flow is told as set anew until its new settings are noted, and keeps them under another name', async () => {
  const migrations = new URL('../../src/store/migrations/', import.meta.url)
  const store = storeFrom(groupCommit(inThread(openDatabase({ path: ':memory:', migrations, now: 0 }).db, verbs)))
  const start = (ids: readonly string[]): Promise<unknown> =>
    store.start({ now: 0, flows: ids.map((id) => ({ id, title: id, fingerprint: 'a b' })), connections: [] })
  const anew = (...flows: readonly string[]): Promise<readonly string[]> =>
    store.setAnew({ flows: flows.map((flow) => ({ flow, settings: flow === 'calm' ? 'as ever' : 'other' })) })
  await start(['calm', 'team'])
  assert.deepEqual(await store.setAnew({ flows: ['calm', 'team'].map((flow) => ({ flow, settings: 'as ever' })) }), [])
  assert.deepEqual(await anew('calm', 'team'), ['team'])
  assert.deepEqual(await anew('calm', 'team'), ['team'])
  await store.noteSettings({ flow: 'team', settings: 'other' })
  assert.deepEqual(await anew('calm', 'team'), [])

  await start(['calm', 'crew'])
  assert.equal(await store.adoptFlow({ from: 'calm', to: 'crew', fingerprint: 'a b' }), 0)
  assert.deepEqual(await anew('crew'), ['crew'])
})
