/** So many requests a minute. */
export interface Rate {
  /** False: there were too many. */
  take(): boolean
}

/** A bucket that fills evenly: a burst of a whole minute's worth passes, and no more. */
export function createRate(perMinute: number, now: () => number): Rate {
  let tokens = perMinute
  let filledAt = now()
  return {
    take() {
      const at = now()
      // A clock that was set back takes nothing away.
      const elapsed = Math.max(0, at - filledAt)
      tokens = Math.min(perMinute, tokens + (elapsed / 60_000) * perMinute)
      filledAt = at
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
  }
}
