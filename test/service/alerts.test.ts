import assert from 'node:assert/strict'
import { test } from 'node:test'
import { channelAlerts, connectionAlerts, noteOf } from '../../src/service/alerts.ts'
import type { ConnectionHealth } from '../../src/service/operations.ts'

const HOUR = 3600_000
const WELL: ConnectionHealth = {
  id: 'forum',
  title: 'forum',
  connector: 'Discourse',
  signsIn: false,
  state: 'ok',
  why: '',
  deadSince: null,
  webhooks: 'signed',
  lastWebhook: 2 * HOUR,
  webhookSilent: false,
  opensChannels: false,
  polledAt: 9 * HOUR,
  failingSince: null,
  verifiedAt: 9 * HOUR,
  listing: 0,
}

// Seen red: when a feed that failed a moment ago was told, every restart of a forum was.
test('a dead connection, a feed that keeps failing and a webhook that stopped are told with since when; a passing failure is not', () => {
  const told = (health: Partial<ConnectionHealth>): string[] =>
    connectionAlerts({ ...WELL, ...health }, 8 * HOUR).map((alert) => `${alert.id}: ${noteOf(alert, 10 * HOUR)}`)
  assert.deepEqual(told({}), [])
  assert.deepEqual(told({ state: 'dead', why: 'the key was revoked', deadSince: 7 * HOUR }), [
    'dead forum: forum is dead: the key was revoked; "lockstep check" tells what it needs (since 3 h)',
  ])
  const why = 'its OAuth client is not taken: "client_id" or "client_secret" is wrong (invalid_client)'
  assert.deepEqual(told({ state: 'dead', why, signsIn: true, deadSince: 7 * HOUR }), [
    `dead forum: forum is dead: ${why}; correct them in the configuration, then start again (since 3 h)`,
  ])
  assert.deepEqual(told({ failingSince: 9 * HOUR, why: '502' }), [])
  assert.deepEqual(told({ failingSince: 8 * HOUR, why: '502' }), [
    'unreadable forum: forum cannot be read: 502 (since 2 h)',
  ])
  assert.match(told({ webhookSilent: true })[0] ?? '', /^silent forum: forum sends no webhooks.*\(since 8 h\)$/)
})

// Seen red: when what fails since a moment ago is told, or what is turned off.
test('F56 a channel that cannot be opened is told with the words of its system, once it lasts', () => {
  const failing = { connection: 'calendar', scope: 'team', failing_since: 2 * HOUR, why: 'the address is not https.' }
  const told = (connections: readonly string[], before: number) => channelAlerts([failing], connections, before)
  assert.deepEqual(told(['calendar'], HOUR), [])
  assert.deepEqual(told(['forum'], 3 * HOUR), [])
  assert.deepEqual(told(['calendar'], 3 * HOUR), [
    {
      id: 'channel calendar team',
      message:
        'calendar opens no channel about team, and changes are found by polling: the address is not https; "lockstep channels" shows them',
      since: 2 * HOUR,
    },
  ])
})
