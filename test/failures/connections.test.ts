/** Tokens of connections, asked for over real HTTP on loopback; the clock is the test's own. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createHttp } from '../../src/adapters/http.ts'
import { ConnectorError } from '../../src/connector/failure.ts'
import type { WireRequest, WireResponse } from '../../src/emulators/emulator.ts'
import { createGoogleOAuth, type SignInOptions } from '../../src/emulators/google-oauth/google-oauth.ts'
import { realPorts, serve } from '../../src/emulators/serve.ts'
import { tokenEndpoint } from '../../src/engine/token-endpoint.ts'
import { createTokens } from '../../src/engine/tokens.ts'
import { pairOf, SPACE } from '../engine/pair.ts'
import { done, forumThreads, writes } from '../engine/views.ts'

const MINUTE = 60_000
const SCOPE = 'https://www.googleapis.com/auth/chat.messages'

/** A connection of Ann's, signed in with `first`. */
async function signedIn(t: TestContext, options: SignInOptions = {}) {
  let time = Date.parse('2026-11-02T09:00:00Z')
  const oauth = createGoogleOAuth(
    { ...realPorts(), now: () => time },
    {
      accounts: [{ id: 'ann', displayName: 'Ann Lee', email: 'ann@example.com' }],
      clients: [{ id: 'client', secret: 'secret' }],
      refreshTokens: ['first', 'second'].map((token) => ({ token, user: 'ann', client: 'client', scopes: [SCOPE] })),
      ...options,
    },
  )
  const asked: string[] = []
  let meddle: (request: WireRequest) => WireResponse | null = () => null
  const served = await serve({
    name: 'oauth',
    handle(request) {
      asked.push(new URLSearchParams(request.body.toString()).get('refresh_token') ?? request.path)
      return meddle(request) ?? oauth.handle(request)
    },
  })
  const http = createHttp(() => undefined)
  t.after(async () => {
    http.close()
    await served.close()
  })
  const client = {
    tokenUrl: `${served.url}/token`,
    authorizationUrl: `${served.url}/o/oauth2/v2/auth`,
    clientId: 'client',
    clientSecret: 'secret',
    scopes: [SCOPE],
  }
  const store: { token: string | null; failing: boolean } = { token: 'first', failing: false }
  const kept = {
    read: () => Promise.resolve(store.token),
    save(token: string) {
      if (store.failing) return Promise.reject(new Error('the disk is full'))
      store.token = token
      return Promise.resolve()
    },
    wipe() {
      store.token = null
      return Promise.resolve()
    },
  }
  const clock = { now: () => time, sleep: () => Promise.resolve() }
  return {
    oauth,
    asked,
    store,
    served,
    tokens: createTokens(tokenEndpoint(client, http), kept, clock),
    advance: (ms: number) => void (time += ms),
    answer: (next: (request: WireRequest) => WireResponse | null) => void (meddle = next),
  }
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): WireResponse => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
})

function isFailure(failure: string, words: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof ConnectorError, String(error))
    assert.equal(error.failure, failure)
    assert.equal(error.noEffect, true)
    assert.match(error.message, words)
    return true
  }
}

// Seen red: when bearer() does not wait for the refresh that is under way.
test('F38 refreshes that race are one: all that wait get its token', async (t) => {
  const { tokens, asked, advance } = await signedIn(t, { rotateRefreshTokens: true })
  const first = await Promise.all(Array.from({ length: 20 }, () => tokens.bearer()))
  assert.equal(new Set(first).size, 1)
  advance(59 * MINUTE + 1)
  const second = await Promise.all(Array.from({ length: 20 }, () => tokens.bearer()))
  assert.equal(new Set(second).size, 1)
  assert.notEqual(first[0], second[0])
  assert.equal(asked.length, 2)
})

