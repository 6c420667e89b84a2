import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import type { WireResponse } from '../../src/emulators/emulator.ts'
import type { Discourse } from '../../src/emulators/discourse/discourse.ts'
import { ask, bodyOf, DAY, forumOf, START, unhurried, World } from './discourse-world.ts'

const errors = z.object({ errors: z.array(z.string()) })
const post = z.looseObject({
  id: z.number(),
  topic_id: z.number(),
  raw: z.string(),
  version: z.number(),
  updated_at: z.string(),
  user_deleted: z.boolean(),
  deleted_at: z.string().nullable(),
})

function errorsOf(response: WireResponse): string[] {
  return errors.parse(bodyOf(response)).errors
}

/** A topic of ann in "Sync Room" with its first post; the person needs no waiting. */
function topicIn(forum: Discourse, as = 'ann', title = 'A topic for this test'): { topic: number; post: number } {
  const body = { title, raw: `The first text of: ${title}`, category: 5, skip_validations: true }
  const made = post.parse(bodyOf(ask(forum, { method: 'POST', path: '/posts.json', as, body })))
  return { topic: made.topic_id, post: made.id }
}

function reply(forum: Discourse, as: string, topic: number, raw: string, more: object = {}): WireResponse {
  return ask(forum, { method: 'POST', path: '/posts.json', as, body: { topic_id: topic, raw, ...more } })
}

function edit(forum: Discourse, as: string, id: number, sent: object): WireResponse {
  return ask(forum, { method: 'PUT', path: `/posts/${id}.json`, as, body: { post: sent } })
}

function read(forum: Discourse, id: number, as = 'sync_bot'): z.infer<typeof post> {
  return post.parse(bodyOf(ask(forum, { path: `/posts/${id}.json`, as })))
}

function calm(world: World): Discourse {
  return forumOf(world, { settings: unhurried })
}

test('all keys of the site share sixty calls a minute, and the refusal says when to come back', () => {
  const world = new World()
  const forum = forumOf(world)
  for (let n = 0; n < 30; n += 1) {
    assert.equal(ask(forum, { path: '/session/current.json', as: 'ann', address: `a${n}` }).status, 200)
    const single = { path: '/session/current.json', key: 'single-user-key', address: `b${n}` }
    assert.equal(ask(forum, single).status, 200)
  }
  world.now += 5000
  const refused = ask(forum, { path: '/session/current.json', as: 'ann', key: 'another-key', address: 'c' })
  assert.equal(refused.status, 429)
  assert.equal(refused.headers['retry-after'], '55')
  assert.equal(refused.headers['discourse-rate-limit-error-code'], 'admin_api_key_rate_limit')
  assert.deepEqual(bodyOf(refused), {
    errors: ['You’ve performed this action too many times. Please wait 55 seconds before trying again.'],
    error_type: 'rate_limit',
    extras: { wait_seconds: 55, time_left: '55 seconds' },
  })
  world.now += 55_000
  assert.equal(ask(forum, { path: '/session/current.json', as: 'ann' }).status, 200)
})

test('an address has fifty calls in ten seconds, and the refusal is plain text', () => {
  const world = new World()
  const forum = forumOf(world, { settings: { max_admin_api_reqs_per_minute: 1000 } })
  for (let n = 0; n < 50; n += 1) assert.equal(ask(forum, { path: '/srv/status', key: null }).status, 200)
  const refused = ask(forum, { path: '/session/current.json', as: 'ann' })
  assert.equal(refused.status, 429)
  assert.equal(refused.headers['discourse-rate-limit-error-code'], 'ip_10_secs_limit')
  assert.match(String(refused.body), /^Slow down, too many requests from this IP address\.\nPlease retry again in 10 /)
  assert.equal(ask(forum, { path: '/session/current.json', as: 'ann', address: 'elsewhere' }).status, 200)
})

test('people in browsers do not draw on the bucket of the keys', () => {
  const world = new World()
  const forum = forumOf(world, { settings: { max_admin_api_reqs_per_minute: 1 } })
  assert.equal(ask(forum, { path: '/session/current.json', as: 'ann' }).status, 200)
  assert.equal(ask(forum, { path: '/session/current.json', as: 'ann' }).status, 429)
  const cookie = `_t=${forum.sessionToken('ann')}`
  assert.equal(ask(forum, { path: '/session/current.json', key: null, headers: { cookie } }).status, 200)
  assert.equal(
    forum.as('ann').topic({ title: 'A title that is good enough', raw: 'A text which is long enough', category: 5 }).ok,
    true,
  )
  assert.deepEqual(forum.counters().writes, [])
})

