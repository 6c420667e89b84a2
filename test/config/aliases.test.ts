import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectors } from '../../src/connectors/index.ts'
import { loadConfig } from '../../src/config/index.ts'

const KEY = '0123456789abcdef'.repeat(4)
const env = {
  GOOGLE_CLIENT_ID: 'id-of-the-environment',
  GOOGLE_CLIENT_SECRET: 'secret-of-the-environment',
  WEBHOOK_SECRET: 'webhooks-of-the-environment',
  TOKENS_ENCRYPTION_KEY: KEY,
}

function load(text: string, variables: Readonly<Record<string, string>> = env) {
  const { config, problems } = loadConfig({
    path: '/etc/lockstep/lockstep.yaml',
    readFile: (path) => (path.endsWith('.yaml') ? text : null),
    env: variables,
    connectors,
  })
  return { config, problems }
}

const BARE = `connections:
  chat:
    connector: google-chat
  forum:
    connector: discourse
    base_url: https://forum.example.com
    api_username: sync
    api_key: the-key-of-the-file
`

// Seen red: when withAliases() fills in nothing.
test('variables of other programs give the options that the file leaves out, and are told', () => {
  const { config, problems } = load(BARE)
  assert.deepEqual(problems, [])
  const [chat, forum] = config?.connections ?? []
  assert.partialDeepStrictEqual(chat?.config, {
    clientId: 'id-of-the-environment',
    clientSecret: 'secret-of-the-environment',
  })
  assert.deepEqual(forum?.webhooks.secrets, ['webhooks-of-the-environment'])
  assert.deepEqual(config?.sealing, { from: 'environment', value: KEY })
  assert.deepEqual(config?.aliases, [
    { place: 'connections.chat.client_id', variable: 'GOOGLE_CLIENT_ID' },
    { place: 'connections.chat.client_secret', variable: 'GOOGLE_CLIENT_SECRET' },
    { place: 'connections.forum.webhook_secret', variable: 'WEBHOOK_SECRET' },
    { place: 'sealing.key', variable: 'TOKENS_ENCRYPTION_KEY' },
  ])
  for (const secret of ['secret-of-the-environment', 'webhooks-of-the-environment', KEY])
    assert.ok(config?.secrets.includes(secret), secret)
})

// Seen red: when withAliases() goes before the file.
test('what the file gives counts, also where it gives a file of the secret, or wants no webhooks', () => {
  const { config, problems } = load(`sealing:
  key_file: own.key
connections:
  chat:
    connector: google-chat
    client_id: of-the-file
    client_secret: secret-of-the-file
  forum:
    connector: discourse
    base_url: https://forum.example.com
    api_username: sync
    api_key: the-key-of-the-file
    webhooks: off
`)
  assert.deepEqual(problems, [])
  assert.deepEqual(config?.aliases, [])
  assert.partialDeepStrictEqual(config?.connections[0]?.config, {
    clientId: 'of-the-file',
    clientSecret: 'secret-of-the-file',
  })
  assert.deepEqual(config?.connections[1]?.webhooks.secrets, [])
  assert.deepEqual(config?.sealing, { from: 'file', path: '/etc/lockstep/own.key' })
})

test('without such variables what is missing is told as ever', () => {
  const { config, problems } = load(BARE, {})
  assert.equal(config, null)
  assert.deepEqual(
    problems.map(({ place }) => place),
    ['connections.chat.client_id', 'connections.chat.client_secret', 'connections.forum.webhook_secret'],
  )
})

// Seen red: when the text of the variable is not read as a number.
test('a variable gives a number, and what is none is told in its place', () => {
  const text = `connections:
  work:
    connector: teamwork
    base_url: https://team.example.com
    api_key: key
  mail:
    connector: missive
    token: token
    webhooks: off
    overlap_seconds: 60
`
  const { config, problems } = load(text, { BACKFILL_OVERLAP_SECONDS: '300' })
  assert.deepEqual(problems, [])
  assert.deepEqual(config?.aliases, [
    { place: 'connections.work.overlap_seconds', variable: 'BACKFILL_OVERLAP_SECONDS' },
  ])
  assert.partialDeepStrictEqual(config?.connections[0]?.config, { overlapSeconds: 300 })
  assert.partialDeepStrictEqual(config?.connections[1]?.config, { overlapSeconds: 60 })
  const wrong = load(text, { BACKFILL_OVERLAP_SECONDS: 'long' })
  assert.deepEqual(
    wrong.problems.map(({ place }) => place),
    ['connections.work.overlap_seconds'],
  )
})

const COPIED = `connections:
  work: { connector: teamwork, base_url: "https://team.example.com", api_key: key }
  warehouse: { url: "sqlite:./ingest.db", capture: off, ingest: {} }
flows:
  work: { between: [work, warehouse], direction: "work->warehouse", scopes: [[site, site]] }
`

// Seen red: where fill() is not asked for the connector.
test('DB_BACKEND says what a connection is that does not say it itself', () => {
  const { config, problems } = load(COPIED, { DB_BACKEND: 'SQLite' })
  assert.deepEqual(problems, [])
  assert.equal(config?.connections[1]?.connector.name, 'database')
  assert.deepEqual(config?.aliases, [{ place: 'connections.warehouse.connector', variable: 'DB_BACKEND' }])
  assert.deepEqual(config?.notices, [])
  const wrong = load(COPIED, { DB_BACKEND: 'mongo' })
  assert.deepEqual(
    wrong.problems.map(({ place }) => place),
    ['connections.warehouse.connector'],
  )
})

// Seen red: where noticesOf() answers nothing.
test('variables that change nothing here are told: another DB_BACKEND than the tables have, and MAX_QUEUE_ATTEMPTS', () => {
  const named = COPIED.replace('{ url:', '{ connector: database, url:')
  const noticed = (variables: Readonly<Record<string, string>>, text = named): readonly string[] =>
    load(text, variables).config?.notices.map(({ message }) => message) ?? []
  assert.deepEqual(noticed({ DB_BACKEND: 'sqlite' }), [])
  assert.deepEqual(noticed({ DB_BACKEND: 'postgres' }), [
    'DB_BACKEND is "postgres", and has no effect: by the configuration the tables are in SQLite',
  ])
  assert.deepEqual(noticed({ MAX_QUEUE_ATTEMPTS: '3' }), [
    'MAX_QUEUE_ATTEMPTS has no effect: nothing is given up after a number of tries',
  ])
  assert.deepEqual(noticed({ ...env, DB_BACKEND: 'postgres' }, BARE), [], 'no tables')
})
