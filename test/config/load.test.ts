import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem, loadConfig } from '../../src/config/index.ts'
import { all, configOf, FOLDER, FORUM, load, problemOf, team, TRACKER, withFlows } from './files.ts'

test('a file that is not there, or cannot be read', () => {
  const options = { path: '/none/lockstep.yaml', env: {}, connectors: all }
  const absent = loadConfig({ ...options, readFile: () => null })
  const refused = loadConfig({
    ...options,
    readFile: () => {
      throw new Error('EACCES')
    },
  })
  assert.deepEqual(
    [absent, refused].map(({ problems }) => problems.map(({ code }) => code)),
    [['file-missing'], ['file-missing']],
  )
})

test('all mistakes are reported at once, in the order of the file', () => {
  const { problems } = load(`
pol: 1s
connections:${FORUM.replace('forum-secret-1', '${NOPE}')}
    edit_resaon: x
  work:
    connector: tracker
    page_size: many
flows:
  one:
    between: [forum, chat]
    conflict: never
  two:
    between: [work, forum]
    direction: sideways
    start: 2026-13-01
`)
  assert.deepEqual(
    problems.map(({ code, place }) => `${code} ${place}`),
    [
      'unknown-key pol',
      'missing-variable connections.forum.api_key',
      'unknown-key connections.forum.edit_resaon',
      'missing-secret connections.work.api_token',
      'invalid connections.work.page_size',
      'unknown-connection flows.one.between[1]',
      'invalid flows.two.start',
    ],
  )
})

test('a message says file, line, column, place, and after an arrow the remedy', () => {
  assert.equal(
    formatProblem(problemOf(team('    direction: up\n'))),
    '/etc/lockstep/lockstep.yaml:16:5 flows.team.direction: this is no direction between the two connections\n' +
      '  → write both, chat->forum or forum->chat',
  )
})

test('F52 no message shows a secret: neither written out, nor from a variable, a file or broken YAML', () => {
  const secret = 'hunter2-hunter2'
  const broken = [
    withFlows('', `${TRACKER.replace('tracker-secret-1', secret)}\n    page_size: x`),
    withFlows('', TRACKER.replace('tracker-secret-1', `[${secret}]`)),
    withFlows('', TRACKER.replace('tracker-secret-1', `"${secret}" ${secret}`)),
    withFlows('', TRACKER.replace('tracker-secret-1', `&x ${secret}: ${secret}`)),
    withFlows('', TRACKER.replace('tracker-secret-1', '${S}')).replace('connector: tracker', 'connector: ${S}'),
    withFlows(
      '  f:\n    between: ["${S}", work]\n    scopes: [["${S}", "${S}"]]\n',
      TRACKER.replace('tracker-secret-1', '${S}'),
    ),
    withFlows('', FORUM.replace('https://forum.test', '${S}').replace('forum-secret-1', secret)),
    `sealing: { key: ${secret}, key_file: x }\n${team()}`,
    withFlows('', TRACKER.replace('api_token: tracker-secret-1', 'api_token_file: ./short')),
  ]
  for (const yaml of broken) {
    const { problems } = load(yaml, { env: { S: secret }, files: { short: 'hunter2' } })
    assert.ok(problems.length > 0, yaml)
    for (const problem of problems) assert.ok(!JSON.stringify(problem).includes('hunter2'), formatProblem(problem))
  }
})

test('variables come from the environment, then from the .env beside the file, and are never read as YAML', () => {
  const yaml = withFlows(
    '',
    TRACKER.replace('tracker-secret-1', '${TOKEN}').replace('tracker\n', 'tracker\n    page_size: ${SIZE}\n'),
  )
  const files = { '.env': 'TOKEN="from the file"\nSIZE=7\n' }
  assert.deepEqual(configOf(yaml, { files }).connections[0]?.config, {
    apiToken: 'from the file',
    baseUrl: 'https://tracker.test',
    pageSize: 7,
  })
  const env = { TOKEN: '{a: "b", #1\n' }
  assert.deepEqual(configOf(yaml, { files, env }).connections[0]?.config, {
    apiToken: env.TOKEN,
    baseUrl: 'https://tracker.test',
    pageSize: 7,
  })
})