test('a browser without the CSRF header may not write', () => {
  const forum = forumOf(new World())
  const cookie = `_t=${forum.sessionToken('ann')}`
  const body = { title: 'A title that is good enough', raw: 'A text which is long enough', category: 5 }
  const request = { method: 'POST', path: '/posts.json', key: null, body }
  assert.deepEqual(bodyOf(ask(forum, { ...request, headers: { cookie } })), ['BAD CSRF'])
  assert.equal(ask(forum, { ...request, headers: { cookie, 'x-csrf-token': 'token' } }).status, 200)
})

test('browsers cannot use what only keys may: dates, import_mode, skip_validations', () => {
  const forum = calm(new World())
  const headers = { cookie: `_t=${forum.sessionToken('ann')}`, 'x-csrf-token': 'token' }
  const body = { title: 'no', raw: 'no', category: 5, skip_validations: true }
  assert.equal(ask(forum, { method: 'POST', path: '/posts.json', key: null, headers, body }).status, 422)
})

test('an identical post within two minutes is the first one again, and after that a new one', () => {
  const world = new World()
  const forum = forumOf(world, { settings: { ...unhurried, unique_posts_mins: 0 } })
  const { topic } = topicIn(forum)
  const first = reply(forum, 'bob', topic, 'One identical message of bob')
  world.now += 119_000
  assert.equal(String(reply(forum, 'bob', topic, 'One identical message of bob').body), String(first.body))
  assert.equal(
    String(reply(forum, 'bob', topic, 'One identical message of bob', { sync_key: 'x' }).body),
    String(first.body),
  )
  world.now += 2000
  const later = reply(forum, 'bob', topic, 'One identical message of bob')
  assert.notEqual(post.parse(bodyOf(later)).id, post.parse(bodyOf(first)).id)
})

test('the same text by the same person is refused for five minutes in any topic, but not to staff', () => {
  const world = new World()
  const forum = calm(world)
  const [one, two] = [topicIn(forum), topicIn(forum, 'ann', 'Another topic for this test')]
  assert.equal(reply(forum, 'bob', one.topic, 'One identical message of bob').status, 200)
  const refused = reply(forum, 'bob', two.topic, 'One identical message of bob  ')
  assert.deepEqual(errorsOf(refused), ['Body is too similar to what you recently posted'])
  assert.equal(reply(forum, 'bob', two.topic, 'One identical message of bob', { skip_validations: true }).status, 200)
  assert.equal(reply(forum, 'modmo', one.topic, 'One identical message of mo').status, 200)
  assert.equal(reply(forum, 'modmo', two.topic, 'One identical message of mo').status, 200)
})

test('a refusal by a limit wastes an id, one for the text does not', () => {
  const world = new World()
  const forum = forumOf(world)
  const { topic, post: first } = topicIn(forum, 'sync_bot')
  assert.equal(post.parse(bodyOf(reply(forum, 'bob', topic, 'A first reply of bob here'))).id, first + 1)
  assert.equal(reply(forum, 'bob', topic, 'A second reply of bob here').status, 429)
  assert.equal(reply(forum, 'ann', topic, 'no').status, 422)
  assert.equal(post.parse(bodyOf(reply(forum, 'sync_bot', topic, 'A reply of the bot here'))).id, first + 3)
})

test('raw_old guards an edit, but an empty one guards nothing', () => {
  const forum = calm(new World())
  const { post: id } = topicIn(forum)
  const current = read(forum, id).raw
  assert.equal(edit(forum, 'ann', id, { raw: 'A changed text of this post', raw_old: `${current}\n` }).status, 409)
  assert.equal(edit(forum, 'ann', id, { raw: 'A changed text of this post', raw_old: '' }).status, 200)
  assert.equal(
    edit(forum, 'ann', id, { raw: 'A changed text of this post 2', raw_old: 'A changed text of this post' }).status,
    200,
  )
})

