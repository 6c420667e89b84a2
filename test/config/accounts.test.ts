import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatProblem } from '../../src/config/index.ts'
import { configOf, FOLDER, load, problemOf } from './files.ts'

const TWO = `
  ann: { user: 007, token: ann-secret-1 }
  bob: { user: "18", token: "\${BOB_TOKEN}", zone: Europe/Berlin }`
const KINDS = `
    kinds:
      project-table: { a: table, b: project, fields: { name: { a: title, b: name } } }
      task-row: { a: row, b: task, fields: { title: { a: title, b: name } } }`

interface Parts {
  readonly accounts?: string
  readonly tasks?: string
  readonly flow?: string
  readonly scopes?: string
}

/** One database of all users, and an account of a task list for each. */
function product({ accounts = TWO, tasks = '', flow = '', scopes = '[["${account.user}", inbox]]' }: Parts = {}) {
  return `accounts:${accounts}
connections:
  db:
    connector: tables
    access_key: db-secret-1
  tasks:
    per: account
    connector: tracker
    api_token: \${account.token}${tasks}
flows:
  todo:
    per: account
    between: [db, tasks]
    scopes: ${scopes}${flow}${KINDS}
`
}

const env = { BOB_TOKEN: 'bob-secret-1' }

test('what says `per: account` stands once for each account, with its values', () => {
  const config = configOf(product({ tasks: '\n    title: Tasks of ${account.id}' }), { env })
  assert.deepEqual(
    config.connections.map(({ id, title }) => [id, title]),
    [
      ['db', 'db'],
      ['tasks/ann', 'Tasks of ann'],
      ['tasks/bob', 'Tasks of bob'],
    ],
  )
  assert.deepEqual(
    config.flows.map(({ flow: { id, template, connections, scopes, pairs } }) => [
      id,
      template,
      connections,
      scopes.map(({ a }) => a),
      pairs.map(({ kinds }) => [kinds.a.connection, kinds.b.connection]),
    ]),
    [
      ['todo/ann', 'todo', { a: 'db', b: 'tasks/ann' }, [{ ref: '007' }], [['db', 'tasks/ann']]],
      ['todo/bob', 'todo', { a: 'db', b: 'tasks/bob' }, [{ ref: '18' }], [['db', 'tasks/bob']]],
    ],
  )
  assert.deepEqual(config.connections[2]?.config, {
    apiToken: 'bob-secret-1',
    baseUrl: 'https://tracker.test',
    pageSize: 50,
  })
})

test('a secret of an account is one wherever it comes from: the file, a variable, a file of its own', () => {
  const accounts = `
  ann: { user: 17, token: ./ann.token }
  bob: { user: 18, token: "\${BOB_FILE}" }`
  const yaml = product({ accounts }).replace('api_token:', 'api_token_file:')
  const files = { 'ann.token': 'ann-secret-1\n', 'bob.token': 'bob-secret-1\n' }
  const config = configOf(yaml, { files, env: { BOB_FILE: `${FOLDER}/bob.token` } })
  assert.deepEqual(config.secrets, ['db-secret-1', 'ann-secret-1', 'bob-secret-1'])
  assert.deepEqual(configOf(product(), { env }).secrets, ['db-secret-1', 'ann-secret-1', 'bob-secret-1'])
})

test('words within a template name its connections as it does', () => {
  const more = `
    direction: db -> tasks
    conflict: db
    each: { from: db, where: { title: "\${account.zone}" } }`
  const accounts = TWO.replace('token: ann-secret-1', 'token: ann-secret-1, zone: Asia/Tokyo')
  const { flows } = configOf(product({ accounts, scopes: '[]', flow: more }), { env })
  assert.deepEqual(
    flows.map(({ flow: { id, direction, policy, each } }) => [id, direction, policy, each?.from]),
    [
      ['todo/ann', 'a→b', 'a', 'a'],
      ['todo/bob', 'a→b', 'a', 'a'],
    ],
  )
})

test('a mistake in a template is told once, at its place; one of an account names it', () => {
  assert.equal(
    formatProblem(problemOf(product({ flow: '\n    conflict: never' }), { env })),
    '/etc/lockstep/lockstep.yaml:17:5 flows.todo.conflict: this is no conflict policy\n' +
      '  → write newest, ask, merge, db, tasks, or a file with a function such as ./resolve.ts',
  )
  const short = problemOf(product(), { env: { BOB_TOKEN: 'tiny' } })
  assert.deepEqual(
    [short.code, short.place, short.message],
    ['invalid', 'connections.tasks.api_token', 'this is too short: at least 8 (account bob)'],
  )
  const unset = problemOf(product())
  assert.deepEqual(
    [unset.code, unset.message],
    ['missing-variable', 'the environment variable BOB_TOKEN is not set (account bob)'],
  )
})

interface Case {
  readonly name: string
  readonly code: string
  readonly place: string
  readonly says: RegExp
  readonly yaml: string
}

