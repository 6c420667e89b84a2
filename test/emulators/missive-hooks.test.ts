import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { ANN, at, BOB, CYD, DONE, MINUTE, ORG, shapes, testMissive, textAt, URGENT } from './missive-world.ts'
import type { TestMissive } from './missive-world.ts'

const URL = 'https://hooks.example.com/missive'

/** Answers the hook's id. */
function hook({ api }: TestMissive, type: string, more: object = {}, user = ANN): string {
  const { status, body } = api(user)('POST', '/hooks', {
    body: { hooks: { type, url: URL, organization: ORG, ...more } },
  })
  assert.equal(status, 201, JSON.stringify(body))
  return textAt(body, 'hooks', 'id')
}

function told({ deliveries }: TestMissive): unknown[] {
  return deliveries.map(({ body }): unknown => JSON.parse(body))
}

test('a hook is told of a comment with the conversation as it was then, and of a mail with the message', async () => {
  const site = testMissive()
  hook(site, 'new_comment')
  hook(site, 'incoming_email')
  const id = site.mail()
  site.missive.as(BOB).comment(id, 'look')
  site.missive.as(ANN).rename(id, 'Later')
  await site.advance(MINUTE)
  const bodies = told(site)
  for (const body of bodies) assert.deepEqual(shapes.misfits('HookBody', body), [])
  const comment = bodies.find((body) => at(body, 'rule', 'type') === 'new_comment')
  const mail = bodies.find((body) => at(body, 'rule', 'type') === 'incoming_email')
  assert.equal(bodies.length, 2)
  assert.equal(at(comment, 'comment', 'body'), 'look')
  assert.equal(at(comment, 'conversation', 'subject'), null)
  assert.equal(at(comment, 'latest_message', 'subject'), 'Help')
  assert.equal(at(mail, 'message', 'from_field', 'address'), 'dee@client.test')
  assert.equal(at(mail, 'message', 'body'), undefined)
})

test('a rule with a secret signs the raw bytes; a hook of the API does once somebody gave it one', async () => {
  const site = testMissive()
  const id = hook(site, 'new_comment')
  const conversation = site.mail()
  const say = async () => {
    site.missive.as(BOB).comment(conversation, 'täglich')
    await site.advance(MINUTE)
    return site.deliveries.at(-1)
  }
  assert.equal((await say())?.headers['X-Hook-Signature'], undefined)
  site.missive.as(ANN).signRule(id, 'secret')
  const signed = await say()
  const digest = createHmac('sha256', 'secret')
    .update(signed?.body ?? '')
    .digest('hex')
  assert.equal(signed?.headers['X-Hook-Signature'], `sha256=${digest}`)
  const bare = testMissive({ hookSecret: 'secret', signaturePrefix: '' })
  hook(bare, 'new_comment')
  bare.missive.as(BOB).comment(bare.mail(), 'x')
  await bare.advance(MINUTE)
  assert.match(bare.deliveries[0]?.headers['X-Hook-Signature'] ?? '', /^[0-9a-f]{64}$/)
})

test('a rule made by hand works once its address has answered a first request', async () => {
  const site = testMissive()
  site.receivers(() => 500)
  site.missive.as(ANN).addRule({ type: 'new_comment', url: URL, organizationId: ORG })
  await site.advance(MINUTE)
  assert.deepEqual(
    told(site).map((body) => Object.keys(Object(body))),
    [['rule']],
  )
  site.missive.as(BOB).comment(site.mail(), 'x')
  await site.advance(MINUTE)
  assert.equal(site.deliveries.length, 1)
  site.receivers(() => 204)
  site.missive.as(ANN).addRule({ type: 'new_comment', url: URL, organizationId: ORG })
  await site.advance(MINUTE)
  site.missive.as(BOB).comment(site.mail(), 'y')
  await site.advance(MINUTE)
  assert.equal(site.deliveries.length, 3)
})

