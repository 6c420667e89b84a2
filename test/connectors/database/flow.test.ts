import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DATABASES } from './databases.ts'
import { ledgerOf, type Ledger } from './flow.ts'
import { troubled } from './troubled.ts'

const writes = ({ asked }: Ledger): readonly string[] =>
  asked
    .filter(({ do: what }) => what === 'create' || what === 'update' || what === 'delete')
    .map(({ do: what, kind }) => `${what} ${kind}`)

for (const { name, make } of DATABASES) {
  test(`${name}: rows and items become each other, and changes travel both ways once each`, async (t) => {
    const ledger = await ledgerOf(await make(t))
    const { far, bench } = ledger
    const { run } = bench.application
    run(
      `INSERT INTO bills (id, user_id, title, amount, due) VALUES (101, 17, 'rent', '1234567.89', '2026-03-29'), (102, 99, 'other', '1', NULL)`,
    )
    run(
      `INSERT INTO payments (id, user_id, bill_id, words) VALUES ('00000000-0000-0000-0000-000000000001', 17, 101, 'half')`,
    )
    far.add('bill', { title: 'tea', amount: '-0.10' })
    await ledger.sync()
    assert.deepEqual(
      far.living('bill').map(({ values }) => [values['title'], values['amount'], values['due'] ?? null]),
      [
        ['tea', '-0.10', null],
        ['rent', '1234567.89', '2026-03-29'],
      ],
    )
    assert.deepEqual(far.all('payment', 'words'), ['half'])
    assert.deepEqual(run('SELECT user_id, title FROM bills ORDER BY title'), [
      { user_id: 99, title: 'other' },
      { user_id: 17, title: 'rent' },
      { user_id: 17, title: 'tea' },
    ])
    run(`UPDATE bills SET title = 'rent and heat' WHERE id = 101`)
    const tea = far.living('bill').find(({ values }) => values['title'] === 'tea')
    far.set('bill', tea?.ref ?? '', { amount: '0.25' })
    await ledger.sync()
    assert.deepEqual(far.all('bill', 'title'), ['tea', 'rent and heat'])
    assert.equal(run(`SELECT CAST(amount AS TEXT) AS amount FROM bills WHERE title = 'tea'`)[0]?.['amount'], '0.25')
    run(`DELETE FROM bills WHERE id = 101`)
    far.drop('bill', tea?.ref ?? '')
    await ledger.sync()
    assert.deepEqual([far.all('bill', 'title'), far.all('payment', 'words')], [[], []])
    assert.deepEqual(run('SELECT title FROM bills'), [{ title: 'other' }])
    assert.deepEqual(writes(ledger), ['create bill', 'create payment', 'update bill', 'delete bill'])
    assert.deepEqual(await ledger.store.heldList({ flow: null }), [])
  })

  // Seen red: where nothing but a field tells of a move.
  test(`${name}: a row that gets another owner stands with that one's items, and with nobody else's`, async (t) => {
    const ledger = await ledgerOf(await make(t))
    const { far, bench } = ledger
    const { run } = bench.application
    run(`INSERT INTO bills (id, user_id, title, amount) VALUES (101, 17, 'rent', '650')`)
    run(
      `INSERT INTO payments (id, user_id, bill_id, words) VALUES ('00000000-0000-0000-0000-000000000001', 17, 101, 'half')`,
    )
    await ledger.sync()
    run(`UPDATE bills SET user_id = 18 WHERE id = 101`)
    run(`UPDATE payments SET user_id = 18 WHERE bill_id = 101`)
    await ledger.sync()
    assert.deepEqual(
      [...far.living('bill'), ...far.living('payment')].map(({ scope, values }) => [
        scope,
        values['title'] ?? values['words'],
      ]),
      [
        ['shelf-2', 'rent'],
        ['shelf-2', 'half'],
      ],
    )
    far.set('bill', far.living('bill')[0]?.ref ?? '', { amount: '700' })
    await ledger.sync()
    assert.deepEqual(run('SELECT user_id, CAST(amount AS TEXT) AS amount FROM bills'), [{ user_id: 18, amount: '700' }])
    assert.deepEqual(await ledger.store.heldList({ flow: null }), [])
  })

  // F7 and F8: what comes back is known by its values, and by nothing else.
  test(`F7 F8 ${name}: our own write comes back and is nothing new; an edit right after it is one`, async (t) => {
    const ledger = await ledgerOf(await make(t))
    const { far, bench } = ledger
    const { run } = bench.application
    far.add('bill', { title: 'tea', amount: '1' })
    await ledger.sync()
    run(`UPDATE bills SET amount = '2'`)
    await ledger.sync()
    await ledger.sync()
    assert.deepEqual(far.all('bill', 'amount'), ['2'])
    assert.deepEqual(writes(ledger), ['update bill'])
    bench.calls()
  })

  // Seen red: with an engine that does not listen.
  test(`${name}: while it runs, a commit of the application travels without waiting for a poll`, async (t) => {
    const ledger = await ledgerOf(await make(t))
    const { far, bench } = ledger
    await ledger.sync()
    const other = await bench.application.another()
    let begun = false
    await ledger.runUntil(() => {
      if (!begun && ledger.events.some((each) => each.is === 'read' && each.connection === 'app')) {
        begun = true
        setTimeout(() => other(`INSERT INTO bills (user_id, title) VALUES (17, 'at once')`), 300)
      }
      return far.all('bill', 'title').includes('at once')
    })
  })

  test(`F55 ${name}: a lost store makes nothing twice, for rows are matched again`, async (t) => {
    const ledger = await ledgerOf(await make(t))
    const { far, bench } = ledger
    bench.application.run(`INSERT INTO bills (user_id, title, amount) VALUES (17, 'rent', '5'), (17, 'gas', '6')`)
    far.add('bill', { title: 'tea', amount: '1' })
    await ledger.sync()
    const again = await ledger.anew()
    await again.sync()
    assert.equal(far.living('bill').length, 3)
    assert.equal(bench.application.run('SELECT title FROM bills').length, 3)
  })

  // Seen red, every other time: where what to wait for is counted from after the look, a timer that rings a little early
  // leaves the question until the next sweep.
  test(`F3 ${name}: a row whose making got no answer stands once, and so does what a lost update wrote`, async (t) => {
    const application = await make(t)
    const wire = troubled(application.databases)
    const ledger = await ledgerOf({ ...application, databases: wire.databases })
    const amounts = (): readonly unknown[] =>
      application.run('SELECT CAST(amount AS TEXT) AS amount FROM bills').map(({ amount }) => amount)
    await ledger.sync()
    const tea = ledger.far.add('bill', { title: 'tea', amount: '1' })
    wire.trouble('lose-response')
    const isWritten = (action: string): boolean =>
      ledger.events.some((each) => each.is === 'wrote' && each.action === action)
    await ledger.runUntil(() => isWritten('create'))
    assert.deepEqual([wire.isArmed(), amounts()], [false, ['1']])
    ledger.far.set('bill', tea, { amount: '2' })
    wire.trouble('lose-response')
    await ledger.runUntil(() => isWritten('update'))
    await ledger.sync()
    assert.deepEqual([wire.isArmed(), amounts(), ledger.far.all('bill', 'amount')], [false, ['2'], ['2']])
    assert.deepEqual(await ledger.store.heldList({ flow: null }), [])
  })
}
