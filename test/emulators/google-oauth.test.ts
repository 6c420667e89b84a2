import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import type { WireResponse } from '../../src/emulators/emulator.ts'
import {
  createGoogleOAuth,
  type GoogleOAuth,
  type SignInOptions,
} from '../../src/emulators/google-oauth/google-oauth.ts'
import { at, chance, textAt } from './google-answers.ts'

const BACK = 'https://app.example.com/oauth/back'
const READ = 'https://www.googleapis.com/auth/calendar.readonly'
const EVENTS = 'https://www.googleapis.com/auth/calendar.events'

function testOAuth(options: SignInOptions = {}) {
  let time = Date.parse('2026-03-01T10:00:00Z')
  const oauth = createGoogleOAuth(
    {
      now: () => time,
      random: chance(),
      after: () => assert.fail('nothing is to be run later'),
      deliver: () => assert.fail('nothing is to be sent'),
    },
    {
      accounts: [
        { id: 'ann', displayName: 'Ann Lee', email: 'ann@example.com' },
        { id: 'bob', displayName: 'Bob <Day>', email: 'bob@example.com' },
      ],
      clients: [{ id: 'web', secret: 'secret', redirectUris: [BACK] }],
      ...options,
    },
  )
  return {
    oauth,
    advance: (ms: number) => {
      time += ms
    },
  }
}

function send(oauth: GoogleOAuth, method: 'GET' | 'POST', path: string, fields: Iterable<[string, string]>) {
  const parameters = new URLSearchParams([...fields])
  return oauth.handle({
    method,
    path,
    query: method === 'GET' ? parameters : new URLSearchParams(),
    headers: {},
    body: Buffer.from(method === 'POST' ? parameters.toString() : ''),
    address: '127.0.0.1',
  })
}

const asking = (more: Record<string, string> = {}) => ({
  client_id: 'web',
  redirect_uri: BACK,
  response_type: 'code',
  access_type: 'offline',
  scope: `${READ} ${EVENTS}`,
  state: 'a&b=c "d"',
  ...more,
})

function authorize(oauth: GoogleOAuth, more: Record<string, string> = {}): WireResponse {
  return send(oauth, 'GET', '/o/oauth2/v2/auth', Object.entries(asking(more)))
}

function backOf(response: WireResponse): URLSearchParams {
  assert.equal(response.status, 302, response.body.toString())
  const url = new URL(response.headers['location'] ?? '')
  assert.equal(`${url.origin}${url.pathname}`, BACK)
  return url.searchParams
}

function token(oauth: GoogleOAuth, fields: Record<string, string>): { status: number; body: unknown } {
  const all = { client_id: 'web', client_secret: 'secret', ...fields }
  const response = send(oauth, 'POST', '/token', Object.entries(all))
  return { status: response.status, body: JSON.parse(response.body.toString()) as unknown }
}

const exchange = (oauth: GoogleOAuth, code: string | null, more: Record<string, string> = {}) =>
  token(oauth, { grant_type: 'authorization_code', code: code ?? '', redirect_uri: BACK, ...more }).body

/** The values of the form, as a browser would send them. */
function formOf(response: WireResponse) {
  assert.equal(response.status, 200)
  const html = response.body.toString()
  const text = (escaped: string | undefined): string =>
    (escaped ?? '').replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))
  return {
    html,
    action: /<form method="post" action="([^"]+)"/.exec(html)?.[1] ?? '',
    request: text(/name="request" value="([^"]*)"/.exec(html)?.[1]),
    scopes: [...html.matchAll(/name="granted" value="([^"]*)"/g)].map(([, value]) => text(value)),
    chosen: text(/<option value="([^"]*)" selected/.exec(html)?.[1]),
  }
}

test('a page asks for consent, and the browser goes back with the state and what was granted', () => {
  const { oauth } = testOAuth({ consent: 'page' })
  const form = formOf(authorize(oauth, { login_hint: 'bob@example.com' }))
  assert.deepEqual(form.scopes, [READ, EVENTS])
  assert.equal(form.chosen, 'bob')
  assert.ok(!form.html.includes('<Day>'))
  const back = backOf(
    send(oauth, 'POST', form.action, [
      ['request', form.request],
      ['account', form.chosen],
      ['granted', READ],
      ['choice', 'allow'],
    ]),
  )
  assert.equal(back.get('state'), 'a&b=c "d"')
  assert.equal(back.get('scope'), READ)
  const tokens = exchange(oauth, back.get('code'))
  assert.equal(at(tokens, 'scope'), READ)
  const bearer = oauth.bearer({
    method: 'GET',
    path: '/',
    query: new URLSearchParams(),
    headers: { authorization: `Bearer ${textAt(tokens, 'access_token')}` },
    body: Buffer.alloc(0),
    address: '',
  })
  assert.deepEqual(bearer, { user: 'bob', client: 'web', project: 'web', scopes: [READ] })
})

