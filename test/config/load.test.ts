import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem, loadConfig, type Config, type Problem, type ProblemCode } from '../../src/config/index.ts'
import { connectors } from '../../src/connectors/index.ts'
import { tables, tracker } from './connectors.ts'

const FOLDER = '/etc/lockstep'
const all = new Map([...connectors, [tracker.name, tracker], [tables.name, tables]])

type Files = Readonly<Record<string, string>>

/** Reads a configuration that lies beside the given files. */
function load(yaml: string, { files = {}, env = {} }: { files?: Files; env?: Files } = {}) {
  const there: Files = { 'lockstep.yaml': yaml, ...files }
  return loadConfig({
    path: `${FOLDER}/lockstep.yaml`,
    readFile: (path) => {
      assert.ok(path.startsWith(`${FOLDER}/`), path)
      return there[path.slice(FOLDER.length + 1)] ?? null
    },
    env,
    connectors: all,
  })
}

function configOf(yaml: string, options?: Parameters<typeof load>[1]): Config {
  const { config, problems } = load(yaml, options)
  assert.deepEqual(problems.map(formatProblem), [])
  assert.ok(config !== null)
  return config
}

/** The one problem of a configuration: each mistake is told once. */
function problemOf(yaml: string, options?: Parameters<typeof load>[1]): Problem {
  const { config, problems } = load(yaml, options)
  assert.equal(config, null)
  assert.equal(problems.length, 1, problems.map(formatProblem).join('\n') || 'no problem')
  const [problem] = problems
  assert.ok(problem !== undefined && problem.remedy !== '' && problem.message !== '')
  return problem
}

const CHAT = `
  chat:
    connector: google-chat
    client_id: 1.apps
    client_secret: chat-secret-1`
const FORUM = `
  forum:
    connector: discourse
    base_url: https://forum.test
    api_username: system
    api_key: forum-secret-1
    webhook_secret: hook-secret-1`
const TRACKER = `
  work:
    connector: tracker
    api_token: tracker-secret-1`
const TABLES = `
  sheet:
    connector: tables
    access_key: sheet-secret-1`

function withFlows(flows: string, connections = CHAT + FORUM): string {
  return `connections:${connections}\nflows:\n${flows}\n`
}

function team(more = '', scopes = '[[spaces/AAA, 12]]'): string {
  return withFlows(`  team:\n    between: [chat, forum]\n    scopes: ${scopes}\n${more}`)
}

/** One mistake, where it is said to be, and words of the remedy. */
interface Mistake {
  readonly what: string
  readonly yaml: string
  readonly code: ProblemCode
  readonly place: string
  readonly line?: number
  readonly remedy: RegExp
}

