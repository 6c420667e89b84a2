/** Signing in and out with the real binary, over real HTTP on loopback. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { z } from 'zod'
import { freePort } from '../free-port.ts'
import { json, postsIn, READY, SECRETS, SPACE, until, worldOf, type Running, type World } from './world.ts'

const MESSAGES = 'https://www.googleapis.com/auth/chat.messages'

/** The address that a person is asked to open. */
async function address(running: Running): Promise<string> {
  const said = await running.says(/\n\s+https?:\/\/\S+\s/)
  return /\n\s+(https?:\/\/\S+)\s/.exec(said)?.[1] ?? ''
}

/** Where a browser is sent on to, without going there. */
async function sentOn(url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { redirect: 'manual', headers })
}

/** What must not be lost by signing in anew. */
function remembered({ folder }: World): unknown {
  const db = new DatabaseSync(join(folder, 'lockstep.db'), { readOnly: true })
  try {
    return [
      db.prepare('SELECT connection, feed, cursor FROM feed ORDER BY 1, 2').all(),
      db.prepare('SELECT id, pair, a_ref, b_ref, a_base_json, b_base_json FROM link ORDER BY id').all(),
    ]
  } finally {
    db.close()
  }
}

/** A service that browsers reach, and an OAuth client that knows one address alone. */
async function publicWorld(t: TestContext) {
  const port = await freePort()
  const publicUrl = `http://127.0.0.1:${port}`
  const callback = `${publicUrl}/oauth/callback`
  const world = await worldOf(t, {
    chat: { clients: [{ id: 'client', secret: SECRETS.client, redirectUris: [callback] }] },
  })
  world.configure((text) =>
    text.replace('  webhooks: 127.0.0.1:0\n', `  webhooks: 127.0.0.1:${port}\n  public_url: ${publicUrl}/\n`),
  )
  return { world, publicUrl, callback }
}

// Seen red: when an answer needs no session; when the redirect ends with a slash; when a state counts twice.
test('F38 through the public address one browser alone can answer, once, and comes back to exactly that address', async (t) => {
  const { world, publicUrl, callback } = await publicWorld(t)
  world.chat.oauth.withdraw('100')
  const service = world.start('run', '--yes')
  await service.says(/chat is dead/)
  const running = world.start('connect', 'chat', '--web')
  const start = await address(running)
  assert.ok(start.startsWith(`${publicUrl}/oauth/start/`), start)
  assert.match(running.err(), new RegExp(`\n  ${MESSAGES}`), 'the permissions are shown before')

  const stranger = await sentOn(start)
  const opened = await sentOn(start)
  assert.equal(opened.status, 302)
  const cookie = opened.headers.get('set-cookie') ?? ''
  for (const words of [/HttpOnly/, /SameSite=Lax/, /Path=\/oauth/, /Max-Age=600/]) assert.match(cookie, words)
  const asked = new URL(opened.headers.get('location') ?? '')
  assert.equal(asked.searchParams.get('redirect_uri'), callback)
  assert.equal(asked.searchParams.get('code_challenge_method'), 'S256')
  assert.deepEqual(asked.searchParams.get('scope')?.split(' ').length, 3)

  const back = (await sentOn(asked.href)).headers.get('location') ?? ''
  assert.equal(back.split('?')[0], callback)
  const session = { cookie: cookie.split(';')[0] ?? '' }
  const forged = back.replace(/state=[^&]+/, 'state=guessed')
  const refusals: [string, Record<string, string>, RegExp][] = [
    [back, {}, /did not begin a sign-in/],
    [back, { cookie: stranger.headers.get('set-cookie')?.split(';')[0] ?? '' }, /sign-in is over/],
    [forged, session, /not the answer/],
  ]
  for (const [url, headers, words] of refusals) {
    const refused = await sentOn(url, headers)
    assert.equal(refused.status, 400)
    assert.match(await refused.text(), words)
  }
  const page = await sentOn(back, session)
  assert.match(await page.text(), /chat is signed in as users\/100/)
  assert.equal(page.headers.get('cache-control'), 'no-store')
  const ended = await running.ended
  assert.equal(ended.code, 0, ended.err)
  await service.says(/chat is back/)
  assert.equal((await sentOn(back, session)).status, 400, 'it was answered')
  assert.equal((await sentOn(start)).status, 404)
})

