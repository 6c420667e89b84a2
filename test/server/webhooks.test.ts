import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import { test } from 'node:test'
import { StoreError } from '../../src/store/errors.ts'
import { CURRENT, listener, postBody, PREVIOUS, send } from './listener.ts'

test('a signed webhook is kept as a hint, and the engine is woken', async (t) => {
  const at = await listener(t)
  assert.equal(await send(at.url, postBody(5), CURRENT), 200)
  assert.deepEqual(at.inbox(), [{ kind: 'post', ref: '5', generation: 1 }])
  assert.equal(at.woken(), 1)
  const { connections } = await at.store.status(undefined)
  assert.ok((connections[0]?.last_webhook ?? 0) > 0)
})

// Seen red: where it is answered with a word.
test('what was taken is answered 200 with an empty body, as Airtable asks for', async (t) => {
  const at = await listener(t)
  const body = postBody(5)
  const answer = await fetch(at.url, {
    method: 'POST',
    body,
    headers: {
      'x-discourse-event-type': 'post',
      'x-discourse-event-signature': `sha256=${createHmac('sha256', CURRENT).update(body).digest('hex')}`,
    },
  })
  assert.deepEqual([answer.status, answer.headers.get('content-length'), await answer.text()], [200, '0', ''])
})

test('it is answered only after it is durable', async (t) => {
  const order: string[] = []
  const gate = Promise.withResolvers<null>()
  const at = await listener(t, {
    store: {
      receive: () => {
        order.push('committing')
        return gate.promise
      },
    },
  })
  const answered = send(at.url, postBody(5), CURRENT).then((status) => order.push(`answered ${status}`))
  while (order.length === 0) await new Promise((resolve) => setImmediate(resolve))
  order.push('committed')
  gate.resolve(null)
  await answered
  assert.deepEqual(order, ['committing', 'committed', 'answered 200'])
})

test('a wrong, a missing and a foreign signature are refused with 401 and have no effect', async (t) => {
  const at = await listener(t)
  assert.equal(await send(at.url, postBody(5), 'another secret'), 401)
  assert.equal(await send(at.url, postBody(5), null), 401)
  const signed = await fetch(at.url, {
    method: 'POST',
    body: postBody(6),
    headers: { 'x-discourse-event-signature': 'sha256=zz', 'x-discourse-event-type': 'post' },
  })
  assert.equal(signed.status, 401)
  assert.deepEqual(at.inbox(), [])
  assert.equal(at.woken(), 0)
  const { connections } = await at.store.status(undefined)
  assert.equal(connections[0]?.last_webhook, null)
  assert.ok(at.log.every((line) => !line.includes(CURRENT) && !line.includes('what a webhook says')))
})

test('while a secret is changed, both are in force', async (t) => {
  const at = await listener(t)
  assert.equal(await send(at.url, postBody(1), CURRENT), 200)
  assert.equal(await send(at.url, postBody(2), PREVIOUS), 200)
  const after = await listener(t, { secrets: [CURRENT] })
  assert.equal(await send(after.url, postBody(2), PREVIOUS), 401)
})

test('without a secret webhooks are refused, unless they are allowed expressly', async (t) => {
  const closed = await listener(t, { secrets: [] })
  assert.equal(await send(closed.url, postBody(1), null), 403)
  assert.deepEqual(closed.inbox(), [])
  const open = await listener(t, { accept: 'unsigned', secrets: [] })
  assert.equal(await send(open.url, postBody(1), null), 200)
  const off = await listener(t, { accept: 'off' })
  assert.equal(await send(off.url, postBody(1), CURRENT), 404)
})

test('replays coalesce into one hint', async (t) => {
  const at = await listener(t)
  for (let times = 0; times < 3; times += 1) assert.equal(await send(at.url, postBody(5), CURRENT), 200)
  assert.deepEqual(at.inbox(), [{ kind: 'post', ref: '5', generation: 3 }])
})

test('a signed body that is no JSON, or says nothing of use, is taken and changes nothing', async (t) => {
  const at = await listener(t)
  for (const body of ['{', '', '[]', '{"post":{"id":"x"}}', '{"ping":"OK"}'])
    assert.equal(await send(at.url, body, CURRENT), 200, body)
  assert.deepEqual(at.inbox(), [])
})

