/** Who is who over PostgreSQL: every verb answers as it does on SQLite. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupCommit } from '../../src/store/group-commit.ts'
import { storeFrom } from '../../src/store/open.ts'
import type { KindReading } from '../../src/store/verbs/kin.ts'
import { keptInPostgres } from './kept-in-postgres.ts'

const TASK: KindReading = {
  kind: 'task',
  feed: 'all',
  takes: [],
  unique: [],
  people: { fields: ['team'], areEmails: false },
  children: [],
  gets: true,
  parentField: null,
  ordered: false,
  lagMs: 0,
}
const SIDES = [{ connection: 'a', areEmails: false } as const, { connection: 'b', areEmails: false } as const] as const

test('on PostgreSQL: who is one is said, told by directories and asked as on SQLite', async (t) => {
  const store = storeFrom(groupCommit(await keptInPostgres(t)(1).driver()))
  await store.start({
    now: 1,
    flows: [{ id: 'team', title: 'Team', fingerprint: 'a b' }],
    connections: ['a', 'b'].map((id) => ({ id, connector: id })),
  })
  const watch = { flow: 'team', pair: 'task', kind: 'task', rank: 0, container: true }
  const watches = { a: [{ ...watch, side: 'a' as const }], b: [{ ...watch, side: 'b' as const }] }
  const readings = { a: [TASK], b: [TASK] }
  const people = [
    [
      { connection: 'a', ref: 'u-mia' },
      { connection: 'b', ref: 'mia@example.org' },
    ],
  ]
  await store.givePeople({ people, readings, watches, now: 2 })
  const team = ['u-mia', 'u-tom', 'u-carl']
  await store.observe({
    connection: 'a',
    now: 3,
    readAt: 3,
    changes: [{ kind: 'task', scope: 's', ref: 't', values: { team } }],
    kinds: [TASK],
    watches: watches.a,
  })
  assert.equal(await store.strangers({ connection: 'a', since: 1 }), true)
  const tell = (connection: 'a' | 'b', ref: string, email: string): Promise<number> =>
    store.notePeople({ connection, people: [{ ref, name: ref, email }], watches, now: 4 })
  assert.equal(await tell('b', 'x-mia', 'Mia@example.org'), 1)
  assert.equal(await tell('b', 'x-tom', 'tom@example.org'), 0)
  assert.equal(await tell('a', 'u-tom', 'tom@example.org'), 1)
  const both = [
    { connection: 'a', ref: 'u-carl' },
    { connection: 'b', ref: 'x-carl' },
  ]
  assert.deepEqual(await store.mapPeople({ persons: both, watches, now: 5 }), { concerned: 1 })
  const refused = await store.unmapPerson({ person: { connection: 'a', ref: 'u-mia' }, watches, now: 6 })
  assert.deepEqual(refused, { refused: { connection: 'a', ref: 'u-mia' } })
  const flows = [{ flow: 'team', a: SIDES[0], b: SIDES[1] }]
  const aliases = async (): Promise<readonly string[]> =>
    (await store.people({ flows })).flatMap((each) => each.aliases.map(({ ref, by }) => `${each.ref} ${ref} ${by}`))
  assert.deepEqual(await aliases(), [
    'u-carl x-carl command',
    'u-mia x-mia configuration',
    'u-tom x-tom e-mail',
    'x-mia u-mia configuration',
    'x-tom u-tom e-mail',
  ])
  await store.unmapPerson({ person: { connection: 'b', ref: 'x-tom' }, watches, now: 7 })
  await store.givePeople({ people: [], readings: { a: [], b: [] }, watches, now: 8 })
  assert.deepEqual(await aliases(), ['u-carl x-carl command'])
})
