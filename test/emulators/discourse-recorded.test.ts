import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { z } from 'zod'
import { prettify, fancyTitle, topicSlug } from '../../src/emulators/discourse/titles.ts'
import { recordedFile, replay, type Replayed } from './discourse-recorded.ts'
import { ask, bodyOf, forumOf, unhurried, World, type Sent } from './discourse-world.ts'

/** Where the emulated answers may differ from the recorded ones, and why. One that no longer occurs fails the test. */
const allowed: readonly {
  readonly file: string
  readonly label: string
  readonly path: string
  readonly why: string
}[] = [
  {
    file: 'webhooks',
    label: 'category create with hook',
    path: 'body.category.has_children kind',
    why: 'the recorded forum had a cached value, which it wrote as text',
  },
  {
    file: 'webhooks',
    label: 'category update with hook',
    path: 'body.category.has_children kind',
    why: 'the recorded forum had a cached value, which it wrote as text',
  },
  {
    file: 'webhooks',
    label: 'hook events',
    path: 'body.web_hook_events[0].headers kind',
    why: 'the recorded forum had a backlog of webhooks not yet sent',
  },
  {
    file: 'webhooks',
    label: 'hook events',
    path: 'body.web_hook_events[1].headers kind',
    why: 'the recorded forum had a backlog of webhooks not yet sent',
  },
  {
    file: 'webhooks',
    label: 'events of the refused hook',
    path: 'body.web_hook_events[0].status',
    why: 'the replay does not wait for the receiver',
  },
  {
    file: 'webhooks',
    label: 'events of the refused hook',
    path: 'body.web_hook_events[0].response_headers kind',
    why: 'receivers answer with a status only',
  },
  {
    file: 'reading',
    label: 'topic created with accept json, no suffix',
    path: 'headers.last-modified',
    why: 'cache headers are not emulated',
  },
]

const files = [
  'categories',
  'create-refusals',
  'create',
  'create-consecutive',
  'create-repeats',
  'create-newcomers',
  'create-memo-429',
  'first-day',
  'posting-limits',
  'edits',
  'deletes',
  'moves',
  'reading',
  'people',
  'webhooks',
]

const replays = new Map<string, Replayed>(files.map((file) => [file, replay(file)]))

for (const [file, { differences }] of replays)
  test(`recorded requests get the recorded answers: ${file}`, () => {
    const listed = allowed.filter((entry) => entry.file === file)
    const key = (entry: { readonly label: string; readonly path: string }): string => `${entry.label}: ${entry.path}`
    const unlisted = differences.filter((found) => !listed.some((entry) => key(entry) === key(found)))
    assert.deepEqual(unlisted, [])
    const unused = listed.filter((entry) => !differences.some((found) => key(found) === key(entry)))
    assert.deepEqual(unused, [])
  })

test('titles are stored as the recorded forum stored them', () => {
  const titles = z
    .array(z.object({ sent: z.string(), title: z.string(), fancy_title: z.string(), slug: z.string() }))
    .parse(recordedFile('titles'))
  for (const { sent, title, fancy_title, slug } of titles) {
    const stored = prettify(sent)
    assert.deepEqual(
      { title: stored, fancy_title: fancyTitle(stored), slug: topicSlug(stored) },
      { title, fancy_title, slug },
    )
  }
})

const sequences = z.object({
  sequences: z.array(
    z.object({
      request: z.string(),
      deliveries: z.array(z.looseObject({ event: z.string(), raw: z.string().optional() })),
    }),
  ),
})

/** What a delivery says of its post or topic. */
const said = z.object({
  version: z.number().optional(),
  raw: z.string().optional(),
  title: z.string().optional(),
  deleted_at: z.string().nullish(),
  user_deleted: z.boolean().optional(),
  post_type: z.number().optional(),
})

function summary(event: string | undefined, fields: unknown): string {
  const { raw, ...rest } = said.parse(fields)
  return `${event} ${JSON.stringify({ ...rest, ...(raw === undefined ? {} : { raw: raw.slice(0, 40) }) }, Object.keys({ ...rest, raw }).toSorted())}`
}

