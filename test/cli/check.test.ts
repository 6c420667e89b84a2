import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertSecretsKept, json, SECRETS, SPACE, worldOf } from './world.ts'

test('check reports every problem of a file at once, each with its place and remedy', async (t) => {
  const world = await worldOf(t)
  writeFileSync(
    join(world.folder, 'lockstep.yaml'),
    `connections:
  chat:
    connector: google-chat
    client_idd: client
    client_secret: \${NO_SUCH_VARIABLE}
  forum:
    connector: discours
flows:
  team:
    between: [chat, forun]
    scopes: [[${SPACE}, 2]]
    direction: sideways
`,
  )
  const ran = await world.run('check')
  assert.equal(ran.code, 2)
  for (const words of [/:4:\d+ .*client_idd/, /NO_SUCH_VARIABLE/, /discours/, /forun/, /did you mean/i])
    assert.match(ran.out, words)
  const problems = json(await world.run('check', '--json'))['problems']
  assert.ok(Array.isArray(problems) && problems.length >= 4, ran.out)
})

test('a file that is missing or is no YAML is told in one message', async (t) => {
  const world = await worldOf(t)
  const missing = await world.run('check', '-c', 'nowhere.yaml')
  assert.equal(missing.code, 2)
  assert.match(missing.out, /no such configuration file/)
  world.configure((text) => text.replace('connections:', 'connections: ['))
  const broken = await world.run('status')
  assert.equal(broken.code, 2)
  assert.match(broken.err, /lockstep\.yaml:\d+:\d+/)
  assert.equal(broken.out, '')
})

test('check asks the systems, and says who the credentials are', async (t) => {
  const world = await worldOf(t)
  const ran = await world.run('check')
  assert.equal(ran.code, 0, ran.err)
  assert.match(ran.out, /chat: works/)
  assert.match(ran.out, /forum: works, as sync_bot/)
  assert.match(ran.out, /no problem found/)
})

// Seen red: when check() does not tell them.
test('check names the options that variables of other programs give, and shows none of their values', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => text.replace(/ {4}client_(id|secret): .*\n/g, '').replace(/ {4}webhook_secret: .*\n/, ''))
  writeFileSync(
    join(world.folder, '.env'),
    `GOOGLE_CLIENT_ID=client\nGOOGLE_CLIENT_SECRET=${SECRETS.client}\nWEBHOOK_SECRET=${SECRETS.webhook}\n`,
  )
  const ran = await world.run('check')
  assert.equal(ran.code, 0, ran.out)
  assert.match(ran.out, /connections\.chat\.client_id: given by the variable GOOGLE_CLIENT_ID/)
  assert.match(ran.out, /connections\.chat\.client_secret: given by the variable GOOGLE_CLIENT_SECRET/)
  assert.match(ran.out, /connections\.forum\.webhook_secret: given by the variable WEBHOOK_SECRET/)
  assertSecretsKept(ran)
})

test('check finds a category that is gone and a space without access', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => text.replace(`[[${SPACE}, 2]]`, `[[${SPACE}, 77], [spaces/Foreign, 2]]`))
  const ran = await world.run('check')
  assert.equal(ran.code, 2)
  assert.match(ran.out, /flows\.team\.scopes\[0\]\[1\]: the category 77 of forum is (not there|gone)/)
  assert.match(ran.out, /flows\.team\.scopes\[1\]\[0\]: .*spaces\/Foreign/)
})

test('check finds a forum user who is not staff', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => text.replace('api_username: sync_bot', 'api_username: cyd'))
  const ran = await world.run('check')
  assert.equal(ran.code, 2, ran.out)
  assert.match(ran.out, /connections\.forum: .*(staff|administrator|moderator)/i)
})

test('check finds a revoked token, and says how to sign in again', async (t) => {
  const world = await worldOf(t)
  world.chat.oauth.withdraw('100')
  const ran = await world.run('check')
  assert.equal(ran.code, 1)
  assert.match(ran.out, /connections\.chat: Google Chat refuses the credential: .*invalid_grant/)
  assert.match(ran.out, /lockstep connect chat/)
  assertSecretsKept(ran)
})

// Seen red: where whoever had never signed in was to sign in again.
test('check says how to sign in where nobody ever did', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => text.replace(/ {4}refresh_token: .*\n/, ''))
  assert.match((await world.run('check')).out, /nobody is signed in\n +→ sign in: lockstep connect chat/)
})

