import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from '../../../src/connector/index.ts'
import { pagesOf } from '../runtime.ts'
import { benchOf } from './bills.ts'
import { DATABASES } from './databases.ts'

function briefly(changes: readonly Change[]): readonly string[] {
  return changes.map((change) =>
    'gone' in change
      ? `${change.kind} ${change.ref} ${change.gone} in ${change.scope}`
      : 'unread' in change
        ? `${change.kind} ${change.ref} unread`
        : `${change.kind} ${change.ref} in ${change.scope}: ${String(change.values['title'] ?? change.values['words'])}`,
  )
}

for (const { name, make } of DATABASES) {
  test(`${name}: what is new, changed, moved and deleted after a cursor is told, each once, and nothing of other owners`, async (t) => {
    const bench = await benchOf(await make(t))
    const { run } = bench.application
    run(
      `INSERT INTO bills (id, user_id, title) VALUES (1, 17, 'rent'), (2, 17, 'gas'), (3, 17, 'tea'), (4, 99, 'other')`,
    )
    const begun = await bench.pull(null)
    assert.deepEqual(briefly(begun.changes), [])
    run(`INSERT INTO bills (id, user_id, title) VALUES (5, 17, 'new')`)
    run(`UPDATE bills SET title = 'rent and heat' WHERE id = 1`)
    run(`UPDATE bills SET title = 'rent, heat' WHERE id = 1`)
    run(`DELETE FROM bills WHERE id = 2`)
    run(`UPDATE bills SET user_id = 99 WHERE id = 3`)
    run(`UPDATE bills SET title = 'nobody asks' WHERE id = 4`)
    bench.calls()
    const next = await bench.pull(begun.cursor)
    assert.equal(bench.calls(), 1)
    assert.deepEqual(briefly(next.changes).toSorted(), [
      'bill 1 in 17: rent, heat',
      'bill 2 deleted in 17',
      'bill 3 in 99: tea',
      'bill 5 in 17: new',
    ])
    assert.deepEqual((await bench.pull(next.cursor)).changes, [])
    assert.deepEqual(briefly((await bench.pull(begun.cursor)).changes).toSorted(), briefly(next.changes).toSorted())
  })

  test(`${name}: a listing names every row of a scope, page by page, from any of them on, and no other`, async (t) => {
    const bench = await benchOf(await make(t))
    bench.application.run('BEGIN')
    for (let at = 0; at < 1203; at += 1)
      bench.application.run(
        `INSERT INTO bills (id, user_id, title) VALUES ($1, $2, $3)`,
        at + 1,
        at % 2 === 0 ? 17 : 99,
        `bill ${at}`,
      )
    bench.application.run('COMMIT')
    const listed = await bench.list('17')
    assert.deepEqual([listed.length, new Set(listed.map(({ ref }) => ref)).size], [602, 602])
    const feed = bench.connector.feeds['rows']
    assert.ok(feed)
    const before = new Set<string>()
    for (const { changes, cursor, complete } of await pagesOf(feed.list(bench.call('17'), null))) {
      for (const { ref } of changes) before.add(ref)
      if (complete === true) break
      const rest: readonly Change[] = (await pagesOf(feed.list(bench.call('17'), cursor))).flatMap(
        (page) => page.changes,
      )
      assert.equal(rest.length, 602 - before.size)
      assert.equal(new Set([...before, ...rest.map(({ ref }) => ref)]).size, 602)
    }
    assert.deepEqual(briefly(await bench.list('')), ['owner 17 in : undefined', 'owner 99 in : undefined'])
  })
}