test('each recorded request sends the recorded webhooks, in any order', () => {
  const sent = new Map<string, readonly Sent[]>()
  for (const { deliveries } of replays.values())
    for (const [label, those] of deliveries) if (those.length > 0) sent.set(label, those)
  const missing: string[] = []
  for (const { request, deliveries } of sequences.parse(recordedFile('webhook-sequences')).sequences) {
    const label = request.split(': ')[0] ?? ''
    const ours = sent.get(label)
    if (ours === undefined) {
      missing.push(label)
      continue
    }
    assert.deepEqual(
      ours.map((one) => summary(one.headers['X-Discourse-Event'], payloadOf(one.body))).toSorted(),
      deliveries.map((one) => summary(one.event, one)).toSorted(),
      label,
    )
  }
  assert.deepEqual(missing, [])
})

function payloadOf(body: string): Record<string, unknown> {
  const outer = z.record(z.string(), z.unknown()).parse(JSON.parse(body))
  return z.record(z.string(), z.unknown()).parse(Object.values(outer)[0])
}

const recordings = z
  .object({
    deliveries: z.array(
      z.object({ event: z.string(), headers: z.record(z.string(), z.string()), body_text: z.string() }),
    ),
  })
  .parse(recordedFile('webhook-deliveries')).deliveries

test('recorded signatures are those of the recorded bodies', () => {
  for (const { headers, body_text } of recordings)
    assert.equal(headers['X-Discourse-Event-Signature'], signature(body_text))
})

function signature(body: string): string {
  return `sha256=${createHmac('sha256', 'probe-webhook-secret').update(body).digest('hex')}`
}

test('webhooks carry the fields and the headers of recorded ones', () => {
  const ours = new Map<string, Sent>()
  for (const { deliveries } of replays.values())
    for (const one of [...deliveries.values()].flat()) ours.set(one.headers['X-Discourse-Event'] ?? '', one)
  for (const { event, headers, body_text } of recordings) {
    const [type = '', name = ''] = event.split('/')
    const own = ours.get(name)
    // Payloads of private messages differ; they go by their own test.
    if (own === undefined || body_text.includes('"private_message"')) continue
    const kinds = (body: string): string[] => Object.keys(payloadOf(body)).toSorted()
    if (type !== 'ping' && !body_text.includes('"action_code"') && !own.body.includes('"action_code"'))
      assert.deepEqual(kinds(own.body).filter(notOptional), kinds(body_text).filter(notOptional), event)
    for (const header of Object.keys(headers).filter((one) => one.startsWith('X-Discourse')))
      assert.equal(typeof own.headers[header], 'string', header)
    assert.equal(own.headers['X-Discourse-Event-Type'], type)
    assert.equal(own.headers['X-Discourse-Event-Signature'], signature(own.body))
  }
})

/** Written or not depending on the category's state. */
function notOptional(name: string): boolean {
  return !['category_setting', 'can_delete', 'cannot_delete_reason', 'parent_category_id', 'message_archived'].includes(
    name,
  )
}

test('a private message goes out like any other topic, told by its archetype', async () => {
  const world = new World()
  const forum = forumOf(world, { settings: unhurried })
  const hook = { payload_url: 'http://127.0.0.1:1/', wildcard_web_hook: true, web_hook_event_type_ids: [1] }
  ask(forum, { method: 'POST', path: '/admin/api/web_hooks.json', as: 'boss', body: { web_hook: hook } })
  const body = {
    title: 'A private message',
    raw: 'Private message text to bob',
    archetype: 'private_message',
    target_recipients: 'bob',
  }
  const made = ask(forum, { method: 'POST', path: '/posts.json', as: 'ann', body })
  await world.pass(5000)
  assert.deepEqual(world.events().toSorted(), ['post_created', 'topic_created'])
  const topic = world.sent.find((one) => one.headers['X-Discourse-Event'] === 'topic_created')
  assert.equal(payloadOf(topic?.body ?? '')['archetype'], 'private_message')
  const { id } = z.object({ id: z.number() }).parse(bodyOf(made))
  assert.equal(ask(forum, { path: `/posts/${id}.json`, as: 'cyd' }).status, 404)
})
