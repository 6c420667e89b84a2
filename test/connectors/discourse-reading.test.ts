import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change, Page } from '../../src/connector/index.ts'
import { discourse } from '../../src/connectors/discourse/index.ts'
import { briefly, done, failing, feedOf, forum, intent, present, START, ways, type Forum } from './discourse-forum.ts'
import { pagesOf } from './runtime.ts'

const { get: getTopic } = ways('topic')
const { get: getPost } = ways('post')
const site = feedOf('site')
const categories = feedOf('categories')
const HOUR = 3_600_000

async function pulled(place: Forum, cursor: string | null): Promise<{ changes: readonly Change[]; cursor: string }> {
  const pages = await pagesOf(site.pull(place.call(), cursor))
  return { changes: pages.flatMap((page) => page.changes), cursor: pages.at(-1)?.cursor ?? '' }
}

function say(place: Forum, title: string, replies: number): { topicId: number; postId: number } {
  const topic = done(
    place.site.as('ann').topic({ title, raw: `Beginning of ${title} here.`, category: Number(place.scope('Room')) }),
  )
  for (let count = 1; count <= replies; count += 1)
    done(place.site.as(count % 2 === 0 ? 'ann' : 'bob').reply(topic.topicId, `Reply ${count} to ${title}.`))
  return topic
}

function history(topics: number) {
  return Array.from({ length: topics }, (_, count) => ({
    username: 'ann',
    title: `Seeded topic of number ${count}`,
    raw: `The seeded text of number ${count}.`,
    createdAt: START - HOUR + count * 1000,
  }))
}

test('where nothing is new a pull makes two calls', async () => {
  const place = forum({ history: history(60) })
  const begun = await pulled(place, null)
  assert.deepEqual(begun.changes, [])
  place.requests()
  const next = await pulled(place, begun.cursor)
  assert.deepEqual(place.requests(), ['GET /posts.json', 'GET /latest.json'])
  assert.equal(next.cursor, begun.cursor)
})

test('a new topic comes before its first post, and that before its replies', async () => {
  const place = forum()
  const begun = await pulled(place, null)
  const { topicId, postId } = say(place, 'Winter party plans', 1)
  const { changes } = await pulled(place, begun.cursor)
  const told = briefly(changes)
  assert.equal(told[0], `topic ${topicId}: Winter party plans`)
  assert.deepEqual(
    told.filter((each) => each.startsWith('post')),
    [`post ${postId}: Beginning of Winter party plans here.`, `post ${postId + 1}: Reply 1 to Winter party plans.`],
  )
})

test('after a long stop nothing between the cursor and now is skipped, and every page can be the last', async () => {
  const place = forum()
  const begun = await pulled(place, null)
  const { topicId } = say(place, 'A very busy topic', 170)
  const whole = new Set(
    place.site
      .state()
      .postsOf(topicId)
      .map((post) => String(post.id)),
  )
  const seen = new Set<string>()
  let cursor = begun.cursor
  for (;;) {
    let page: Page | undefined
    for await (const first of site.pull(place.call(), cursor)) {
      page = first
      break // as after a crash
    }
    assert(page)
    for (const change of page.changes) if (change.kind === 'post') seen.add(change.ref)
    if (page.cursor === cursor) break
    cursor = page.cursor
  }
  assert.deepEqual(
    [...whole].filter((ref) => !seen.has(ref)),
    [],
  )
})

test('posts of other categories, private messages and what Discourse says about a category are no items', async () => {
  const place = forum({ rooms: ['Room', 'Hall'] })
  const begun = await pulled(place, null)
  const hall = Number(place.scope('Hall'))
  done(
    place.site
      .as('ann')
      .topic({ title: 'Out in the hall tonight', raw: 'Nobody of the room is here.', category: hall }),
  )
  const only = { ...place.call(), scopes: [place.scope('Room')] }
  const pages = await pagesOf(site.pull(only, begun.cursor))
  assert.deepEqual(
    pages.flatMap((page) => page.changes),
    [],
  )
  const about = [...place.site.state().topics.values()].find((topic) => topic.definition)
  assert(about)
  const read = await getTopic(place.call('Room'), String(about.id))
  assert.equal('gone' in read && read.gone, 'moved')
})

