/** What the demo says that Lockstep does, each tried here and now: a claim is a condition that comes true, or does not. */
import { setTimeout as pause } from 'node:timers/promises'
import type { Screen } from '../screen.ts'

/** Longer than anything may take here. */
const PATIENCE_MS = 60_000
const LOOK_MS = 50

export interface Claims {
  /** True at once, or within a minute. */
  holds(claim: string, condition: () => boolean | Promise<boolean>): Promise<void>
  /** All that did not come true. */
  readonly failed: readonly string[]
}

export function claimsOn(screen: Screen, signal: AbortSignal): Claims {
  const failed: string[] = []
  return {
    failed,
    async holds(claim, condition) {
      const began = performance.now()
      while (!(await condition())) {
        signal.throwIfAborted()
        if (performance.now() - began > PATIENCE_MS) {
          failed.push(claim)
          screen.trouble(`         ✗ ${claim}`)
          return
        }
        await pause(LOOK_MS, undefined, { signal })
      }
      screen.arrived(`${claim} (${((performance.now() - began) / 1000).toFixed(1)} s)`)
    },
  }
}
