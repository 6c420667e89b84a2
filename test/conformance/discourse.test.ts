import { test } from 'node:test'
import { discourse } from '../../src/connectors/discourse/index.ts'
import { createDiscourse } from '../../src/emulators/discourse/discourse.ts'
import type { Delivery } from '../../src/emulators/emulator.ts'
import type { Trial } from '../../src/testing/conformance-bench.ts'
import { conformance } from '../../src/testing/conformance.ts'
import { testRuntime } from '../connectors/runtime.ts'
import { done } from '../engine/views.ts'
import { START, wireOf } from './wire.ts'

const SECRET = 'a-secret-of-webhooks'

function start({ lagMs = 0 }: { lagMs?: number } = {}): Trial {
  let now = START
  const sent: Delivery[] = []
  const site = createDiscourse(
    {
      now: () => now,
      random: () => 0.5,
      after: (_ms, task) => task(),
      deliver: (delivery) => {
        sent.push(delivery)
        return Promise.resolve(200)
      },
    },
    {
      limits: false,
      readLagMs: lagMs,
      users: [
        { username: 'sync_bot', admin: true, trustLevel: 4, createdAt: 0 },
        { username: 'ann', name: 'Ann Anders', moderator: true, trustLevel: 4, createdAt: 0 },
      ],
      categories: [{ name: 'Room' }],
      settings: { max_consecutive_replies: 1000 },
      apiKeys: [{ key: 'api-key' }],
    },
  )
  const wire = wireOf(site)
  const runtime = testRuntime({ http: wire.http, now: START })
  const config = discourse.config.parse({ baseUrl: 'http://system.test', apiKey: 'api-key', apiUsername: 'sync_bot' })
  const ann = site.as('ann')
  const posts = () => [...site.state().posts.values()]
  let titles = 0
  return {
    call: { api: discourse.connect(config, runtime), actor: { ref: 'sync_bot' }, scope: '2', scopes: ['2'] },
    config,
    drawn: () => runtime.drawn.slice(),
    sent: () => runtime.sent.length,
    now: () => runtime.clock.now(),
    advance(ms) {
      now += ms
      runtime.advance(ms)
    },
    trouble: wire.trouble,
    say(text, beside) {
      const topic = site.state().posts.get(Number(beside))?.topicId
      if (topic !== undefined) return String(done(ann.reply(topic, text)).postId)
      titles += 1
      const title = `A topic about what is said ${titles}`
      const { topicId } = done(ann.topic({ title, raw: text, category: 2 }))
      return String(site.state().postsOf(topicId)[0]?.id)
    },
    edit: (ref, text) => void done(ann.edit(Number(ref), text)),
    remove(ref) {
      const post = site.state().posts.get(Number(ref))
      done(post?.postNumber === 1 ? ann.removeTopic(post.topicId) : ann.remove(Number(ref)))
    },
    count: (text) => posts().filter((post) => post.raw === text && post.deletedAt === null && !post.userDeleted).length,
    webhook(text) {
      wire.ask('POST', '/admin/api/web_hooks.json', {
        web_hook: {
          payload_url: 'http://lockstep.test/hook',
          secret: SECRET,
          wildcard_web_hook: true,
          web_hook_event_type_ids: [1, 2, 5],
        },
      })
      done(ann.topic({ title: 'A topic that is sent along', raw: text, category: 2 }))
      const post = sent.find(({ headers }) => headers['X-Discourse-Event'] === 'post_created')
      if (post === undefined) throw new Error('no webhook was sent')
      const headers = Object.fromEntries(
        Object.entries(post.headers).map(([name, value]) => [name.toLowerCase(), value]),
      )
      return { request: { headers, body: Buffer.from(post.body) }, secret: SECRET }
    },
  }
}

conformance(
  {
    connector: discourse,
    untried: ['create: repeated', 'delete: last'],
    start,
  },
  (name, run) => void test(name, run),
)
