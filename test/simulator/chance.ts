/** Chance from one seed. Each part of the world draws from a stream of its own, so that one does not shift another. */
import { seeded } from '../../src/testing/virtual-time.ts'

export type Chance = ReturnType<typeof seeded>

export function streamOf(seed: number, name: string): Chance {
  let mixed = seed | 0
  for (const letter of name) mixed = (Math.imul(mixed ^ letter.charCodeAt(0), 0x01000193) + 0x9e3779b9) | 0
  return seeded(mixed >>> 0)
}

/** Between two numbers, both included. */
export function between(chance: Chance, low: number, high: number): number {
  return low + chance.int(high - low + 1)
}
