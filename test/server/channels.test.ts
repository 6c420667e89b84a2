import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { listener, type Listener } from './listener.ts'

const ID = '0123456789abcdef'
const WELL = { handle: null, openedAt: 1, expiresAt: null, renewAt: null, heardAt: null } as const
const CHANNEL = {
  ...WELL,
  id: ID,
  connection: 'google',
  scope: 'primary',
  address: `https://lockstep.example.org/webhooks/google/${ID}`,
  state: 'open',
  tries: 0,
  notBefore: 0,
  failingSince: null,
  why: '',
} as const

async function tell(at: Listener, id: string, token: string | null, connection = 'google'): Promise<number> {
  const response = await fetch(`${new URL(at.url).origin}/webhooks/${connection}/${id}`, {
    method: 'POST',
    headers: { 'x-goog-resource-id': 'resource', ...(token === null ? {} : { 'x-goog-channel-token': token }) },
  })
  await response.text()
  return response.status
}

test('channels: a message by an open channel is a look at its feed, once it shows the secret', async (t) => {
  const at = await listener(t)
  await at.store.putChannel({ channel: CHANNEL })
  assert.equal(await tell(at, ID, `secret of google ${ID}`), 200)
  assert.deepEqual(at.inbox(), [{ kind: '', ref: '', generation: 1 }])
  const [channel] = await at.store.channels({ connection: 'google' })
  assert.ok((channel?.heardAt ?? 0) > 0)
  assert.equal(channel?.handle, 'resource')
})

// Seen red: when the secret is compared after the channel is looked for.
test('channels: a wrong secret is 401 whether the channel is known or not, is counted, and has no effect', async (t) => {
  let astray = 0
  const refused: string[] = []
  const at = await listener(t, { astray: () => (astray += 1), refused: (connection) => refused.push(connection) })
  await at.store.putChannel({ channel: CHANNEL })
  for (const [id, token] of [
    [ID, 'secret of google'],
    [ID, null],
    ['fedcba', `secret of google ${ID}`],
  ] as const)
    assert.equal(await tell(at, id, token), 401)
  assert.deepEqual(at.inbox(), [])
  assert.deepEqual(await at.store.channels({ connection: 'google' }), [CHANNEL])
  assert.deepEqual([at.woken(), astray], [0, 0])
  assert.equal(at.log.filter((line) => line.includes('wrong signature')).length, 1)
  assert.deepEqual(refused, ['google', 'google', 'google'])
})

test('channels: a message of one that is known no more is answered as a good one, and the channel is to be closed', async (t) => {
  let astray = 0
  const at = await listener(t, { astray: () => (astray += 1) })
  assert.equal(await tell(at, 'fedcba', 'secret of google fedcba'), 200)
  assert.deepEqual([at.inbox(), at.woken(), astray], [[], 0, 1])
  const [channel] = await at.store.channels({ connection: null })
  assert.deepEqual([channel?.id, channel?.state, channel?.handle], ['fedcba', 'closing', 'resource'])
})

test('channels: only a connection whose system opens them has addresses of channels, and no other address', async (t) => {
  const at = await listener(t)
  assert.equal(await tell(at, ID, 'secret', 'forum'), 404)
  const plain = await fetch(at.url.replace('forum', 'google'), { method: 'POST' })
  assert.equal(plain.status, 404)
  await plain.text()
})

// Seen red: when the secret that was handed out is asked for.
test('channels: where the system makes the secret, a message counts with the one in the handle, and never without', async (t) => {
  const at = await listener(t)
  const secret = Buffer.from('a secret of the system').toString('base64')
  const body = JSON.stringify({ base: { id: 'appA' }, webhook: { id: 'achA' }, timestamp: '2026-11-20T12:00:00.000Z' })
  const ping = async (id: string, key: string): Promise<number> => {
    const mac = createHmac('sha256', Buffer.from(key, 'base64')).update(body).digest('hex')
    const headers = { 'x-airtable-content-mac': `hmac-sha256=${mac}` }
    const response = await fetch(`${new URL(at.url).origin}/webhooks/table/${id}`, { method: 'POST', headers, body })
    await response.text()
    return response.status
  }
  const channel = {
    ...CHANNEL,
    connection: 'table',
    scope: '',
    address: `https://lockstep.example.org/webhooks/table/${ID}`,
  }
  await at.store.putChannel({ channel: { ...channel, state: 'opening' } })
  assert.equal(await ping(ID, secret), 401)
  await at.store.putChannel({ channel: { ...channel, handle: `achA ${secret}` } })
  assert.equal(await ping(ID, Buffer.from('another secret').toString('base64')), 401)
  assert.equal(await ping(ID, Buffer.from(`secret of table ${ID}`).toString('base64')), 401)
  assert.equal(await ping('fedcba', secret), 401)
  assert.deepEqual(at.inbox(), [])
  assert.equal(await ping(ID, secret), 200)
  assert.deepEqual(at.inbox(), [{ kind: '', ref: '', generation: 1 }])
  const [kept] = await at.store.channels({ connection: 'table' })
  assert.deepEqual([kept?.handle, (kept?.heardAt ?? 0) > 0], [`achA ${secret}`, true])
})
