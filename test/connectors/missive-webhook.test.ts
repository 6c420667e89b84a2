import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missive } from '../../src/connectors/missive/index.ts'
import type { Delivery } from '../../src/emulators/emulator.ts'
import { ANN, ORG, testSite } from './missive-site.ts'

const SECRET = 'secret of the rule'
const webhook = missive.webhook ?? assert.fail()

function requestOf({ headers, body }: Delivery) {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return { headers: lower, body: Buffer.from(body) }
}

for (const signaturePrefix of ['sha256=', ''])
  test(`F51 what a rule sends counts, and says where to look: its digest after "${signaturePrefix}"`, () => {
    const { site, delivered, mail, advance, ask } = testSite({ signaturePrefix, hookDelay: [0, 0] })
    for (const type of ['incoming_email', 'new_comment']) {
      const { hooks } = ask('POST', '/hooks', {
        hooks: { type, url: 'https://lockstep.test/hook', organization: ORG },
      }) as { hooks: { id: string } }
      site.as(ANN).signRule(hooks.id, SECRET)
    }
    const ref = mail()
    const { id } = site.as(ANN).comment(ref, 'look')
    advance(1000)
    const sent = delivered.map(requestOf)
    assert.equal(sent.length, 2)
    for (const each of sent) assert.equal(webhook.verify(each, SECRET), true)
    for (const each of sent) assert.equal(webhook.verify(each, 'another'), false)
    const hints = sent.flatMap((each) => webhook.hints(each))
    assert.deepEqual(hints.map(({ feed, kind }) => `${feed} ${kind ?? ''}`).toSorted(), [
      'comments comment',
      'conversations conversation',
      'conversations conversation',
      'messages message',
    ])
    assert.ok(hints.every(({ scope }) => scope === ORG))
    assert.ok(hints.some((each) => each.ref === `${ref}/${id}`))
  })

test('a hook that the API made is not signed until somebody gives it a secret, and does not count', () => {
  const { delivered, mail, advance, ask } = testSite({ hookDelay: [0, 0] })
  ask('POST', '/hooks', { hooks: { type: 'incoming_email', url: 'https://lockstep.test/hook', organization: ORG } })
  mail()
  advance(1000)
  const [sent] = delivered.map(requestOf)
  assert.equal(webhook.verify(sent ?? assert.fail(), SECRET), false)
})

test('the first request of a rule, and whatever names no conversation of an organization, says nothing', () => {
  for (const body of ['{}', '{"rule":{"id":"r"}}', '{"conversation":{"id":"c","organization":null}}'])
    assert.deepEqual(webhook.hints({ headers: {}, body: Buffer.from(body) }), [])
})
