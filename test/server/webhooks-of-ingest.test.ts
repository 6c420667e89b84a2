/** What Teamwork and Missive send, through the listener itself. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missive } from '../../src/connectors/missive/index.ts'
import { teamwork } from '../../src/connectors/teamwork/index.ts'
import type { Delivery } from '../../src/emulators/emulator.ts'
import { ANN, MAILBOX, ORG, testSite as testOrganization } from '../connectors/missive-site.ts'
import { ANN as ANN_OF_TEAMWORK, LATER, SITE, testSite } from '../connectors/teamwork-site.ts'
import { CURRENT, listener, PREVIOUS, type Listener } from './listener.ts'

const ID = '0123456789abcdef'
const CHANNEL = {
  id: ID,
  connection: 'work',
  scope: '',
  address: `https://lockstep.example.org/webhooks/work/${ID}`,
  handle: null,
  state: 'open',
  openedAt: 1,
  expiresAt: null,
  renewAt: null,
  heardAt: null,
  tries: 0,
  notBefore: 0,
  failingSince: null,
  why: '',
} as const

/** As a proxy in front of the listener passes it on. */
async function pass(at: Listener, { url, headers, body }: Delivery): Promise<number> {
  const { pathname, search } = new URL(url)
  const response = await fetch(new URL(pathname + search, at.url), { method: 'POST', headers, body })
  await response.text()
  return response.status
}

interface Sending {
  /** Sends what is due by then, and answers how it was answered. */
  after(ms: number): Promise<readonly number[]>
  /** Everything that was sent. */
  readonly sent: readonly Delivery[]
  /** Somebody changes something, of which a webhook tells. */
  change(): void
}

/** Teamwork, whose webhooks the connector has asked for. */
async function work(at: Listener): Promise<Sending> {
  const answers: Promise<number>[] = []
  const { site, call, advance, delivered } = testSite({
    webhooksEnabled: true,
    webhookDelay: [0, 0],
    answering: (delivery) => {
      const answer = pass(at, delivery)
      answers.push(answer)
      return answer
    },
  })
  const { id } = site.as(ANN_OF_TEAMWORK).addTask(LATER, { name: 'Write' })
  await at.store.putChannel({ channel: CHANNEL })
  const { address } = CHANNEL
  await teamwork.channels?.open(call(String(SITE)), { id: ID, address, secret: `secret of work ${ID}` })
  let edits = 0
  return {
    sent: delivered,
    change: () => void site.as(ANN_OF_TEAMWORK).editTask(id, { name: `edit ${(edits += 1)}` }),
    after: (ms) => answered(() => advance(ms), answers),
  }
}

/** Missive, where somebody has made a rule by hand and given it the secret. */
async function mail(at: Listener, { signaturePrefix = 'sha256=', secret = CURRENT } = {}): Promise<Sending> {
  const answers: Promise<number>[] = []
  const { site, advance, delivered } = testOrganization({
    hookDelay: [0, 0],
    hookRetries: [1],
    signaturePrefix,
    answering: (delivery) => {
      const answer = pass(at, delivery)
      answers.push(answer)
      return answer
    },
  })
  const url = 'https://lockstep.example.org/webhooks/mail'
  site.as(ANN).addRule({ type: 'incoming_email', url, organizationId: ORG, secret })
  // It works once its first request was answered.
  await answered(() => undefined, answers, 0)
  const from = { name: 'Dee Roe', address: 'dee@client.test' }
  return {
    sent: delivered,
    change: () => void site.receive(MAILBOX, { from, subject: 'Help', body: 'It is broken' }),
    after: (ms) => answered(() => advance(ms), answers),
  }
}

async function answered(
  send: () => void,
  answers: Promise<number>[],
  before = answers.length,
): Promise<readonly number[]> {
  send()
  const all = await Promise.all(answers.slice(before))
  // What the emulator does about an answer, as trying again later.
  await new Promise((resolve) => setImmediate(resolve))
  return all
}

const SYSTEMS = [
  { name: 'Teamwork', sending: work, kinds: ['tasks'] },
  { name: 'Missive', sending: mail, kinds: ['conversations', 'messages'] },
  {
    name: 'Missive without "sha256="',
    sending: (at: Listener) => mail(at, { signaturePrefix: '' }),
    kinds: ['conversations', 'messages'],
  },
  {
    name: 'Missive, with the secret from before',
    sending: (at: Listener) => mail(at, { secret: PREVIOUS }),
    kinds: ['conversations', 'messages'],
  },
]

