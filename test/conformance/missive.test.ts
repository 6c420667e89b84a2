import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { missive } from '../../src/connectors/missive/index.ts'
import { posts as postsShape } from '../../src/connectors/missive/wire.ts'
import type { Trial } from '../../src/testing/conformance-bench.ts'
import { conformance } from '../../src/testing/conformance.ts'
import { testSite, URGENT } from '../connectors/missive-site.ts'

const SECRET = 'a-secret-of-webhooks'

function start(): Trial {
  const site = testSite()
  const { runtime, wire, config, call, advance, ask } = site
  return {
    call: call(),
    config,
    drawn: () => runtime.drawn.slice(),
    sent: () => runtime.sent.length,
    now: () => runtime.clock.now(),
    advance,
    trouble: wire.trouble,
    say(text, beside) {
      const conversation = beside?.split('/')[0] ?? site.mail()
      const answer = ask('POST', '/posts', { posts: { conversation, markdown: text } })
      const { id } = (answer as { posts: { id: string } }).posts
      return `${conversation}/${id}`
    },
    edit: () => undefined,
    remove: (ref) => void ask('DELETE', `/posts/${ref.split('/')[1] ?? ''}`),
    count(text) {
      // What the account posts in a conversation of its own nobody else reads.
      const get = (path: string): unknown => ask('GET', path, undefined, 'token-sync')
      const boxes = get('/conversations?all=true&limit=50') as { conversations: { id: string }[] }
      return boxes.conversations
        .flatMap(({ id }) => postsShape.parse(get(`/conversations/${id}/posts?limit=10`)).posts)
        .filter((each) => each.markdown === text).length
    },
    webhook(text) {
      const conversation = site.mail()
      site.site.as('user-ann').label(conversation, [URGENT])
      const body = Buffer.from(
        JSON.stringify({
          rule: { id: 'r', description: 'all', type: 'new_comment' },
          conversation: { id: conversation, subject: text, organization: { id: 'org-acme', name: 'Acme' } },
          comment: { id: 'c', body: text },
        }),
      )
      const signature = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`
      return { request: { headers: { 'x-hook-signature': signature }, body }, secret: SECRET }
    },
  }
}

conformance(
  {
    connector: missive,
    untried: [
      'create: repeated',
      'create: no parent',
      'read-lag',
      'text: unicode',
      'text: many lines',
      'text: markup',
      'text: a huge text',
      'text: a long text',
      'text: an empty text',
      'version',
      'stale',
      'own edits',
      'delete: parent',
      'delete: last',
      'empty',
    ],
    start,
  },
  (name, run) => void test(name, run),
)
