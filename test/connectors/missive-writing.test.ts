import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Values } from '../../src/connector/index.ts'
import { missive } from '../../src/connectors/missive/index.ts'
import { failing, present } from './discourse-forum.ts'
import { ANN, DONE, ORG, START, SYNC, testSite, URGENT, type TestSite } from './missive-site.ts'

const { conversation, post } = missive.kinds
const get = conversation?.get ?? assert.fail()

async function change({ call }: TestSite, ref: string, changed: Values): Promise<Values> {
  const base = present(await get(call(), ref))
  return present(await conversation?.update?.(call(), { key: 'k', ref, changed, base })).values
}

test('labels and assignees are added and removed one by one: what others put there meanwhile stays', async () => {
  const world = testSite()
  const ref = world.mail()
  world.site.as(ANN).label(ref, [URGENT])
  const base = present(await get(world.call(), ref))
  world.site.as(ANN).assign(ref, [SYNC])
  const changed = { labels: [DONE], assignees: [ANN] }
  const { values } = present(await conversation?.update?.(world.call(), { key: 'k', ref, changed, base }))
  assert.deepEqual([values['labels'], values['assignees']], [[DONE], [ANN, SYNC]])
  const empty = await change(world, ref, { labels: null, assignees: null })
  assert.deepEqual([empty['labels'], empty['assignees']], [null, null])
})

test('the subject is changed, and a conversation closed and opened again', async () => {
  const world = testSite()
  const ref = world.mail()
  const closed = await change(world, ref, { subject: 'What it is about', closed: true })
  assert.deepEqual([closed['subject'], closed['closed']], ['What it is about', true])
  assert.equal((await change(world, ref, { closed: false }))['closed'], false)
  await assert.rejects(change(world, ref, { team: null }), failing('rejected', /every team/))
})

test('a post stands in its conversation under the name of the user, and is deleted', async () => {
  const world = testSite()
  const ref = world.mail()
  const values = { conversation: ref, text: 'a *post*' }
  const [made] = (await post?.create?.(world.call(), { key: 'k', values, since: START })) ?? []
  const item = present(made)
  assert.deepEqual(item.values, {
    ...values,
    id: item.ref,
    username: 'Sync Bot',
    createdAt: new Date(START).toISOString(),
  })
  assert.equal(item.author?.ref, SYNC)
  await post?.delete?.(world.call(), { key: 'k', ref: item.ref, base: item })
  await assert.rejects(Promise.resolve(post?.get?.(world.call(), item.ref)), failing('missing'))
})

test('a post that Missive would cut is refused, and nothing is made', async () => {
  const world = testSite()
  const values = { conversation: world.mail(), text: 'x'.repeat(8001) }
  world.requests()
  const create = post?.create?.(world.call(), { key: 'k', values, since: START })
  await assert.rejects(Promise.resolve(create), failing('rejected', /8000/))
  assert.deepEqual(world.requests(), [])
})

// Seen red: where both were cut by their length in the machine's memory, which sent half of the emoji.
test('the subject and the notification of a long post are cut between characters', async () => {
  const world = testSite()
  const text = `${'x'.repeat(199)}😀 and more`
  await post?.create?.(world.call(), { key: 'k', values: { text }, since: START })
  const sent = world.runtime.sent.find(({ method }) => method === 'POST')?.body ?? ''
  const { posts } = JSON.parse(sent) as { posts: { conversation_subject: string; notification: { body: string } } }
  const cut = `${'x'.repeat(199)}😀`
  assert.deepEqual([posts.conversation_subject, posts.notification.body], [cut, cut])
})

test('what others posted is told to be theirs', async () => {
  const world = testSite()
  const ref = world.mail()
  const { posts } = world.ask('POST', '/posts', { posts: { conversation: ref, text: 'by Ann' } }) as {
    posts: { id: string }
  }
  const item = present(await post?.get?.(world.call(), `${ref}/${posts.id}`))
  assert.deepEqual([item.author, item.values['username'], item.scope], [undefined, 'Ann Lee', ORG])
})