test('a new title and a new category of a topic that moved last are seen by pulling', async () => {
  const place = forum({ rooms: ['Room', 'Hall'] })
  const { topicId } = say(place, 'Winter party plans', 0)
  const begun = await pulled(place, null)
  done(place.site.as('modmo').retitle(topicId, 'Summer party plans'))
  done(place.site.as('modmo').moveTopic(topicId, Number(place.scope('Hall'))))
  const { changes } = await pulled(place, begun.cursor)
  const topic = changes.find((change) => change.kind === 'topic' && change.ref === String(topicId))
  assert.deepEqual(present(topic).values, { category: place.scope('Hall'), title: 'Summer party plans' })
})

test('a post that its author deleted is a tombstone', async () => {
  const place = forum()
  const { topicId } = say(place, 'Winter party plans', 0)
  const { postId } = done(place.site.as('bob').reply(topicId, 'Something to be regretted soon.'))
  done(place.site.as('bob').remove(postId))
  const read = await getPost(place.call('Room'), String(postId))
  assert.equal('gone' in read && read.gone, 'deleted')
})

test('one read tells all of a post, with its author and its topic', async () => {
  const place = forum()
  const { topicId } = say(place, 'Winter party plans', 0)
  const { postId } = done(place.site.as('bob').reply(topicId, 'I shall bring the cake myself.'))
  place.requests()
  assert.deepEqual(await getPost(place.call('Room'), String(postId)), {
    scope: place.scope('Room'),
    ref: String(postId),
    values: { category: place.scope('Room'), topic: String(topicId), raw: 'I shall bring the cake myself.' },
    version: new Date(START).toISOString(),
    author: { ref: 'bob', name: 'Bo Berg' },
    createdAt: new Date(START).toISOString(),
    editedAt: undefined,
    may: undefined,
  })
  assert.deepEqual(place.requests(), ['GET /posts.json'])
})

for (const way of ['topics', 'windows'] as const)
  test(`a listing by ${way} names every topic and post of a category once, and can stop at every page`, async () => {
    const place = forum({ history: history(way === 'windows' ? 70 : 3) })
    const { topicId } = say(place, 'A long topic in the room', way === 'windows' ? 30 : 150)
    const named = new Map<string, number>()
    let position: string | null = null
    for (let complete = false; !complete;) {
      let page: Page | undefined
      for await (const first of site.list(place.call('Room'), position)) {
        page = first
        break // as after a crash
      }
      assert(page)
      for (const change of page.changes)
        named.set(`${change.kind} ${change.ref}`, (named.get(`${change.kind} ${change.ref}`) ?? 0) + 1)
      position = page.cursor
      complete = page.complete === true
    }
    assert.match(position ?? '', new RegExp(`"by":"${way}"`))
    const expected = [...place.site.state().topics.values()]
      .filter((topic) => String(topic.categoryId) === place.scope('Room') && !topic.definition)
      .flatMap((topic) => [
        `topic ${topic.id}`,
        ...place.site
          .state()
          .postsOf(topic.id)
          .map((post) => `post ${post.id}`),
      ])
    assert.deepEqual([...named.keys()].sort(), expected.sort())
    assert.equal(named.get(`topic ${topicId}`), 1)
  })

test('a topic that is deleted while the list is read does not hide another one', async () => {
  const place = forum({ history: history(75) })
  const pages = site.list({ ...place.call('Room') }, null)
  const named = new Set<string>()
  let deleted = false
  for await (const page of pages) {
    for (const change of page.changes) if (change.kind === 'topic') named.add(change.ref)
    if (deleted) continue
    deleted = true
    const first = [...place.site.state().topics.values()].find((topic) => topic.title === 'Seeded topic of number 0')
    assert(first)
    done(place.site.as('modmo').removeTopic(first.id))
  }
  const living = [...place.site.state().topics.values()].filter(
    (topic) => topic.title.startsWith('Seeded') && topic.deletedAt === null,
  )
  assert.deepEqual(
    living.filter((topic) => !named.has(String(topic.id))),
    [],
  )
})

