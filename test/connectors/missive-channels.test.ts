import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConnectorError, type Http } from '../../src/connector/index.ts'
import { missive } from '../../src/connectors/missive/index.ts'
import type { Delivery } from '../../src/emulators/emulator.ts'
import { failing } from './discourse-forum.ts'
import { ANN, ORG, SYNC, testSite } from './missive-site.ts'

const WISH = { id: 'c1', address: 'https://lockstep.test/webhooks/mail/c1', secret: 'a-secret-of-the-channel' }
const { channels, webhook } = missive
const open = channels?.open ?? assert.fail()
const close = channels?.close ?? assert.fail()
const MEMBER = {
  users: [
    {
      id: SYNC,
      name: 'Sync Bot',
      email: 'sync@acme.test',
      organizations: { [ORG]: 'member' as const },
      token: 'token-sync',
    },
  ],
  teams: [],
  accounts: [],
}

function requestOf({ url, headers, body }: Delivery) {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return { headers: lower, body: Buffer.from(body), query: new URL(url).search.slice(1) }
}

const kindsIn = (delivered: readonly Delivery[]): readonly string[] =>
  delivered.flatMap((each) => webhook?.hints(requestOf(each)) ?? []).map(({ kind = '' }) => kind)

// Seen red: where the address has no secret; where a query counts without being compared.
test('a channel is a rule for each sort of message and one for comments, whose address shows the secret, until it is closed', async () => {
  const { site, call, mail, advance, delivered } = testSite({ hookDelay: [0, 0] })
  const { handle, expiresAt } = await open(call(), WISH)
  assert.equal(expiresAt, null)
  assert.equal(handle.split(',').length, 6)
  site.as(ANN).comment(mail(), 'look')
  advance(1000)
  assert.deepEqual(kindsIn(delivered).toSorted(), ['comment', 'conversation', 'conversation', 'message'])
  for (const request of delivered.map(requestOf)) {
    assert.equal(webhook?.verify(request, WISH.secret), true)
    assert.equal(webhook.verify(request, 'another'), false)
    assert.equal(webhook.verify({ ...request, query: '' }, WISH.secret), false)
    assert.equal(webhook.verify({ headers: request.headers, body: request.body }, WISH.secret), false)
    assert.ok(handle.includes(channels?.handleIn?.(request) ?? 'nothing'))
  }
  await close(call(), { id: WISH.id, handle })
  mail()
  advance(1000)
  assert.equal(delivered.length, 2)
  await assert.rejects(close(call(), { id: WISH.id, handle }), failing('missing'))
})

test('who may make no rules is told so in the words of Missive', async () => {
  const told = await open(testSite(MEMBER).call(), WISH).catch((error: unknown) => error)
  assert.ok(told instanceof ConnectorError && told.failure === 'forbidden')
  assert.match(told.message, /Only owners and admins of the organization make rules/)
})

// Seen red: where what was made stays, and where a sort of message that is not there is a failure.
test('what was made before a failure is taken back; a sort of message that Missive does not know, or the plan does not have, is done without', async () => {
  const refusing =
    (status: number, nth: number) =>
    (http: Http): Http => {
      let asked = 0
      return {
        async send(request) {
          const isNew = request.method === 'POST' && request.url.endsWith('/hooks')
          if (!isNew || (asked += 1) !== nth) return await http.send(request)
          return { status, headers: {}, body: '{"error":"not here"}' }
        },
      }
    }
  const broken = testSite({ hookDelay: [0, 0], through: refusing(403, 2) })
  await assert.rejects(open(broken.call(), WISH), failing('forbidden'))
  broken.mail()
  broken.advance(1000)
  assert.deepEqual(broken.delivered, [])
  for (const status of [400, 403]) {
    const fewer = testSite({ through: refusing(status, 4) })
    assert.equal((await open(fewer.call(), WISH)).handle.split(',').length, 5)
  }
})