test('rules by hand see labels, teams, assignees, closing and reopening, and mail that leaves', async () => {
  const site = testMissive()
  const types = [
    'label_change',
    'conversation_assignee_change',
    'conversation_closed',
    'conversation_reopened',
    'team_change',
    'outgoing_email',
  ] as const
  for (const type of types) site.missive.as(ANN).addRule({ type, url: URL, organizationId: ORG })
  await site.advance(MINUTE)
  site.deliveries.length = 0
  const id = site.mail()
  const ann = site.missive.as(ANN)
  ann.label(id, [URGENT])
  ann.unlabel(id, [DONE])
  ann.assign(id, [BOB])
  ann.close(id)
  ann.reopen(id)
  ann.trash(id)
  ann.send(
    ann.draft({ conversation: id, from_field: { address: 'support@acme.test' }, to_fields: [{ address: 'a@b.test' }] }),
  )
  await site.advance(MINUTE)
  assert.deepEqual(
    told(site)
      .map((body) => at(body, 'rule', 'type'))
      .toSorted(),
    ['conversation_assignee_change', 'conversation_closed', 'conversation_reopened', 'label_change', 'outgoing_email'],
  )
})

test('filters of a hook hold back what does not fit them', async () => {
  const site = testMissive()
  hook(site, 'new_comment', { content_contains: 'sync', author: BOB })
  hook(site, 'incoming_email', { from_eq: 'boss@client.test', subject_contains: 'Now' })
  const id = site.mail()
  site.mail({ from: { address: 'boss@client.test' }, subject: 'Now!' })
  site.missive.as(BOB).comment(id, 'please sync')
  site.missive.as(ANN).comment(id, 'please sync')
  site.missive.as(BOB).comment(id, 'no')
  await site.advance(MINUTE)
  assert.equal(site.deliveries.length, 2)
  const misfit = { hooks: { type: 'new_comment', url: URL, from_eq: 'a@b.test' } }
  assert.equal(site.api(ANN)('POST', '/hooks', { body: misfit }).status, 400)
})

test('a hook of a user is told of what the user reads; one of an organization takes an owner or admin', async () => {
  const site = testMissive()
  hook(site, 'new_comment', { organization: null }, BOB)
  hook(site, 'new_comment', { organization: null }, CYD)
  const organization = { hooks: { type: 'new_comment', url: URL, organization: ORG } }
  assert.equal(site.api(BOB)('POST', '/hooks', { body: organization }).status, 403)
  assert.equal(site.api(CYD)('POST', '/hooks', { body: organization }).status, 404)
  assert.equal(site.api(ANN)('POST', '/hooks', { body: { hooks: { type: 'label_change', url: URL } } }).status, 400)
  site.missive.as(ANN).comment(site.mail(), 'x')
  await site.advance(MINUTE)
  assert.equal(site.deliveries.length, 1)
})

test('a deleted hook is told nothing more, and only its own may delete it', async () => {
  const site = testMissive()
  const id = hook(site, 'new_comment')
  assert.equal(site.api(BOB)('DELETE', `/hooks/${id}`).status, 403)
  assert.equal(site.api(ANN)('DELETE', `/hooks/${id}`).status, 200)
  assert.equal(site.api(ANN)('DELETE', `/hooks/${id}`).status, 404)
  site.missive.as(BOB).comment(site.mail(), 'x')
  await site.advance(MINUTE)
  assert.deepEqual(site.deliveries, [])
})

test('what is not answered with 2xx is lost, unless tries are switched on; webhooks are lost and doubled by switches', async () => {
  for (const [hookRetries, tries] of [[[], 1] as const, [[1, 5], 3] as const]) {
    const site = testMissive({ hookRetries })
    site.receivers(() => 500)
    hook(site, 'new_comment')
    site.missive.as(BOB).comment(site.mail(), 'x')
    await site.advance(60 * MINUTE)
    assert.equal(site.deliveries.length, tries)
    assert.equal(site.missive.webhooksSent()[0]?.answer, 500)
  }
  for (const [options, count] of [[{ hookLoss: 1 }, 0] as const, [{ hookDuplication: 1 }, 2] as const]) {
    const site = testMissive(options)
    hook(site, 'new_comment')
    site.missive.as(BOB).comment(site.mail(), 'x')
    await site.advance(MINUTE)
    assert.equal(site.deliveries.length, count)
  }
})

test('where hooks are validated, one of the API vanishes when its address does not answer', async () => {
  const site = testMissive({ hooksAreValidated: true })
  site.receivers(() => 404)
  const id = hook(site, 'new_comment')
  await site.advance(MINUTE)
  assert.equal(site.api(ANN)('DELETE', `/hooks/${id}`).status, 404)
})
