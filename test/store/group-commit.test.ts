import assert from 'node:assert/strict'
import { test } from 'node:test'
import { StoreError } from '../../src/store/errors.ts'
import { groupCommit, storeOf } from '../../src/store/group-commit.ts'
import type { Driver, VerbCall, VerbResult } from '../../src/store/driver.ts'

/** Records what it is asked to run; a run ends when the test says so. */
function manualDriver() {
  const runs: {
    calls: readonly VerbCall[]
    end: (results?: readonly VerbResult[]) => void
    fail: (e: Error) => void
  }[] = []
  const driver: Driver = {
    run(calls) {
      const { promise, resolve, reject } = Promise.withResolvers<readonly VerbResult[]>()
      const echo = calls.map(({ input }): VerbResult => ({ ok: true, output: input }))
      runs.push({ calls, end: (results = echo) => resolve(results), fail: reject })
      return promise
    },
    close: async () => {},
  }
  return { driver, runs }
}

/** A driver that ends its runs at once. */
function promptDriver(answer: (call: VerbCall) => VerbResult = ({ input }) => ({ ok: true, output: input })) {
  const sizes: number[] = []
  const driver: Driver = {
    async run(calls) {
      sizes.push(calls.length)
      return calls.map(answer)
    },
    close: async () => {},
  }
  return { driver, sizes }
}

const inputsOf = (calls: readonly VerbCall[] | undefined) => calls?.map(({ input }) => input)

/** Lets every microtask that is due run. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve))

test('a thousand calls of one tick are four transactions', async () => {
  const { driver, sizes } = promptDriver()
  const call = groupCommit(driver)
  const outputs = await Promise.all(Array.from({ length: 1000 }, (_, i) => call('echo', i)))
  assert.deepEqual(
    outputs,
    Array.from({ length: 1000 }, (_, i) => i),
  )
  assert.deepEqual(sizes, [256, 256, 256, 232])
})

test('a flush waits for a microtask and never for a timer', async () => {
  const { driver, runs } = manualDriver()
  const call = groupCommit(driver)
  void call('echo', 1)
  assert.equal(runs.length, 0)
  await Promise.resolve()
  assert.equal(runs.length, 1)
})

test('what is called while a transaction is under way goes into the next one, together and in order', async () => {
  const { driver, runs } = manualDriver()
  const call = groupCommit(driver)
  const first = call('echo', 'a')
  await turn()
  const later = [call('echo', 'b'), call('echo', 'c')]
  await turn()
  later.push(call('echo', 'd'))
  assert.equal(runs.length, 1)
  runs[0]?.end()
  assert.equal(await first, 'a')
  await turn()
  assert.deepEqual(inputsOf(runs[1]?.calls), ['b', 'c', 'd'])
  runs[1]?.end()
  assert.deepEqual(await Promise.all(later), ['b', 'c', 'd'])
  assert.equal(runs.length, 2)
})

test('the same calls make the same batches every time', async () => {
  const play = async () => {
    const seen: unknown[] = []
    const { driver } = promptDriver()
    const call = groupCommit(driver, { maxBatch: 3, onFlush: (calls) => seen.push(inputsOf(calls)) })
    const chain = async (name: string, steps: number) => {
      for (let i = 0; i < steps; i++) seen.push(await call('echo', `${name}${i}`))
    }
    await Promise.all([chain('a', 4), chain('b', 3), chain('c', 5), chain('d', 2)])
    return seen
  }
  const first = await play()
  assert.deepEqual(await play(), first)
})

test("a verb's own error reaches its caller only", async () => {
  const own = new RangeError('no')
  const { driver } = promptDriver(({ verb, input }) =>
    verb === 'bad' ? { ok: false, error: own } : { ok: true, output: input },
  )
  const call = groupCommit(driver)
  const settled = await Promise.allSettled([call('echo', 1), call('bad', 2), call('echo', 3)])
  assert.deepEqual(settled, [
    { status: 'fulfilled', value: 1 },
    { status: 'rejected', reason: own },
    { status: 'fulfilled', value: 3 },
  ])
})

test('a failed transaction rejects everyone in it with a StoreError, and the next one is run', async () => {
  const { driver, runs } = manualDriver()
  const call = groupCommit(driver, { maxBatch: 2 })
  const settled = Promise.allSettled([call('echo', 1), call('echo', 2), call('echo', 3)])
  await turn()
  const cause = new Error('disk on fire')
  runs[0]?.fail(cause)
  await turn()
  runs[1]?.end()
  const [first, second, third] = await settled
  for (const outcome of [first, second]) {
    assert(outcome?.status === 'rejected' && outcome.reason instanceof StoreError)
    assert.equal(outcome.reason.code, 'store-failed')
    assert.equal(outcome.reason.cause, cause)
    assert.match(outcome.reason.message, /disk on fire/)
  }
  assert.deepEqual(third, { status: 'fulfilled', value: 3 })
})

test('a StoreError of the driver reaches the callers as it is', async () => {
  const { driver, runs } = manualDriver()
  const call = groupCommit(driver)
  const refused = assert.rejects(call('echo', 1), { name: 'StoreError', code: 'store-full' })
  await turn()
  runs[0]?.fail(new StoreError('store-full'))
  await refused
})

test('a driver that answers too few calls leaves no caller waiting', async () => {
  const { driver, runs } = manualDriver()
  const call = groupCommit(driver)
  const settled = Promise.allSettled([call('echo', 1), call('echo', 2)])
  await turn()
  runs[0]?.end([{ ok: true, output: 1 }])
  assert.deepEqual(
    (await settled).map(({ status }) => status),
    ['rejected', 'rejected'],
  )
})

test('a crash thrown at the flush keeps the batch from being run', async () => {
  const { driver, sizes } = promptDriver()
  const call = groupCommit(driver, {
    onFlush: () => {
      throw new Error('crash')
    },
  })
  await assert.rejects(call('echo', 1), { code: 'store-failed' })
  assert.deepEqual(sizes, [])
})

test('the typed face of a store has one function per verb', async () => {
  interface Verbs {
    double: { in: number; out: number }
    shout: { in: string; out: string }
  }
  const { driver, sizes } = promptDriver(({ verb, input }) => ({ ok: true, output: `${verb} ${String(input)}` }))
  const store = storeOf<Verbs>(['double', 'shout'], groupCommit(driver))
  assert.deepEqual(await Promise.all([store.double(2), store.shout('a')]), ['double 2', 'shout a'])
  assert.deepEqual(sizes, [2])
  assert.deepEqual(Object.keys(store), ['double', 'shout'])
})
