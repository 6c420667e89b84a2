/** What a base lacks of the configuration is shown, and made by an explicit command alone. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { airtable } from '../../src/connectors/airtable/index.ts'
import { ANN, BASE, testBase } from './airtable-base.ts'
import { failing } from './discourse-forum.ts'

const layout = airtable.layout ?? assert.fail()

const tables = {
  job: {
    table: 'Jobs to do',
    sync: 'Sync ID',
    fields: {
      due: { type: 'date', field: 'Due' },
      name: { type: 'text', field: 'Name' },
      hours: { type: 'decimal', field: 'Hours' },
      done: { type: 'boolean', field: 'Done' },
      seen: { type: 'instant', field: 'Seen' },
      body: { type: 'rich', field: 'Body' },
      who: { type: 'person', many: 'set', field: 'Who' },
      client: { type: 'ref', to: 'client', field: 'Client' },
      files: { type: 'file', many: 'list', field: 'Files' },
      total: { type: 'decimal', field: 'Total', written: 'never' },
    },
  },
  client: { table: 'People', sync: 'Lockstep', fields: { name: { type: 'text', field: 'Name' } } },
}

// Seen red: when links are made with their table.
test('missing tables and fields are shown as the calls that make them, and made in an order that works; what is computed is left to people', async () => {
  const base = testBase({ config: { tables } })
  const wanted = await layout.missing(base.api)
  assert.deepEqual(
    wanted.map((each) => each.replace(`POST /v0/meta/bases/${BASE}/`, '').slice(0, 54)),
    [
      'tables {"name":"Jobs to do","fields":[{"name":"Name","',
      'tables/Jobs%20to%20do/fields {"name":"Client","type":"',
      'tables/People/fields {"name":"Lockstep","type":"single',
    ],
  )
  base.requests()
  await layout.carry(base.api, wanted)
  assert.deepEqual(await layout.missing(base.api), [])
  assert.deepEqual(
    (await airtable.probe(base.api)).problems.map(({ message }) => message),
    ['Jobs to do has no field Total'],
  )
  base.airtable.as(ANN, BASE).addField('Jobs to do', { name: 'Total', type: 'formula', options: { formula: '1+1' } })
  assert.deepEqual((await airtable.probe(base.api)).problems, [])
  const values = { name: 'Write', hours: '1.5', done: true, due: '2026-12-01', body: '**now**', who: ['ann@acme.test'] }
  const [made] = (await base.kind('job').create?.(base.call(), { key: 'k', since: 0, values })) ?? []
  assert.ok(made !== undefined && 'values' in made)
  assert.deepEqual(made.values, { ...values, seen: null, client: null, files: null, total: '2' })
})

test('nothing is missing where everything is there, and what is named by an id is made by nobody', async () => {
  assert.deepEqual(await layout.missing(testBase().api), [])
  assert.deepEqual(layout.whole(testBase().api.config), [])
  const base = testBase({ config: { tables: { job: { table: 'tblNowhere0000000', fields: { name: 'text' } } } } })
  assert.deepEqual(await layout.missing(base.api), [])
})

test('without the right to make fields nothing is made, and Airtable says so', async () => {
  const base = testBase({
    config: { tables, token: 'pat-editor' },
    tokens: [{ token: 'pat-editor', user: ANN, scopes: ['schema.bases:read'] }],
  })
  const wanted = await layout.missing(base.api)
  await assert.rejects(layout.carry(base.api, wanted), failing('forbidden'))
  assert.deepEqual(await layout.missing(base.api), wanted)
})
