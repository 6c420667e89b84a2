/** Limits: told as such, drawn on as declared, and foretold. */
import assert from 'node:assert/strict'
import type { Undertaking } from '../connector/connector.ts'
import { kindOf, type Bench, type Register } from './conformance-bench.ts'
import { begun, failsAs, made, replyTo } from './conformance-writing.ts'

export function limits(bench: Bench, test: Register): void {
  const { connector, child } = bench
  const { name } = connector
  const kind = kindOf(bench)
  test(`${name}: a limit is told as one, with the time to wait, and every call draws on declared buckets only`, async () => {
    const trial = bench.start()
    const base = await made(bench, trial, 'a text that will be another one')
    trial.trouble('limited')
    const changed = { [child.text]: 'a text that comes too soon' }
    const update = kind.update?.(trial.call, { key: 'u', ref: base.ref, changed, base }) ?? assert.fail('no update')
    const error = await failsAs('limited', update)
    assert.ok((error.retryAfterMs ?? 0) > 0)
    assert.ok(trial.drawn().length > 0)
    const declared = Object.keys(connector.limits(trial.config))
    for (const bucket of trial.drawn().flatMap((draws) => Object.keys(draws)))
      assert.ok(declared.includes(bucket), bucket)
  })
  test(`${name}: what a thing to do draws on is foretold, call by call`, async () => {
    const trial = bench.start()
    const { scope } = trial.call
    const foretold = async <T>(
      undertaking: Omit<Undertaking, 'scope'>,
      work: () => Promise<T> | undefined,
    ): Promise<T> => {
      const before = trial.drawn().length
      const done = await (work() ?? assert.fail(`no ${undertaking.do}`))
      const drawn = trial.drawn().slice(before)
      assert.deepEqual(connector.calls(trial.config, { ...undertaking, scope }), drawn, undertaking.do)
      return done
    }
    const { intent, kind: parentKind } = begun(bench, 'the parent of it all', 'kp')
    const whole = await foretold({ do: 'create', kind: child.parentKind, ref: null }, () =>
      parentKind.create?.(trial.call, intent),
    )
    const head = whole.find((each) => each.kind === child.kind)
    assert.ok(head !== undefined && 'values' in head)
    const [reply] = await foretold({ do: 'create', kind: child.kind, ref: null }, () =>
      kind.create?.(trial.call, replyTo(bench, head, 'a reply to it')),
    )
    assert.ok(reply !== undefined && 'values' in reply)
    const known = { kind: child.kind, ref: reply.ref }
    await foretold({ do: 'get', ...known }, () => kind.get?.(trial.call, reply.ref))
    const changed = { [child.text]: 'a reply that is another one' }
    const base = await foretold({ do: 'update', ...known }, () =>
      kind.update?.(trial.call, { key: 'u', ref: reply.ref, changed, base: reply }),
    )
    assert.ok('values' in base)
    await foretold({ do: 'delete', ...known }, () => kind.delete?.(trial.call, { key: 'd', ref: reply.ref, base }))
    const top = { kind: child.kind, ref: head.ref }
    await foretold({ do: 'empty', ...top }, () => kind.empty?.(trial.call, { key: 'e', ref: head.ref, base: head }))
    const parent = { kind: child.parentKind, ref: whole[0]?.ref ?? '' }
    await foretold({ do: 'get', ...parent }, () => parentKind.get?.(trial.call, parent.ref))
  })
}
