/** Limits: told as such, drawn on as declared, and foretold. */
import assert from 'node:assert/strict'
import { childKind, kindNamed } from '../conformance/ground.ts'
import { make, making, parentOf, placeholder } from '../conformance/making.ts'
import type { Undertaking } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import { groundOf, type Bench, type Register } from './conformance-bench.ts'

export function limits(bench: Bench, test: Register): void {
  const { connector } = bench
  const { name } = connector
  test(`${name}: a limit is told as one, with the time to wait, and every call draws on declared buckets only`, async () => {
    const trial = bench.start()
    const ground = groundOf(bench, trial)
    const { child, text } = ground.shape
    const base = await make(ground, 'a text that will be another one')
    trial.trouble('limited')
    const write =
      childKind(ground).update === undefined
        ? make(ground, 'a text that comes too soon', base)
        : ground.own.update(child, base, { [text]: 'a text that comes too soon' })
    await assert.rejects(write, (error) => {
      assert.ok(error instanceof ConnectorError && error.failure === 'limited', String(error))
      return (error.retryAfterMs ?? 0) > 0
    })
    assert.ok(trial.drawn().length > 0)
    const declared = Object.keys(connector.limits(trial.config))
    for (const bucket of trial.drawn().flatMap((draws) => Object.keys(draws)))
      assert.ok(declared.includes(bucket), bucket)
  })
  test(`${name}: what a thing to do draws on is foretold, call by call`, async () => {
    const trial = bench.start()
    const ground = groundOf(bench, trial)
    const { call, own, shape } = ground
    const { scope } = call
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
    const parentKind = shape.parent?.kind ?? null
    const first = making(ground, 'the parent of it all', await placeholder(ground))
    const whole = await foretold({ do: 'create', kind: first.kind, ref: null }, () =>
      own.create(first.kind, first.intent),
    )
    const head = whole.find((each) => each.kind === shape.child)
    assert.ok(head !== undefined && 'values' in head)
    const [reply] = await foretold({ do: 'create', kind: shape.child, ref: null }, () =>
      own.create(shape.child, making(ground, 'a reply to it', head).intent),
    )
    assert.ok(reply !== undefined && 'values' in reply)
    const known = { kind: shape.child, ref: reply.ref }
    await foretold({ do: 'get', ...known }, () => childKind(ground).get?.(call, reply.ref))
    const base =
      childKind(ground).update === undefined
        ? reply
        : await foretold({ do: 'update', ...known }, () =>
            own.update(shape.child, reply, { [shape.text]: 'a reply that is another one' }),
          )
    assert.ok('values' in base)
    await foretold({ do: 'delete', ...known }, () => own.delete(shape.child, base))
    if (parentKind === null) return
    if (childKind(ground).empty !== undefined)
      await foretold({ do: 'empty', kind: shape.child, ref: head.ref }, () => own.empty(shape.child, head))
    const parent = { kind: parentKind, ref: parentOf(ground, head) }
    await foretold({ do: 'get', ...parent }, () => kindNamed(ground, parentKind).get?.(call, parent.ref))
  })
}
