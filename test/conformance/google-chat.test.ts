import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHECKS, runCheck } from '../../src/conformance/checks.ts'
import { googleChat } from '../../src/connectors/google-chat/index.ts'
import { createGoogleChat } from '../../src/emulators/google-chat/google-chat.ts'
import { groundOf, type Bench, type Trial } from '../../src/testing/conformance-bench.ts'
import { conformance } from '../../src/testing/conformance.ts'
import { testRuntime } from '../connectors/runtime.ts'
import { START, wireOf } from './wire.ts'

const SPACE = 'spaces/AAA'

function start({ lagMs = 0, pageSize }: { lagMs?: number; pageSize?: number } = {}, eventLagMs = lagMs): Trial {
  let now = START
  const chat = createGoogleChat(
    { now: () => now, random: () => 0.9, after: () => undefined, deliver: () => Promise.resolve(200) },
    {
      users: [
        { id: '100', displayName: 'Sync', email: 'sync@example.com' },
        { id: '200', displayName: 'Ada', email: 'ada@example.com' },
      ],
      spaces: [{ id: 'AAA', displayName: 'Team', members: ['200'], managers: ['100'] }],
      clients: [{ id: 'client', secret: 'secret' }],
      quotas: false,
      readLagMs: lagMs,
      eventLagMs,
      ...(pageSize === undefined ? {} : { pageCap: pageSize }),
    },
  )
  const wire = wireOf(chat)
  const tokens = { bearer: () => Promise.resolve(chat.oauth.accessToken('100')), refused: () => undefined }
  const runtime = testRuntime({ http: wire.http, tokens, now: START })
  const config = googleChat.config.parse({
    clientId: 'client',
    clientSecret: 'secret',
    baseUrl: 'http://system.test',
    // Events that are late are read late as well.
    lagSeconds: 20 + (2 * lagMs) / 1000,
  })
  const ada = chat.as('200')
  return {
    call: { api: googleChat.connect(config, runtime), actor: { ref: 'users/100' }, scope: SPACE, scopes: [SPACE] },
    config,
    drawn: () => runtime.drawn.slice(),
    sent: () => runtime.sent.length,
    now: () => runtime.clock.now(),
    advance(ms) {
      now += ms
      runtime.advance(ms)
    },
    trouble: wire.trouble,
    say: (text, beside) => ada.post(SPACE, text, beside === undefined ? {} : { thread: beside }).name,
    edit: (ref, text) => void ada.edit(ref, text),
    remove: (ref) => ada.remove(ref),
    count: (text) => ada.messages(SPACE).filter((message) => message.text === text).length,
  }
}

const bench: Bench = { connector: googleChat, untried: ['stale', 'delete: parent'], start }

conformance(bench, (name, run) => void test(name, run))

// Seen red: with a feed check that pulls from its first cursor again and again.
test('events that show later than the overlap of reads are told as a difference', async () => {
  const check = CHECKS.find(({ id }) => id === 'feed') ?? assert.fail()
  const { verdict, seen } = await runCheck(check, groundOf(bench, start({}, 60_000)))
  assert.equal(verdict, 'differs')
  assert.match(seen, /not told within 100\.0 s: what is new, the edit, the removal/)
})
