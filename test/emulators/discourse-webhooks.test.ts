import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import type { Discourse } from '../../src/emulators/discourse/discourse.ts'
import { ask, forumOf, START, unhurried, World } from './discourse-world.ts'

const SECRET = 'a-secret-of-this-hook'

function hook(forum: Discourse, fields: object): number {
  const web_hook = { payload_url: 'http://127.0.0.1:1/hook', content_type: 1, secret: SECRET, active: true, ...fields }
  return ask(forum, { method: 'POST', path: '/admin/api/web_hooks.json', as: 'boss', body: { web_hook } }).status
}

function post(forum: Discourse, category: number, title: string, more: object = {}): void {
  const body = { title, raw: `The text of ${title}`, category, ...more }
  const { status } = ask(forum, { method: 'POST', path: '/posts.json', as: 'sync_bot', body })
  assert.equal(status, 200)
}

test('a webhook leaves after a delay, signed over its exact body', async () => {
  const world = new World()
  const forum = forumOf(world, { settings: unhurried })
  assert.equal(hook(forum, { web_hook_event_type_ids: [2] }), 200)
  post(forum, 5, 'A topic for the webhooks')
  await world.pass(199)
  assert.equal(world.sent.length, 0)
  await world.pass(2000)
  const [sent] = world.sent
  assert.ok(sent !== undefined && sent.at >= START + 200 && sent.at <= START + 2000)
  assert.equal(sent.headers['X-Discourse-Event'], 'post_created')
  assert.equal(sent.headers['X-Discourse-Instance'], 'http://forum.test')
  const signature = createHmac('sha256', SECRET).update(sent.body).digest('hex')
  assert.equal(sent.headers['X-Discourse-Event-Signature'], `sha256=${signature}`)
})

test('a wildcard hook without any event type never fires, but answers a ping', async () => {
  const world = new World()
  const forum = forumOf(world, { settings: unhurried })
  hook(forum, { wildcard_web_hook: true })
  post(forum, 5, 'A topic for the webhooks')
  assert.equal(ask(forum, { method: 'POST', path: '/admin/api/web_hooks/1/ping.json', as: 'boss' }).status, 200)
  await world.pass(5000)
  assert.deepEqual(world.events(), ['ping'])
  const update = { web_hook: { wildcard_web_hook: true, web_hook_event_type_ids: [5] } }
  ask(forum, { method: 'PUT', path: '/admin/api/web_hooks/1.json', as: 'boss', body: update })
  post(forum, 5, 'A second topic for webhooks')
  await world.pass(5000)
  assert.deepEqual(world.events().slice(1).toSorted(), ['post_created', 'topic_created'])
})

test('a hook hears its types and its categories only, and nothing of an import', async () => {
  const world = new World()
  const forum = forumOf(world, { settings: unhurried })
  hook(forum, { web_hook_event_type_ids: [1], category_ids: [4] })
  post(forum, 5, 'A topic in another category')
  post(forum, 4, 'A topic in the right category')
  post(forum, 4, 'A topic which is imported', { import_mode: true })
  await world.pass(5000)
  assert.deepEqual(world.events(), ['topic_created'])
})

test('webhooks overtake each other, unless they are told not to', async () => {
  const order = async (webhookDisorder: boolean): Promise<string> => {
    const world = new World()
    const forum = forumOf(world, { settings: unhurried, webhookDisorder })
    hook(forum, { web_hook_event_type_ids: [2] })
    for (let n = 10; n < 30; n += 1) post(forum, 5, `Topic number ${n} for the webhooks`)
    await world.pass(10_000)
    return world.sent.map((sent) => /number (\d+)/.exec(sent.body)?.[1]).join()
  }
  const kept = Array.from({ length: 20 }, (_, n) => n + 10).join()
  assert.equal(await order(false), kept)
  assert.notEqual(await order(true), kept)
})

test('webhooks get lost and come twice when told to', async () => {
  const count = async (switches: object): Promise<number[]> => {
    const world = new World()
    const forum = forumOf(world, { settings: unhurried, ...switches })
    hook(forum, { web_hook_event_type_ids: [2] })
    for (let n = 10; n < 110; n += 1) post(forum, 5, `Topic number ${n} for the webhooks`)
    await world.pass(10_000)
    return [world.sent.length, new Set(world.sent.map((sent) => sent.headers['X-Discourse-Event-Id'])).size]
  }
  assert.deepEqual(await count({}), [100, 100])
  const [left = 0] = await count({ webhookLoss: 0.5 })
  assert.ok(left > 20 && left < 80)
  const [all = 0, different] = await count({ webhookDuplication: 0.5 })
  assert.equal(different, 100)
  assert.ok(all > 120 && all < 180)
})

test('failed webhooks are tried again only when told to, with a new Event-Id each', async () => {
  const tries = async (status: number | null, retries: boolean): Promise<(string | undefined)[]> => {
    const world = new World()
    const forum = forumOf(world, { settings: unhurried, retries })
    world.status = status
    hook(forum, { web_hook_event_type_ids: [2] })
    post(forum, 5, 'A topic for the webhooks')
    await world.pass(4 * 3_600_000)
    return world.sent.map((sent) => sent.headers['X-Discourse-Event-Id'])
  }
  assert.deepEqual(await tries(500, false), ['1'])
  assert.deepEqual(await tries(500, true), ['1', '2', '3', '4', '5'])
  assert.deepEqual(await tries(404, true), ['1'])
  assert.deepEqual(await tries(null, true), ['1'])
})

test('a redelivery by hand keeps its Event-Id', async () => {
  const world = new World()
  const forum = forumOf(world, { settings: unhurried })
  hook(forum, { web_hook_event_type_ids: [2] })
  post(forum, 5, 'A topic for the webhooks')
  await world.pass(5000)
  const path = '/admin/api/web_hooks/1/events/1/redeliver.json'
  assert.equal(ask(forum, { method: 'POST', path, as: 'boss' }).status, 200)
  const [first, second] = world.sent
  assert.deepEqual(second?.headers, first?.headers)
  assert.equal(second?.body, first?.body)
})

test('newer forums have an event type for each event', async () => {
  const world = new World()
  const forum = forumOf(world, { settings: unhurried, webhookEventTypes: 'per-event' })
  hook(forum, { web_hook_event_type_ids: [201] })
  post(forum, 5, 'A topic for the webhooks')
  await world.pass(5000)
  assert.deepEqual(world.events(), ['post_created'])
})

test('only administrators see hooks, and private receivers are refused', () => {
  const forum = forumOf(new World(), { settings: unhurried })
  assert.equal(ask(forum, { path: '/admin/api/web_hooks.json', as: 'ann' }).status, 404)
  assert.equal(hook(forum, { payload_url: 'http://10.1.2.3/x' }), 422)
  assert.equal(hook(forum, { secret: 'short' }), 422)
})
