import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRate } from '../../src/server/rate.ts'
import { listener, postBody, send } from './listener.ts'

const HOUR = 3_600_000

// Seen red: when the time that a clock was set back counted as less than none.
test('a clock that is set back by an hour takes nothing away, and the minute fills from then on', () => {
  let now = 2 * HOUR
  const rate = createRate(60, () => now)
  assert.ok(rate.take())
  now -= HOUR
  assert.ok(rate.take())
  for (let left = 58; left > 0; left -= 1) assert.ok(rate.take())
  assert.ok(!rate.take())
  now += 1000
  assert.ok(rate.take())
  assert.ok(!rate.take())
})

test('a clock that is set back silences no trouble', async (t) => {
  let now = 2 * HOUR
  const at = await listener(t, { now: () => now })
  assert.equal(await send(at.url, postBody(1), 'wrong'), 401)
  assert.equal(await send(at.url, postBody(1), 'wrong'), 401)
  assert.equal(at.log.length, 1)
  now -= HOUR
  assert.equal(await send(at.url, postBody(1), 'wrong'), 401)
  assert.equal(at.log.length, 2)
})
