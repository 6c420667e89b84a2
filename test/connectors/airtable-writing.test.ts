/** What the Airtable connector writes, ten records in a call. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectorError, type Item, type Json } from '../../src/connector/index.ts'
import { ANN, BASE, PEOPLE, TASKS, testBase, type TestBase } from './airtable-base.ts'

const create = async (base: TestBase, key: string, values: Readonly<Record<string, Json>>, kind = 'task') => {
  const made = await base.kind(kind).create?.(base.call(), { key, values, since: 0 })
  const item = made?.[0]
  assert.ok(item !== undefined && 'values' in item)
  return item
}

const failsWith = (failure: string, words: RegExp) => (error: unknown) =>
  error instanceof ConnectorError && error.failure === failure && words.test(error.message)

const KEY = 'k'.repeat(40)

test('a record is made with its sync id, in one call, and read as it was written', async () => {
  const base = testBase()
  const dee = base.airtable.as(ANN, BASE).add(PEOPLE, { Name: 'Dee' })
  const values = {
    name: 'Write',
    status: 'Open',
    hours: '12.50',
    done: false,
    due: '2026-12-01',
    seen: '2026-12-01T08:00:00.000Z',
    topics: ['a', 'b'],
    who: dee,
    files: null,
    owner: 'ann@acme.test',
  }
  base.requests()
  const made = await create(base, KEY, values)
  assert.deepEqual(base.requests(), ['PATCH Tasks'])
  assert.deepEqual(made.values, { ...values, hours: '12.5', label: 'WRITE!' })
  assert.equal(made.key, KEY)
  assert.equal(base.cells(made.ref)['Sync ID'], KEY)
})

// Seen red: when records are made by POST.
test('F3 a create that comes twice makes one record', async () => {
  const base = testBase()
  const first = await create(base, KEY, { name: 'Write' })
  const second = await create(base, KEY, { name: 'Write' })
  assert.equal(first.ref, second.ref)
})

// Seen red: when the first that is found is taken.
test('a second record with one sync id is told, and neither is guessed', async () => {
  const base = testBase()
  const { ref } = await create(base, KEY, { name: 'Write' })
  const copy = base.airtable.as(ANN, BASE).add(TASKS, { Name: 'Write', 'Sync ID': KEY })
  const intent = { key: KEY, values: { name: 'Write' }, since: 0 }
  await assert.rejects(
    async () => await base.kind('task').find?.(base.call(), intent),
    failsWith('rejected', new RegExp(`${ref}.*${copy}|${copy}.*${ref}`)),
  )
  await assert.rejects(create(base, KEY, { name: 'Write' }), failsWith('rejected', /2 records match/))
})

test('an update writes what changed and touches nothing else', async () => {
  const base = testBase()
  const made = await create(base, KEY, { name: 'Write', hours: '1', done: true, topics: ['a'], owner: 'ann@acme.test' })
  base.airtable.as(ANN, BASE).edit(TASKS, made.ref, { Notes: 'of people alone' })
  base.requests()
  const changed = { done: false, topics: null, owner: null, hours: '-0.75' }
  const now = await base.kind('task').update?.(base.call(), { key: 'u', ref: made.ref, changed, base: made })
  assert.deepEqual(base.requests(), ['GET Tasks', 'PATCH Tasks'])
  assert.ok(now !== undefined && 'values' in now)
  assert.deepEqual([now.values['done'], now.values['topics'], now.values['owner']], [false, null, null])
  assert.equal(now.values['hours'], '-0.75')
  const { Notes, Name, Hours } = base.cells(made.ref)
  assert.deepEqual([Name, Hours, Notes], ['Write', -0.75, 'of people alone'])
})

// Seen red: when any number is written.
test('F13 what a number of Airtable cannot hold is refused, and not rounded', async () => {
  const base = testBase()
  for (const hours of ['0.12345678901234567890', '9007199254740993', '1e400', 'many'])
    await assert.rejects(create(base, KEY, { name: 'Write', hours }), failsWith('rejected', /cannot hold/))
  assert.equal((await create(base, KEY, { name: 'Write', hours: '0012.3400' })).values['hours'], '12.34')
})

test('a choice that is not there is refused, and none is made', async () => {
  const base = testBase()
  await assert.rejects(
    create(base, KEY, { name: 'Write', status: 'Perhaps' }),
    failsWith('rejected', /Perhaps.*INVALID_MULTIPLE_CHOICE_OPTIONS/),
  )
})

test('ten updates take two calls; what was changed or deleted meanwhile is answered by itself', async () => {
  const base = testBase()
  const items: Item[] = []
  for (let at = 0; at < 10; at += 1) items.push(await create(base, `${at}${KEY.slice(1)}`, { name: `task ${at}` }))
  const ann = base.airtable.as(ANN, BASE)
  const [first, second] = items
  assert.ok(first !== undefined && second !== undefined)
  ann.edit(TASKS, first.ref, { Hours: 3 })
  ann.remove(TASKS, [second.ref])
  base.requests()
  const batch = base.kind('task').batch
  const answers = await batch?.update?.(
    base.call(),
    items.map((each, at) => ({ key: `u${at}`, ref: each.ref, changed: { name: `again ${at}` }, base: each })),
  )
  assert.deepEqual(base.requests(), ['GET Tasks', 'PATCH Tasks'])
  assert.deepEqual(
    answers?.map((each) => (each instanceof ConnectorError ? each.failure : 'values' in each && each.values['name'])),
    ['stale', 'missing', ...[2, 3, 4, 5, 6, 7, 8, 9].map((at) => `again ${at}`)],
  )
  const gone = await batch?.delete?.(
    base.call(),
    items.slice(2).map((each, at) => ({
      key: `d${at}`,
      ref: each.ref,
      base: { ...each, values: { ...each.values, name: `again ${at + 2}`, label: null } },
    })),
  )
  assert.deepEqual(
    gone,
    Array.from({ length: 8 }, () => null),
  )
  assert.deepEqual(base.requests(), ['GET Tasks', 'DELETE Tasks'])
})

// Seen red: when an answer counts as it is.
test('a field that somebody takes away between a read and a write reads as unknown, and not as empty', async () => {
  let meanwhile = (): void => undefined
  const base = testBase({
    through: (http) => ({
      send(request) {
        if (request.method === 'PATCH') meanwhile()
        return http.send(request)
      },
    }),
  })
  const made = await create(base, KEY, { name: 'Write', hours: '2' })
  meanwhile = () => base.airtable.as(ANN, BASE).removeField(TASKS, 'Hours')
  const now = await base
    .kind('task')
    .update?.(base.call(), { key: 'u', ref: made.ref, changed: { name: 'again' }, base: made })
  assert.deepEqual(now, { scope: BASE, ref: made.ref, unread: true })
})
