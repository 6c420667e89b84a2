import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HttpRequest, HttpResponse } from '../../src/connector/ports.ts'
import { networkOf } from '../../src/testing/network.ts'
import { VirtualTime } from '../../src/testing/virtual-time.ts'
import { ANN, at, listAt, START, testMissive, textAt } from './missive-world.ts'

const ORIGIN = 'http://missive.test'

function network() {
  const { missive, mail } = testMissive()
  const time = new VirtualTime(START)
  const http = networkOf(new Map([[ORIGIN, missive]]), { time, latency: () => 50 })(() => true)
  const ask = (path: string, more: Partial<HttpRequest> = {}): Promise<HttpResponse> =>
    http.send({
      method: 'GET',
      url: `${ORIGIN}${path}`,
      headers: { authorization: `Bearer token-${ANN}` },
      timeoutMs: 1000,
      maxBytes: 10_000,
      ...more,
    })
  const answers = async (calls: readonly Promise<HttpResponse>[]): Promise<HttpResponse[]> => {
    await time.run(time.now() + 1000)
    return Promise.all(calls)
  }
  return { mail, ask, answers }
}

test('over the virtual network a system counts the calls that are under way', async () => {
  const { ask, answers } = network()
  const six = await answers(Array.from({ length: 6 }, () => ask('/v1/users')))
  assert.deepEqual(
    six.map(({ status }) => status),
    [200, 200, 200, 200, 200, 429],
  )
  assert.equal((await answers([ask('/v1/users')]))[0]?.status, 200)
})

test('over the virtual network a file comes from where its address says, as bytes in pieces', async () => {
  const { mail, ask, answers } = network()
  const bytes = Buffer.from(Array.from({ length: 40 }, (_, index) => 250 - index))
  const id = mail({ attachments: [{ filename: 'a.png', bytes }] })
  const [told] = await answers([ask(`/v1/conversations/${id}/messages`)])
  const body: unknown = JSON.parse(told?.body ?? '')
  const url = textAt(listAt(body, 'messages')[0], 'attachments', 0, 'url')
  assert.ok(url.startsWith(ORIGIN), url)
  const [file] = await answers([ask('', { url, headers: {}, streams: true })])
  const pieces: Uint8Array[] = []
  for await (const piece of file?.bytes ?? []) pieces.push(piece)
  assert.ok(pieces.length > 1)
  assert.deepEqual(Buffer.concat(pieces), bytes)
  const [refused] = await answers([ask('', { url: `${url}x`, streams: true })])
  assert.deepEqual([refused?.status, refused?.bytes, at(body, 'error')], [403, undefined, undefined])
})
