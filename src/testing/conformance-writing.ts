/** Creates and writes: asked about after a lost answer, stored as answered, refused in the system's words. */
import assert from 'node:assert/strict'
import type { Create, Item, Kind } from '../connector/connector.ts'
import { ConnectorError, type Failure } from '../connector/failure.ts'
import { canonical } from '../connector/values.ts'
import { kindOf, type Bench, type Register, type Trial } from './conformance-bench.ts'

export async function failsAs(failure: Failure, work: Promise<unknown>): Promise<ConnectorError> {
  const error: unknown = await work.then(
    () => assert.fail(`no failure, instead of ${failure}`),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof ConnectorError, String(error))
  assert.equal(error.failure, failure, error.message)
  return error
}

/** A parent with its head, as the engine makes them. */
export function begun(bench: Bench, text: string, key: string): { intent: Create; kind: Kind<unknown> } {
  const kind = bench.connector.kinds[bench.child.parentKind]
  assert.ok(kind?.create)
  const head: Create = { key: `${key}h`, values: { [bench.child.text]: text }, since: 0 }
  return { kind, intent: { key, values: bench.parentValues(text), since: Date.parse('2026-11-20T12:00:00Z'), head } }
}

export async function made(bench: Bench, trial: Trial, text: string, key = 'k1'): Promise<Item> {
  const { kind, intent } = begun(bench, text, key)
  const changed = await kind.create?.(trial.call, intent)
  const child = changed?.find((each) => each.kind === bench.child.kind)
  assert.ok(child !== undefined && 'values' in child)
  return child
}

export function creating(bench: Bench, test: Register): void {
  const { name } = bench.connector
  const child = kindOf(bench)
  const again = (kind: Kind<unknown>, trial: Trial, intent: Create) =>
    kind.find === undefined ? kind.create?.(trial.call, intent) : kind.find(trial.call, intent)
  for (const trouble of ['lose-response', 'error-after', 'lose-request', 'error-before'] as const)
    test(`${name}: after a create with ${trouble}, asking tells what was made, and there is one at the end`, async () => {
      for (const what of ['parent', 'child'] as const) {
        const trial = bench.start()
        const text = 'the very text of the create'
        const under = what === 'child' ? await made(bench, trial, 'the parent of it all', 'kp') : null
        const { kind, intent } =
          under === null ? begun(bench, text, 'k1') : { kind: child, intent: replyTo(bench, under, text) }
        trial.trouble(trouble)
        const error = await failsAs('unavailable', kind.create?.(trial.call, intent) ?? Promise.resolve())
        assert.equal(error.noEffect, false)
        trial.trouble(null)
        trial.advance(((kind.settle ?? 60) + 1) * 1000)
        const found = await again(kind, trial, intent)
        if (trouble === 'lose-response' || trouble === 'error-after') assert.ok(found, `the ${what} is not found`)
        if (found === null) await kind.create?.(trial.call, intent)
        assert.equal(trial.count(text), 1, what)
      }
    })
  test(`${name}: two creates of the same text with two keys are two`, async () => {
    const trial = bench.start()
    const parent = await made(bench, trial, 'the parent of it all')
    for (const [i, key] of ['one', 'two'].entries())
      await child.create?.(trial.call, {
        ...replyTo(bench, parent, 'exactly the same text'),
        key,
        createdAt: `2026-11-20T11:0${i}:00.000Z`,
      })
    assert.equal(trial.count('exactly the same text'), 2)
  })
}

export function replyTo(bench: Bench, parent: Item, text: string): Create {
  const { child } = bench
  const values = { ...parent.values, [child.text]: text }
  return { key: 'kc', values, since: Date.parse('2026-11-20T12:00:00Z'), createdAt: '2026-11-20T11:59:00.000Z' }
}

const TEXTS = [
  ['unicode', '👩‍👩‍👧 e\u0301 ﷽ 𝒳 \u200b zero width, and more'],
  ['many lines', 'line one\nline two\n\n\n  line three'],
  ['markup', '<b>&amp;</b> *a* _b_ `c` [d](e) @here #1 & more'],
  ['a huge text', 'x '.repeat(400_000)],
  ['a long text', 'word '.repeat(700)],
  ['an empty text', ''],
] as const