test('a list of a category below another is read where Discourse says it is', async () => {
  const place = forum({ rooms: ['Room', 'Inner'], categories: [{ name: 'Room' }, { name: 'Inner', parent: 'Room' }] })
  const category = Number(place.scope('Inner'))
  const { topicId } = done(
    place.site.as('ann').topic({ title: 'Inside of the inner room', raw: 'It is rather dark in here.', category }),
  )
  const pages = await pagesOf(site.list(place.call('Inner'), null))
  assert(briefly(pages.flatMap((page) => page.changes)).includes(`topic ${topicId}: Inside of the inner room`))
})

test('one call tells all categories, with their parents', async () => {
  const place = forum({ rooms: ['Room', 'Inner'], categories: [{ name: 'Room' }, { name: 'Inner', parent: 'Room' }] })
  const [page] = await pagesOf(categories.list(place.call(), null))
  assert.equal(page?.complete, true)
  const inner = page.changes.find((change) => change.ref === place.scope('Inner'))
  assert.deepEqual(present(inner).values, { name: 'Inner', parent: place.scope('Room') })
  const [pull] = await pagesOf(categories.pull(place.call(), 'all'))
  assert.deepEqual([pull?.changes, pull?.cursor, pull?.complete], [page.changes, 'all', undefined])
})

test('a cursor of another shape has expired', async () => {
  await assert.rejects(pagesOf(site.pull(forum().call(), '{"old":1}')), failing('cursor-expired'))
})

test('the probe finds whose key it is, and warns where it is not staff', async () => {
  assert.deepEqual(await discourse.probe(forum({ config: { apiUsername: 'SYNC_BOT' } }).api), {
    actor: { ref: 'sync_bot', name: 'Sync Bot' },
    problems: [],
  })
  const { problems } = await discourse.probe(forum({ config: { apiUsername: 'ann' } }).api)
  assert.match(problems[0]?.message ?? '', /ann is neither administrator nor moderator/)
})

test('a bad key is unauthorized, and a refusal to a user who is known is not', async () => {
  await assert.rejects(getPost(forum({ config: { apiKey: 'wrong' } }).call('Room'), '1'), failing('unauthorized'))
  const place = forum({ config: { apiUsername: 'ann' } })
  const { create } = ways('category')
  await assert.rejects(
    create(place.call(), { key: 'c', values: { name: 'No way' }, since: START }),
    failing('forbidden'),
  )
})

test('both limiters are told as such, with the time to wait', async () => {
  const place = forum({ limits: true, settings: { max_admin_api_reqs_per_minute: 2 } })
  await pagesOf(categories.list(place.call(), null))
  await pagesOf(categories.list(place.call(), null))
  const error: unknown = await pagesOf(categories.list(place.call(), null)).catch((thrown: unknown) => thrown)
  assert(failing('limited', /too many times/)(error))
  const plain = {
    status: 429,
    headers: { 'retry-after': '8' },
    body: 'Slow down, too many requests from this IP address.\n',
  }
  const slow = forum({ through: () => ({ send: () => Promise.resolve(plain) }) })
  await assert.rejects(getPost(slow.call('Room'), '1'), failing('limited', /Slow down/))
})

test('every request draws on the buckets of its site', async () => {
  const place = forum()
  await pagesOf(categories.list(place.call(), null))
  assert.deepEqual(place.runtime.drawn[0], {
    'discourse.admin-api': 'http://forum.test',
    'discourse.ip-minute': 'http://forum.test',
    'discourse.ip-burst': 'http://forum.test',
  })
})

