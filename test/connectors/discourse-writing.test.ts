import assert from 'node:assert/strict'
import { test } from 'node:test'
import { briefly, done, failing, forum, intent, present, START, ways, type Forum } from './discourse-forum.ts'

const { create: createTopic, find: findTopic, get: getTopic, update: updateTopic, delete: deleteTopic } = ways('topic')
const {
  create: createPost,
  find: findPost,
  get: getPost,
  update: updatePost,
  delete: deletePost,
  empty: emptyPost,
} = ways('post')
const { create: createCategory, find: findCategory, update: updateCategory } = ways('category')
assert(deleteTopic && deletePost && emptyPost)

const MINUTE = 60_000

async function topicIn(place: Forum, key = 'k0'): Promise<{ topic: string; first: string }> {
  const category = place.scope('Room')
  const made = await createTopic(
    place.call('Room'),
    intent(
      key,
      { category, title: 'Plans for the winter party' },
      { head: intent(`${key}h`, { category, raw: 'ok' }) },
    ),
  )
  return { topic: made[0]?.ref ?? '', first: made[1]?.ref ?? '' }
}

async function reply(place: Forum, topic: string, raw: string, more: object = {}) {
  const values = { category: place.scope('Room'), topic, raw }
  const [made] = await createPost(place.call('Room'), intent('k1', values, more))
  return present(made)
}

test('a topic is made with its first post, carries its key, and is found by it with its post', async () => {
  const place = forum()
  const category = place.scope('Room')
  const head = intent('kh', { category, raw: 'short' }, { createdAt: '2026-11-19T08:00:00.123Z' })
  const made = await createTopic(place.call('Room'), intent('abc123', { category, title: 'Hello everybody' }, { head }))
  const [topic, post] = made
  assert.deepEqual(present(topic).values, { category, title: 'Hello everybody' })
  assert.equal(present(topic).key, 'abc123')
  assert.deepEqual(present(post).values, { category, topic: topic?.ref, raw: 'short' })
  assert.equal(present(post).createdAt, '2026-11-19T08:00:00.123Z')
  assert.deepEqual(briefly((await findTopic(place.call('Room'), intent('abc123', {}))) ?? []), briefly(made))
  assert.equal(await findTopic(place.call('Room'), intent('abc124', {})), null)
})

test('a key that is taken is told as such, also when its topic is deleted', async () => {
  const place = forum()
  const { topic } = await topicIn(place, 'k7')
  place.advance(3 * MINUTE)
  await assert.rejects(topicIn(place, 'k7'), failing('key-taken'))
  await deleteTopic(place.call('Room'), {
    key: 'd',
    ref: topic,
    base: present(await getTopic(place.call('Room'), topic)),
  })
  place.advance(3 * MINUTE)
  await assert.rejects(topicIn(place, 'k7'), failing('key-taken'))
  assert.equal(await findTopic(place.call('Room'), intent('k7', {})), null)
})

test('two honest posts of one text are two posts, and a repeated try is one', async () => {
  const place = forum()
  const { topic } = await topicIn(place)
  const one = await reply(place, topic, 'ok', { createdAt: '2026-11-20T11:00:00.001Z' })
  const two = await reply(place, topic, 'ok', { createdAt: '2026-11-20T11:00:00.002Z' })
  const again = await reply(place, topic, 'ok', { createdAt: '2026-11-20T11:00:00.002Z' })
  assert.notEqual(one.ref, two.ref)
  assert.equal(again.ref, two.ref)
})

// Seen red: sent to the millisecond, the second was answered with the first one's post, and two messages were linked to it.
test('two honest posts of one text and one millisecond are two posts as well, and each repeated try is one', async () => {
  const place = forum()
  const { topic } = await topicIn(place)
  const at = ['2026-11-20T11:00:00.001250Z', '2026-11-20T11:00:00.001451Z'] as const
  const [one, two] = [
    await reply(place, topic, 'ok', { createdAt: at[0] }),
    await reply(place, topic, 'ok', { createdAt: at[1] }),
  ]
  assert.notEqual(one.ref, two.ref)
  assert.equal((await reply(place, topic, 'ok', { createdAt: at[0] })).ref, one.ref)
  assert.equal((await reply(place, topic, 'ok', { createdAt: at[1] })).ref, two.ref)
})

test('a post whose answer was lost is found by its author, its time and its text', async () => {
  const place = forum()
  const { topic } = await topicIn(place)
  done(place.site.as('ann').reply(Number(topic), 'A text of somebody else here.'))
  const values = { category: place.scope('Room'), topic, raw: 'Mine, said at a certain time.  ' }
  const mine = intent('k1', values, { createdAt: '2026-11-20T11:00:00.001Z' })
  assert.equal(await findPost(place.call('Room'), mine), null)
  const [made] = await createPost(place.call('Room'), mine)
  for (let count = 0; count < 30; count += 1)
    done(place.site.as(count % 2 === 0 ? 'ann' : 'bob').reply(Number(topic), `A later text of number ${count}.`))
  const found = await findPost(place.call('Room'), mine)
  assert.equal(found?.[0]?.ref, made?.ref)
  assert.equal(await findPost(place.call('Room'), { ...mine, createdAt: '2026-11-20T11:00:00.002Z' }), null)
})