test('without a public address, or without the service, --web says what it needs', async (t) => {
  const world = await worldOf(t)
  const none = await world.run('connect', 'chat', '--web', '--json')
  assert.equal(none.code, 2)
  assert.match(json(none).error?.code ?? '', /no-public-address/)
  world.configure((text) => text.replace('listen:\n', 'listen:\n  public_url: https://sync.example.com\n'))
  const silent = await world.run('connect', 'chat', '--web')
  assert.equal(silent.code, 1)
  assert.match(silent.err, /Nothing answers at https:\/\/sync\.example\.com.*\n.*lockstep run/)
  world.configure((text) => text.replace('listen:\n', 'listen:\n  public_url: http://sync.example.com\n'))
  const plain = await world.run('check', '--offline')
  assert.equal(plain.code, 2)
  assert.match(plain.out, /public_url.*https/)
})

// Seen red: when what is typed is not read.
test('on a machine without a browser the address that one elsewhere ends at is pasted', async (t) => {
  const world = await worldOf(t)
  world.configure((text) => text.replace(/ {4}refresh_token: .*\n/, ''))
  const running = world.start('connect', 'chat')
  const back = (await sentOn(await address(running))).headers.get('location') ?? ''
  running.types('what is this')
  await running.says(/not the answer.*\n?.*Copy the whole address/)
  running.types(back)
  const ended = await running.ended
  assert.equal(ended.code, 0, ended.err)
  assert.match(ended.out, /chat is connected as users\/100/)
  assert.equal((await world.run('sync', '--yes')).code, 0)
})

// Seen red: when admit() compares no scopes; and no accounts.
test('fewer permissions than asked for, or another account, are refused: cursors, links and the token stay', async (t) => {
  const world = await worldOf(t)
  world.chat.as('101').post(SPACE, 'something to carry')
  assert.equal((await world.run('sync', '--yes')).code, 0)

  world.chat.oauth.consentAs('100', [MESSAGES])
  const fewer = world.start('connect', 'chat')
  await fetch(await address(fewer))
  const lacking = await fewer.ended
  assert.equal(lacking.code, 1)
  assert.match(lacking.err, /did not give all the permissions: \S+chat\.messages is missing/)
  assert.match(lacking.err, /leave every box ticked/)

  world.chat.oauth.consentAs('101')
  const other = world.start('connect', 'chat')
  const page = await fetch(await address(other))
  assert.match(await page.text(), /Somebody else signed in: chat works as users\/100 .* this is users\/101/)
  const refused = await other.ended
  assert.equal(refused.code, 1)
  assert.match(refused.err, /--another-account/)
  assert.equal((await world.run('sync')).code, 0, 'the token that was there still works')

  const before = remembered(world)
  world.chat.oauth.withdraw('100')
  world.chat.oauth.consentAs('100')
  const again = world.start('connect', 'chat')
  await fetch(await address(again))
  assert.equal((await again.ended).code, 0)
  assert.deepEqual(remembered(world), before)
  world.chat.as('101').post(SPACE, 'said while nobody was signed in')
  assert.equal((await world.run('sync')).code, 0)
  assert.deepEqual(
    postsIn(world).filter((text) => text.includes('something to carry')).length,
    1,
    'nothing was made again',
  )
  assert.ok(postsIn(world).some((text) => text.includes('while nobody')))

  world.chat.oauth.consentAs('101')
  const told = world.start('connect', 'chat', '--another-account')
  await fetch(await address(told))
  const taken = await told.ended
  assert.equal(taken.code, 0, taken.err)
  assert.match(taken.out, /as users\/101/)
})