test('check finds that a system is down', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => text.replace(/base_url: \S+(?=\n {4}api_username)/, 'base_url: http://127.0.0.1:9'))
  const ran = await world.run('check')
  assert.equal(ran.code, 1)
  assert.match(ran.out, /connections\.forum: Discourse cannot be reached: .*ECONNREFUSED/)
})

test("check finds that this machine's clock is off by minutes", async (t) => {
  const world = await worldOf(t)
  world.meddle(null, (request) => {
    const answer = world.forum.handle(request)
    return { ...answer, headers: { ...answer.headers, date: new Date(Date.now() + 420_000).toUTCString() } }
  })
  const ran = await world.run('check')
  assert.equal(ran.code, 1)
  assert.match(ran.out, /this machine's clock is 7 minutes behind that of 127\.0\.0\.1/)
  assert.match(ran.out, /NTP/)
})

test('check does not show a secret, whatever is wrong', async (t) => {
  const world = await worldOf(t)
  world.meddle(
    () => ({ status: 400, headers: {}, body: `refused ${SECRETS.refresh}` }),
    () => ({ status: 403, headers: {}, body: `{"errors":["your key ${SECRETS.key} is bad"]}` }),
  )
  for (const args of [['check'], ['check', '--json'], ['sync', '--yes'], ['status', '--json']]) {
    const ran = await world.run(...args)
    assertSecretsKept(ran)
    assert.notEqual(ran.code, 0)
  }
})

// Red when: the process exits without waiting until its output was taken (a pipe delivered 80 KB of 776).
test('an answer longer than a pipe holds arrives whole', async (t) => {
  const world = await worldOf(t)
  const flows = Array.from({ length: 1500 }, (_, index) => `  f${index}: { between: [x${index}, y${index}] }\n`)
  writeFileSync(join(world.folder, 'lockstep.yaml'), `connections: {}\nflows:\n${flows.join('')}`)
  const problems = json(await world.run('check', '--json'))['problems']
  assert.ok(Array.isArray(problems) && problems.length === 3000, 'every problem is there')
})

// Seen red: where a flow was printed between two systems that no mapping joins, and where check and plan found nothing.
test('what emulate prints can be used, and of a configuration without flows check and plan say so', async (t) => {
  const world = await worldOf(t)
  const emulated = world.start('emulate', 'teamwork', 'missive')
  await emulated.says(/Running/)
  assert.match(emulated.out(), /# {3}teamwork: 1\n# {3}missive: acme\n/)
  writeFileSync(join(world.folder, 'emulated.yaml'), emulated.out())
  const offline = await world.run('check', '-c', 'emulated.yaml', '--offline')
  assert.equal(offline.code, 0, offline.out)
  const checked = await world.run('check', '-c', 'emulated.yaml')
  assert.equal(checked.code, 0, checked.out)
  const planned = await world.run('plan', '-c', 'emulated.yaml')
  for (const { out } of [offline, checked, planned]) assert.match(out, /[Nn]o flow is configured/)
  assert.equal(planned.code, 0)
  emulated.child.kill('SIGTERM')
  await emulated.ended
})

test('what emulate prints for two systems that a mapping joins has a flow between them', async (t) => {
  const world = await worldOf(t)
  const emulated = world.start('emulate', 'google-chat', 'discourse')
  await emulated.says(/Running/)
  writeFileSync(join(world.folder, 'emulated.yaml'), emulated.out())
  const checked = await world.run('check', '-c', 'emulated.yaml')
  assert.equal(checked.code, 0, checked.out)
  assert.doesNotMatch(checked.out, /no flow/i)
  emulated.child.kill('SIGTERM')
  await emulated.ended
})

// Seen red: when the mark stood before the name of the first variable, which then was told to be missing.
test('a file that begins with the mark of an editor on Windows is read as any other', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => `\uFEFF${text.replace(SECRETS.key, '${FORUM_KEY}')}`)
  writeFileSync(join(world.folder, '.env'), `\uFEFFFORUM_KEY=${SECRETS.key}\r\n`)
  const ran = await world.run('check')
  assert.equal(ran.code, 0, ran.out + ran.err)
})
