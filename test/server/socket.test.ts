import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { EXIT, UserError } from '../../src/words/errors.ts'
import { controlToken, isToken } from '../../src/server/access.ts'
import { serveSocket } from '../../src/server/socket.ts'
import type { Operations } from '../../src/service/operations.ts'
import { loadConfig } from '../../src/config/index.ts'
import { systemRandom } from '../../src/adapters/random.ts'
import { connectRemote } from '../../src/service/remote.ts'
import { openAccess, socketOf } from '../../src/service/store-access.ts'

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-socket-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

/** Operations of which those that are given work. */
function some(own: Partial<Operations>): Operations {
  const none = (): Promise<never> => Promise.reject(new Error('a fault'))
  return {
    status: none,
    plan: none,
    sync: none,
    apply: none,
    explain: none,
    history: none,
    queue: none,
    undo: none,
    held: none,
    decide: none,
    conflicts: none,
    resolve: none,
    divergences: () => Promise.resolve([]),
    people: none,
    mapPeople: none,
    unmapPerson: none,
    channels: none,
    renewChannels: none,
    check: none,
    probe: none,
    stopProbe: none,
    instances: none,
    pauseFlow: none,
    liftBrake: none,
    backfill: none,
    links: none,
    giveLinks: none,
    adoptFlow: none,
    forgetFlow: none,
    rotateKey: none,
    beginSignIn: none,
    finishSignIn: none,
    waitForSignIn: none,
    endSignIn: none,
    signOut: none,
    ...own,
  }
}

test('what a process answers over its socket is what it would have answered itself', async (t) => {
  const path = join(folderOf(t), 'x.sock')
  const operations = some({
    held: ({ flow }) => Promise.resolve(flow === 'team' ? [] : Promise.reject(new Error('another flow'))),
    check: () => Promise.resolve({ findings: [], connections: [{ id: 'forum', actor: 'ä "b"\n' }] }),
    plan: (_input, say) => {
      say({ is: 'phase', phase: 'reading' })
      return Promise.reject(new Error('a fault after a step'))
    },
    explain: () =>
      Promise.reject(new UserError({ code: 'x', message: 'Nothing.', remedy: 'Look.', exit: EXIT.configuration })),
  })
  const served = await serveSocket({ operations, path, release: '1' })
  assert.equal(statSync(path).mode & 0o777, 0o600)
  const remote = await connectRemote(path, '1')
  assert.ok(remote !== null)
  assert.deepEqual(await remote.held({ flow: 'team' }), [])
  const said: unknown[] = []
  const found = await remote.check()
  assert.deepEqual(found.connections, [{ id: 'forum', actor: 'ä "b"\n' }])
  const planning = remote.plan({ flow: null }, (progress) => said.push(progress))
  await assert.rejects(planning, { code: 'internal' })
  assert.deepEqual(said, [{ is: 'phase', phase: 'reading' }])
  await assert.rejects(remote.explain({ ref: 'x' }), { code: 'x', remedy: 'Look.', exit: 2 })
  await assert.rejects(remote.status(), { code: 'internal' })
  await served.close()
  assert.equal(await connectRemote(path, '1'), null)
})

// Seen red: when lines also ended at U+2028 and U+2029, half of one was taken for JSON.
test('an answer may hold what ends a line in a text', async (t) => {
  const path = join(folderOf(t), 'x.sock')
  const actor = 'one\u2028two\u2029three\r\nfour\u0085five'
  const operations = some({ check: () => Promise.resolve({ findings: [], connections: [{ id: 'forum', actor }] }) })
  const served = await serveSocket({ operations, path, release: '1' })
  const remote = await connectRemote(path, '1')
  t.after(() => served.close())
  assert.deepEqual((await remote?.check())?.connections, [{ id: 'forum', actor }])
})

