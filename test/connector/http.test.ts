import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { ConnectorError, httpClient, type Bytes, type Client, type Http } from '../../src/connector/index.ts'
import { testRuntime } from '../connectors/runtime.ts'

const SIGNED = 'https://files.test/bucket/report.pdf?Expires=1800000000&Signature=s3cr3t'

function clientOf(answer: Awaited<ReturnType<Http['send']>> | Error): Client {
  const http: Http = { send: () => (answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)) }
  return httpClient({ baseUrl: 'https://api.test', draw: {} }, testRuntime({ http }))
}

async function* brokenOff(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('some')
  throw new Error('broke off')
}

async function whole(bytes: Bytes): Promise<number> {
  let size = 0
  for await (const piece of bytes) size += piece.length
  return size
}

async function messageOf(asked: Promise<unknown>): Promise<string> {
  const error: unknown = await asked.then(
    () => assert.fail('it went well'),
    (failed: unknown) => failed,
  )
  assert.ok(error instanceof ConnectorError)
  return error.message
}

// Seen red: where the whole address stands in the message.
test('whatever goes wrong with a signed address, messages name its host and not its signature', async () => {
  const good = { status: 200, headers: {} }
  const messages = [
    await messageOf(clientOf(new Error('reset')).get(SIGNED)),
    await messageOf(clientOf(new Error('reset')).download(SIGNED)),
    await messageOf(clientOf({ ...good, body: '' }).download(SIGNED)),
    await messageOf(
      clientOf({ ...good, body: '', bytes: brokenOff() })
        .download(SIGNED)
        .then(whole),
    ),
    await messageOf(clientOf({ ...good, body: 'no JSON' }).get(SIGNED, { as: z.object({}) })),
    await messageOf(clientOf({ ...good, body: '[]' }).put(SIGNED, { as: z.object({}) })),
  ]
  for (const message of messages) {
    assert.match(message, /(GET|PUT) https:\/\/files\.test\b(?!\/)/)
    assert.doesNotMatch(message, /s3cr3t|Signature|report/)
  }
  assert.doesNotMatch(await messageOf(clientOf({ ...good, status: 403, body: '<Error/>' }).get(SIGNED)), /s3cr3t/)
})

test('of a call to the system itself the path is named', async () => {
  assert.equal(await messageOf(clientOf(new Error('reset')).get('/items/1')), 'no answer to GET /items/1: reset')
})

// Seen red: where what JSON.parse says is handed on.
test('half of an emoji in an answer is read as one character, and whole ones and backslashes to the letter', async () => {
  const body = String.raw`{"\ud83d":["cut \uD83D","\ude00\ud83d\ud83d","\ud83d\ude00 😀","\\ud83d"]}`
  assert.deepEqual(await clientOf({ status: 200, headers: {}, body }).get('/items', { as: z.unknown() }), {
    '\ufffd': ['cut \ufffd', '\ufffd\ufffd\ufffd', '😀 😀', '\\ud83d'],
  })
})
