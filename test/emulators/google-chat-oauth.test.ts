import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { GoogleChat } from '../../src/emulators/google-chat/google-chat.ts'
import { ANN, at, BOB, refusal, send, testChat, textAt } from './google-chat-world.ts'

const BACK = 'http://127.0.0.1:9999/back'
const MESSAGES = 'https://www.googleapis.com/auth/chat.messages'
const CLIENT = { client_id: 'client-one', client_secret: 'secret-one' }

function form(chat: GoogleChat, path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
  const response = chat.handle({
    method: 'POST',
    path,
    query: new URLSearchParams(),
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: Buffer.from(new URLSearchParams(fields).toString()),
    address: '127.0.0.1',
  })
  const body: unknown = JSON.parse(response.body.toString())
  return { status: response.status, body }
}

function authorize(chat: GoogleChat, query: Record<string, string>) {
  const all = {
    client_id: 'client-one',
    redirect_uri: BACK,
    response_type: 'code',
    scope: MESSAGES,
    state: 's 1',
    ...query,
  }
  const response = chat.handle({
    method: 'GET',
    path: '/o/oauth2/v2/auth',
    query: new URLSearchParams(all),
    headers: {},
    body: Buffer.alloc(0),
    address: '127.0.0.1',
  })
  const location = response.headers['location']
  return { status: response.status, back: location === undefined ? null : new URL(location).searchParams }
}

function exchange(chat: GoogleChat, code: string, more: Record<string, string> = {}) {
  return form(chat, '/token', { grant_type: 'authorization_code', code, redirect_uri: BACK, ...CLIENT, ...more })
}

test('consent comes back as a code, and the code as tokens, with the verifier of PKCE', () => {
  const { chat } = testChat()
  const verifier = 'v'.repeat(43)
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const pkce = {
    code_challenge: challenge,
    code_challenge_method: 'S256',
    access_type: 'offline',
    login_hint: 'bob@example.com',
  }
  const { status, back } = authorize(chat, pkce)
  assert.equal(status, 302)
  assert.equal(back?.get('state'), 's 1')
  const tokens = exchange(chat, back?.get('code') ?? '', { code_verifier: verifier })
  assert.equal(tokens.status, 200)
  assert.equal(at(tokens.body, 'expires_in'), 3599)
  assert.equal(at(tokens.body, 'scope'), MESSAGES)
  assert.ok(textAt(tokens.body, 'refresh_token').startsWith('1//'))
  const token = textAt(tokens.body, 'access_token')
  assert.equal(send(chat, token, 'POST', '/v1/spaces/TEAM/messages', { body: { text: 'hi' } }).status, 200)
  assert.equal(chat.counters().writes[0]?.user, BOB)
  assert.equal(refusal(send(chat, token, 'GET', '/v1/spaces')), '403 PERMISSION_DENIED')
  assert.equal(at(exchange(chat, back?.get('code') ?? '', { code_verifier: verifier }).body, 'error'), 'invalid_grant')
})

test('a wrong verifier, a wrong address and an old code are refused', () => {
  const { chat, advance } = testChat()
  const code = (query: Record<string, string> = {}) => authorize(chat, query).back?.get('code') ?? ''
  const challenge = createHash('sha256').update('right').digest('base64url')
  const pkce = code({ code_challenge: challenge, code_challenge_method: 'S256' })
  assert.equal(at(exchange(chat, pkce, { code_verifier: 'wrong' }).body, 'error'), 'invalid_grant')
  assert.equal(
    at(exchange(chat, code(), { redirect_uri: 'http://127.0.0.1/x' }).body, 'error'),
    'redirect_uri_mismatch',
  )
  assert.equal(exchange(chat, code(), { client_secret: 'guess' }).status, 401)
  const old = code()
  advance(601_000)
  assert.equal(at(exchange(chat, old).body, 'error'), 'invalid_grant')
})

test('a refresh token comes only with the first consent or when consent is asked for again', () => {
  const { chat } = testChat()
  const refresh = (query: Record<string, string>) =>
    at(exchange(chat, authorize(chat, query).back?.get('code') ?? '').body, 'refresh_token') !== undefined
  assert.equal(refresh({}), false)
  assert.equal(refresh({ access_type: 'offline' }), true)
  assert.equal(refresh({ access_type: 'offline' }), false)
  assert.equal(refresh({ access_type: 'offline', prompt: 'consent' }), true)
})

test('a refused consent goes back as an error; a foreign address is never redirected to', () => {
  const { chat } = testChat()
  chat.oauth.consentAs(null)
  assert.equal(authorize(chat, {}).back?.get('error'), 'access_denied')
  assert.deepEqual(authorize(chat, { redirect_uri: 'https://evil.example/' }), { status: 400, back: null })
  assert.equal(authorize(chat, { client_id: 'nobody' }).status, 401)
})

