/**
 * The contract of a connector, as tests: every connector passes them at its emulator. The checks are those of
 * `lockstep probe`; what tells of the connector's own code alone is tested here.
 */
import assert from 'node:assert/strict'
import { CHECKS, runCheck } from '../conformance/checks.ts'
import { feedOf } from '../conformance/making.ts'
import { ConnectorError } from '../connector/failure.ts'
import { groundOf, type Bench, type Register } from './conformance-bench.ts'
import { declarations } from './conformance-declared.ts'
import { limits } from './conformance-limits.ts'

export function conformance(bench: Bench, test: Register): void {
  declarations(bench, test)
  checks(bench, test)
  cursors(bench, test)
  limits(bench, test)
  webhooks(bench, test)
}

function checks(bench: Bench, test: Register): void {
  const { connector, untried } = bench
  const { name, kinds } = connector
  const lag = Math.max(...Object.values(kinds).map((kind) => kind.lag ?? 0)) * 1000
  for (const lagMs of new Set([0, lag]))
    for (const check of CHECKS)
      test(`${name}: ${check.assumed}, with reads ${lagMs} ms late`, async () => {
        const ground = groundOf(bench, bench.start({ lagMs, pageSize: 7 }))
        const { verdict, seen } = await runCheck(check, ground)
        assert.equal(verdict, untried.includes(check.id) ? 'not tried' : 'as assumed', seen)
        assert.deepEqual(await ground.own.clear(), [])
      })
  test(`${name}: what its author could not confirm is shown by a check`, () => {
    for (const id of Object.keys(connector.unconfirmed ?? {}))
      assert.ok(
        CHECKS.some((check) => check.id === id),
        id,
      )
  })
}

function cursors(bench: Bench, test: Register): void {
  const { name } = bench.connector
  test(`${name}: an empty scope is a complete listing, and an unknown place or cursor is refused`, async () => {
    const ground = groundOf(bench, bench.start())
    const feed = feedOf(ground)
    let complete: boolean | undefined
    for await (const page of feed.list(ground.call, null)) {
      complete = page.complete
      assert.ok(!page.changes.some(({ kind }) => kind === ground.shape.child))
    }
    assert.equal(complete, true)
    await assert.rejects(
      async () => {
        for await (const page of feed.pull(ground.call, 'not a cursor of ours')) assert.ok(page)
      },
      (error) => error instanceof ConnectorError && error.failure === 'cursor-expired',
    )
  })
}

function webhooks(bench: Bench, test: Register): void {
  const { name, webhook, channels } = bench.connector
  if (webhook === undefined) return
  if (channels !== undefined) {
    byChannel(bench, test)
    return
  }
  test(`${name}: a webhook counts with a right signature over its raw bytes, and says where to look and no more`, () => {
    const sent = bench.start().webhook?.('a text that is sent along')
    assert.ok(sent)
    const { request, secret } = sent
    assert.equal(webhook.verify(request, secret), true)
    assert.equal(webhook.verify(request, `${secret}x`), false)
    assert.equal(webhook.verify({ ...request, body: Buffer.concat([request.body, Buffer.from(' ')]) }, secret), false)
    assert.equal(webhook.verify({ ...request, headers: {} }, secret), false)
    const hints = webhook.hints(request)
    assert.ok(hints.length > 0)
    for (const hint of hints) assert.ok(bench.connector.feeds[hint.feed])
    assert.ok(!JSON.stringify(hints).includes('a text that is sent along'))
    for (const body of ['', '{', 'null', '[]', '{"post":{}}', '\u0000'])
      assert.deepEqual(webhook.hints({ ...request, body: Buffer.from(body) }), [])
  })
}

/** Whoever knows its secret may say what he likes: a message only makes the engine look. */
function byChannel(bench: Bench, test: Register): void {
  const { name, webhook, feeds } = bench.connector
  test(`${name}: a message by a channel counts with the secret that was handed in, and only makes the engine look`, () => {
    const sent = bench.start().webhook?.('a text that is sent along')
    assert.ok(sent && webhook)
    const { request, secret } = sent
    assert.equal(webhook.verify(request, secret), true)
    for (const wrong of [`${secret}x`, secret.slice(1), ''].filter((each) => each !== secret))
      assert.equal(webhook.verify(request, wrong), false)
    assert.equal(webhook.verify({ ...request, headers: {} }, secret), false)
    for (const body of [String(request.body), '', '{', 'null']) {
      const hints = webhook.hints({ ...request, body: Buffer.from(body) })
      for (const hint of hints) assert.ok(feeds[hint.feed])
      assert.ok(!JSON.stringify(hints).includes('a text that is sent along'))
    }
  })
}
