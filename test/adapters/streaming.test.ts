import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { folderBlobs } from '../../src/adapters/blobs.ts'
import { createHttp } from '../../src/adapters/http.ts'
import { TooLarge } from '../../src/connector/blobs.ts'
import { ConnectorError, httpClient, type Bytes, type Client } from '../../src/connector/index.ts'
import { testRuntime } from '../connectors/runtime.ts'

const MIB = 1024 * 1024
/** Far less than the file, and far more than one piece of it. */
const BOUND = 64 * MIB
const FILE = 192 * MIB
const PIECE = Buffer.from(Array.from({ length: MIB }, (_, index) => index % 251))

function* ofSize(size: number): Generator<Uint8Array> {
  for (let left = size; left > 0; left -= MIB) yield PIECE
}

interface Setting {
  readonly client: Client
  readonly origin: string
  readonly folder: string
  /** How many calls draw on a limit right now. */
  readonly drawn: () => number
}

async function setting(t: TestContext, answer: RequestListener, timeoutMs?: number): Promise<Setting> {
  const server = createServer(answer)
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  const real = createHttp(() => undefined)
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-blobs-'))
  t.after(() => {
    real.close()
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true })
  })
  let drawn = 0
  const http = {
    send: (request: Parameters<typeof real.send>[0]) =>
      real.send({ ...request, timeoutMs: timeoutMs ?? request.timeoutMs }),
  }
  const runtime = {
    ...testRuntime({ http }),
    limits: {
      async within<T>(_: unknown, call: () => Promise<T>): Promise<T> {
        drawn += 1
        return call().finally(() => (drawn -= 1))
      },
    },
  }
  const origin = `http://127.0.0.1:${port}`
  return {
    client: httpClient({ baseUrl: origin, bearer: true, headers: { 'x-key': 'secret' }, draw: {} }, runtime),
    origin,
    folder,
    drawn: () => drawn,
  }
}

async function sizeOf(bytes: Bytes): Promise<number> {
  let size = 0
  for await (const piece of bytes) size += piece.length
  return size
}

/** Bytes that somebody holds. What was let go of and is not collected yet, as on a busy machine, is collected first. */
function heldSince(before: number): number {
  const held = (): number => process.memoryUsage().arrayBuffers - before
  if (held() < BOUND) return held()
  setFlagsFromString('--expose-gc')
  // What one collection frees is given back by the next at the latest.
  for (let times = 0; times < 2; times += 1) runInNewContext('gc()')
  return held()
}

test('a file that is far larger than the memory it takes is downloaded, kept and sent on whole', async (t) => {
  const told = createHash('sha256')
  for (const piece of ofSize(FILE)) told.update(piece)
  const digest = told.digest('hex')
  const arrived = createHash('sha256')
  let length = ''
  const { client, folder } = await setting(t, (request, response) => {
    if (request.method === 'GET') {
      const pieces = ofSize(FILE)
      const next = (): void => {
        for (let each = pieces.next(); ; each = pieces.next()) {
          if (each.done === true) return void response.end()
          if (!response.write(each.value)) return void response.once('drain', next)
        }
      }
      return next()
    }
    length = request.headers['content-length'] ?? ''
    request.on('data', (piece: Buffer) => arrived.update(piece))
    request.on('end', () => response.end('{}'))
  })
  let peak = 0
  const before = process.memoryUsage().arrayBuffers
  const watched = async function* (bytes: Bytes): AsyncGenerator<Uint8Array> {
    for await (const piece of bytes) {
      peak = Math.max(peak, heldSince(before))
      yield piece
    }
  }
  const blobs = folderBlobs(folder)
  const blob = await blobs.put(watched(await client.download('/file')), FILE)
  assert.deepEqual(blob, { digest, size: FILE })
  const kept = async function* (): AsyncGenerator<Uint8Array> {
    yield* watched((await blobs.get(digest)) ?? assert.fail('it is not kept'))
  }
  await client.post('/files', { sends: { type: 'video/mp4', size: FILE, bytes: kept } })
  assert.equal(arrived.digest('hex'), digest)
  assert.equal(length, String(FILE))
  assert.ok(peak < BOUND, `${Math.round(peak / MIB)} MiB were in memory at once`)
})

test('a download draws on its limit until its last byte was taken, or nobody wants it any more', async (t) => {
  const { client, drawn } = await setting(t, (_, response) => void response.end(Buffer.alloc(3 * MIB)))
  const whole = await client.download('/file')
  assert.equal(drawn(), 1)
  assert.equal(await sizeOf(whole), 3 * MIB)
  assert.equal(drawn(), 0)
  for await (const piece of await client.download('/file')) {
    assert.equal(drawn(), 1)
    assert.ok(piece.length > 0)
    break
  }
  assert.equal(drawn(), 0)
})

test('a download that ends in the middle, or stands still, is no answer; one that moves may take long', async (t) => {
  const { client } = await setting(
    t,
    ({ url }, response) => {
      response.writeHead(200, { 'content-length': '6' })
      response.write('one')
      if (url === '/broken') setTimeout(() => response.destroy(), 20)
      if (url === '/slow')
        for (const [index, letter] of ['t', 'w', 'o'].entries())
          setTimeout(() => response.write(letter), 150 * (index + 1))
    },
    250,
  )
  for (const path of ['/broken', '/still'])
    await assert.rejects(
      async () => sizeOf(await client.download(path)),
      (error: unknown) => {
        assert.ok(error instanceof ConnectorError)
        return error.failure === 'unavailable'
      },
    )
  assert.equal(await sizeOf(await client.download('/slow')), 6)
})

test('what cannot be downloaded is told as any failure, and another host sees no credentials', async (t) => {
  const seen: unknown[] = []
  const other = await setting(t, (request, response) => {
    seen.push(request.headers.authorization, request.headers['x-key'])
    response.end('bytes')
  })
  const { client } = await setting(t, (request, response) => {
    seen.push(request.headers.authorization, request.headers['x-key'])
    response.writeHead(404).end('no such file')
  })
  await assert.rejects(client.download('/file'), { failure: 'missing', message: '404: no such file' })
  assert.equal(await sizeOf(await client.download(`${other.origin}/signed`)), 5)
  assert.deepEqual(seen, ['Bearer token', 'secret', undefined, undefined])
})

test('a blob is whole or not there: what is too large or breaks off leaves nothing, and a partial file is swept', async (t) => {
  const { folder } = await setting(t, (_, response) => void response.end())
  writeFileSync(join(folder, '7.partial'), 'of a process that died')
  const blobs = folderBlobs(folder)
  await assert.rejects(blobs.put(from('too many'), 7), TooLarge)
  const broken = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from('some')
    throw new Error('broke off')
  }
  await assert.rejects(blobs.put(broken(), 100), /broke off/)
  assert.deepEqual(readdirSync(folder), [])
  const one = await blobs.put(from('bytes'), 5)
  assert.deepEqual(await blobs.put(from('bytes'), 5), one)
  assert.deepEqual(readdirSync(folder), [one.digest])
  assert.equal(await sizeOf((await blobs.get(one.digest)) ?? assert.fail()), 5)
  await blobs.drop(one.digest)
  await blobs.drop(one.digest)
  assert.equal(await blobs.get(one.digest), null)
})

async function* from(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
