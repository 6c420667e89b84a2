import { test } from 'node:test'
import { configured } from '../../src/connector/index.ts'
import { googleCalendar } from '../../src/connectors/google-calendar/index.ts'
import { createGoogleCalendar } from '../../src/emulators/google-calendar/google-calendar.ts'
import type { Bench, Trial } from '../../src/testing/conformance-bench.ts'
import { conformance } from '../../src/testing/conformance.ts'
import { testRuntime } from '../connectors/runtime.ts'
import { START, wireOf } from './wire.ts'

const CALENDAR = 'team@group.calendar.google.com'

const CONFIG = googleCalendar.config.parse({
  clientId: 'client',
  clientSecret: 'secret',
  baseUrl: 'http://system.test',
})

function start({ pageSize }: { lagMs?: number; pageSize?: number } = {}): Trial {
  let now = START
  const google = createGoogleCalendar(
    { now: () => now, random: () => 0.9, after: () => undefined, deliver: () => Promise.resolve(200) },
    {
      users: [
        { id: '100', displayName: 'Sync', email: 'sync@example.com' },
        { id: '200', displayName: 'Ada', email: 'ada@example.com' },
      ],
      calendars: [{ id: CALENDAR, summary: 'Team', owner: '200', access: { '100': 'writer' } }],
      clients: [{ id: 'client', secret: 'secret' }],
      quotas: false,
      usageLimits: false,
      ...(pageSize === undefined ? {} : { pageCap: pageSize }),
    },
  )
  const wire = wireOf(google)
  const tokens = { bearer: () => Promise.resolve(google.oauth.accessToken('100')), refused: () => undefined }
  const runtime = testRuntime({ http: wire.http, tokens, now: START })
  const config = CONFIG
  const ada = google.as('200')
  const day = { start: { date: '2027-03-01' }, end: { date: '2027-03-02' } }
  const idIn = (ref: string): string => ref.slice(ref.lastIndexOf('/') + 1)
  return {
    call: {
      api: googleCalendar.connect(config, runtime),
      actor: { ref: 'sync@example.com' },
      scope: CALENDAR,
      scopes: [CALENDAR],
    },
    config,
    drawn: () => runtime.drawn.slice(),
    sent: () => runtime.sent.length,
    now: () => runtime.clock.now(),
    advance(ms) {
      now += ms
      runtime.advance(ms)
    },
    trouble: wire.trouble,
    say: (text) => `${CALENDAR}/${ada.add(CALENDAR, { ...day, summary: text }).id}`,
    edit: (ref, text) => void ada.edit(CALENDAR, idIn(ref), { summary: text }),
    remove: (ref) => ada.remove(CALENDAR, idIn(ref)),
    webhook: () => ({
      request: {
        headers: { 'x-goog-channel-token': 'a-secret', 'x-goog-resource-state': 'exists' },
        body: Buffer.from(''),
      },
      secret: 'a-secret',
    }),
    count: (text) => ada.events(CALENDAR).filter(({ summary }) => summary === text).length,
  }
}

const bench: Bench = {
  connector: configured(googleCalendar, CONFIG),
  untried: ['create: repeated', 'create: no parent', 'version', 'delete: parent', 'delete: last', 'empty'],
  start,
}

conformance(bench, (name, run) => void test(name, run))