test('an edit makes a version after five minutes or over a hundred changed characters', () => {
  const world = new World()
  const forum = calm(world)
  const { post: id } = topicIn(forum)
  const text = 'The text of a post about the weather'
  const versions = [text, `${text} of today`, `${text} ${'word '.repeat(25)}`].map((raw) => {
    edit(forum, 'ann', id, { raw })
    return read(forum, id).version
  })
  assert.deepEqual(versions, [1, 1, 2])
  world.now += 301_000
  edit(forum, 'ann', id, { raw: `${text} of yesterday` })
  assert.equal(read(forum, id).version, 3)
  edit(forum, 'ann', id, { raw: `${text} of tomorrow` })
  assert.equal(read(forum, id).version, 3)
})

test('edits which make a version, own deletes among them, are thirty a day', () => {
  const world = new World()
  const forum = calm(world)
  const { topic } = topicIn(forum, 'sync_bot')
  const { id } = post.parse(bodyOf(reply(forum, 'ann', topic, 'A reply which is edited often')))
  for (let n = 0; n < 30; n += 1)
    assert.equal(
      edit(forum, 'ann', id, { raw: `A reply which is edited often, ${n}`, edit_reason: `${n}` }).status,
      200,
    )
  const refused = edit(forum, 'ann', id, { raw: 'A reply which is edited often, 30', edit_reason: '30' })
  assert.equal(refused.status, 429)
  assert.match(errorsOf(refused)[0] ?? '', /^You’ve reached the maximum number of daily edits/)
  assert.equal(ask(forum, { method: 'DELETE', path: `/posts/${id}.json`, as: 'ann' }).status, 429)
  world.now += DAY
  world.now -= 3_600_000
  assert.equal(edit(forum, 'sync_bot', id, { raw: 'A reply which is edited often, 31' }).status, 200)
})

test('what its author deleted is gone for good a day later', () => {
  const world = new World()
  const forum = calm(world)
  const { topic } = topicIn(forum, 'sync_bot')
  const { id } = post.parse(bodyOf(reply(forum, 'bob', topic, 'A reply which is deleted soon')))
  assert.equal(ask(forum, { method: 'DELETE', path: `/posts/${id}.json`, as: 'bob' }).status, 200)
  assert.equal(read(forum, id, 'cyd').raw, '(post deleted by author)')
  world.now += DAY
  assert.equal(ask(forum, { path: `/posts/${id}.json`, as: 'cyd' }).status, 404)
  assert.notEqual(read(forum, id).deleted_at, null)
})

test('an own topic delete closes the topic until it is recovered', () => {
  const forum = calm(new World())
  const { topic, post: id } = topicIn(forum)
  const ann = forum.as('ann')
  assert.deepEqual(ann.removeTopic(topic), { ok: true })
  assert.equal(forum.state().topics.get(topic)?.closed, true)
  assert.deepEqual(ann.recover(id), { ok: true })
  assert.equal(forum.state().topics.get(topic)?.closed, false)
  assert.equal(read(forum, id).raw, 'The first text of: A topic for this test')
})

test('authors can neither edit nor delete old posts, staff can', () => {
  const forum = calm(new World())
  const { topic } = topicIn(forum, 'sync_bot')
  const old = { created_at: '2024-01-01T00:00:00Z' }
  const { id } = post.parse(bodyOf(reply(forum, 'ann', topic, 'A reply which is years old', old)))
  assert.equal(edit(forum, 'ann', id, { raw: 'A reply which is years old, edited' }).status, 422)
  assert.equal(ask(forum, { method: 'DELETE', path: `/posts/${id}.json`, as: 'ann' }).status, 422)
  assert.equal(edit(forum, 'modmo', id, { raw: 'A reply which is years old, edited' }).status, 200)
  const lenient = forumOf(new World(), { settings: unhurried, ownDeleteTimeLimit: false })
  const place = topicIn(lenient, 'sync_bot')
  const again = post.parse(bodyOf(reply(lenient, 'ann', place.topic, 'A reply which is years old', old)))
  assert.equal(ask(lenient, { method: 'DELETE', path: `/posts/${again.id}.json`, as: 'ann' }).status, 200)
})