test('an edit of an unchanged post is stored and marked, and is no edit of a user', async () => {
  const place = forum()
  const { topic } = await topicIn(place)
  const { postId } = done(place.site.as('ann').reply(Number(topic), 'What Ann said in the beginning.'))
  place.advance(MINUTE)
  const base = present(await getPost(place.call('Room'), String(postId)))
  const changed = await updatePost(place.call('Room'), {
    key: 'u',
    ref: base.ref,
    changed: { raw: 'What Ann says in the end of it.' },
    base,
  })
  assert.equal(present(changed).values['raw'], 'What Ann says in the end of it.')
  assert.equal(present(changed).editedAt, undefined)
  place.advance(MINUTE)
  done(place.site.as('ann').edit(postId, 'What Ann says herself after that.'))
  assert.equal(
    present(await getPost(place.call('Room'), base.ref)).editedAt,
    new Date(START + 2 * MINUTE).toISOString(),
  )
})

test('an edit or a delete of a post that was edited meanwhile is stale', async () => {
  const place = forum()
  const { topic } = await topicIn(place)
  const { postId } = done(place.site.as('ann').reply(Number(topic), 'What Ann said in the beginning.'))
  const base = present(await getPost(place.call('Room'), String(postId)))
  place.advance(MINUTE)
  done(place.site.as('ann').edit(postId, 'What Ann says after some thought.'))
  const change = { key: 'u', ref: base.ref, base }
  await assert.rejects(
    updatePost(place.call('Room'), { ...change, changed: { raw: 'What the engine wants to say.' } }),
    failing('stale'),
  )
  await assert.rejects(deletePost(place.call('Room'), change), failing('stale'))
})

test('a text that Discourse refuses is rejected with its words', async () => {
  const place = forum()
  const { topic } = await topicIn(place)
  const base = await reply(place, topic, 'A text that is long enough.')
  await assert.rejects(
    updatePost(place.call('Room'), { key: 'u', ref: base.ref, changed: { raw: 'no' }, base }),
    failing('rejected', /Body is too short/),
  )
})

for (const apiUsername of ['sync_bot', 'bob'])
  test(`a post in a topic that was deleted meanwhile finds it missing, as ${apiUsername}`, async () => {
    const place = forum({ config: { apiUsername } })
    const { topic } = await topicIn(place)
    done(place.site.as('modmo').removeTopic(Number(topic)))
    await assert.rejects(reply(place, topic, 'A text that is long enough.'), failing('missing'))
  })

test('a post in a topic that was closed meanwhile is rejected', async () => {
  const place = forum({ config: { apiUsername: 'bob' } })
  const { topic } = await topicIn(place)
  done(place.site.as('modmo').close(Number(topic), true))
  await assert.rejects(reply(place, topic, 'A text that is long enough.'), failing('rejected', /closed or deleted/))
})

test('a post that is held for review is rejected', async () => {
  const held = { action: 'enqueued', success: true, pending_count: 1, pending_post: { id: 1, raw: 'ok' } }
  const place = forum({
    through: () => ({ send: () => Promise.resolve({ status: 200, headers: {}, body: JSON.stringify(held) }) }),
  })
  await assert.rejects(reply(place, '1', 'ok'), failing('rejected', /review/))
})

test('a refusal that is not in English is told from a taken key by asking for the key', async () => {
  let refusing = false
  const place = forum({
    through: (http) => ({
      async send(request) {
        const refused = { status: 422, headers: {}, body: '{"action":"create_post","errors":["Extern ist vergeben"]}' }
        return refusing && request.method === 'POST' ? refused : http.send(request)
      },
    }),
  })
  await topicIn(place, 'k7')
  refusing = true
  await assert.rejects(topicIn(place, 'k7'), failing('key-taken'))
  await assert.rejects(topicIn(place, 'k8'), failing('rejected', /vergeben/))
})

test('a topic whose answer was lost is found by its key with its post', async () => {
  let losing = true
  const place = forum({
    through: (http) => ({
      async send(request) {
        const answer = await http.send(request)
        if (losing && request.method === 'POST') throw new Error('connection reset')
        return answer
      },
    }),
  })
  await assert.rejects(topicIn(place, 'k7'), failing('unavailable'))
  losing = false
  const found = await findTopic(place.call('Room'), intent('k7', {}))
  const again = await topicIn(place, 'k7')
  assert.deepEqual(
    found?.map((each) => each.ref),
    [again.topic, again.first],
  )
})

test('a deleted reply is a tombstone, and deleting it again is nothing', async () => {
  const place = forum()
  const { topic } = await topicIn(place)
  const base = await reply(place, topic, 'ok then')
  const intention = { key: 'd', ref: base.ref, base }
  await deletePost(place.call('Room'), intention)
  await deletePost(place.call('Room'), intention)
  assert.deepEqual(await getPost(place.call('Room'), base.ref), {
    scope: place.scope('Room'),
    ref: base.ref,
    gone: 'deleted',
  })
})

