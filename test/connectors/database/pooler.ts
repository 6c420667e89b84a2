/** Stands between a client and PostgreSQL as a pooler in transaction mode does: notifications do not come through. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

const NOTIFICATION = 'A'.charCodeAt(0)

/** The address of the same database behind the pooler. */
export async function pooled(t: TestContext, address: string): Promise<string> {
  const url = new URL(address)
  const host = decodeURIComponent(url.hostname)
  const port = Number(url.port === '' ? 5432 : url.port)
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-pooler-'))
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const database = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
    for (const each of [client, database]) {
      open.add(each)
      each.on('error', () => undefined)
    }
    client.pipe(database)
    let rest = Buffer.alloc(0)
    database.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk])
      while (rest.length >= 5 && rest.length >= 1 + rest.readInt32BE(1)) {
        const end = 1 + rest.readInt32BE(1)
        if (rest[0] !== NOTIFICATION) client.write(rest.subarray(0, end))
        rest = rest.subarray(end)
      }
    })
    database.on('close', () => client.destroy())
    client.on('close', () => database.destroy())
  })
  await new Promise<void>((resolve) => server.listen(join(folder, '.s.PGSQL.5432'), resolve))
  t.after(() => {
    for (const each of open) each.destroy()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  url.port = ''
  return url.href.replace(`@${url.host}/`, `@${encodeURIComponent(folder)}/`)
}
