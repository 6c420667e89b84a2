/** Runs writes: those of one strand in order, one at a time; strands side by side or in one call, up to a limit. */
import { act, type Gate } from './act.ts'
import { createReady, type Ride } from './ready.ts'
import { planAgain, type Task } from './task.ts'
import type { World } from './world.ts'

/** While a call is on the wire, the intent of the next may be committed: so many are begun, for each call at once. */
const BEGUN = 2
/** How many subjects a flow takes in hand at a time, and how many it has at most, for each call at once. */
const PORTION = 8
const IN_HAND = 64

export interface Strands {
  /** What comes at one moment may go in one call. */
  add(tasks: readonly { readonly strand: string; readonly task: Task }[]): void
  /** How many more subjects may be taken in hand; 0 while there are enough. */
  room(): number
  readonly busy: number
  /** What is in hand and not begun. */
  waiting(): readonly Task[]
  /** Starts no more writes: what is in hand is planned again by the next process. */
  stop(): void
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
}

export function createStrands(world: World, fatal: (error: unknown) => void): Strands {
  const { concurrency } = world.settings
  const gate = createGate(concurrency)
  const ready = createReady(world)
  let inHand = 0
  /** Calls that have not ended, and those whose outcomes are not committed either. */
  let begun = 0
  let underWay = 0
  let stopped = false
  const idle: (() => void)[] = []

  const done = (count: number): void => {
    inHand -= count
    underWay -= 1
    if (stopped ? underWay > 0 : inHand > 0) return
    for (const resolve of idle.splice(0)) resolve()
    world.bell.ring('due')
  }

  const start = (): void => {
    while (begun < concurrency * BEGUN && !stopped) {
      const ride = ready.next()
      if (ride === undefined) return
      begun += 1
      underWay += 1
      run(ride).catch((error: unknown) => {
        stopped = true
        fatal(error)
        done(1)
      })
    }
  }

  const run = async (ride: Ride): Promise<void> => {
    let isOn = true
    const ended = (): void => {
      if (!isOn) return
      isOn = false
      begun -= 1
      ready.ended(ride)
      start()
    }
    const outcomes = await act(world, ride.tasks, (calls) => gate(calls).finally(ended)).finally(ended)
    const behind = ready.behind(ride, outcomes)
    if (behind.length > 0) await planAgain(world, behind)
    ready.settled(ride)
    done(ride.tasks.length + behind.length)
    start()
  }

  return {
    add(tasks) {
      inHand += tasks.length
      for (const { strand, task } of tasks) ready.add(strand, task)
      start()
    },
    // Many subjects may be in few strands: what counts is how many can be written now.
    room: () => (ready.calls >= concurrency || inHand >= concurrency * IN_HAND ? 0 : concurrency * PORTION),
    get busy() {
      return inHand
    },
    waiting: () => ready.waiting(),
    stop() {
      stopped = true
    },
    settled: () =>
      (stopped ? underWay : inHand) === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve)),
  }
}

/** `width`: how many calls go through at once. */
function createGate(width: number): Gate {
  let open = width
  const waiting: (() => void)[] = []
  return async (call) => {
    if (open > 0) open -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await call()
    } finally {
      const next = waiting.shift()
      if (next === undefined) open += 1
      else next()
    }
  }
}