test('a refusal on the page goes back as access_denied, and so does a consent to nothing', () => {
  const { oauth } = testOAuth({ consent: 'page' })
  const { action, request } = formOf(authorize(oauth))
  const post = (fields: [string, string][]) => send(oauth, 'POST', action, [['request', request], ...fields])
  assert.equal(backOf(post([['choice', 'deny']])).get('error'), 'access_denied')
  const empty = backOf(
    post([
      ['account', 'ann'],
      ['choice', 'allow'],
    ]),
  )
  assert.equal(empty.get('error'), 'access_denied')
  assert.equal(empty.get('code'), null)
  const stranger: [string, string][] = [
    ['account', 'eve'],
    ['granted', READ],
    ['choice', 'allow'],
  ]
  assert.equal(post(stranger).status, 400)
})

test('the answer to the page is checked like the request: it goes to no other address', () => {
  const { oauth } = testOAuth({ consent: 'page' })
  const request = new URLSearchParams(asking({ redirect_uri: 'https://evil.example/' })).toString()
  const answer = send(oauth, 'POST', '/o/oauth2/v2/auth', [
    ['request', request],
    ['account', 'ann'],
    ['granted', READ],
    ['choice', 'allow'],
  ])
  assert.equal(answer.status, 400)
  assert.equal(answer.headers['location'], undefined)
})

test('a redirect address has to be one of the client’s, to the letter', () => {
  const { oauth } = testOAuth()
  for (const wrong of [`${BACK}/`, `${BACK}?x=1`, BACK.toUpperCase(), 'http://127.0.0.1:1/', ''])
    assert.equal(authorize(oauth, { redirect_uri: wrong }).status, 400, wrong)
  assert.equal(authorize(oauth).status, 302)
})

test('only a challenge of S256 is taken, and its verifier has to come with the code', () => {
  const { oauth } = testOAuth()
  const verifier = 'v'.repeat(43)
  const challenge = createHash('sha256').update(verifier).digest('base64url')
  const plain = backOf(authorize(oauth, { code_challenge: verifier, code_challenge_method: 'plain' }))
  assert.equal(plain.get('error'), 'invalid_request')
  assert.equal(backOf(authorize(oauth, { code_challenge: challenge })).get('error'), 'invalid_request')
  const code = () => backOf(authorize(oauth, { code_challenge: challenge, code_challenge_method: 'S256' })).get('code')
  assert.equal(at(exchange(oauth, code()), 'error'), 'invalid_grant')
  assert.equal(at(exchange(oauth, code(), { code_verifier: `${verifier}x` }), 'error'), 'invalid_grant')
  assert.equal(at(exchange(oauth, code(), { code_verifier: verifier }), 'token_type'), 'Bearer')
})

test('at once, too, a person may leave out scopes; with include_granted_scopes earlier ones are kept', () => {
  const { oauth } = testOAuth()
  oauth.consentAs('ann', [EVENTS])
  assert.equal(at(exchange(oauth, backOf(authorize(oauth)).get('code')), 'scope'), READ)
  oauth.consentAs('ann', [READ])
  assert.equal(at(exchange(oauth, backOf(authorize(oauth)).get('code')), 'scope'), EVENTS)
  const both = backOf(authorize(oauth, { include_granted_scopes: 'true', scope: EVENTS })).get('code')
  assert.equal(at(exchange(oauth, both), 'scope'), `${EVENTS} ${READ}`)
})

test('of too many refresh tokens for one client the oldest dies', () => {
  const { oauth } = testOAuth({ mostRefreshTokens: 2 })
  const refresh = () => {
    const back = backOf(authorize(oauth, { prompt: 'consent' }))
    return textAt(exchange(oauth, back.get('code')), 'refresh_token')
  }
  const tokens = [refresh(), refresh(), refresh()]
  const lives = tokens.map((refresh_token) => token(oauth, { grant_type: 'refresh_token', refresh_token }).status)
  assert.deepEqual(lives, [400, 200, 200])
})

test('a refresh token may die of age', () => {
  const seeded = [{ token: '1//seeded', user: 'ann', client: 'web', scopes: [READ] }]
  const { oauth, advance } = testOAuth({ refreshTokens: seeded, refreshTokenSeconds: 60 })
  const refresh = () => token(oauth, { grant_type: 'refresh_token', refresh_token: '1//seeded' })
  assert.equal(at(refresh().body, 'scope'), READ)
  advance(60_000)
  assert.deepEqual(refresh(), {
    status: 400,
    body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
  })
})