const CASES: readonly Case[] = [
  {
    name: 'a value that no account has',
    code: 'account-value',
    place: 'connections.tasks.api_token',
    says: /no value `tokn`\n.*did you mean `token`\?/,
    yaml: product().replace('account.token', 'account.tokn'),
  },
  {
    name: 'a value that one account does not have',
    code: 'account-value',
    place: 'connections.tasks.page_size',
    says: /no value `zone` \(account ann\)/,
    yaml: product({ tasks: '\n    page_size: ${account.zone}' }).replace('zone: Europe/Berlin', 'zone: 7'),
  },
  {
    name: 'an empty value',
    code: 'account-value',
    place: 'flows.todo.scopes[0][0]',
    says: /no value `user` \(account ann\)/,
    yaml: product({ accounts: TWO.replace('007', '') }),
  },
  {
    name: 'the name of a value that cannot be one',
    code: 'invalid',
    place: 'accounts.ann.user-id',
    says: /cannot be the name of a value/,
    yaml: product({ accounts: TWO.replace('user: 007', 'user: 007, user-id: 1') }),
  },
  {
    name: 'a value called id',
    code: 'invalid',
    place: 'accounts.ann.id',
    says: /the id of the account itself/,
    yaml: product({ accounts: TWO.replace('user: 007', 'user: 007, id: 1') }),
  },
  {
    name: 'an id of an account that cannot be one',
    code: 'invalid',
    place: 'accounts.Ann',
    says: /cannot be an id/,
    yaml: product({ accounts: TWO.replace('ann:', 'Ann:') }),
  },
  {
    name: 'a template without accounts',
    code: 'no-account',
    place: 'flows.todo',
    says: /no accounts/,
    yaml: product()
      .replace(/accounts:[^]*?connections:/, 'connections:')
      .replace(/ {2}tasks:[^]*?flows:/, 'flows:'),
  },
  {
    name: 'a value of an account where none is meant',
    code: 'no-account',
    place: 'connections.db.access_key',
    says: /stands here for no account\n.*per: account/,
    yaml: product().replace('db-secret-1', '${account.token}'),
  },
  {
    name: 'a value of an account within one',
    code: 'no-account',
    place: 'flows.todo.scopes[0][0]',
    says: /stands here for no account \(account ann\)/,
    yaml: product({ accounts: TWO.replace('007', '"${account.token}"') }),
  },
  {
    name: 'a connection per account in a flow that is not',
    code: 'no-account',
    place: 'flows.all.between[1]',
    says: /this flow is for none\n.*per: account/,
    yaml: `${product()}  all:\n    between: [db, tasks]\n    scopes: [[1, 2]]${KINDS}\n`,
  },
  {
    name: 'a connection of one account in a flow of all',
    code: 'unknown-connection',
    place: 'flows.todo.between[1]',
    says: /no connection `tasks\/bob`\n.*tasks/,
    yaml: product().replace('[db, tasks]', '[db, tasks/bob]'),
  },
  {
    name: 'a flow that is written as if it were of an account',
    code: 'invalid',
    place: 'flows["todo/eve"]',
    says: /cannot be an id/,
    yaml: `${product()}  todo/eve:\n    between: [db, db]\n`,
  },
  {
    name: 'a misspelt `per`',
    code: 'invalid',
    place: 'connections.db.per',
    says: /should be account/,
    yaml: product().replace('connector: tables', 'connector: tables\n    per: acount'),
  },
  {
    name: 'two accounts with one secret',
    code: 'account-clash',
    place: 'connections.tasks.api_token',
    says: /`ann` has the same secret.* \(account bob\)/,
    yaml: product({ accounts: TWO.replace('"${BOB_TOKEN}"', 'ann-secret-1') }),
  },
  {
    name: 'two accounts with one container',
    code: 'account-clash',
    place: 'flows.todo.scopes[0]',
    says: /`ann` has the same container.* \(account bob\)/,
    yaml: product({ accounts: TWO.replace('"18"', '007') }),
  },
  {
    name: 'a container that two accounts write to',
    code: 'scope-overlap',
    place: 'flows.todo.scopes[0]',
    says: /accounts share containers of db.* \(account bob\)/,
    yaml: product({ scopes: '[[everybody, inbox]]' }),
  },
]

for (const { name, code, place, says, yaml } of CASES)
  test(`${name} is refused`, () => {
    const problem = problemOf(yaml, { env })
    assert.deepEqual([problem.code, problem.place], [code, place])
    assert.match(`${problem.message}\n${problem.remedy}`, says)
  })

test('one container may be shown to all accounts, as long as none of them writes there', () => {
  const { flows } = configOf(product({ scopes: '[[everybody, inbox]]', flow: '\n    direction: db->tasks' }), { env })
  assert.equal(flows.length, 2)
})

test('accounts come and go: without any there is nothing to run', () => {
  const { flows, connections } = configOf(product({ accounts: ' {}' }))
  assert.deepEqual([flows, connections.map(({ id }) => id)], [[], ['db']])
})

test('F52 no message shows a secret of an account', () => {
  const broken = [
    product({ tasks: '\n    page_size: ${account.token}' }),
    product({ scopes: '[["${account.token}", "${account.token}"]]', flow: '\n    each: { from: "${account.token}" }' }),
    product().replace('[db, tasks]', '[db, "${account.token}"]'),
    product({ accounts: TWO.replace('token: ann-secret-1', 'token: [ann-secret-1]') }),
  ]
  for (const yaml of broken) {
    const { problems } = load(yaml, { env })
    assert.ok(problems.length > 0, yaml)
    for (const problem of problems) assert.doesNotMatch(formatProblem(problem), /ann-secret|bob-secret/)
  }
})