test('a back-dated reply moves its topic back in the list, a deleted post leaves a gap in it', () => {
  const world = new World()
  const forum = calm(world)
  const older = topicIn(forum, 'ann', 'The older topic of the two')
  world.now += 1000
  const newer = topicIn(forum, 'ann', 'The newer topic of the two')
  const listed = z.object({ topic_list: z.object({ topics: z.array(z.object({ id: z.number() })) }) })
  const order = (): number[] =>
    listed.parse(bodyOf(ask(forum, { path: '/latest.json', as: 'bob' }))).topic_list.topics.map((topic) => topic.id)
  assert.deepEqual(order(), [newer.topic, older.topic])
  const { id } = post.parse(
    bodyOf(reply(forum, 'bob', newer.topic, 'A reply from the past year', { created_at: '2025-11-24' })),
  )
  assert.deepEqual(order(), [older.topic, newer.topic])
  ask(forum, { method: 'DELETE', path: `/posts/${id}.json`, as: 'modmo' })
  const page = z.object({ post_stream: z.object({ stream: z.array(z.number()), gaps: z.unknown().optional() }) })
  const seen = (query: string): unknown =>
    page.parse(bodyOf(ask(forum, { path: `/t/${newer.topic}.json${query}`, as: 'modmo' }))).post_stream
  assert.deepEqual(seen(''), { stream: [newer.post], gaps: { before: {}, after: { [newer.post]: [id] } } })
  assert.deepEqual(seen('?show_deleted=true'), { stream: [newer.post, id] })
})

test('the latest posts are a window of ids, not a page of posts', () => {
  const forum = calm(new World())
  const { topic, post: first } = topicIn(forum, 'sync_bot')
  for (let n = 0; n < 60; n += 1) reply(forum, 'sync_bot', topic, `Reply number ${n} of the bot here`)
  const window = z.object({ latest_posts: z.array(z.object({ id: z.number() })) })
  const ids = (query: string): number[] =>
    window.parse(bodyOf(ask(forum, { path: `/posts.json${query}`, as: 'bob' }))).latest_posts.map((one) => one.id)
  const last = first + 60
  assert.equal(ids('').length, 50)
  assert.deepEqual([ids('')[0], ids('').at(-1)], [last, last - 49])
  for (let id = last - 49; id <= last - 5; id += 1)
    ask(forum, { method: 'DELETE', path: `/posts/${id}.json`, as: 'boss' })
  assert.equal(ids('').length, 5)
  assert.deepEqual(ids(`?before=${last - 50}`).slice(0, 2), [last - 50, last - 51])
})

test('thirty topics make a page of a list', () => {
  const world = new World()
  const forum = calm(world)
  for (let n = 0; n < 35; n += 1) {
    world.now += 1000
    topicIn(forum, 'sync_bot', `Topic number ${n} in a long list`)
  }
  const listed = z.object({
    topic_list: z.object({ more_topics_url: z.string().optional(), topics: z.array(z.object({ title: z.string() })) }),
  })
  const page = (path: string): z.infer<typeof listed>['topic_list'] =>
    listed.parse(bodyOf(ask(forum, { path, as: 'bob' }))).topic_list
  assert.equal(page('/latest.json?per_page=5').topics.length, 30)
  assert.equal(page('/latest.json').more_topics_url, '/latest?no_definitions=true&page=1')
  assert.equal(page('/latest.json?page=1').topics.at(-1)?.title, 'Topic number 0 in a long list')
  assert.equal(page('/latest.json?page=1').more_topics_url, undefined)
  assert.equal(page('/c/sync-room/5/l/latest.json').topics[0]?.title, 'About the Sync Room category')
})

test('reads may lag behind, writes see the present', () => {
  const world = new World()
  const forum = forumOf(world, { settings: unhurried, readLagMs: 10_000 })
  const { post: id } = topicIn(forum)
  world.now += 60_000
  edit(forum, 'ann', id, { raw: 'A changed text of this post' })
  const texts = new Set(Array.from({ length: 40 }, () => read(forum, id).raw))
  assert.deepEqual(texts, new Set(['The first text of: A topic for this test']))
  world.now += 5000
  assert.equal(new Set(Array.from({ length: 40 }, () => read(forum, id).raw)).size, 2)
  assert.equal(
    edit(forum, 'ann', id, { raw: 'A changed text of this post 2', raw_old: 'A changed text of this post' }).status,
    200,
  )
  world.now += 10_000
  assert.equal(read(forum, id).raw, 'A changed text of this post 2')
})

