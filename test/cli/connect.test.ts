import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { json, SECRETS, SPACE, worldOf, type Running } from './world.ts'

/** The address that a person is asked to open. */
async function address(running: Running): Promise<URL> {
  const said = await running.says(/https?:\/\/\S+code_challenge\S+\s/)
  return new URL(/https?:\/\/\S+code_challenge\S+/.exec(said)?.[0] ?? '')
}

test('a person signs in once, the token is kept sealed, and the sync works with it', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => text.replace(/ {4}refresh_token: .*\n/, ''))
  world.chat.as('101').post(SPACE, 'something to carry')
  const before = await world.run('sync', '--yes')
  assert.equal(before.code, 1)
  assert.match(before.out + before.err, /lockstep connect/)

  const running = world.start('connect', 'google')
  const url = await address(running)
  assert.equal(url.searchParams.get('code_challenge_method'), 'S256')
  assert.equal(url.searchParams.get('access_type'), 'offline')
  const redirect = new URL(url.searchParams.get('redirect_uri') ?? '')
  assert.equal(redirect.hostname, '127.0.0.1')

  const forged = await fetch(`${redirect.href}?code=forged&state=guessed`)
  assert.equal(forged.status, 400)
  const page = await fetch(url)
  assert.equal(page.status, 200)
  assert.match(await page.text(), /Signed in/)
  const ended = await running.ended
  assert.equal(ended.code, 0, ended.err)
  assert.match(ended.out, /chat is connected/)
  const bytes = readFileSync(join(world.folder, 'lockstep.db'), 'latin1')
  assert.ok(!bytes.includes('1//') && !bytes.includes(SECRETS.client))

  const after = await world.run('sync', '--yes')
  assert.equal(after.code, 0, after.out + after.err)
})

test('a person who refuses is told so, and nothing is stored', async (t) => {
  const world = await worldOf(t)
  world.chat.oauth.consentAs(null)
  const running = world.start('connect', 'chat')
  await fetch(await address(running))
  const ended = await running.ended
  assert.equal(ended.code, 1)
  assert.match(ended.err, /access_denied/)
  assert.match(ended.err, /give all the permissions/)
  assert.match(ended.err, /Nothing was stored/)
})

test('signing in while the service runs brings its dead connection back', async (t) => {
  const world = await worldOf(t)
  world.chat.oauth.withdraw('100')
  const service = world.start('run', '--yes')
  await service.says(/chat is dead/)
  const status = await world.run('status')
  assert.equal(status.code, 1)
  assert.match(status.out, /chat is dead: .*invalid_grant/)
  const running = world.start('connect', 'chat')
  await fetch(await address(running))
  assert.equal((await running.ended).code, 0)
  await service.says(/chat is back/)
})

test('a connection that needs no sign-in, and one that does not exist, are told apart', async (t) => {
  const world = await worldOf(t)
  const key = await world.run('connect', 'forum', '--json')
  assert.equal(key.code, 2)
  assert.match(json(key).error?.message ?? '', /needs no sign-in/)
  const none = await world.run('connect', 'caht')
  assert.equal(none.code, 2)
  assert.match(none.err, /Did you mean "chat"/)
})
