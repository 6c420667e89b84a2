/** Runs writes: those of one strand in order, one at a time; strands side by side, up to a limit. */
import { act } from './act.ts'
import { planAgain, type Task } from './task.ts'
import type { World } from './world.ts'

/** How many subjects a flow has in hand, as a multiple of its writes under way. */
const IN_HAND = 8

export interface Strands {
  add(strand: string, task: Task): void
  /** How many more subjects may be taken in hand; 0 until enough of them are through. */
  room(): number
  readonly busy: number
  /** Starts no more calls: what is in hand is planned again by the next process. */
  stop(): void
  /** Resolves when nothing is under way. */
  settled(): Promise<void>
}

export function createStrands(world: World, fatal: (error: unknown) => void): Strands {
  const { concurrency } = world.settings
  const strands = new Map<string, Task[]>()
  const ready: string[] = []
  let inHand = 0
  let running = 0
  let stopped = false
  let idle: (() => void)[] = []

  const done = (count: number): void => {
    inHand -= count
    if (stopped ? running > 0 : inHand > 0) return
    const waiting = idle
    idle = []
    for (const resolve of waiting) resolve()
    world.bell.ring()
  }

  const start = (): void => {
    while (running < concurrency && !stopped) {
      const strand = ready.shift()
      if (strand === undefined) return
      running += 1
      runOne(strand).catch((error: unknown) => {
        stopped = true
        fatal(error)
        done(1)
      })
    }
  }

  const runOne = async (strand: string): Promise<void> => {
    const tasks = strands.get(strand)
    const task = tasks?.shift()
    if (tasks === undefined || task === undefined) return
    const outcome = await act(world, task).finally(() => {
      running -= 1
    })
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
      if (tasks !== undefined) {
        tasks.push(task)
        return
      }
      strands.set(strand, [task])
      ready.push(strand)
      start()
    },
    room: () => (inHand > (concurrency * IN_HAND) / 2 ? 0 : concurrency * IN_HAND - inHand),
    get busy() {
      return inHand
    },
    stop() {
      stopped = true
    },
    settled: () =>
      (stopped ? running : inHand) === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve)),
  }
}