// Seen red: when the connection's own error came through, it was told as a fault of the program.
test('a service that is gone before or while it answers is told to have ended', async (t) => {
  const path = join(folderOf(t), 'x.sock')
  const server = createServer((request, response) => {
    if (request.url === '/divergences') response.end('{"is":"output","output":[]}\n')
    else if (request.url === '/status') request.socket.destroy()
    else response.write('{"is":"progress","progress":{}}\n', () => request.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  const remote = await connectRemote(path, '1')
  assert.ok(remote !== null)
  t.after(() => server.close())
  await assert.rejects(remote.status(), { code: 'service-ended' })
  await assert.rejects(remote.check(), { code: 'service-ended' })
  await new Promise((resolve) => server.close(resolve))
  await assert.rejects(remote.status(), { code: 'service-ended' })
})

// Seen red: when an end in the middle of the first question was told as a fault of the program.
test('a service that ends while a command comes to it is none', async (t) => {
  const path = join(folderOf(t), 'x.sock')
  const server = createServer((request) => request.socket.destroy())
  await new Promise<void>((resolve) => server.listen(path, resolve))
  t.after(() => server.close())
  assert.equal(await connectRemote(path, '1'), null)
})

// Seen red: when nothing bounded the wait, every command waited for ever after Ctrl-Z on "lockstep run".
test('a process that owns the store and was stopped is told not to answer', async (t) => {
  const folder = folderOf(t)
  const { config } = loadConfig({
    path: join(folder, 'lockstep.yaml'),
    readFile: (path) => (path.endsWith('.yaml') ? 'connections: {}\nflows: {}\n' : null),
    env: {},
    connectors: new Map(),
  })
  assert.ok(config !== null)
  const server = createServer(() => undefined)
  await new Promise<void>((resolve) => server.listen(socketOf(config.beside), resolve))
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const clock = { now: () => 0, sleep: () => new Promise<void>((resolve) => server.once('request', () => resolve())) }
  const access = openAccess({ config, clock, random: systemRandom, release: '1', create: false, thread: false })
  await assert.rejects(access, { code: 'store-in-use', message: /does not answer/, remedy: /Ctrl-Z/ })
})

test('another release is told so', async (t) => {
  const path = join(folderOf(t), 'x.sock')
  const served = await serveSocket({ operations: some({}), path, release: '1' })
  const remote = await connectRemote(path, '2')
  await assert.rejects(remote?.divergences() ?? Promise.resolve(), { code: 'other-release' })
  await served.close()
})

test('a socket that nobody listens on is not in the way', async (t) => {
  const path = join(folderOf(t), 'x.sock')
  writeFileSync(path, '')
  assert.equal(await connectRemote(path, '1'), null)
  const served = await serveSocket({ operations: some({}), path, release: '1' })
  assert.notEqual(await connectRemote(path, '1'), null)
  await served.close()
})

// Seen red: when what the file system said was told as a fault of the program.
test('a socket and a token that cannot be made are told with their place', async (t) => {
  const folder = folderOf(t)
  mkdirSync(join(folder, 'taken'))
  const path = join(folder, 'taken')
  await assert.rejects(serveSocket({ operations: some({}), path, release: '1' }), { code: 'no-socket' })
  assert.throws(() => controlToken(join(folder, 'nowhere', 'token'), 'a'.repeat(64)), {
    code: 'token-unusable',
    message: /nowhere/,
    remedy: /control: off/,
  })
})

test('the control token is made once, is private, and is compared whole', (t) => {
  const path = join(folderOf(t), 'token')
  const token = controlToken(path, 'a'.repeat(64))
  assert.equal(controlToken(path, 'b'.repeat(64)), token)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.ok(isToken(`Bearer ${token}`, token))
  for (const wrong of [undefined, '', 'Bearer ', `Bearer ${token}x`, token]) assert.ok(!isToken(wrong, token))
  writeFileSync(path, 'short')
  assert.throws(() => controlToken(path, 'c'.repeat(64)), { code: 'token-exposed' })
})
