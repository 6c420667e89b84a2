/**
 * A bare `node:http` server with an HMAC over each body, in a process of its own. With `--work` it also does what a
 * webhook asks for: reads the post, reads the message that copies it, and writes it; and nothing is remembered.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { bareClients } from './bare.ts'
import { latestPosts, postEvent } from '../src/connectors/discourse/wire.ts'
import { messageAnswer } from '../src/connectors/google-chat/wire.ts'
import { KEYS } from './lay.ts'

const AT_ONCE = 16
const { values } = parseArgs({
  options: {
    work: { type: 'boolean', default: false },
    chat: { type: 'string', default: '' },
    forum: { type: 'string', default: '' },
    /** Of each post, the message that copies it. */
    copies: { type: 'string', default: '{}' },
  },
})
const copies = new Map(Object.entries(z.record(z.string(), z.string()).parse(JSON.parse(values.copies))))

const bare = bareClients(values)
const { chat, forum } = bare
if (values.work) await bare.signIn()

const waiting: number[] = []
let working = 0

const server = createServer((incoming, outgoing) => {
  const chunks: Buffer[] = []
  incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
  incoming.on('end', () => {
    const body = Buffer.concat(chunks)
    const status = isSigned(body, String(incoming.headers['x-discourse-event-signature'] ?? '')) ? 200 : 401
    outgoing.writeHead(status, { 'content-type': 'text/plain', 'content-length': '3' })
    outgoing.end('ok\n')
    if (!values.work || status !== 200) return
    waiting.push(postEvent.parse(JSON.parse(body.toString('utf8'))).post.id)
    void work()
  })
})
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  process.send?.({ url: `http://127.0.0.1:${port}/webhooks/forum` })
})
process.on('disconnect', () => process.exit(0))

function isSigned(body: Buffer, given: string): boolean {
  const wanted = Buffer.from(`sha256=${createHmac('sha256', KEYS.webhookSecret).update(body).digest('hex')}`)
  const found = Buffer.from(given)
  return found.length === wanted.length && timingSafeEqual(found, wanted)
}

async function work(): Promise<void> {
  if (working >= AT_ONCE) return
  working += 1
  for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) await carry(id)
  working -= 1
}

async function carry(id: number): Promise<void> {
  const { latest_posts: posts } = await forum.get('/posts.json', { query: { before: id }, as: latestPosts })
  const post = posts.find((each) => each.id === id)
  const copy = copies.get(String(id))
  if (post === undefined || copy === undefined) throw new Error(`post ${id} has no copy`)
  await chat.get(`/v1/${copy}`, { as: messageAnswer })
  await chat.patch(`/v1/${copy}`, { query: { updateMask: 'text' }, body: { text: post.raw ?? '' }, as: messageAnswer })
}
