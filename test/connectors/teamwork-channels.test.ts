import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Http } from '../../src/connector/index.ts'
import { teamwork } from '../../src/connectors/teamwork/index.ts'
import { failing } from './discourse-forum.ts'
import { ANN, LATER, testSite, type TestSite } from './teamwork-site.ts'

const WISH = { id: 'c1', address: 'https://lockstep.test/webhooks/work/c1', secret: 'a secret of the channel' }
const { channels, webhook } = teamwork
const open = channels?.open ?? assert.fail()
const close = channels?.close ?? assert.fail()

function hooks({ site }: TestSite): readonly { id: string; url: string; event: string }[] {
  const answer = site.handle({
    method: 'GET',
    path: '/webhooks.json',
    query: new URLSearchParams(),
    headers: { authorization: `Basic ${Buffer.from('key-sync:x').toString('base64')}` },
    body: Buffer.alloc(0),
    address: '127.0.0.1',
  })
  return (JSON.parse(String(answer.body)) as { webhooks: { id: string; url: string; event: string }[] }).webhooks
}

test('a channel is a webhook for each event, signed with the secret of the channel, until it is closed', async () => {
  const world = testSite({ webhooksEnabled: true, webhookDelay: [0, 0] })
  const { handle, expiresAt } = await open(world.call(''), WISH)
  assert.equal(expiresAt, null)
  assert.equal(hooks(world).length, 17)
  world.site.as(ANN).addTask(LATER, { name: 'Write' })
  world.advance(1000)
  const [sent] = world.delivered
  assert.equal(sent?.url, WISH.address)
  const headers = Object.fromEntries(Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value]))
  const request = { headers, body: Buffer.from(sent.body) }
  assert.equal(webhook?.verify(request, WISH.secret), true)
  await close(world.call(''), { id: WISH.id, handle })
  assert.deepEqual(hooks(world), [])
  await assert.rejects(close(world.call(''), { id: WISH.id, handle }), failing('missing'))
})

test('what was made before a failure is taken back, and what a lost answer left behind with the next channel', async () => {
  let lost = 0
  const through = (http: Http): Http => ({
    async send(request) {
      const response = await http.send(request)
      const isNew = request.method === 'POST' && (lost += 1) === 5
      if (isNew) throw new Error('connection lost')
      return response
    },
  })
  const world = testSite({ webhooksEnabled: true, through })
  await assert.rejects(open(world.call(''), WISH), failing('unavailable'))
  assert.equal(hooks(world).length, 1)
  await open(world.call(''), { ...WISH, id: 'c2', address: WISH.address.replace('c1', 'c2') })
  assert.deepEqual(new Set(hooks(world).map(({ url }) => url)), new Set(['https://lockstep.test/webhooks/work/c2']))
})

test('where the site has no webhooks that is told in the words of Teamwork, and nothing is left behind', async () => {
  for (const options of [{ webhooksEnabled: false }, { webhooksInPlan: false }]) {
    const world = testSite(options)
    const error: unknown = await open(world.call(''), WISH).catch((refused: unknown) => refused)
    assert.match(String(error), /webhooks/i)
    assert.deepEqual(hooks(world), [])
  }
})
