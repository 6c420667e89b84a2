/** Tasks in their strands, and what goes next: the first task of one strand, or those of several in one call. */
import { other } from '../core/flow.ts'
import { compareItems } from '../core/plan.ts'
import { togetherOf } from './batch.ts'
import type { Task } from './task.ts'
import type { Outcome } from './trouble.ts'
import type { World } from './world.ts'

/** The first tasks of some strands, which go in one call. */
export interface Ride {
  readonly name: string
  readonly strands: readonly string[]
  readonly tasks: readonly Task[]
}

export interface Ready {
  add(strand: string, task: Task): void
  /** Undefined: nothing may go now. */
  next(): Ride | undefined
  /** Its calls have ended. */
  ended(ride: Ride): void
  /** Takes out what stands behind a task that was not done. */
  behind(ride: Ride, outcomes: readonly Outcome[]): readonly Task[]
  /** Its strands go on. */
  settled(ride: Ride): void
  /** How many whole calls wait. */
  readonly calls: number
  /** What was not begun. */
  waiting(): readonly Task[]
}

interface Line {
  readonly most: number
  readonly strands: string[]
}

/**
 * In order of coming; but siblings in the order of their source: one that was read only after later ones were planned goes
 * before those of them that were not begun. What goes together waits for a whole call's worth while one like it is under way: so there are few
 * calls, and nothing waits for what may never come.
 */
export function createReady(world: World): Ready {
  const strands = new Map<string, Task[]>()
  const lines = new Map<string, Line>()
  const underWay = new Map<string, number>()

  const stand = (strand: string, first: Task): void => {
    const { name, most } = togetherOf(world, first) ?? { name: strand, most: 1 }
    const line = lines.get(name)
    if (line === undefined) lines.set(name, { most, strands: [strand] })
    else line.strands.push(strand)
  }
  const take = (name: string, line: Line): Ride => {
    const taken = line.strands.splice(0, line.most)
    lines.delete(name)
    if (line.strands.length > 0) lines.set(name, line)
    underWay.set(name, (underWay.get(name) ?? 0) + 1)
    return { name, strands: taken, tasks: taken.flatMap((strand) => strands.get(strand)?.shift() ?? []) }
  }

  return {
    add(strand, task) {
      const before = strands.get(strand)
      if (before !== undefined) {
        before.splice(placeIn(before, task), 0, task)
        return
      }
      strands.set(strand, [task])
      stand(strand, task)
    },
    next() {
      for (const [name, line] of lines)
        if (line.strands.length >= line.most || !underWay.has(name)) return take(name, line)
      return undefined
    },
    ended({ name }) {
      const left = (underWay.get(name) ?? 0) - 1
      if (left > 0) underWay.set(name, left)
      else underWay.delete(name)
    },
    behind: (ride, outcomes) =>
      ride.strands.flatMap((strand, at) => (outcomes[at] === 'done' ? [] : (strands.get(strand)?.splice(0) ?? []))),
    settled(ride) {
      for (const strand of ride.strands) {
        const [first] = strands.get(strand) ?? []
        if (first === undefined) strands.delete(strand)
        else stand(strand, first)
      }
    },
    waiting: () => [...strands.values()].flat(),
    get calls() {
      let sum = 0
      for (const { most, strands: waiting } of lines.values()) sum += Math.floor(waiting.length / most)
      return sum
    },
  }
}

function placeIn(strand: readonly Task[], task: Task): number {
  let at = strand.length
  while (at > 0 && isBefore(task, strand[at - 1])) at -= 1
  return at
}

/** Of creates in one strand, which are siblings, as long as the two may go in one call. */
function isBefore(task: Task, each: Task | undefined): boolean {
  if (task.write.do !== 'create' || each?.write.do !== 'create' || task.write.scope !== each.write.scope) return false
  const { [other(task.write.side)]: own } = task.seen
  return compareItems(own, each.seen[other(each.write.side)]) < 0
}