const mistakes: readonly Mistake[] = [
  { what: 'wrong YAML', yaml: 'store: x\n\tpoll: 60s\n', code: 'yaml', place: '', line: 2, remedy: /correct/ },
  { what: 'a key twice', yaml: `${team()}store: a\nstore: b\n`, code: 'yaml', place: '', remedy: /correct/ },
  {
    what: 'an unknown option',
    yaml: team('    confict: ask\n'),
    code: 'unknown-key',
    place: 'flows.team.confict',
    line: 16,
    remedy: /did you mean `conflict`/,
  },
  {
    what: "an unknown option of a connector, written as the connector's code does",
    yaml: withFlows('', `${CHAT}\n    baseUrl: https://x.test`),
    code: 'unknown-key',
    place: 'connections.chat.baseUrl',
    remedy: /did you mean `base_url`/,
  },
  {
    what: 'an unknown option inside a scope',
    yaml: team('', '[[spaces/AAA, { create: true, undr: 5 }]]'),
    code: 'unknown-key',
    place: 'flows.team.scopes[0][1].undr',
    remedy: /did you mean `under`/,
  },
  {
    what: 'an unknown connector',
    yaml: withFlows('', '\n  chat: { connector: googel-chat }'),
    code: 'invalid',
    place: 'connections.chat.connector',
    remedy: /did you mean `google-chat`/,
  },
  {
    what: 'a connection without a connector',
    yaml: withFlows('', '\n  chat: { title: Chat }'),
    code: 'missing',
    place: 'connections.chat.connector',
    remedy: /google-chat, discourse/,
  },
  {
    what: 'no connections',
    yaml: 'store: ./x.db\n',
    code: 'missing',
    place: 'connections',
    remedy: /add `connections`/,
  },
  {
    what: 'a missing option',
    yaml: withFlows('', FORUM.replace(/ *api_username: .*\n/, '')),
    code: 'missing',
    place: 'connections.forum.api_username',
    line: 2,
    remedy: /add `api_username`: The user who/,
  },
  {
    what: 'a missing secret',
    yaml: withFlows('', FORUM.replace(/ *api_key: .*\n/, '')),
    code: 'missing-secret',
    place: 'connections.forum.api_key',
    remedy: /\$\{DISCOURSE_API_KEY\}.*`api_key_file`/,
  },
  {
    what: 'webhooks without a secret',
    yaml: withFlows('', FORUM.replace(/ *webhook_secret: .*$/, '')),
    code: 'webhook-secret',
    place: 'connections.forum.webhook_secret',
    remedy: /webhooks: off.*webhooks: unsigned/,
  },
  {
    what: 'a number outside its limits',
    yaml: withFlows('', `${TRACKER}\n    page_size: 500`),
    code: 'invalid',
    place: 'connections.work.page_size',
    remedy: /Items a page/,
  },
  {
    what: 'an address that is none',
    yaml: withFlows('', FORUM.replace('https://forum.test', 'forum')),
    code: 'invalid',
    place: 'connections.forum.base_url',
    remedy: /Address of the forum/,
  },
  {
    what: 'an id that means something else',
    yaml: `connections:${CHAT.replace('chat:', 'a:')}`,
    code: 'invalid',
    place: 'connections.a',
    remedy: /another id/,
  },
  {
    what: 'an id in capitals',
    yaml: withFlows('  Team:\n    between: [chat, forum]\n    scopes: [[spaces/A, 1]]\n'),
    code: 'invalid',
    place: 'flows.Team',
    remedy: /lower-case/,
  },
  {
    what: 'an unknown connection',
    yaml: team().replace('[chat, forum]', '[chat, froum]'),
    code: 'unknown-connection',
    place: 'flows.team.between[1]',
    remedy: /did you mean `forum`/,
  },
  {
    what: 'one connection on both sides',
    yaml: team().replace('[chat, forum]', '[chat, chat]'),
    code: 'same-connection',
    place: 'flows.team.between',
    remedy: /two connections/,
  },
  {
    what: 'a bad direction',
    yaml: team('    direction: chat->froum\n'),
    code: 'bad-direction',
    place: 'flows.team.direction',
    remedy: /both, chat->forum or forum->chat/,
  },
  {
    what: 'a bad conflict policy',
    yaml: team('    conflict: oldest\n'),
    code: 'bad-policy',
    place: 'flows.team.conflict',
    remedy: /newest, ask, chat or forum/,
  },
  {
    what: 'a bad policy of a field',
    yaml: team('    kinds: { message-post: { fields: { text: { conflict: c } } } }\n'),
    code: 'bad-policy',
    place: 'flows.team.kinds.message-post.fields.text.conflict',
    remedy: /newest, ask/,
  },
  {
    what: 'a side that is none',
    yaml: team('    kinds: { message-post: { on_delete: { caht: keep } } }\n'),
    code: 'bad-side',
    place: 'flows.team.kinds.message-post.on_delete.caht',
    remedy: /did you mean `chat`/,
  },
  {
    what: 'a bad word for deletes',
    yaml: team('    kinds: { message-post: { on_delete: remove } }\n'),
    code: 'invalid',
    place: 'flows.team.kinds.message-post.on_delete',
    remedy: /What a delete becomes/,
  },
  {
    what: 'an unknown pair of kinds',
    yaml: team('    kinds: { mesage-post: { conflict: ask } }\n'),
    code: 'unknown-pair',
    place: 'flows.team.kinds.mesage-post',
    remedy: /did you mean `message-post`/,
  },
  {
    what: 'a filter on a field that is none',
    yaml: team('    kinds: { message-post: { where: { forum: { row: x } } } }\n'),
    code: 'unknown-field',
    place: 'flows.team.kinds.message-post.where',
    remedy: /did you mean `raw`/,
  },
  {
    what: 'a flow without containers',
    yaml: withFlows('  team:\n    between: [chat, forum]\n'),
    code: 'no-scopes',
    place: 'flows.team',
    remedy: /\[space, category\]/,
  },
  {
    what: 'two containers that would both be created',
    yaml: team('', '[[{ create: true }, { create: true }]]'),
    code: 'bad-scope',
    place: 'flows.team.scopes[0]',
    remedy: /existing/,
  },
  {
    what: 'a container that would be created against the direction',
    yaml: team('    direction: forum->chat\n', '[[spaces/A, { create: true }]]'),
    code: 'bad-scope',
    place: 'flows.team.scopes[0]',
    remedy: /direction/,
  },
  {
    what: 'a space under another one',
    yaml: team('', '[[{ create: true, under: spaces/B }, 12]]'),
    code: 'bad-scope',
    place: 'flows.team.scopes[0][0].under',
    remedy: /leave `under` out/,
  },
  {
    what: 'a start that is no date',
    yaml: team('    start: yesterday\n'),
    code: 'invalid',
    place: 'flows.team.start',
    remedy: /Which items are new/,
  },
  {
    what: 'a brake that is no share',
    yaml: team('    brake: { deletes: { share: 20 } }\n'),
    code: 'invalid',
    place: 'flows.team.brake.deletes.share',
    remedy: /share of the linked/,
  },
  {
    what: 'a poll without a unit',
    yaml: `poll: 60\n${team()}`,
    code: 'invalid',
    place: 'poll',
    line: 1,
    remedy: /`s`, `m` or `h`/,
  },
  {
    what: 'one address for both listeners',
    yaml: `listen: { webhooks: 127.0.0.1:9000, control: 127.0.0.1:9000 }\n${team()}`,
    code: 'same-listener',
    place: 'listen.control',
    remedy: /another port/,
  },
  {
    what: 'two sealing keys',
    yaml: `sealing: { key: abc, key_file: ./k }\n${team()}`,
    code: 'secret-twice',
    place: 'sealing',
    remedy: /keep one/,
  },
  {
    what: 'a secret and its file',
    yaml: withFlows('', `${TRACKER}\n    api_token_file: ./token`),
    code: 'secret-twice',
    place: 'connections.work.api_token_file',
    remedy: /keep one/,
  },
  {
    what: 'a secret file that is not there',
    yaml: withFlows('', TRACKER.replace('api_token: tracker-secret-1', 'api_token_file: ./token')),
    code: 'secret-file',
    place: 'connections.work.api_token_file',
    line: 4,
    remedy: /create it/,
  },
  {
    what: 'a variable that is not set',
    yaml: withFlows('', TRACKER.replace('tracker-secret-1', '${TRACKER_TOKEN}')),
    code: 'missing-variable',
    place: 'connections.work.api_token',
    remedy: /set TRACKER_TOKEN/,
  },
  {
    what: 'a variable that is none',
    yaml: `store: \${not-a-name}\n${team()}`,
    code: 'invalid',
    place: 'store',
    remedy: /\$\{NAME\}/,
  },
  {
    what: 'two systems without a mapping',
    yaml: withFlows('  t:\n    between: [work, sheet]\n    scopes: [[1, 2]]\n', TRACKER + TABLES),
    code: 'no-mapping',
    place: 'flows.t',
    remedy: /add `kinds:`/,
  },
]

for (const { what, yaml, code, place, line, remedy } of mistakes)
  test(`${what}: one message with its place and the remedy`, () => {
    const problem = problemOf(yaml)
    assert.equal(problem.code, code, formatProblem(problem))
    assert.equal(problem.place, place)
    assert.match(problem.remedy, remedy)
    if (line !== undefined) assert.equal(problem.line, line)
    assert.ok(problem.line !== null && problem.column !== null)
  })

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
  const config = configOf(`sealing: { key: sealing-secret-1 }\n${team()}`)
  assert.deepEqual(config.secrets.toSorted(), ['chat-secret-1', 'forum-secret-1', 'hook-secret-1', 'sealing-secret-1'])
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
