/** What goes along when a flow gets another name, and what is left of one that is forgotten. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noticedName } from '../../src/engine/others.ts'
import { backfillName } from '../../src/service/assembly.ts'
import { KINDS } from './kinds.ts'

const connections = { a: 'x', b: 'y' }
const kinds = { a: 'page', b: 'page' }
const link = (ref: string) => ({
  pair: 'pages',
  connections,
  kinds,
  refs: { a: ref, b: ref },
  base: { a: {}, b: {} },
  complement: {},
  incarnation: 0,
  late: false,
  about: null,
})
const given = (a: string) => ({ pair: 'pages', a, b: `b ${a}` })
const child = { pair: 'notes', side: 'a', ref: 'child', generation: 1, since: 1, attempts: 0, raised: false } as const
const parent = {
  for: 'parent',
  isAway: false,
  side: 'a',
  kind: 'page',
  ref: 'parent',
  pair: 'pages',
  rank: 0,
  feed: 'pages',
  scope: 'room',
} as const

for (const [name, open] of Object.entries(KINDS)) {
  // Seen red: where what waits keeps the old name, and without each of the tables and names that are added here.
  test(`${name}: with a flow go what waits for something of it, the links that people gave, and what was asked once`, async (t) => {
    const { store, sql } = await open(t)
    const start = (id: string) =>
      store.start({ now: 1, flows: [{ id, title: id, fingerprint: 'x y' }], connections: [] })
    const waiting = () =>
      sql
        .get('SELECT flow, waits_for FROM due')
        .all()
        .map((row) => ({ ...row }))
    await start('old')
    await store.adopt({ flow: 'old', links: [link('1')], holds: [], now: 1, container: false })
    sql
      .get(
        `INSERT INTO due (flow, pair, side, ref, generation, rank, created_at, since, claimed) VALUES ('old', 'notes', 'a', 'child', 1, 1, '', 1, 1)`,
      )
      .run()
    const subject = { pair: 'notes', dues: [child], refs: { a: 'child', b: null }, settle: [], gaps: null, holds: [] }
    const settle = (flow: string) => {
      const dues = sql
        .get('SELECT generation FROM due')
        .all()
        .map(({ generation }) => ({ ...child, generation: Number(generation) }))
      return store.settle({
        flow,
        connections,
        now: 2,
        subjects: [{ ...subject, dues, wait: parent, ended: [], going: false }],
      })
    }
    await settle('old')
    assert.deepEqual(waiting(), [{ flow: 'old', waits_for: 'item old a page parent' }])
    await store.giveLinks({ links: [given('1'), given('2')].map((each) => ({ flow: 'old', ...each })) })
    await store.giveLinks({ links: [given('2'), given('3')].map((each) => ({ flow: 'new', ...each })) })
    const names = [backfillName, noticedName]
    for (const nameOf of names) await store.setMeta({ name: nameOf('old'), value: 'said' })

    assert.equal(await store.adoptFlow({ from: 'old', to: 'new', fingerprint: 'x y' }), 1)
    assert.deepEqual(waiting(), [{ flow: 'new', waits_for: null }])
    await settle('new')
    assert.deepEqual(waiting(), [{ flow: 'new', waits_for: 'item new a page parent' }])
    await store.adopt({ flow: 'new', links: [link('parent')], holds: [], now: 3, container: false })
    assert.deepEqual(waiting(), [{ flow: 'new', waits_for: null }])
    assert.deepEqual(
      (await store.givenLinks({ flow: 'new' })).map(({ a }) => a),
      ['1', '2', '3'],
    )
    assert.deepEqual(await store.givenLinks({ flow: 'old' }), [])
    const said = (flow: string) => Promise.all(names.map((nameOf) => store.getMeta({ name: nameOf(flow) })))
    assert.deepEqual(
      [await said('old'), await said('new')],
      [
        [null, null],
        ['said', 'said'],
      ],
    )

    await store.forgetFlow({ flow: 'new' })
    assert.deepEqual([await said('new'), await store.givenLinks({ flow: 'new' })], [[null, null], []])
  })
}