// Seen red: where a `.env` that cannot be read counted as none.
test('a .env that cannot be read is told, and not passed over', () => {
  const readFile = (path: string): string => {
    if (path.endsWith('.env')) throw new Error('EACCES')
    return withFlows('')
  }
  const { config, problems } = loadConfig({ path: '/etc/lockstep.yaml', readFile, env: {}, connectors: all })
  assert.equal(config, null)
  assert.match(problems.map(formatProblem).join('\n'), /\.env.*cannot be read/)
})

test('$${ stands for the characters ${', () => {
  const yaml = withFlows(
    '',
    TRACKER.replace('tracker-secret-1', () => 'abc$${X}def'),
  )
  assert.deepEqual(configOf(yaml).secrets, ['abc${X}def'])
})

test('a secret from a file is its text without the last line feed', () => {
  const yaml = withFlows('', TRACKER.replace('api_token: tracker-secret-1', 'api_token_file: keys/token'))
  const config = configOf(yaml, { files: { 'keys/token': 'tracker-secret-2\r\n' } })
  assert.deepEqual(config.secrets, ['tracker-secret-2'])
})

test('every secret is listed, so that logs can leave it out', () => {
  const key = 'sealing-secret-1'.padEnd(43, '0')
  const config = configOf(`sealing: { key: ${key} }\n${team()}`)
  assert.deepEqual(config.secrets.toSorted(), ['chat-secret-1', 'forum-secret-1', 'hook-secret-1', key])
})

test('defaults: a store and a key file beside the configuration, loopback listeners, a minute between polls', () => {
  const config = configOf(team())
  assert.equal(config.store, `${FOLDER}/lockstep.db`)
  assert.deepEqual(config.sealing, { from: 'file', path: `${FOLDER}/lockstep.db.key` })
  assert.deepEqual(config.listen.webhooks, { host: '127.0.0.1', port: 8484 })
  assert.deepEqual(config.listen.control, { host: '127.0.0.1', port: 8485 })
  assert.equal(config.pollMs, 60_000)
})

test('listeners, the poll and the sealing key can be chosen', () => {
  const config = configOf(`
poll: 5m
store: data/x.db
sealing: { key_command: [pass, show, x] }
listen: { webhooks: "[::1]:0", control: off }
${team()}`)
  assert.equal(config.pollMs, 300_000)
  assert.equal(config.store, `${FOLDER}/data/x.db`)
  assert.deepEqual(config.sealing, { from: 'command', command: ['pass', 'show', 'x'] })
  assert.deepEqual(config.listen.webhooks, { host: '::1', port: 0 })
  assert.equal(config.listen.control, null)
})

test('a connection is handed its options under the names of its connector, and its webhook secrets apart', () => {
  const forum = configOf(team().replace('webhook_secret:', 'webhook_secret_previous: old\n    webhook_secret:'))
    .connections[1]
  assert.equal(forum?.id, 'forum')
  assert.equal(forum.connector.name, 'discourse')
  assert.deepEqual(forum.webhooks, { accept: 'signed', secrets: ['hook-secret-1', 'old'] })
  const { baseUrl, apiKey } = Object(forum.config)
  assert.deepEqual([baseUrl, apiKey], ['https://forum.test', 'forum-secret-1'])
})

test('webhooks without a secret are taken only where that is said', () => {
  const unsigned = withFlows('', FORUM.replace(/webhook_secret: .*$/, 'webhooks: unsigned'))
  assert.deepEqual(configOf(unsigned).connections[0]?.webhooks, { accept: 'unsigned', secrets: [] })
  const off = withFlows('', FORUM.replace(/webhook_secret: .*$/, 'webhooks: off'))
  assert.deepEqual(configOf(off).connections[0]?.webhooks, { accept: 'off', secrets: [] })
})

test('an alias that holds itself ends as a problem, not as a crash', () => {
  const { problems } = load('store: &x [*x]\n')
  assert.ok(problems.length > 0)
})