test('a first post with replies gives up its text and reads as emptied; alone it takes its topic along', async () => {
  const place = forum()
  const { topic, first } = await topicIn(place)
  const answer = await reply(place, topic, 'ok then')
  const head = present(await getPost(place.call('Room'), first))
  await deletePost(place.call('Room'), { key: 'd', ref: first, base: head })
  const emptied = await getPost(place.call('Room'), first)
  assert.equal(present(emptied).emptied, true)
  assert.equal(present(await getTopic(place.call('Room'), topic)).ref, topic)

  const alone = await topicIn(place, 'k8')
  await deletePost(place.call('Room'), {
    key: 'd',
    ref: alone.first,
    base: present(await getPost(place.call('Room'), alone.first)),
  })
  const gone = await getTopic(place.call('Room'), alone.topic)
  assert.equal('gone' in gone && gone.gone, 'deleted')
  assert.equal(present(await getPost(place.call('Room'), answer.ref)).ref, answer.ref)
})

// Seen red: when only a first post read as emptied; when the delete of what had been emptied before did nothing.
test('a reply that was emptied reads as emptied, and is deleted where that is asked for later', async () => {
  const place = forum()
  const { topic } = await topicIn(place)
  const base = await reply(place, topic, 'ok then')
  const emptied = await emptyPost(place.call('Room'), { key: 'e', ref: base.ref, base })
  assert.equal(present(emptied).emptied, true)
  const read = present(await getPost(place.call('Room'), base.ref))
  assert.equal(read.emptied, true)
  await deletePost(place.call('Room'), { key: 'd', ref: base.ref, base: read })
  const gone = await getPost(place.call('Room'), base.ref)
  assert.equal('gone' in gone && gone.gone, 'deleted')
})

// Seen red: when the option was compared as it is configured, what had been emptied read as a person's edit.
test('Discourse keeps plain spaces alone: what was emptied or made with others is known again', async () => {
  const place = forum({ config: { emptiedText: '（このメッセージは　削除されました。もう読めません。） ' } })
  const { topic } = await topicIn(place)
  const raw = 'こんにちは　世界, 5\u202f000 km\u2009!'
  const base = await reply(place, topic, raw)
  assert.equal(base.values['raw'], 'こんにちは 世界, 5 000 km !')
  const sought = intent('k1', { category: place.scope('Room'), topic, raw })
  assert.deepEqual(briefly((await findPost(place.call('Room'), sought)) ?? []), [
    `post ${base.ref}: こんにちは 世界, 5 000 km !`,
  ])
  const emptied = await emptyPost(place.call('Room'), { key: 'e', ref: base.ref, base })
  assert.deepEqual(
    [present(emptied).emptied, present(await getPost(place.call('Room'), base.ref)).emptied],
    [true, true],
  )
})

test('a topic is renamed and moved, and its posts move with it', async () => {
  const place = forum({ rooms: ['Room', 'Hall'] })
  const { topic, first } = await topicIn(place)
  const base = present(await getTopic(place.call('Room'), topic))
  const moved = await updateTopic(place.call('Room'), {
    key: 'u',
    ref: topic,
    changed: { title: 'another title for the party', category: place.scope('Hall') },
    base,
  })
  assert.deepEqual(present(moved).values, { category: place.scope('Hall'), title: 'Another title for the party' })
  assert.deepEqual(present(await getTopic(place.call('Hall'), topic)).values, present(moved).values)
  assert.equal(present(await getPost(place.call('Room'), first)).scope, place.scope('Hall'))
})

test('a deleted topic takes its posts along, and deleting it again is nothing', async () => {
  const place = forum()
  const { topic, first } = await topicIn(place)
  const answer = await reply(place, topic, 'ok then')
  const intention = { key: 'd', ref: topic, base: present(await getTopic(place.call('Room'), topic)) }
  await deleteTopic(place.call('Room'), intention)
  await deleteTopic(place.call('Room'), intention)
  for (const ref of [first, answer.ref]) {
    const read = await getPost(place.call('Room'), ref)
    assert.equal('gone' in read && read.gone, 'deleted')
  }
})

test('a category is made below another, found while it is fresh and its own, and renamed', async () => {
  const place = forum()
  const values = { name: 'Side room', parent: place.scope('Room') }
  assert.equal(await findCategory(place.call(), intent('c', values)), null)
  const [made] = await createCategory(place.call(), intent('c', values))
  const item = present(made)
  assert.deepEqual([item.scope, item.values], ['', values])
  assert.equal((await findCategory(place.call(), intent('c', values)))?.[0]?.ref, item.ref)
  assert.equal(await findCategory(place.call(), intent('c', values, { since: START + 3_600_000 })), null)
  const renamed = await updateCategory(place.call(), {
    key: 'u',
    ref: item.ref,
    changed: { name: 'Back room' },
    base: item,
  })
  assert.deepEqual(present(renamed).values, { ...values, name: 'Back room' })
})
