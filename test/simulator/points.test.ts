/** A process may end anywhere: at a sample of the points of every operation. `npm run sim:crash-points` goes through all. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boardTrials } from './points-board.ts'
import { shippedTrials } from './points-shipped.ts'
import { enumerate, type Trial } from './points.ts'

async function assertSampled(trials: readonly Trial[], every: number): Promise<void> {
  for (const trial of trials) {
    const { calls, commits, wrong } = await enumerate(trial, every)
    assert.deepEqual(wrong, [], `${trial.connectors}: ${trial.operation} from ${trial.from}`)
    assert.ok(calls >= 4 && commits >= 3, `${calls} calls and ${commits} commits`)
  }
}

test('made-up systems are in step again, wherever in an operation the process ends', async () => {
  const some = boardTrials().filter((_, index) => index % 7 === 3)
  await assertSampled(some, 4)
})

test('Google Chat and Discourse are in step again, wherever in an operation the process ends', async () => {
  await assertSampled(shippedTrials(), 13)
})