export function writing(bench: Bench, test: Register): void {
  const { name } = bench.connector
  const kind = kindOf(bench)
  const { text } = bench.child
  const update = (trial: Trial, base: Item, value: string) =>
    kind.update?.(trial.call, { key: 'u', ref: base.ref, changed: { [text]: value }, base }) ?? assert.fail('no update')
  for (const [what, value] of TEXTS)
    test(`${name}: ${what} is stored as answered, or refused in the system's words`, async () => {
      const trial = bench.start()
      const base = await made(bench, trial, 'a text that will be another one')
      try {
        const stored = await update(trial, base, value)
        trial.advance(((kind.lag ?? 0) + 1) * 1000)
        const now = await kind.get?.(trial.call, base.ref)
        assert.ok(now !== undefined && 'values' in now)
        if ('values' in stored) assert.equal(canonical(now.values), canonical(stored.values))
      } catch (error) {
        assert.ok(error instanceof ConnectorError && error.failure === 'rejected', String(error))
        assert.ok(error.message.length > 5 && error.message.length < 1000)
      }
    })
}

/** The text that stands for a deleted one must be told from what people write. */
export function emptying(bench: Bench, test: Register): void {
  const kind = kindOf(bench)
  if (kind.empty === undefined) return
  test(`${bench.connector.name}: what was emptied reads as emptied, until somebody writes into it`, async () => {
    const trial = bench.start()
    const base = await made(bench, trial, 'a text that will be taken away')
    await kind.create?.(trial.call, replyTo(bench, base, 'a reply that lives on'))
    const read = async (): Promise<Item> => {
      trial.advance(((kind.lag ?? 0) + 1) * 1000)
      const now = await kind.get?.(trial.call, base.ref)
      return now !== undefined && 'values' in now ? now : assert.fail('it is gone')
    }
    await kind.empty?.(trial.call, { key: 'e', ref: base.ref, base })
    const emptied = await read()
    assert.equal(emptied.emptied, true)
    const changed = { [bench.child.text]: 'somebody has written into it again' }
    await kind.update?.(trial.call, { key: 'u', ref: base.ref, changed, base: emptied })
    assert.equal((await read()).emptied, undefined)
  })
}

/** Writes against what is no longer so. */
export function guarding(bench: Bench, test: Register): void {
  const { name } = bench.connector
  const kind = kindOf(bench)
  const { text } = bench.child
  const update = (trial: Trial, base: Item, value: string) =>
    kind.update?.(trial.call, { key: 'u', ref: base.ref, changed: { [text]: value }, base }) ?? assert.fail('no update')
  test(`${name}: an update against an older state ${kind.compares?.update !== undefined ? 'is stale' : 'is left to a guard read'}`, async () => {
    const trial = bench.start()
    const base = await made(bench, trial, 'a text that will be another one')
    await update(trial, base, 'a second text, by the engine')
    if (kind.compares?.update === undefined) {
      assert.ok(kind.get)
      return
    }
    await failsAs('stale', update(trial, base, 'a third text, from an old base'))
  })
  test(`${name}: what was deleted reads as gone, and deleting it again does no harm`, async () => {
    const trial = bench.start()
    const parent = await made(bench, trial, 'the parent of it all')
    const [reply] = (await kind.create?.(trial.call, replyTo(bench, parent, 'a reply that will go'))) ?? []
    assert.ok(reply !== undefined && 'values' in reply)
    const intent = { key: 'd', ref: reply.ref, base: reply }
    await kind.delete?.(trial.call, intent)
    assert.ok(await isGone(kind, trial, reply.ref))
    await kind.delete?.(trial.call, intent).catch((error: unknown) => {
      assert.ok(error instanceof ConnectorError && error.failure === 'missing', String(error))
    })
    assert.equal(trial.count('a reply that will go'), 0)
  })
}

async function isGone(kind: Kind<unknown>, trial: Trial, ref: string): Promise<boolean> {
  try {
    const now = await kind.get?.(trial.call, ref)
    return now !== undefined && 'gone' in now
  } catch (error) {
    return error instanceof ConnectorError && error.failure === 'missing'
  }
}
