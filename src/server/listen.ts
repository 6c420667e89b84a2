/** Opens and closes listeners, and says plainly why one could not be opened. */
import type { Server } from 'node:http'
import { cannotListen, portInUse } from '../words/errors.ts'
import { codeOf, messageOf } from '../store/errors.ts'

export interface Listening {
  /** `http://127.0.0.1:8484`, with the port that was really taken. */
  readonly url: string
  readonly port: number
  /** Takes no more requests, and resolves when those under way are answered. */
  close(): Promise<void>
}

export interface ListenOptions {
  readonly host: string
  readonly port: number
  /** As people name it: "the webhook listener", `listen.webhooks`. */
  readonly what: string
  readonly option: string
}

export function listen(server: Server, { host, port, what, option }: ListenOptions): Promise<Listening> {
  const at = `${host.includes(':') ? `[${host}]` : host}:`
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        codeOf(error) === 'EADDRINUSE'
          ? portInUse(what, `${at}${port}`, option)
          : cannotListen(what, `${at}${port}`, option, messageOf(error)),
      ),
    )
    server.listen(port, host, () => {
      const address = server.address()
      const taken = address === null || typeof address === 'string' ? port : address.port
      resolve({ url: `http://${at}${taken}`, port: taken, close: () => close(server) })
    })
  })
}

/** How long an answer under way may still take. */
const DRAIN_MS = 10_000

export function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
    server.close(() => {
      clearTimeout(late)
      resolve()
    })
    server.closeIdleConnections()
  })
}