// Seen red: when neither the command nor the sign-in hears the signal.
test('Ctrl-C gives a sign-in up, and says so', async (t) => {
  const world = await worldOf(t)
  const running = world.start('connect', 'chat', '--json')
  const url = await address(running)
  running.child.kill('SIGINT')
  const ended = await running.ended
  assert.equal(ended.code, 1, ended.err)
  assert.equal(json(ended).error?.code, 'sign-in-stopped')
  await assert.rejects(fetch(url), 'nobody listens where it would come back to')
})

// Seen red: when a rotated token is not kept.
test('F38 commands beside the service use its tokens: where each refresh ends the one before, none is lost', async (t) => {
  const world = await worldOf(t, { chat: { rotateRefreshTokens: true, accessTokenSeconds: 1 } })
  world.configure((text) => `poll: 1s\n${text}`)
  const service = world.start('run', '--yes')
  await service.says(READY)
  for (let turn = 0; turn < 2; turn += 1) {
    const ran = await Promise.all(['check', 'plan', 'status'].map((command) => world.run(command)))
    for (const { code, out, err } of ran) assert.equal(code, 0, out + err)
  }
  service.child.kill('SIGTERM')
  await service.ended
  assert.doesNotMatch(service.err(), /is dead/)
  const alone = await world.run('check')
  assert.equal(alone.code, 0, alone.out)
})

const Out = z.object({ revoked: z.boolean(), configured: z.boolean() })

// Seen red: when nothing is revoked; when the token is wiped first; when the one in the configuration counts again.
test('who signs out is signed out at the system too, what was under way waits, and it goes on after the next sign-in', async (t) => {
  const world = await worldOf(t)
  world.chat.as('101').post(SPACE, 'something to carry')
  const service = world.start('run', '--yes')
  await service.says(READY)
  await until('it is carried', () => postsIn(world).some((text) => text.includes('something to carry')))
  assert.equal((await world.run('disconnect', 'chat')).code, 3)

  world.meddle((request) => (request.path === '/revoke' ? { status: 503, headers: {}, body: '' } : null), null)
  const failed = await world.run('disconnect', 'chat', '--yes')
  assert.equal(failed.code, 1)
  assert.match(failed.err, /still lets this service in.*503/)
  assert.match(failed.err, /--here-only/)
  assert.equal((await world.run('sync')).code, 0, 'nothing was changed')

  world.meddle(null, null)
  const done = await world.run('disconnect', 'chat', '--yes', '--json')
  assert.equal(done.code, 0, done.err)
  assert.deepEqual(Out.parse(JSON.parse(done.out)), { revoked: true, configured: true })
  await service.says(/chat is dead: nobody is signed in/)
  const status = await world.run('status')
  assert.equal(status.code, 1)
  assert.match(status.out, /nobody is signed in; "lockstep connect chat"/)
  const refused = await fetch(`${chatUrl(world)}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: SECRETS.refresh,
      client_id: 'client',
      client_secret: SECRETS.client,
    }),
  })
  assert.equal(refused.status, 400, 'the token is dead at the system')
  world.chat.as('101').post(SPACE, 'said while nobody was signed in')

  const running = world.start('connect', 'chat')
  await fetch(await address(running))
  assert.equal((await running.ended).code, 0)
  await until('it goes on', () => postsIn(world).some((text) => text.includes('while nobody')))
  assert.equal(postsIn(world).filter((text) => text.includes('something to carry')).length, 1)
  const here = await world.run('disconnect', 'chat', '--yes', '--here-only')
  assert.equal(here.code, 0)
  assert.match(here.out, /was not revoked: take the application's access away/)
})

function chatUrl({ folder }: World): string {
  return /base_url: (\S+)/.exec(readFileSync(join(folder, 'lockstep.yaml'), 'utf8'))?.[1] ?? ''
}