const feedsIn = (at: Listener): readonly string[] =>
  at.db
    .prepare('SELECT DISTINCT feed FROM inbox ORDER BY feed')
    .all()
    .map((row) => String(row['feed']))

// Seen red: where the body is verified without the space around it, and where the secret before is none.
for (const { name, sending, kinds } of SYSTEMS) {
  test(`F51 the listener takes what ${name} sends as it stands, and refuses it once a byte or the signature is another`, async (t) => {
    const at = await listener(t)
    const system = await sending(at)
    await system.after(1000)
    system.change()
    assert.deepEqual(await system.after(1000), [200])
    assert.deepEqual(feedsIn(at), kinds)
    const [sent] = system.sent.slice(-1)
    assert.ok(sent !== undefined)
    const names = Object.keys(sent.headers).filter((each) => /signature/i.test(each))
    assert.equal(names.length, 1)
    const unsigned = Object.fromEntries(Object.entries(sent.headers).filter(([each]) => !names.includes(each)))
    const half = Object.fromEntries(
      Object.entries(sent.headers).map(([each, value]) => [each, names.includes(each) ? value.slice(0, -1) : value]),
    )
    for (const other of [
      { ...sent, body: `${sent.body} ` },
      { ...sent, headers: unsigned },
      { ...sent, headers: half },
    ])
      assert.equal(await pass(at, other), 401)
    assert.equal(
      at.inbox().reduce((sum, { generation }) => sum + generation, 0),
      kinds.length,
      'nothing of those counts',
    )
  })
}

// Seen red: of Missive, where the listener answers before it has kept anything; of Teamwork, the note on its channel fails
// before that.
for (const { name, sending } of SYSTEMS.slice(0, 2)) {
  test(`F37 while nothing can be kept ${name} is answered 503, and what it sends again is kept`, async (t) => {
    const at = await listener(t)
    const system = await sending(at)
    await system.after(1000)
    const woken = at.woken()
    at.db.exec('PRAGMA query_only = on')
    system.change()
    assert.deepEqual(await system.after(1000), [503])
    assert.deepEqual(at.inbox(), [])
    assert.equal(at.woken(), woken)
    at.db.exec('PRAGMA query_only = off')
    assert.deepEqual(await system.after(61_000), [200], 'it tries again after a minute')
    assert.ok(at.inbox().length > 0)
    assert.ok(at.woken() > woken)
  })
}

// Seen red: where the listener hands the query to nobody; where it is handed on, but a channel that is not known counts.
test('channels: what Missive was asked for counts by the secret in its address, beside rules by hand, and is closed once it is known no more', async (t) => {
  let astray = 0
  const channelSecret = (connection: string, id: string): string => `secret-of-${connection}-${id}`
  const at = await listener(t, { astray: () => (astray += 1), channelSecret })
  const address = `https://lockstep.example.org/webhooks/mail/${ID}`
  await at.store.putChannel({ channel: { ...CHANNEL, connection: 'mail', scope: ORG, address } })
  const told: Promise<number>[] = []
  const organization = testOrganization({
    hookDelay: [0, 0],
    answering: (delivery) => {
      const answer = pass(at, delivery)
      told.push(answer)
      return answer
    },
  })
  const secret = channelSecret('mail', ID)
  const wish = { id: ID, address, secret }
  await missive.channels?.open(organization.call(), wish)
  organization.mail()
  assert.deepEqual(await answered(() => organization.advance(1000), told), [200])
  assert.deepEqual(feedsIn(at), ['conversations', 'messages'])
  const [sent] = organization.delivered
  assert.ok(sent !== undefined)
  for (const url of [address, `${address}?`, `${address}?${secret}x`, sent.url.replace('/mail/', '/work/')])
    assert.equal(await pass(at, { ...sent, url }), 401, url)
  const stray = `https://lockstep.example.org/webhooks/mail/fedcba?${secret.replace(ID, 'fedcba')}`
  assert.deepEqual([await pass(at, { ...sent, url: stray }), astray], [200, 1])
  const closing = (await at.store.channels({ connection: 'mail' })).find(({ id }) => id === 'fedcba')
  assert.equal(closing?.state, 'closing')
  assert.equal(closing.handle, JSON.parse(sent.body).rule.id)
  assert.equal(
    at.inbox().reduce((sum, { generation }) => sum + generation, 0),
    2,
    'nothing of those counts',
  )
})
