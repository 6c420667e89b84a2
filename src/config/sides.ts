/** How a flow's words name its sides and directions: `a` and `b`, or the two connections. */
import type { Direction, Policy, Side, Way } from '../core/flow.ts'

export type Between = readonly [string, string]

/** Words that cannot name a connection, as they mean something beside connections. */
export const RESERVED: readonly string[] = ['a', 'b', 'ask', 'newest', 'both', 'merge']

export function sideOf(word: string, between: Between): Side | null {
  if (word === 'a' || word === between[0]) return 'a'
  if (word === 'b' || word === between[1]) return 'b'
  return null
}

export function directionOf(words: string, between: Between): Direction | null {
  if (words.trim() === 'both') return 'both'
  const ends = /^\s*([\w-]+?)\s*(?:→|->)\s*([\w-]+)\s*$/.exec(words)
  const from = sideOf(ends?.[1] ?? '', between)
  const to = sideOf(ends?.[2] ?? '', between)
  if (from === null || to === null || from === to) return null
  return from === 'a' ? 'a→b' : 'b→a'
}

export function wayOf(words: string, between: Between): Way | null {
  const once = /^\s*on create\s+(.*)$/.exec(words)
  const direction = directionOf(once?.[1] ?? words, between)
  if (once === null || direction === null) return direction
  return direction === 'both' ? null : `on create ${direction}`
}

export function policyOf(word: string, between: Between): Policy | null {
  return word === 'newest' || word === 'ask' ? word : sideOf(word, between)
}

/** What may be written for a direction, for messages. */
export function directions(between: Between): string {
  return `both, ${between[0]}->${between[1]} or ${between[1]}->${between[0]}`
}