// Seen red: when every refusal counts as one of consent.
test('F38 a refresh that fails for a passing reason leaves the connection alive, and the next one works', async (t) => {
  const { tokens, answer, served } = await signedIn(t)
  const passing: readonly WireResponse[] = [
    json(500, { error: 'invalid_grant' }),
    json(503, {}),
    json(429, { error: 'rate_limit_exceeded' }),
    json(403, { error: 'rate_limit_exceeded' }),
    json(400, { error: 'temporarily_unavailable' }),
    json(200, { token_type: 'Bearer' }),
    json(302, {}, { location: 'https://elsewhere.example/' }),
    json(403, {}, { 'www-authenticate': 'Basic realm="a proxy on the way"' }),
    { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>busy</html>' },
    { status: 400, headers: { 'content-type': 'text/html' }, body: '<html>invalid_grant</html>' },
  ]
  for (const response of passing) {
    answer(() => response)
    await assert.rejects(tokens.bearer(), isFailure('unavailable', /token endpoint/))
  }
  answer(() => null)
  served.faults([{ path: '/token', fault: { kind: 'lose-response' } }])
  await assert.rejects(tokens.bearer(), isFailure('unavailable', /no answer from the token endpoint/))
  assert.ok(await tokens.bearer())
})

// Seen red: when patient() asks at once.
test('F38 a system that asks for patience is not asked meanwhile, and not for ever', async (t) => {
  const { tokens, answer, asked, advance } = await signedIn(t)
  answer(() => json(429, {}, { 'retry-after': '120' }))
  await assert.rejects(tokens.bearer(), isFailure('unavailable', /429/))
  advance(MINUTE)
  await assert.rejects(tokens.bearer(), isFailure('unavailable', /429/))
  assert.equal(asked.length, 1)
  advance(MINUTE)
  answer(() => json(503, {}, { 'retry-after': '864000' }))
  await assert.rejects(tokens.bearer(), isFailure('unavailable', /503/))
  answer(() => null)
  advance(5 * MINUTE)
  assert.ok(await tokens.bearer())
})

// Seen red: when `invalid_client` counts as passing.
test('F38 only the refusals that mean it need a person, and each says which', async (t) => {
  const { tokens, answer, oauth } = await signedIn(t)
  for (const [status, error, words] of [
    [401, 'invalid_client', /"client_id" or "client_secret" is wrong/],
    [400, 'unauthorized_client', /"client_id" or "client_secret" is wrong/],
    [400, 'invalid_grant', /consent was withdrawn or has ended.*invalid_grant/],
  ] as const) {
    answer(() => json(status, { error }))
    await assert.rejects(tokens.bearer(), isFailure('unauthorized', words))
  }
  answer(() => ({ status: 401, headers: { 'www-authenticate': 'Basic realm="tokens"' }, body: '' }))
  await assert.rejects(tokens.bearer(), isFailure('unauthorized', /client_secret/))
  answer(() => null)
  oauth.withdraw('ann')
  await assert.rejects(tokens.bearer(), isFailure('unauthorized', /invalid_grant/))
})

// Seen red: when rotate() keeps nothing; and when read() hands out the kept one alone.
test('F38 a rotated refresh token is kept before its access token is used, also where keeping it failed at first', async (t) => {
  const { tokens, store, asked, advance } = await signedIn(t, { rotateRefreshTokens: true })
  await tokens.bearer()
  const rotated = store.token
  assert.ok(rotated !== null && rotated !== 'first')
  advance(60 * MINUTE)
  store.failing = true
  await assert.rejects(tokens.bearer(), /the disk is full/)
  assert.equal(store.token, rotated)
  await assert.rejects(tokens.bearer(), /the disk is full/)
  assert.equal(asked.length, 2, 'it is not asked for another one that cannot be kept either')
  store.failing = false
  assert.ok(await tokens.bearer())
  assert.notEqual(asked.at(-1), rotated, 'the one that was in the store is dead')
  assert.notEqual(store.token, rotated)
})

// Seen red: when a refresh under way is kept after a person signed in.
test('F38 who signs in during a refresh counts: what the old token brought is neither used nor kept', async (t) => {
  const { tokens, store, asked, answer } = await signedIn(t, { rotateRefreshTokens: true })
  let signing: Promise<void> | null = null
  answer(() => {
    signing ??= tokens.replace('second')
    return null
  })
  const token = await tokens.bearer()
  await Promise.resolve(signing)
  assert.deepEqual(asked, ['first', 'second'])
  assert.ok(store.token !== null && store.token !== 'first')
  assert.equal(await tokens.bearer(), token)
  await tokens.wipe()
  await assert.rejects(tokens.bearer(), isFailure('unauthorized', /nobody is signed in/))
})

// Seen red: when the life of a token is counted from its answer, or its last minute is used.
test('F38 a token is not used beyond its life: not by a slow answer, a short life, or a clock that was set', async (t) => {
  const { tokens, answer, asked, advance } = await signedIn(t)
  let count = 0
  const grant = (expires_in: unknown, slow = 0) =>
    answer(() => {
      advance(slow)
      return json(200, { access_token: `token ${(count += 1)}`, token_type: 'Bearer', expires_in })
    })
  grant(3600, 10 * MINUTE)
  assert.equal(await tokens.bearer(), 'token 1')
  advance(48 * MINUTE)
  assert.equal(await tokens.bearer(), 'token 1')
  advance(2 * MINUTE)
  grant('40')
  assert.equal(await tokens.bearer(), 'token 2')
  advance(19_000)
  assert.equal(await tokens.bearer(), 'token 2')
  advance(2000)
  grant(undefined)
  assert.equal(await tokens.bearer(), 'token 3')
  advance(-24 * 60 * MINUTE)
  assert.equal(await tokens.bearer(), 'token 3')
  tokens.refused('token 1')
  assert.equal(await tokens.bearer(), 'token 3')
  tokens.refused('token 3')
  assert.equal(await tokens.bearer(), 'token 4')
  assert.equal(asked.length, 4)
})

// Seen red: when an `unavailable` refresh marks the connection dead.
test('F38 while tokens cannot be refreshed for an hour nothing is dead, and what was said meanwhile arrives', async () => {
  let down = false
  const pair = await pairOf({
    fault: ({ path }) => (down && path === '/token' ? { kind: 'answer-before', status: 503, body: 'busy' } : null),
  })
  pair.chat.as('101').post(SPACE, 'before the trouble')
  await pair.run(10 * MINUTE)
  down = true
  await pair.run(90 * MINUTE)
  pair.chat.as('101').post(SPACE, 'during the trouble')
  await pair.run(10 * MINUTE)
  const [chat] = (await pair.store.status(undefined)).connections.filter(({ id }) => id === 'chat')
  assert.equal(chat?.state, 'ok')
  assert.ok(pair.events.some((event) => event.is === 'trouble' && /token endpoint/.test(event.message)))
  assert.equal(forumThreads(pair).length, 1)
  down = false
  await pair.run(15 * MINUTE)
  assert.equal(forumThreads(pair).length, 2)
})

// Seen red: when `invalid_grant` counts as passing.
test('F38 a consent that was withdrawn pauses its connection and keeps its changes', async () => {
  const pair = await pairOf()
  pair.chat.as('101').post(SPACE, 'before the trouble')
  await pair.run(10 * MINUTE)
  const links = (await pair.store.status(undefined)).flows[0]?.links
  pair.chat.oauth.withdraw('100')
  done(pair.discourse.as('cyd').topic({ title: 'While nobody is in', raw: 'A text of Cyd, long enough', category: 2 }))
  const before = writes(pair).length
  await pair.run(60 * MINUTE)
  const status = await pair.store.status(undefined)
  assert.equal(status.connections.find(({ id }) => id === 'chat')?.state, 'dead')
  assert.equal(status.flows[0]?.links, links)
  assert.ok((status.flows[0]?.due ?? 0) > 0, 'what is to be written waits')
  assert.equal(writes(pair).length, before)
})
