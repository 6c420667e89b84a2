/** A clock that moves only when it is told to, and chance from one seed. */
import type { Clock, Random } from '../connector/ports.ts'

/** Immediates that are armed together. */
const AT_ONCE = 32

interface Timer {
  readonly at: number
  readonly turn: number
  readonly ring: () => void
}

/** Time jumps from timer to timer; between two, everything that can happen without waiting happens. */
export class VirtualTime {
  private timers: Timer[] = []
  private turn = 0
  private at: number
  constructor(start: number) {
    this.at = start
  }

  now(): number {
    return this.at
  }

  after(ms: number, ring: () => void): () => void {
    this.turn += 1
    const timer: Timer = { at: this.at + Math.max(0, ms), turn: this.turn, ring }
    push(this.timers, timer)
    return () => {
      const index = this.timers.indexOf(timer)
      if (index >= 0) remove(this.timers, index)
    }
  }

  /** Advances until `until`, or until `stop` answers true. */
  async run(until: number, stop: () => boolean = () => false): Promise<void> {
    await settled()
    while (!stop()) {
      const next = this.timers[0]
      if (next === undefined || next.at > until) break
      remove(this.timers, 0)
      this.at = Math.max(this.at, next.at)
      next.ring()
      await settled()
    }
    if (!stop()) this.at = Math.max(this.at, until)
  }

  get pending(): number {
    return this.timers.length
  }
}

const waiting: (() => void)[] = []
let armed = 0

/**
 * Everything on a simulated path finishes in microtasks: by the next immediate, all of it has happened. Several are
 * armed at once, since microtasks run between two of them as well, and a turn of the event loop costs more than one.
 */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    for (; armed < AT_ONCE; armed += 1)
      setImmediate(() => {
        armed -= 1
        waiting.shift()?.()
      })
  })
}

/** One for all: to make an error costs more than a timer. */
const ABORTED = new Error('aborted')

/** The clock of one process: `alive` answers false once it was ended, and then nothing it waits for ever comes. */
export function clockOf(time: VirtualTime, alive: () => boolean = () => true, skewMs = 0): Clock {
  return {
    now: () => time.now() + skewMs,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(new Error('aborted'))
          return
        }
        const cancel = time.after(ms, () => {
          signal?.removeEventListener('abort', stop)
          if (alive()) resolve()
        })
        const stop = (): void => {
          cancel()
          if (alive()) reject(ABORTED)
        }
        signal?.addEventListener('abort', stop, { once: true })
      }),
  }
}

/** A small, fast generator (xorshift128+ on 32-bit halves): the same seed gives the same numbers everywhere. */
export function seeded(
  seed: number,
): Random & { int(below: number): number; chance(probability: number): boolean; pick<T>(from: readonly T[]): T } {
  let a = (seed ^ 0x9e3779b9) >>> 0 || 1
  let b = Math.imul(seed + 1, 0x85ebca6b) >>> 0 || 2
  let c = Math.imul(seed + 2, 0xc2b2ae35) >>> 0 || 3
  let d = (seed + 0x27d4eb2f) >>> 0 || 4
  const next32 = (): number => {
    const t = (a ^ (a << 11)) >>> 0
    a = b
    b = c
    c = d
    d = (d ^ (d >>> 19) ^ t ^ (t >>> 8)) >>> 0
    return d
  }
  for (let i = 0; i < 16; i += 1) next32()
  const next = (): number => next32() / 0x1_0000_0000
  const int = (below: number): number => Math.floor(next() * below)
  return {
    next,
    int,
    chance: (probability) => next() < probability,
    hex: (bytes) => Array.from({ length: bytes }, () => int(256).toString(16).padStart(2, '0')).join(''),
    pick(from) {
      const chosen = from[int(from.length)]
      if (chosen === undefined) throw new RangeError('nothing to pick from')
      return chosen
    },
  }
}

function push(heap: Timer[], timer: Timer): void {
  heap.push(timer)
  let at = heap.length - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!before(heap, at, parent)) break
    swap(heap, at, parent)
    at = parent
  }
}

function remove(heap: Timer[], index: number): void {
  const last = heap.pop()
  if (last === undefined || index >= heap.length) return
  heap[index] = last
  let at = index
  for (;;) {
    const left = 2 * at + 1
    const least = [left, left + 1].reduce(
      (best, child) => (child < heap.length && before(heap, child, best) ? child : best),
      at,
    )
    if (least === at) break
    swap(heap, at, least)
    at = least
  }
  while (at > 0 && before(heap, at, (at - 1) >> 1)) {
    swap(heap, at, (at - 1) >> 1)
    at = (at - 1) >> 1
  }
}

function before(heap: readonly Timer[], left: number, right: number): boolean {
  const a = heap[left]
  const b = heap[right]
  if (a === undefined || b === undefined) return false
  return a.at < b.at || (a.at === b.at && a.turn < b.turn)
}

function swap(heap: Timer[], left: number, right: number): void {
  const a = heap[left]
  const b = heap[right]
  if (a === undefined || b === undefined) return
  heap[left] = b
  heap[right] = a
}
