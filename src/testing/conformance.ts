/**
 * The contract of a connector, as tests: every connector passes them at its emulator. What a connector cannot do, it
 * does not offer, and is not asked about.
 */
import assert from 'node:assert/strict'
import type { Change, Page } from '../connector/connector.ts'
import { kindOf, type Bench, type Register, type Trial } from './conformance-bench.ts'
import { declarations } from './conformance-declared.ts'
import { limits } from './conformance-limits.ts'
import { creating, emptying, failsAs, guarding, writing } from './conformance-writing.ts'

export function conformance(bench: Bench, test: Register): void {
  declarations(bench, test)
  reading(bench, test)
  changes(bench, test)
  creating(bench, test)
  writing(bench, test)
  guarding(bench, test)
  emptying(bench, test)
  limits(bench, test)
  webhooks(bench, test)
}

function feedOf({ connector, child }: Bench) {
  const feed = Object.values(connector.feeds).find(({ kinds }) => kinds.includes(child.kind))
  assert.ok(feed)
  return feed
}

async function pages(from: AsyncIterable<Page>): Promise<Page[]> {
  const all: Page[] = []
  for await (const page of from) all.push(page)
  return all
}

/** The last that is said of each child. */
function told(bench: Bench, all: readonly Page[]): Map<string, Change> {
  const found = new Map<string, Change>()
  for (const change of all.flatMap((page) => page.changes))
    if (change.kind === bench.child.kind) found.set(change.ref, change)
  return found
}

function reading(bench: Bench, test: Register): void {
  const { name } = bench.connector
  const feed = feedOf(bench)
  const many = (trial: Trial): string[] => {
    const refs: string[] = []
    for (let i = 0; i < 60; i += 1)
      refs.push(trial.say(`text number ${i} of many`, i % 3 === 0 ? undefined : refs.at(-1)))
    return refs
  }
  test(`${name}: a listing names everything, ties of time at page edges too, and is complete on its last page alone`, async () => {
    const trial = bench.start({ pageSize: 7 })
    const refs = many(trial)
    const all = await pages(feed.list(trial.call, null))
    assert.deepEqual([...told(bench, all).keys()].sort(), refs.sort())
    assert.deepEqual(
      all.map((page) => page.complete === true),
      all.map((_, i) => i === all.length - 1),
    )
  })
  test(`${name}: a listing that is interrupted after any page goes on from there and leaves nothing out`, async () => {
    const trial = bench.start({ pageSize: 7 })
    const refs = many(trial)
    const whole = await pages(feed.list(trial.call, null))
    for (const [i, page] of whole.slice(0, -1).entries()) {
      const rest = await pages(feed.list(trial.call, page.cursor))
      const both = new Set([...told(bench, whole.slice(0, i + 1)).keys(), ...told(bench, rest).keys()])
      assert.deepEqual([...both].sort(), refs.sort(), `after page ${i}`)
      assert.equal(rest.at(-1)?.complete, true)
    }
  })
  test(`${name}: an empty scope is a complete listing, and an unknown place or cursor is refused`, async () => {
    const trial = bench.start()
    const all = await pages(feed.list(trial.call, null))
    assert.equal(all.at(-1)?.complete, true)
    assert.equal(told(bench, all).size, 0)
    await failsAs('cursor-expired', pages(feed.pull(trial.call, 'not a cursor of ours')))
  })
}

function changes(bench: Bench, test: Register): void {
  const { name } = bench.connector
  const feed = feedOf(bench)
  const kind = kindOf(bench)
  const seen = async (trial: Trial, cursor: string): Promise<Map<string, Change>> => {
    trial.advance(120_000)
    return told(bench, await pages(feed.pull(trial.call, cursor)))
  }
  const begin = async (trial: Trial): Promise<string> => {
    trial.advance(120_000)
    const first = await pages(feed.pull(trial.call, null))
    assert.equal(told(bench, first).size, 0, 'a feed begins with nothing')
    return first.at(-1)?.cursor ?? ''
  }
  for (const lagMs of new Set([0, (kind.lag ?? 0) * 1000]))
    test(`${name}: what is said, edited and removed after a cursor is reported, or declared blind, with reads ${lagMs} ms late`, async () => {
      const trial = bench.start({ lagMs })
      const edited = trial.say('this one will be edited')
      const removed = trial.say('this one will be removed')
      const cursor = await begin(trial)
      const fresh = trial.say('this one is new here')
      trial.edit(edited, 'this one has been edited')
      trial.remove(removed)
      const found = await seen(trial, cursor)
      assert.ok(found.has(fresh))
      const change = found.get(edited)
      if (change !== undefined && 'values' in change)
        assert.equal(change.values[bench.child.text], 'this one has been edited')
      else assert.ok(kind.blind?.update, 'an edit is not reported')
      const grave = found.get(removed)
      assert.ok((grave !== undefined && 'gone' in grave) || kind.blind?.delete, 'a removal is not reported')
    })
  test(`${name}: pulling twice from one cursor tells the same, and from the last one nothing new`, async () => {
    const trial = bench.start()
    const cursor = await begin(trial)
    for (let i = 0; i < 30; i += 1) trial.say(`new text number ${i} of thirty`)
    trial.advance(120_000)
    const once = await pages(feed.pull(trial.call, cursor))
    const twice = await pages(feed.pull(trial.call, cursor))
    assert.equal(told(bench, once).size, 30)
    assert.deepEqual([...told(bench, once).keys()].sort(), [...told(bench, twice).keys()].sort())
    for (const [i, page] of once.entries()) {
      const rest = told(bench, await pages(feed.pull(trial.call, page.cursor)))
      for (const ref of told(bench, once.slice(i + 1)).keys())
        assert.ok(rest.has(ref), `${ref} is lost after page ${i}`)
    }
    const before = trial.sent()
    trial.advance(600_000)
    await pages(feed.pull(trial.call, once.at(-1)?.cursor ?? ''))
    assert.ok(trial.sent() - before <= 5, `${trial.sent() - before} calls where nothing changed`)
  })
}

function webhooks(bench: Bench, test: Register): void {
  const { name, webhook } = bench.connector
  if (webhook === undefined) return
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
