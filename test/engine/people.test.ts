import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Json } from '../../src/connector/index.ts'
import type { Sort } from './table.ts'
import { preview } from '../../src/engine/preview.ts'
import { tablesOf, type Tables, type TablesOptions } from './tables.ts'

const TASK: Sort = {
  fields: { title: { type: 'text', required: true }, team: { type: 'person', many: 'set' }, lead: { type: 'person' } },
  match: ['title'],
  finds: true,
}

async function tasks(options: Partial<TablesOptions> = {}): Promise<Tables> {
  const tables = await tablesOf({ a: { task: TASK }, b: { task: TASK }, ...options })
  await tables.approve()
  return tables
}

async function map({ store, time, engine }: Tables, a: string, b: string): Promise<unknown> {
  const { allWatches: watches } = engine.world.model
  const persons = [
    { connection: 'a', ref: a },
    { connection: 'b', ref: b },
  ]
  return store.mapPeople({ persons, watches, now: time.now() })
}

async function unmap({ store, time, engine }: Tables, connection: 'a' | 'b', ref: string): Promise<unknown> {
  const { allWatches: watches } = engine.world.model
  return store.unmapPerson({ person: { connection, ref }, watches, now: time.now() })
}

async function gaps({ store }: Tables): Promise<string[]> {
  return (await store.divergences(undefined)).map(
    ({ side, ref, lens, people }) => `${side} ${ref} ${lens}: ${people.join()}`,
  )
}

async function planned({ engine }: Tables): Promise<string[]> {
  const found: string[] = []
  for (const model of engine.world.model.flows)
    for await (const { line } of preview(engine.world, model)) found.push(`${line.do} ${line.side} ${line.ref}`)
  return found
}

function updates({ asked }: Tables, side: 'a' | 'b'): Json[] {
  return asked.filter((each) => each.do === 'update' && each.side === side).flatMap(({ values }) => [...values])
}

const MIA = [
  [
    { connection: 'a', ref: 'u-mia' },
    { connection: 'b', ref: 'x-mia' },
  ],
]

// Seen red with an alias that is never looked up: nobody travels.
test('people: whom both sides know travels both ways; who is unknown there stays, is named, and nobody is removed', async () => {
  const tables = await tasks({ aliases: MIA })
  const { a, b } = tables
  const ref = a.add('task', { title: 'one', team: ['u-mia', 'u-carl'], lead: 'u-carl' })
  await tables.sync()
  assert.deepEqual(b.all('task', 'team'), [['x-mia']])
  assert.deepEqual(b.all('task', 'lead'), [null])
  assert.deepEqual(await gaps(tables), [`a ${ref} lead: u-carl`, `a ${ref} team: u-carl`])
  b.set('task', 'task-2', { team: ['x-mia', 'x-eve'], title: 'two' })
  await tables.sync()
  assert.deepEqual(a.all('task', 'team'), [['u-mia', 'u-carl']])
  assert.deepEqual(a.all('task', 'title'), ['two'])
  b.set('task', 'task-2', { team: ['x-eve'] })
  await tables.sync()
  assert.deepEqual(a.all('task', 'team'), [['u-carl']])
  a.set('task', ref, { team: ['u-mia'] })
  await tables.sync()
  assert.deepEqual(b.all('task', 'team'), [['x-mia', 'x-eve']])
  assert.deepEqual(await gaps(tables), [`a ${ref} lead: u-carl`, 'b task-2 team: x-eve'])
})

test('people: a person mapped later is filled in where they are missing, on both sides, and nothing else is planned', async () => {
  const tables = await tasks({ aliases: MIA })
  const { a, b, asked } = tables
  const one = a.add('task', { title: 'one', team: ['u-mia', 'u-carl'], lead: 'u-carl' })
  a.add('task', { title: 'alone', team: ['u-mia'] })
  await tables.sync()
  const [first] = b.living('task')
  b.set('task', first?.ref ?? '', { team: ['x-mia', 'x-eve'] })
  await tables.sync()
  asked.length = 0
  assert.deepEqual(await map(tables, 'u-carl', 'x-carl'), { concerned: 1 })
  assert.deepEqual(await planned(tables), ['update b task-2'])
  assert.deepEqual(await map(tables, 'u-eve', 'x-eve'), { concerned: 1 })
  await tables.sync()
  assert.deepEqual(b.all('task', 'team'), [['x-carl', 'x-mia', 'x-eve'], ['x-mia']].map(sorted))
  assert.deepEqual(b.all('task', 'lead'), ['x-carl', null])
  assert.deepEqual(sorted(a.get('task', one).values['team']), ['u-carl', 'u-eve', 'u-mia'])
  assert.deepEqual(await gaps(tables), [])
  assert.equal(updates(tables, 'a').length + updates(tables, 'b').length, 2)
})

