/** What goes wrong while it works, or stands wrongly in the file: one message, the remedy, the exit code, nothing by halves. */
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertSecretsKept, json, SPACE, until, worldOf, type World } from './world.ts'

function writes(world: World): number {
  return world.chat.counters().writes.length + world.forum.counters().writes.length
}

const SECOND = `  second:\n    between: [chat, forum]\n    scopes: [[${SPACE}, 2]]\n`

// Seen red: when unreachedAlerts() tells of nothing.
test('a space without access and a category that is gone are named with the way to the reason, and the rest flows', async (t) => {
  for (const [gone, kind] of [
    [`[${SPACE}, 77]`, 'category 77 of forum'],
    ['[spaces/Foreign, 1]', 'space spaces/Foreign of chat'],
  ] as const) {
    const world = await worldOf(t)
    world.configure((text) =>
      text.replace(`[[${SPACE}, 2]]`, `[[${SPACE}, 2], ${gone.replace(SPACE, 'spaces/Foreign')}]`),
    )
    world.chat.as('101').post(SPACE, 'said where everything is right')
    const ran = await world.run('sync', '--yes')
    assert.equal(ran.code, 1, ran.out + ran.err)
    assert.match(ran.out, /^1 change written/)
    assert.match(ran.out, new RegExp(`team: the ${kind} cannot be reached, .*"lockstep check" tells why`))
    assert.equal((await world.run('status')).code, 1)
  }
})

// Seen red: when connectionAlerts() names no remedy.
test('a token that is revoked stops its connection alone, with the way to sign in again, and nothing is lost', async (t) => {
  const world = await worldOf(t)
  assert.equal((await world.run('sync', '--yes')).code, 0)
  world.chat.as('101').post(SPACE, 'said while nobody may read')
  world.chat.oauth.withdraw('100')
  const before = writes(world)
  const ran = await world.run('sync')
  assert.equal(ran.code, 1, ran.out + ran.err)
  assert.match(ran.out, /chat is dead: .*invalid_grant/)
  assert.match(ran.out + ran.err, /lockstep connect chat/)
  assert.equal(writes(world), before)
  assertSecretsKept(ran)
})

test('an API key that is refused is told with the connection, and ends with 1', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => text.replace(/api_key: \S+/, 'api_key: another-key-of-nobody'))
  const ran = await world.run('sync', '--yes')
  assert.equal(ran.code, 1, ran.out + ran.err)
  assert.match(ran.out, /forum is dead: /)
  const plan = await world.run('plan')
  assert.equal(plan.code, 1)
  assert.match(plan.out, /Nothing to do, as far as is known: forum cannot be read/)
  assert.equal(writes(world), 0)
})

test('two flows over one space, a ring of flows and an unknown key end with 2 before anything is opened', async (t) => {
  const world = await worldOf(t)
  const ring = (text: string): string =>
    text.replace(/flows:[^]*/, '') +
    `  other:\n    connector: discourse\n    base_url: http://127.0.0.1:9\n    api_username: x\n    api_key: yyyyyyyy\nflows:\n` +
    [
      ['chat', 'forum', `[${SPACE}, 2]`],
      ['forum', 'other', '[2, 3]'],
      ['other', 'chat', `[3, ${SPACE}]`],
    ]
      .map(([a, b, scopes], i) => `  f${i}:\n    between: [${a}, ${b}]\n    scopes: [${scopes}]\n    pairs: []\n`)
      .join('')
  const cases: readonly [(text: string) => string, RegExp][] = [
    [(text) => text + SECOND, /second.*team|team.*second/s],
    [(text) => `${text}    colour: red\n`, /colour/],
    [(text) => text.replace(/client_secret: \S+/, 'client_secret: ${NO_SUCH_SECRET}'), /NO_SUCH_SECRET/],
    [ring, /f0|f1|f2/],
  ]
  for (const [edit, words] of cases) {
    world.configure((text) => (edit === ring ? ring(text.replace(/listen:[^]*?(?=flows:)/, '')) : edit(text)))
    const ran = await world.run('sync', '--yes')
    assert.equal(ran.code, 2, ran.out + ran.err)
    assert.match(ran.err, words)
    assert.match(ran.err, /→ /)
    assert.equal(existsSync(join(world.folder, 'lockstep.db')), false)
  }
  assert.equal(writes(world), 0)
})