test('an access token dies of age, and a refresh token makes a new one', () => {
  const seeds = [{ token: '1//seeded', user: ANN, client: 'client-one' }]
  const { chat, advance } = testChat({ refreshTokens: seeds, accessTokenSeconds: 60 })
  const refresh = () => form(chat, '/token', { grant_type: 'refresh_token', refresh_token: '1//seeded', ...CLIENT })
  const first = textAt(refresh().body, 'access_token')
  assert.equal(send(chat, first, 'GET', '/v1/spaces').status, 200)
  advance(60_000)
  const expired = send(chat, first, 'GET', '/v1/spaces')
  assert.equal(refusal(expired), '401 UNAUTHENTICATED')
  assert.equal(at(expired.body, 'error', 'details', 0, 'reason'), 'ACCESS_TOKEN_EXPIRED')
  assert.equal(send(chat, textAt(refresh().body, 'access_token'), 'GET', '/v1/spaces').status, 200)
  assert.equal(refusal(send(chat, null, 'GET', '/v1/spaces')), '401 UNAUTHENTICATED')
  assert.equal(refusal(send(chat, 'junk', 'GET', '/v1/spaces')), '401 UNAUTHENTICATED')
})

test('revoking kills the refresh token and all its access tokens', () => {
  const seeds = [{ token: '1//seeded', user: ANN, client: 'client-one' }]
  const { chat } = testChat({ refreshTokens: seeds })
  const refresh = () => form(chat, '/token', { grant_type: 'refresh_token', refresh_token: '1//seeded', ...CLIENT })
  const token = textAt(refresh().body, 'access_token')
  assert.equal(form(chat, '/revoke', { token }).status, 200)
  assert.deepEqual(refresh(), {
    status: 400,
    body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
  })
  assert.equal(refusal(send(chat, token, 'GET', '/v1/spaces')), '401 UNAUTHENTICATED')
  assert.equal(at(form(chat, '/revoke', { token }).body, 'error'), 'invalid_token')
})

test('a person may withdraw consent, and rotation retires the old refresh token', () => {
  const seeds = [{ token: '1//seeded', user: ANN, client: 'client-one' }]
  const { chat } = testChat({ refreshTokens: seeds, rotateRefreshTokens: true })
  const refresh = (token: string) =>
    form(chat, '/token', { grant_type: 'refresh_token', refresh_token: token, ...CLIENT })
  const next = textAt(refresh('1//seeded').body, 'refresh_token')
  assert.equal(at(refresh('1//seeded').body, 'error'), 'invalid_grant')
  const last = textAt(refresh(next).body, 'refresh_token')
  chat.oauth.withdraw(ANN)
  assert.equal(at(refresh(last).body, 'error'), 'invalid_grant')
})

test('bad token requests get OAuth errors', () => {
  const { chat } = testChat()
  const token = (fields: Record<string, string>) => {
    const answer = form(chat, '/token', fields)
    return `${answer.status} ${String(at(answer.body, 'error'))}`
  }
  assert.equal(token({}), '400 invalid_request')
  assert.equal(token({ grant_type: 'password', ...CLIENT }), '400 unsupported_grant_type')
  assert.equal(token({ grant_type: 'refresh_token', client_id: 'nobody' }), '401 invalid_client')
  assert.equal(token({ grant_type: 'refresh_token', refresh_token: 'none', ...CLIENT }), '400 invalid_grant')
  const basic = { authorization: `Basic ${Buffer.from('client-one:secret-one').toString('base64')}` }
  assert.equal(form(chat, '/token', { grant_type: 'refresh_token', refresh_token: 'none' }, basic).status, 400)
})

test('tokeninfo and userinfo tell whose token it is', () => {
  const { chat } = testChat()
  const access_token = chat.oauth.accessToken(BOB)
  const info = form(chat, '/tokeninfo', { access_token }).body
  assert.equal(at(info, 'sub'), BOB)
  assert.equal(at(info, 'aud'), 'client-one')
  assert.equal(at(info, 'email'), 'bob@example.com')
  assert.equal(at(send(chat, access_token, 'GET', '/oauth2/v2/userinfo').body, 'id'), BOB)
  assert.equal(at(form(chat, '/tokeninfo', { access_token: 'junk' }).body, 'error'), 'invalid_token')
})

test('an unknown address is a page with 404', () => {
  const { chat } = testChat()
  const answer = send(chat, null, 'GET', '/v2/spaces')
  assert.equal(answer.status, 404)
  assert.equal(typeof answer.body, 'string')
})
