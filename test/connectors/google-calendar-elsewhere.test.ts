/**
 * The Google of others: the npm package `emulate` 0.11.2, written by people who know nothing of this project. What it
 * does not have is listed in docs/connectors/google-calendar.md.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createEmulator } from 'emulate'
import { CHECKS, runCheck, type Verdict } from '../../src/conformance/checks.ts'
import type { Ground } from '../../src/conformance/ground.ts'
import { selfAsSomebody } from '../../src/conformance/making.ts'
import { createOwn } from '../../src/conformance/own.ts'
import { shapeOf } from '../../src/conformance/shape.ts'
import { troubledHttp } from '../../src/conformance/trouble.ts'
import { configured } from '../../src/connector/index.ts'
import { googleCalendar } from '../../src/connectors/google-calendar/index.ts'
import { worldOf } from '../cli/world.ts'
import { freePort } from '../free-port.ts'
import { loopbackHttp, testRuntime } from './runtime.ts'

const ANN = 'ann@acme.test'

async function elsewhere(t: TestContext): Promise<string> {
  const calendar = { user_email: ANN, time_zone: 'Europe/Berlin' }
  const google = {
    users: [{ email: ANN, name: 'Ann Lee' }],
    calendars: [
      { ...calendar, id: 'primary', summary: ANN, primary: true },
      { ...calendar, id: 'team', summary: 'Team' },
    ],
  }
  const tokens = { token: { login: ANN, scopes: [] } }
  const emulator = await createEmulator({ service: 'google', port: await freePort(), seed: { tokens, google } })
  t.after(() => emulator.close())
  return emulator.url
}

/** More than its page holds. */
const MANY = 300

function groundAt(baseUrl: string): Ground {
  const config = googleCalendar.config.parse({ clientId: 'client', clientSecret: 'secret', baseUrl })
  const wire = troubledHttp(loopbackHttp)
  const runtime = testRuntime({ http: wire.http })
  const connector = configured(googleCalendar, config)
  const api = googleCalendar.connect(config, runtime)
  const call = { api, actor: { ref: ANN }, scope: 'team', scopes: ['team'] }
  let count = 0
  const newKey = (): string => `k${(count += 1)}`
  const wait = (ms: number): Promise<void> => Promise.resolve(runtime.advance(ms))
  const ground: Ground = {
    connector,
    call,
    shape: shapeOf(connector) ?? assert.fail(),
    many: MANY,
    own: createOwn({ connector, call, mayWrite: () => undefined, wait, newKey }),
    somebody: selfAsSomebody(() => ground),
    now: () => runtime.clock.now(),
    newKey,
    words: (text) => `${text} (${(count += 1)})`,
    sleep: wait,
    trouble: (next) => wire.trouble(next),
    sent: () => wire.sent(),
  }
  return ground
}

/** Everything else needs single reads, changes, sync tokens or ids of the client's own. */
const AS_ASSUMED: readonly string[] = [
  'containers',
  'listing',
  'listing: resumed',
  'create: lose-request',
  'create: error-before',
  'create: equal texts',
  'delete',
]
/** It makes an event under another id than the one that was asked for, so that it is not found by it. */
const OTHERWISE: readonly string[] = ['create: lose-response', 'create: error-after']

// Seen red: where the second page of a list is not read.
for (const check of CHECKS)
  test(`google-calendar at another Google: ${check.id}`, async (t) => {
    const ground = groundAt(await elsewhere(t))
    const { verdict, seen } = await runCheck(check, ground)
    const expected: readonly Verdict[] = AS_ASSUMED.includes(check.id)
      ? ['as assumed']
      : OTHERWISE.includes(check.id)
        ? ['differs']
        : ['not tried', 'differs']
    assert.ok(expected.includes(verdict), `${verdict}: ${seen}`)
    if (!AS_ASSUMED.includes(check.id) && verdict === 'differs')
      assert.match(seen, /^missing: 404|was not found within/)
  })

/** As a person at a browser who chooses an account. */
async function signInAt(address: URL): Promise<Response> {
  const page = await fetch(address)
  assert.equal(page.status, 200)
  const asked = ['redirect_uri', 'scope', 'state', 'client_id', 'code_challenge', 'code_challenge_method'] as const
  const body = new URLSearchParams({ email: ANN })
  for (const name of asked) body.set(name, address.searchParams.get(name) ?? '')
  return await fetch(new URL('/o/oauth2/v2/auth/callback', address), { method: 'POST', body })
}

// Seen red: with a verifier that is not the one of the challenge.
test('google-calendar at another Google: a person signs in with PKCE, the token is refreshed, and revoked at the end', async (t) => {
  const url = await elsewhere(t)
  const world = await worldOf(t)
  writeFileSync(
    join(world.folder, 'lockstep.yaml'),
    `connections:
  calendar:
    connector: google-calendar
    client_id: client
    client_secret: secret
    base_url: ${url}
    authorization_url: ${url}/o/oauth2/v2/auth
    token_url: ${url}/oauth2/token
    tokeninfo_url: ${url}/oauth2/v2/tokeninfo
    revocation_url: ${url}/oauth2/revoke
flows: {}
`,
  )
  assert.match((await world.run('check')).out, /nobody is signed in/)
  const running = world.start('connect', 'calendar')
  const said = await running.says(/https?:\/\/\S+code_challenge\S+\s/)
  const back = await signInAt(new URL(/https?:\/\/\S+code_challenge\S+/.exec(said)?.[0] ?? ''))
  assert.match(await back.text(), /Signed in/)
  const ended = await running.ended
  assert.match(ended.out, /calendar is connected/)
  // A new process refreshes the token; that Google then has no word on what a token may do.
  const checked = await world.run('check')
  assert.match(checked.out, /does not answer as it should: 404[^]*→ check its addresses in the configuration/)
  const left = await world.run('disconnect', 'calendar', '--yes')
  assert.match(left.out, /its token is revoked and forgotten/)
  assert.match((await world.run('check')).out, /nobody is signed in/)
})