test('a post held for review has no id until it is approved', () => {
  const forum = forumOf(new World(), { settings: { ...unhurried, approve_post_count: 1 } })
  const { topic } = topicIn(forum, 'sync_bot')
  const held = z.object({
    action: z.literal('enqueued'),
    success: z.literal(true),
    pending_post: z.object({ id: z.number() }),
  })
  const answer = held.parse(bodyOf(reply(forum, 'cyd', topic, 'A reply that needs approval')))
  assert.equal(forum.state().postsOf(topic).length, 1)
  assert.equal(forum.approve(answer.pending_post.id), true)
  assert.equal(forum.state().postsOf(topic).length, 2)
})

test('a forum starts with its history, which no rule or limit touches', () => {
  const world = new World()
  const createdAt = START - 30 * DAY
  const history = [
    {
      title: 'old',
      raw: 'hi',
      username: 'ann',
      createdAt,
      externalId: 'X-1',
      replies: [{ username: 'bob', raw: 'ok', createdAt: createdAt + 1000 }],
    },
  ]
  const forum = forumOf(world, { history })
  const [topic] = [...forum.state().topics.values()].filter((one) => one.externalId === 'X-1')
  assert.deepEqual(
    forum
      .state()
      .postsOf(topic?.id ?? 0)
      .map((one) => [one.raw, one.createdAt, one.updatedAt]),
    [
      ['hi', createdAt, createdAt],
      ['ok', createdAt + 1000, createdAt + 1000],
    ],
  )
  assert.equal(
    ask(forum, { path: '/t/external_id/X-1.json', as: 'cyd' }).headers['location'],
    `http://forum.test/t/old/${topic?.id}.json`,
  )
})

test('writes with keys are counted, whatever their answer', () => {
  const forum = calm(new World())
  topicIn(forum)
  reply(forum, 'nobody', 5, 'A reply by nobody at all')
  assert.deepEqual(forum.counters().writes, [
    { at: START, user: 'ann', method: 'POST', path: '/posts.json', status: 200 },
    { at: START, user: 'nobody', method: 'POST', path: '/posts.json', status: 403 },
  ])
})

test('scripted people do everything by the same rules as callers', () => {
  const world = new World()
  const forum = forumOf(world)
  const [ann, bob] = [forum.as('ann'), forum.as('bob')]
  const made = ann.topic({ title: 'a title that is good enough', raw: 'A text which is long enough', category: 5 })
  assert.ok(made.ok)
  assert.equal(forum.state().topics.get(made.topicId)?.title, 'A title that is good enough')
  const answered = bob.reply(made.topicId, 'A reply which is long enough')
  assert.ok(answered.ok)
  assert.deepEqual(bob.reply(made.topicId, 'no'), {
    ok: false,
    status: 422,
    errors: ['Body is too short (minimum is 20 characters)', 'Body seems unclear, is it a complete sentence?'],
  })
  const second = bob.reply(made.topicId, 'Another reply which is long enough')
  assert.equal(second.ok ? 200 : second.status, 429)
  assert.deepEqual(bob.edit(answered.postId, 'A reply which is long enough, edited'), { ok: true, version: 1 })
  assert.deepEqual(bob.remove(answered.postId), { ok: true })
  assert.deepEqual(bob.recover(answered.postId), { ok: true })
  assert.deepEqual(ann.moveTopic(made.topicId, 4), { ok: true })
  assert.equal(forum.state().topics.get(made.topicId)?.categoryId, 4)
  assert.deepEqual(forum.as('modmo').close(made.topicId, true), { ok: true })
  assert.equal(ann.removeTopic(made.topicId).ok, false)
  assert.deepEqual(forum.as('modmo').removeTopic(made.topicId), { ok: true })
})

test('without limits and validations anything goes', () => {
  const forum = forumOf(new World(), { limits: false, validations: false })
  const ann = forum.as('ann')
  const made = ann.topic({ title: 'ok', raw: 'ok', category: 5 })
  assert.ok(made.ok)
  for (let n = 0; n < 300; n += 1) assert.ok(ann.reply(made.topicId, 'ok').ok)
  assert.ok(ann.edit(made.postId, 'k').ok)
})
