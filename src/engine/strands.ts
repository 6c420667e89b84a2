/** Runs writes: those of one strand in order, one at a time; strands side by side, up to a limit. */
import { act, type Gate } from './act.ts'
import { planAgain, type Task } from './task.ts'
import type { World } from './world.ts'

/** While a call is on the wire, the intent of the next may be committed: so many are begun, for each call at once. */
const BEGUN = 2
/** How many subjects a flow takes in hand at a time, and how many it has at most, for each call at once. */
const PORTION = 8
const IN_HAND = 64

export interface Strands {
  add(strand: string, task: Task): void
  /** How many more subjects may be taken in hand; 0 while there are enough. */
  room(): number
  readonly busy: number
  /** Starts no more writes: what is in hand is planned again by the next process. */
  stop(): void
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
}

export function createStrands(world: World, fatal: (error: unknown) => void): Strands {
  const { concurrency } = world.settings
  const gate = createGate(concurrency)
  const strands = new Map<string, Task[]>()
  const ready: string[] = []
  let inHand = 0
  /** Writes whose call has not ended, and those whose outcome is not committed either. */
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
      const strand = ready.shift()
      if (strand === undefined) return
      begun += 1
      underWay += 1
      runOne(strand).catch((error: unknown) => {
        stopped = true
        fatal(error)
        done(1)
      })
    }
  }

  const runOne = async (strand: string): Promise<void> => {
    const tasks = strands.get(strand) ?? []
    const task = tasks.shift()
    if (task === undefined) return
    let own = 1
    const ended = (): void => {
      begun -= own
      own = 0
      start()
    }
    const outcome = await act(world, task, (call) => gate(call).finally(ended)).finally(ended)
    const left = outcome === 'done' ? [] : tasks.splice(0)
    if (left.length > 0) await planAgain(world, left)
    if (tasks.length > 0) ready.push(strand)
    else strands.delete(strand)
    done(1 + left.length)
    start()
  }

  return {
    add(strand, task) {
      inHand += 1
      const tasks = strands.get(strand)
      tasks?.push(task)
      if (tasks !== undefined) return
      strands.set(strand, [task])
      ready.push(strand)
      start()
    },
    // Many subjects may be in few strands: what counts is how many can be written now.
    room: () => (ready.length >= concurrency || inHand >= concurrency * IN_HAND ? 0 : concurrency * PORTION),
    get busy() {
      return inHand
    },
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
