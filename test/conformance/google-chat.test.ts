import { test } from 'node:test'
import { googleChat } from '../../src/connectors/google-chat/index.ts'
import { createGoogleChat } from '../../src/emulators/google-chat/google-chat.ts'
import type { Trial } from '../../src/testing/conformance-bench.ts'
import { conformance } from '../../src/testing/conformance.ts'
import { testRuntime } from '../connectors/runtime.ts'
import { START, wireOf } from './wire.ts'

const SPACE = 'spaces/AAA'

function start({ lagMs = 0, pageSize }: { lagMs?: number; pageSize?: number } = {}): Trial {
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
      eventLagMs: lagMs,
      ...(pageSize === undefined ? {} : { pageCap: pageSize }),
    },
  )
  const wire = wireOf(chat)
  const tokens = { bearer: () => Promise.resolve(chat.oauth.accessToken('100')), refused: () => undefined }
  const runtime = testRuntime({ http: wire.http, tokens, now: START })
  const config = googleChat.config.parse({ clientId: 'client', clientSecret: 'secret', baseUrl: 'http://system.test' })
  const ada = chat.as('200')
  return {
    call: { api: googleChat.connect(config, runtime), actor: { ref: 'users/100' }, scope: SPACE, scopes: [SPACE] },
    config,
    drawn: () => runtime.drawn.slice(),
    sent: () => runtime.sent.length,
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

conformance(
  {
    connector: googleChat,
    child: { kind: 'message', text: 'text', parent: 'thread', parentKind: 'thread' },
    parentValues: (title) => ({ space: SPACE, subject: title }),
    start,
  },
  (name, run) => void test(name, run),
)