test('a body that is too long is refused, whether its length was announced or not', async (t) => {
  const at = await listener(t, { maxBody: 1000 })
  assert.equal(await send(at.url, 'x'.repeat(1001), CURRENT), 413)
  const { port, hostname } = new URL(at.url)
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let text = ''
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
    socket.write('POST /webhooks/forum HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n')
    for (let part = 0; part < 3; part += 1) socket.write(`1f4\r\n${'x'.repeat(500)}\r\n`)
  })
  assert.match(answer, /^HTTP\/1\.1 413 /)
  assert.deepEqual(at.inbox(), [])
})

test('F37 when the disk is full it answers 503, says so once each, and keeps nothing by halves', async (t) => {
  const at = await listener(t)
  const pages = Number(at.db.prepare('PRAGMA page_count').get()?.['page_count'])
  at.db.exec(`PRAGMA max_page_count = ${pages}`)
  const refused: number[] = []
  for (let id = 1; id <= 200; id += 1) {
    const status = await send(at.url, postBody(id), CURRENT)
    if (status !== 200) refused.push(status)
  }
  assert.ok(refused.length > 0)
  assert.ok(refused.every((status) => status === 503))
  assert.ok(at.log.some((line) => /The disk that holds the store is full/.test(line)))
  const kept = at.inbox().length
  assert.equal(kept, 200 - refused.length)
  at.db.exec('PRAGMA max_page_count = 1000000')
  assert.equal(await send(at.url, postBody(999), CURRENT), 200)
})

test('a store that fails for another reason is 503 too; a fault of the program is 500', async (t) => {
  const failing = await listener(t, { store: { receive: () => Promise.reject(new StoreError('store-lost')) } })
  assert.equal(await send(failing.url, postBody(1), CURRENT), 503)
  const broken = await listener(t, { store: { receive: () => Promise.reject(new TypeError('a fault')) } })
  assert.equal(await send(broken.url, postBody(1), CURRENT), 500)
  assert.equal(broken.woken(), 0)
})

test('there is nothing but webhooks and liveness', async (t) => {
  const at = await listener(t)
  const base = at.url.replace('/webhooks/forum', '')
  assert.equal((await fetch(`${base}/health/live`)).status, 200)
  assert.equal((await fetch(at.url)).status, 405)
  assert.equal((await fetch(`${base}/webhooks/other`, { method: 'POST' })).status, 404)
  for (const path of ['/', '/health', '/sync', '/webhooks/', '/webhooks/forum/x', '/webhooks/__proto__'])
    assert.equal((await fetch(base + path, { method: 'POST' })).status, 404, path)
})

test('too many webhooks in a minute are refused with 429', async (t) => {
  const at = await listener(t, { maxPerMinute: 3, now: () => 1000 })
  const statuses = await Promise.all([1, 2, 3, 4, 5].map((id) => send(at.url, postBody(id), CURRENT)))
  assert.deepEqual(statuses.toSorted(), [200, 200, 200, 429, 429])
})

// Seen red: when they were counted before their signature was looked at.
test('webhooks that show a wrong signature use up nothing of what the system may send', async (t) => {
  const at = await listener(t, { maxPerMinute: 3, now: () => 1000 })
  for (let id = 1; id <= 5; id += 1) assert.equal(await send(at.url, postBody(id), 'a guess'), 401)
  assert.equal(await send(at.url, postBody(6), CURRENT), 200)
})

// Seen red: when liveness was counted with them, it answered 503 for as long as the bodies took.
test('requests whose bodies do not come shut out nobody who watches, and end after five seconds', async (t) => {
  const at = await listener(t)
  const { port, hostname, origin } = new URL(at.url)
  const ended = Array.from(
    { length: 257 },
    () =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(Number(port), hostname)
        let text = ''
        socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
        socket.on('close', () => resolve(text))
        socket.on('error', reject)
        socket.write('POST /webhooks/forum HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n')
      }),
  )
  assert.match(await Promise.race(ended), /^HTTP\/1\.1 503 /)
  assert.equal((await fetch(`${origin}/health/live`)).status, 200)
  const answers = await Promise.all(ended)
  assert.equal(answers.filter((text) => text.startsWith('HTTP/1.1 408 ')).length, 256)
  assert.equal(await send(at.url, postBody(5), CURRENT), 200)
})
