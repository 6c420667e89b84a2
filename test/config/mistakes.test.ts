import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem, type ProblemCode } from '../../src/config/index.ts'
import { CHAT, configOf, FORUM, problemOf, TABLES, team, TRACKER, withFlows } from './files.ts'

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
    remedy: /google-chat, google-calendar, discourse/,
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
    what: 'a password in an address',
    yaml: withFlows('', FORUM.replace('https://forum.test', 'https://user:sekret@forum.test')),
    code: 'invalid',
    place: 'connections.forum.base_url',
    remedy: /before the `@`/,
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
    remedy: /newest, ask, merge, chat, forum, or a file/,
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
    what: 'a database without a name',
    yaml: `store: "postgres://127.0.0.1"\n${team()}`,
    code: 'bad-store',
    place: 'store',
    remedy: /postgres:\/\/user/,
  },
  // Seen red: when a `%` that begins no character was a fault of the program.
  ...['postgres://u:50%off@db.test/app', 'postgres://5%u:x@db.test/app', 'postgres://u:x@db.test/50%off'].map(
    (store) => ({
      what: `the address ${store} of a store`,
      yaml: `store: ${store}\n${team()}`,
      code: 'bad-store' as const,
      place: 'store',
      remedy: /`%` as %25/,
    }),
  ),
  {
    // Seen red: when it was taken, the service looked without a pause until it was out of memory.
    what: 'a poll without a pause',
    yaml: `poll: 0s\n${team()}`,
    code: 'invalid',
    place: 'poll',
    line: 1,
    remedy: /at least `1s`/,
  },
  // Seen red: when it passed, the service ended at its start with a fault of the program.
  ...['webhooks', 'control'].map((name) => ({
    what: `a port that there is not, of ${name}`,
    yaml: `listen: { ${name}: "127.0.0.1:65536" }\n${team()}`,
    code: 'invalid' as const,
    place: `listen.${name}`,
    remedy: /a port up to 65535/,
  })),
  {
    what: 'two sealing keys',
    yaml: `sealing: { key: abc, key_file: ./k }\n${team()}`,
    code: 'secret-twice',
    place: 'sealing',
    remedy: /keep one/,
  },
  {
    what: 'a sealing key that is no key',
    yaml: `sealing: { key: abc }\n${team()}`,
    code: 'invalid',
    place: 'sealing.key',
    remedy: /64 hex digits/,
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
    what: 'a mark where no text names its author',
    yaml: team('    kinds: { thread-topic: { on_refused: { forum: mark } } }\n'),
    code: 'invalid',
    place: 'flows.team.kinds.thread-topic.on_refused',
    remedy: /write `declare`/,
  },
  {
    what: 'a reply to what has no answers',
    yaml: team('    kinds: { space-category: { on_refused: reply } }\n'),
    code: 'invalid',
    place: 'flows.team.kinds.space-category.on_refused',
    remedy: /write `declare`/,
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

// Seen red: it was another server's address, or the whole program ended with "Invalid URL".
for (const password of ['p/w#1', '12/34', '12#34', '12?34'])
  test(`a password of a database that holds ${password} as it is: told with how to write it, and not shown`, () => {
    const url = `postgres://sync:${password}@db.test/app`
    const app = `\n  app: { connector: database, url: "${url}", tables: { bill: { key: id, columns: { title: text } } } }`
    const problems = [problemOf(`store: "${url}"\n${team()}`), problemOf(withFlows('', app))]
    assert.deepEqual(
      problems.map(({ code, place }) => `${code} at ${place}`),
      ['bad-store at store', 'invalid at connections.app.url'],
    )
    for (const problem of problems) {
      assert.match(problem.remedy, /%23.*%2F/)
      assert.ok(!formatProblem(problem).includes(password))
    }
    const encoded = url.replace(password, encodeURIComponent(password))
    configOf(withFlows('', app.replace(url, encoded)))
  })
