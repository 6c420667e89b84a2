import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { discourse } from '../../src/connectors/discourse/index.ts'
import { done, forum } from './discourse-forum.ts'

const { webhook } = discourse
assert(webhook)
const { hints, verify } = webhook
const SECRET = 'probe-webhook-secret'

function event(type: string, payload: unknown, secret = SECRET) {
  const body = Buffer.from(JSON.stringify(payload))
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  return { headers: { 'x-discourse-event-type': type, 'x-discourse-event-signature': `sha256=${signature}` }, body }
}

test('a delivery is believed when its raw bytes are signed with the secret', () => {
  const request = event('ping', { ping: 'OK' })
  assert.equal(verify(request, SECRET), true)
  assert.equal(verify(request, 'another-secret-here'), false)
  assert.equal(verify({ ...request, body: Buffer.from('{"ping":"KO"}') }, SECRET), false)
  assert.equal(verify({ ...request, headers: {} }, SECRET), false)
})

test('the signature of a recorded ping of Discourse 3.1 is right', () => {
  const recorded = 'sha256=f7cd725351b1ba9acd505ac594b41c24b2cdc3d1f77f4c59ea3bb40a0db17470'
  const request = { headers: { 'x-discourse-event-signature': recorded }, body: Buffer.from('{"ping":"OK"}') }
  assert.equal(verify(request, SECRET), true)
})

test('a regular post, a public topic and a category are worth a look; their texts are not read', () => {
  const post = { id: 7, post_type: 1, topic_archetype: 'regular', category_id: 5, raw: 'perhaps refused' }
  assert.deepEqual(hints(event('post', { post })), [{ feed: 'site', kind: 'post', scope: '5', ref: '7' }])
  const topic = { id: 3, archetype: 'regular', category_id: 5, title: 'perhaps old' }
  assert.deepEqual(hints(event('topic', { topic })), [{ feed: 'site', kind: 'topic', scope: '5', ref: '3' }])
  assert.deepEqual(hints(event('category', { category: { id: 5 } })), [
    { feed: 'categories', kind: 'category', scope: '', ref: '5' },
  ])
})

test('pings, private messages, whispers, small actions, other events and rubbish say nothing', () => {
  const post = { id: 7, post_type: 1, topic_archetype: 'regular', category_id: 5 }
  for (const request of [
    event('ping', { ping: 'OK' }),
    event('post', { post: { ...post, topic_archetype: 'private_message', category_id: null } }),
    event('post', { post: { ...post, post_type: 4 } }),
    event('post', { post: { ...post, post_type: 3 } }),
    event('topic', { topic: { id: 3, archetype: 'private_message', category_id: null } }),
    event('like', { like: { post } }),
    event('post', { post: { id: 'x' } }),
    { headers: { 'x-discourse-event-type': 'post' }, body: Buffer.from('{') },
  ])
    assert.deepEqual(hints(request), [])
})

test('what the forum sends is signed, and points at what happened', () => {
  const place = forum({ webhookDelay: [0, 0] })
  const payload_url = 'http://127.0.0.1:9/hook'
  const body = JSON.stringify({
    web_hook: {
      payload_url,
      content_type: 1,
      secret: SECRET,
      active: true,
      wildcard_web_hook: false,
      web_hook_event_type_ids: [1, 2],
      verify_certificate: false,
    },
  })
  const created = place.site.handle({
    method: 'POST',
    path: '/admin/api/web_hooks.json',
    query: new URLSearchParams(),
    headers: { 'api-key': 'emulated-key', 'api-username': 'sync_bot', 'content-type': 'application/json' },
    body: Buffer.from(body),
    address: '127.0.0.1',
  })
  assert.equal(created.status, 200, created.body.toString())
  const category = Number(place.scope('Room'))
  const { topicId, postId } = done(
    place.site.as('ann').topic({ title: 'Winter party plans', raw: 'Who is going to bring the cake?', category }),
  )
  place.advance(1)
  const requests = place.delivered.map(({ headers, body: sent }) => ({
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    body: Buffer.from(sent),
  }))
  assert(requests.length > 0 && requests.every((request) => verify(request, SECRET)))
  const told = requests.flatMap((request) => hints(request)).map(({ kind, ref }) => `${kind} ${ref}`)
  assert(told.includes(`topic ${topicId}`) && told.includes(`post ${postId}`))
})
