/** Where a browser on this machine comes back to after a sign-in: a port of loopback that is open just meanwhile. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { close, listen } from '../server/listen.ts'

const PATH = '/callback'

export interface Loopback {
  readonly redirect: string
  close(): Promise<void>
}

/** `take` is handed the query of what came, and answers what the browser shows. */
export async function openLoopback(
  take: (query: string) => Promise<{ readonly good: boolean; readonly text: string }>,
): Promise<Loopback> {
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    const isHere = request.method === 'GET' && url.pathname === PATH
    const { good, text } = isHere ? await take(url.search) : { good: false, text: 'There is nothing here.' }
    response.writeHead(good ? 200 : 400, {
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      connection: 'close',
    })
    response.end(`${text}\n`)
  }
  const server = createServer((request, response) => {
    receive(request, response).catch(() => response.destroy())
  })
  const { url } = await listen(server, { host: '127.0.0.1', port: 0, what: 'the sign-in', option: 'the sign-in' })
  return { redirect: `${url}${PATH}`, close: () => close(server) }
}