test('sides that were swapped are told with both ways out', async (t) => {
  const world = await worldOf(t)
  world.chat.as('101').post(SPACE, 'something to keep')
  assert.equal((await world.run('sync', '--yes')).code, 0)
  world.configure((text) =>
    text.replace('between: [chat, forum]', 'between: [forum, chat]').replace(`[${SPACE}, 2]`, `[2, ${SPACE}]`),
  )
  const ran = await world.run('sync')
  assert.equal(ran.code, 2)
  assert.match(ran.err, /two sides of the flow "team"/)
  assert.match(ran.err, /→ .*"between" back in their old order/)
  assert.match(ran.err, /lockstep flows remove team/)
})

test('a clock that is off by minutes is told by the service as well, once for each system', async (t) => {
  const world = await worldOf(t)
  world.meddle(null, (request) => {
    const answer = world.forum.handle(request)
    return { ...answer, headers: { ...answer.headers, date: new Date(Date.now() - 600_000).toUTCString() } }
  })
  const service = world.start('run', '--yes')
  const said = await service.says(/clock is 10 minutes ahead of/)
  assert.match(said, /NTP/)
  await until('it is in step', async () => json(await world.run('status', '--json'))['verdict'] === 'in step')
  assert.equal(service.err().match(/minutes ahead of/g)?.length, 1)
})

// Seen red: when a file that cannot be read was told as a fault of the program, and a wrong id of what is held by nothing.
test('a folder in the place of a file, and an id that is none, are told with what to do', async (t) => {
  const world = await worldOf(t)
  for (const command of [
    ['apply', world.folder],
    ['links', 'import', world.folder],
    ['keys', 'rotate', '--key-file', world.folder],
    ['init', '--config', world.folder, '--template', 'chat-discourse'],
  ]) {
    const ran = await world.run(...command, '--json')
    assert.deepEqual([ran.code, json(ran).error?.code], [2, 'cannot-read'], command.join(' ') + ran.err)
  }
  const kept = await world.run('plan', '--out', join(world.folder, 'nowhere', 'plan.json'), '--json')
  assert.deepEqual([kept.code, json(kept).error?.code], [1, 'cannot-write'])
  const wrong = await world.run('held', 'approve', '1x')
  assert.equal(wrong.code, 2)
  assert.match(wrong.err, /'1x' is invalid .*an id is a number/)
})

// Seen red: when each place had to think of it, the reasons of findings, notes and lines on the way drew on the terminal.
test('what a system says in an error draws nothing on the terminal', async (t) => {
  const world = await worldOf(t)
  const evil = { errors: ['\u001B[2J\u001B]0;mine\u0007all is well\r\u009B1A'], error_type: 'invalid_access' }
  world.meddle(null, () => ({
    status: 403,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(evil)),
  }))
  for (const command of ['check', 'sync', 'status']) {
    const { out, err } = await world.run(command)
    assert.match(out, /all is well/, command)
    assert.doesNotMatch(out + err, /(?![\n\t])\p{Cc}/u, command)
  }
})

// Seen red: when what the machine said of the port was told as a fault of the program, and both stood under one name.
test('a stand-in whose port is taken, or that is named twice, is told with what to do', async (t) => {
  const world = await worldOf(t)
  const taken = new URL(await urlOf(world)).port
  for (const [args, code] of [
    [['discourse', '--port', taken], 'port-in-use'],
    [['google-chat', 'discourse', '--port', '65535'], 'port-in-use'],
    [['discourse', 'discourse'], 'named-twice'],
  ] as const) {
    const ran = await world.run('emulate', ...args, '--json')
    assert.deepEqual([ran.code, json(ran).error?.code], [2, code], ran.err)
  }
})

async function urlOf(world: World): Promise<string> {
  const emulated = world.start('emulate', 'discourse')
  await emulated.says(/Running/)
  return /base_url: (\S+)/.exec(emulated.out())?.[1] ?? ''
}
