/** Webhooks of Airtable that ring: opened, renewed and closed; signed with a secret that Airtable makes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Http } from '../../src/connector/index.ts'
import { airtable } from '../../src/connectors/airtable/index.ts'
import { webhooks } from '../../src/connectors/airtable/wire.ts'
import { ANN, BASE, TASKS, testBase, type TestBase } from './airtable-base.ts'
import { failing } from './discourse-forum.ts'

const WISH = { id: 'c1', address: 'https://lockstep.test/webhooks/crm/c1', secret: 'of nobody: Airtable makes its own' }
const { channels, webhook } = airtable
const open = channels?.open ?? assert.fail()
const close = channels?.close ?? assert.fail()
const renew = channels?.renew ?? assert.fail()
const secretIn = channels?.secretIn ?? assert.fail()

const hooks = async ({ api }: TestBase) =>
  (await api.client.get(`/v0/bases/${BASE}/webhooks`, { as: webhooks })).webhooks.map(
    ({ notificationUrl }) => notificationUrl,
  )

// Seen red: when the secret that was handed in is used.
test('F51 a ping counts with the secret in the handle over its raw bytes, and says where to look and no more', async () => {
  const base = testBase()
  const { handle, expiresAt } = await open(base.call(''), WISH)
  assert.equal(expiresAt, base.runtime.clock.now() + 7 * 86_400_000)
  base.airtable.as(ANN, BASE).add(TASKS, { Name: 'Write' })
  base.advance(5000)
  const [sent] = base.delivered
  assert.equal(sent?.url, WISH.address)
  const headers = Object.fromEntries(Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value]))
  const request = { headers, body: Buffer.from(sent.body) }
  assert.equal(webhook?.verify(request, secretIn(handle)), true)
  assert.equal(webhook.verify(request, WISH.secret), false)
  assert.equal(webhook.verify(request, ''), false)
  assert.equal(webhook.verify({ ...request, body: Buffer.from(`${sent.body} `) }, secretIn(handle)), false)
  assert.deepEqual(webhook.hints(request), [{ feed: 'records', scope: '', ref: '' }])
})

test('a channel is renewed in place, and closed once', async () => {
  const base = testBase()
  const channel = { id: WISH.id, handle: (await open(base.call(''), WISH)).handle }
  base.advance(6 * 86_400_000)
  assert.equal((await renew(base.call(''), channel)).expiresAt, base.runtime.clock.now() + 7 * 86_400_000)
  await close(base.call(''), channel)
  assert.deepEqual(await hooks(base), [])
  await assert.rejects(async () => await close(base.call(''), channel), failing('missing'))
})

// Seen red: when nothing is removed before a channel is opened.
test('what a lost answer left behind goes with the next channel, and webhooks of others stay', async () => {
  let isLost = true
  const through = (http: Http): Http => ({
    async send(request) {
      const response = await http.send(request)
      if (request.method === 'POST' && isLost) throw new Error('connection lost')
      return response
    },
  })
  const base = testBase({ through })
  await assert.rejects(open(base.call(''), WISH), failing('unavailable'))
  isLost = false
  await open(base.call(''), { ...WISH, id: 'o1', address: 'https://other.test/webhooks/crm/o1' })
  await open(base.call(''), { ...WISH, id: 'c2', address: WISH.address.replace('c1', 'c2') })
  assert.deepEqual((await hooks(base)).toSorted(), [
    'https://lockstep.test/webhooks/crm/c2',
    'https://other.test/webhooks/crm/o1',
  ])
})
