import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configOf } from './files.ts'

const text = (ingest: string, teamwork = ''): string => `connections:
  work: { connector: teamwork, base_url: "https://team.example.com", api_key: key${teamwork} }
  other: { connector: teamwork, base_url: "https://other.example.com", api_key: key }
  mail: { connector: missive, token: token, webhooks: off }
  warehouse: { connector: database, url: "sqlite:./ingest.db", capture: off, ingest: ${ingest} }
  plain: { connector: database, url: "sqlite:./plain.db", capture: off, ingest: {} }
flows:
  work: { between: [work, warehouse], direction: "work->warehouse", scopes: [[site, site]] }
  mail: { between: [warehouse, mail], direction: "mail->warehouse", each: { from: mail } }
  other: { between: [other, plain], direction: "other->plain", scopes: [[site, site]] }
`

function rawIn(yaml: string) {
  const { connections, flows } = configOf(yaml)
  const carried = flows.filter(({ flow }) => flow.pairs.some(({ lenses }) => lenses.some(({ id }) => id === 'raw')))
  const asked = connections.filter(({ config }) => JSON.stringify(config).includes('"raw":true'))
  return { carried: carried.map(({ flow }) => flow.id), asked: asked.map(({ id }) => id) }
}

// Seen red: where withRaw() answers what it was given.
test('tables that keep what the API told ask the connections of their flows for it, and no others', () => {
  assert.deepEqual(rawIn(text('{ raw: true }')), {
    carried: ['work', 'mail'],
    asked: ['work', 'mail', 'warehouse'],
  })
  assert.deepEqual(rawIn(text('{ raw: true }', ', raw: false')).asked, ['mail', 'warehouse'], 'as the file has it')
  assert.deepEqual(rawIn(text('{}')), { carried: [], asked: [] })
})

test('the SQL of such tables has a column for it', () => {
  const sql = (ingest: string): string => {
    const warehouse = configOf(text(ingest)).connections.find(({ id }) => id === 'warehouse')
    return warehouse?.connector.layout?.whole(warehouse.config).join('\n') ?? ''
  }
  assert.equal(sql('{ raw: true }').match(/"raw" TEXT/g)?.length, 12)
  assert.ok(!sql('{}').includes('"raw"'))
})