test('people: an entry that changes or goes writes nothing, what differs from then on is told, and later edits travel', async () => {
  const tables = await tasks({ aliases: MIA })
  const { a, b, asked } = tables
  await map(tables, 'u-carl', 'x-carl')
  const one = a.add('task', { title: 'one', team: ['u-mia', 'u-carl'], lead: 'u-carl' })
  await tables.sync()
  asked.length = 0
  await map(tables, 'u-carl', 'x-new')
  await tables.sync()
  assert.deepEqual(updates(tables, 'a').concat(updates(tables, 'b')), [])
  assert.deepEqual(await gaps(tables), [
    `a ${one} lead: `,
    `a ${one} team: `,
    'b task-2 lead: x-carl',
    'b task-2 team: x-carl',
  ])
  a.set('task', one, { team: ['u-mia', 'u-carl', 'u-eve'] })
  await map(tables, 'u-eve', 'x-eve')
  await tables.sync()
  assert.deepEqual(b.all('task', 'team').map(sorted), [['x-carl', 'x-eve', 'x-mia']])
  assert.deepEqual(b.all('task', 'lead'), ['x-carl'])
  await unmap(tables, 'a', 'u-carl')
  await unmap(tables, 'a', 'u-eve')
  await tables.sync()
  assert.equal(updates(tables, 'a').length + updates(tables, 'b').length, 1)
  await map(tables, 'u-carl', 'x-carl')
  await map(tables, 'u-eve', 'x-eve')
  await tables.sync()
  assert.equal(updates(tables, 'a').length + updates(tables, 'b').length, 1)
  assert.deepEqual(await gaps(tables), [])
  b.set('task', 'task-2', { lead: 'x-eve' })
  await tables.sync()
  assert.deepEqual(a.all('task', 'lead'), ['u-eve'])
})

// Seen red: when whoever changed here and stays as well counts as what writes over the one who stays there.
test('people: of two who are nobody on the other side both are told, whoever came last', async () => {
  const tables = await tasks({ aliases: MIA })
  const { a, b } = tables
  const one = a.add('task', { title: 'one', lead: 'u-mia' })
  await map(tables, 'u-carl', 'x-carl')
  const two = a.add('task', { title: 'two', lead: 'u-carl' })
  await tables.sync()
  await unmap(tables, 'a', 'u-carl')
  a.set('task', two, { lead: 'u-eve' })
  a.set('task', one, { lead: 'u-eve' })
  await tables.sync()
  assert.deepEqual(b.all('task', 'lead'), ['x-mia', 'x-carl'])
  assert.deepEqual(await gaps(tables), [`a ${one} lead: u-eve`, `a ${two} lead: u-eve`, 'b task-3 lead: x-carl'])
})

// Seen red: when what stands at the source and is known to nobody there may be written over from where no change travels.
test('people: on a one-way flow that takes changes back, nobody is named in the refs of the other side', async () => {
  const tables = await tasks({ aliases: MIA, oneWay: 'restore' })
  const { a, b } = tables
  await map(tables, 'u-carl', 'x-carl')
  const one = a.add('task', { title: 'one', lead: 'u-carl' })
  await tables.sync()
  await unmap(tables, 'a', 'u-carl')
  b.set('task', 'task-2', { lead: 'x-mia' })
  await tables.sync()
  assert.deepEqual(b.all('task', 'lead'), ['x-mia'])
  assert.deepEqual(await gaps(tables), [`a ${one} lead: u-carl`])
})