test('a post that the newest window cannot hold is found through the topic that moved last', async () => {
  const place = forum({
    through: (http) => ({
      async send(request) {
        const answer = await http.send(request)
        return request.url.endsWith('/posts.json') ? { ...answer, body: '{"latest_posts":[]}' } : answer
      },
    }),
  })
  const begun = await pulled(place, null)
  const { postId } = say(place, 'Winter party plans', 0)
  const { changes } = await pulled(place, begun.cursor)
  assert(changes.some((change) => change.kind === 'post' && change.ref === String(postId)))
})

// Seen red: it was read as an empty text, which travelled as an edit.
test('a hidden post, whose text is not shown to those who are not staff, is no edit, and its reading fails in words', async () => {
  const place = forum({ config: { apiUsername: 'ann' } })
  const begun = await pulled(place, null)
  const { postId } = say(place, 'Winter party plans', 1)
  place.site.hide(postId + 1)
  const unread = `post ${postId + 1} unread`
  assert(briefly((await pulled(place, begun.cursor)).changes).includes(unread))
  const pages = await pagesOf(site.list(place.call('Room'), null))
  assert(briefly(pages.flatMap((page) => page.changes)).includes(unread))
  assert.equal(pages.at(-1)?.complete, true)
  await assert.rejects(getPost(place.call('Room'), String(postId + 1)), failing('forbidden', /hidden, .* not staff/))
  const staff = forum()
  const { postId: shown } = say(staff, 'Winter party plans', 0)
  staff.site.hide(shown)
  assert.equal(
    present(await getPost(staff.call('Room'), String(shown))).values['raw'],
    'Beginning of Winter party plans here.',
  )
})

// Seen red: of such a topic twenty posts were told as all, and a post that was made was made again.
test('a topic of so many posts that their ids are not told is read whole, also while posts are deleted', async () => {
  let answered = 0
  const place: Forum = forum({
    megaTopicPosts: 30,
    through: (http) => ({
      async send(request) {
        const answer = await http.send(request)
        if (/\/t\/\d+/.test(request.url) && (answered += 1) === 2) done(place.site.as('modmo').remove(reply))
        return answer
      },
    }),
  })
  const { topicId, postId } = say(place, 'A topic of very many posts', 90)
  const reply = postId + 3
  const named = (await pagesOf(site.list(place.call('Room'), null))).flatMap((page) => page.changes)
  const refs = new Set(named.filter(({ kind }) => kind === 'post').map(({ ref }) => ref))
  const living = place.site
    .state()
    .postsOf(topicId)
    .filter((post) => post.deletedAt === null)
  assert.equal(living.length, 90)
  assert.deepEqual(
    living.filter(({ id }) => !refs.has(String(id))),
    [],
  )
})

test('in such a topic a post that was made is found again, and one that was not is not', async () => {
  const place = forum({ megaTopicPosts: 30 })
  const { topicId } = say(place, 'A topic of very many posts', 90)
  const { create, find } = ways('post')
  const wish = intent('lostanswer01', { topic: String(topicId), raw: 'The post whose answer was lost.' })
  assert.equal(await find(place.call('Room'), wish), null)
  const [made] = await create(place.call('Room'), wish)
  say(place, 'Another busy topic', 60)
  assert.deepEqual(
    (await find(place.call('Room'), wish))?.map(({ ref }) => ref),
    [made?.ref],
  )
})

test('where neither the ids nor the last of them are told, nothing is taken for read', async () => {
  const place = forum({
    megaTopicPosts: 30,
    through: (http) => ({
      async send(request) {
        const answer = await http.send(request)
        return { ...answer, body: answer.body.replace('"lastId"', '"anotherName"') }
      },
    }),
  })
  const { topicId } = say(place, 'A topic of very many posts', 40)
  await assert.rejects(pagesOf(site.list(place.call('Room'), null)), failing('unavailable', /does not tell its posts/))
  const wish = intent('lostanswer01', { topic: String(topicId), raw: 'The post whose answer was lost.' })
  await assert.rejects(ways('post').find(place.call('Room'), wish), failing('unavailable', /does not tell its posts/))
})
