/** Stands between a client and PostgreSQL. */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

/** Both ends of one connection. */
export interface Between {
  readonly client: Socket
  readonly database: Socket
}

/** The address of the same database through `join`, which is handed each connection and passes on what it likes. */
export async function through(t: TestContext, address: string, pass: (between: Between) => void): Promise<string> {
  const url = new URL(address)
  const host = decodeURIComponent(url.hostname)
  const port = Number(url.port === '' ? 5432 : url.port)
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-between-'))
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const database = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
    for (const each of [client, database]) {
      open.add(each)
      each.on('error', () => undefined)
    }
    database.on('close', () => client.destroy())
    client.on('close', () => database.destroy())
    pass({ client, database })
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

const NOTIFICATION = 'A'.charCodeAt(0)

/** As a pooler in transaction mode does: notifications do not come through. */
export function pooled(t: TestContext, address: string): Promise<string> {
  return through(t, address, ({ client, database }) => {
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
  })
}

/** Where a connection breaks. */
export type Break = 'in the middle of a statement' | 'before its commit arrives' | 'after its commit'

/** The next write breaks its connection, once `arm` was called. */
export async function breaking(
  t: TestContext,
  address: string,
  where: Break,
): Promise<{ readonly url: string; arm(): void }> {
  let isArmed = false
  const url = await through(t, address, ({ client, database }) => {
    let isDeaf = false
    const cut = (): void => {
      isArmed = false
      client.destroy()
    }
    client.on('data', (chunk: Buffer) => {
      const text = isArmed ? chunk.toString('latin1') : ''
      const isCommit = text.includes('COMMIT\0')
      if (isCommit && where === 'before its commit arrives') cut()
      else database.write(chunk)
      if (text.includes('INSERT INTO') && where === 'in the middle of a statement') cut()
      if (isCommit && where === 'after its commit') isDeaf = true
    })
    database.on('data', (chunk: Buffer) => void (isDeaf ? cut() : client.write(chunk)))
  })
  return { url, arm: () => void (isArmed = true) }
}
