/**
 * The load generator, in a process of its own: sends signed webhooks, each about one of the given posts in turns, over
 * so many connections that are kept open, as fast as they are answered.
 */
import { createHmac } from 'node:crypto'
import { Agent, request } from 'node:http'
import { z } from 'zod'
import { KEYS } from './lay.ts'

const order = z.object({
  url: z.string(),
  count: z.int(),
  connections: z.int(),
  posts: z.array(z.object({ ref: z.string(), category: z.string() })),
})

process.on('message', (message) => void run(order.parse(message)))
process.on('disconnect', () => process.exit(0))
process.send?.({ ready: true })

async function run({ url, count, connections, posts }: z.infer<typeof order>): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const made = posts.map(signed)
  let sent = 0
  let refused = 0
  const worker = async (): Promise<void> => {
    while (sent < count) {
      const hook = made[sent % made.length]
      sent += 1
      if (hook === undefined) return
      if ((await send(url, agent, hook)) !== 200) refused += 1
    }
  }
  const beganAt = performance.timeOrigin + performance.now()
  const began = performance.now()
  await Promise.all(Array.from({ length: connections }, worker))
  const ms = performance.now() - began
  agent.destroy()
  process.send?.({ ms, beganAt, refused })
}

interface Hook {
  readonly body: Buffer
  readonly headers: Readonly<Record<string, string>>
}

/** As long as one of a real forum is. */
function signed({ ref, category }: { ref: string; category: string }): Hook {
  const post = {
    id: Number(ref),
    username: 'carl',
    post_type: 1,
    topic_archetype: 'regular',
    category_id: Number(category),
    cooked: `<p>${'The dock by the river does not lock when it rains. '.repeat(20)}</p>`,
  }
  const body = Buffer.from(JSON.stringify({ post }))
  const signature = createHmac('sha256', KEYS.webhookSecret).update(body).digest('hex')
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'content-length': String(body.length),
      'x-discourse-event': 'post_edited',
      'x-discourse-event-type': 'post',
      'x-discourse-event-signature': `sha256=${signature}`,
    },
  }
}

function send(url: string, agent: Agent, { body, headers }: Hook): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', agent, headers }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode ?? 0))
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