// Seen red without the question about strangers: the directory is not read again for somebody new.
test('people: an e-mail that both directories show makes two persons one, and a name never does', async () => {
  const tables = await tasks({ people: { a: false, b: false } })
  const { a, b } = tables
  a.people = [
    { ref: 'u-mia', name: 'Mia', email: 'Mia@example.org' },
    { ref: 'u-tom', name: 'Tom' },
  ]
  b.people = [
    { ref: 'x-mia', name: 'M.', email: 'mia@example.org' },
    { ref: 'x-tom', name: 'Tom', email: 'tom@example.org' },
  ]
  const one = a.add('task', { title: 'one', team: ['u-mia', 'u-tom'] })
  await tables.sync()
  assert.deepEqual(b.all('task', 'team'), [['x-mia']])
  const [gap] = await tables.store.divergences(undefined)
  assert.match(gap?.why ?? '', /Tom \(u-tom\) stays here: nobody there is known to be the same person/)
  a.people = [...a.people.slice(0, 1), { ref: 'u-tom', name: 'Tom', email: 'tom@example.org' }]
  a.set('task', one, { team: ['u-mia', 'u-tom', 'u-guest'] })
  await tables.run(3 * 60_000)
  assert.deepEqual(b.all('task', 'team').map(sorted), [['x-mia', 'x-tom']])
  assert.deepEqual(await gaps(tables), [`a ${one} team: u-guest`])
})

test('people: where refs are e-mails anybody is known by theirs, unless they were said to be nobody there', async () => {
  const tables = await tasks({ people: { a: false, b: true } })
  const { a, b } = tables
  a.people = [
    { ref: 'u-mia', email: 'mia@example.org' },
    { ref: 'u-tom', email: 'tom@example.org' },
  ]
  await unmap(tables, 'b', 'tom@example.org')
  const one = a.add('task', { title: 'one', team: ['u-mia', 'u-tom'] })
  await tables.sync()
  assert.deepEqual(b.all('task', 'team'), [['mia@example.org']])
  assert.deepEqual(await gaps(tables), [`a ${one} team: u-tom`])
  b.set('task', 'task-2', { team: ['Mia@Example.org', 'new@example.org'] })
  await tables.sync()
  assert.deepEqual(a.all('task', 'team'), [['u-mia', 'u-tom']])
  await map(tables, 'u-tom', 'tom@example.org')
  await tables.sync()
  assert.deepEqual(sorted(b.living('task')[0]?.values['team']), [
    'mia@example.org',
    'new@example.org',
    'tom@example.org',
  ])
})

// Seen red: "Mira" was sent to the other system as an e-mail.
test('people: where refs are e-mails on both sides anybody travels, and what is no e-mail stays', async () => {
  const tables = await tasks({ people: { a: true, b: true } })
  const { a, b } = tables
  const one = a.add('task', { title: 'one', team: ['mia@example.org', 'Mira', 'Jo <jo@example.org>'] })
  await tables.sync()
  assert.deepEqual(b.all('task', 'team'), [['mia@example.org']])
  assert.deepEqual(await gaps(tables), [`a ${one} team: Mira,Jo <jo@example.org>`])
  b.set('task', 'task-2', { team: ['mia@example.org', 'zoe@example.org'] })
  await tables.sync()
  assert.deepEqual(sorted(a.living('task')[0]?.values['team']), [
    'Jo <jo@example.org>',
    'Mira',
    'mia@example.org',
    'zoe@example.org',
  ])
})

test('people: two items that stand on both sides are the same although not all of their people are known', async () => {
  const tables = await tasks({ aliases: MIA })
  const { a, b } = tables
  a.add('task', { title: 'one', team: ['u-mia', 'u-carl'] })
  b.add('task', { title: 'one', team: ['x-mia', 'x-eve'], lead: 'x-mia' })
  await tables.sync()
  assert.deepEqual(a.all('task', 'team'), [['u-mia', 'u-carl']])
  assert.deepEqual(b.all('task', 'team'), [['x-mia', 'x-eve']])
  await map(tables, 'u-carl', 'x-eve')
  await tables.sync()
  assert.deepEqual(await gaps(tables), [])
  assert.deepEqual(
    updates(tables, 'b')
      .concat(updates(tables, 'a'))
      .filter((each) => JSON.stringify(each).includes('team')),
    [],
  )
})

test('people: so many that are filled in at once are held by the brake like any updates', async () => {
  const tables = await tasks({ aliases: MIA })
  const { a, b } = tables
  for (let index = 0; index < 101; index += 1) a.add('task', { title: `task ${index}`, team: ['u-carl'] })
  await tables.sync()
  await map(tables, 'u-carl', 'x-carl')
  await tables.sync()
  assert.deepEqual(new Set(b.all('task', 'team')), new Set([null]))
  const held = await tables.store.heldList({ flow: 'team' })
  assert.deepEqual(new Set(held.map(({ reason }) => reason)), new Set(['brake']))
})

function sorted(value: unknown): unknown {
  return Array.isArray(value) ? value.toSorted() : value
}
