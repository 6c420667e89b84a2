/** Stands between the product and the two systems, and kills the product at one request of its own. */
import { Agent, createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { buffer } from 'node:stream/consumers'
import type { WirePoint } from './points.ts'

export interface Wire {
  readonly chat: string
  readonly forum: string
  /** At the request that `point` names, `kill` is called; null: everything passes. */
  arm(point: WirePoint | null, kill: () => void): void
  close(): void
}

interface Answered {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/** How long after the death a late request takes effect. */
const LATE_MS = 300

export async function openWire(targets: { readonly chat: string; readonly forum: string }): Promise<Wire> {
  const agent = new Agent({ keepAlive: true })
  let armed: { readonly point: WirePoint; readonly kill: () => void; met: number } | null = null
  /** What becomes of this request; null: it passes. */
  const fateOf = (system: 'chat' | 'forum', incoming: IncomingMessage): WirePoint['when'] | null => {
    if (armed === null || armed.point.system !== system || callOf(incoming) !== armed.point.call) return null
    armed.met += 1
    return armed.met === armed.point.nth ? armed.point.when : null
  }
  const pass = async (system: 'chat' | 'forum', incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const fate = fateOf(system, incoming)
    const kill = armed?.kill
    const body = await buffer(incoming)
    if (fate === 'unheard' || fate === 'late') kill?.()
    if (fate === 'unheard') return
    if (fate === 'late') await pause(LATE_MS)
    const { status, headers, body: answer } = await forward(targets[system], incoming, body, agent)
    if (fate === 'unanswered') kill?.()
    if (fate !== null) return
    outgoing.writeHead(status, headers)
    outgoing.end(answer)
  }
  const servers = await Promise.all(
    (['chat', 'forum'] as const).map(async (system) => {
      const server = createServer((incoming, outgoing) => {
        // Whoever asked may be dead by now.
        pass(system, incoming, outgoing).catch(() => incoming.socket.destroy())
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const [chat = '', forum = ''] = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? `http://127.0.0.1:${address.port}` : ''
  })
  return {
    chat,
    forum,
    arm(point, kill) {
      armed = point === null ? null : { point, kill, met: 0 }
    },
    close() {
      agent.destroy()
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
    },
  }
}

/** Null: a token, which is neither. */
function callOf({ method, url = '' }: IncomingMessage): WirePoint['call'] | null {
  if (url.startsWith('/token')) return null
  return method === 'GET' ? 'read' : 'write'
}

function forward(target: string, incoming: IncomingMessage, body: Buffer, agent: Agent): Promise<Answered> {
  const { method = 'GET', headers, url = '/' } = incoming
  return new Promise((resolve, reject) => {
    const own = { ...headers, host: new URL(target).host }
    const outgoing = httpRequest(new URL(url, target), { method, headers: own, agent }, (answer) => {
      buffer(answer).then(
        (found) => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: found }),
        reject,
      )
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
