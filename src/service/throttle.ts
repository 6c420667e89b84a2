/** Lets a burst of calls through as one. */

/** The first call goes through at once; those that follow within `ms` become one, at the end of that time. */
export function throttled(
  ms: number,
  now: () => number,
  after: (ms: number) => Promise<void>,
  go: () => void,
): () => void {
  let last = -Infinity
  let waiting = false
  return () => {
    if (waiting) return
    const since = now() - last
    if (since >= ms) {
      last = now()
      go()
      return
    }
    waiting = true
    void after(ms - since).then(() => {
      waiting = false
      last = now()
      go()
    })
  }
}
