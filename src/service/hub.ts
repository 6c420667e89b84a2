/** Hands what happens to everyone who listens. */
export interface Hub<T> {
  tell(what: T): void
  /** Answers how to stop listening. */
  listen(hear: (what: T) => void): () => void
}

export function createHub<T>(): Hub<T> {
  const listeners = new Set<(what: T) => void>()
  return {
    tell(what) {
      for (const hear of listeners) hear(what)
    },
    listen(hear) {
      listeners.add(hear)
      return () => listeners.delete(hear)
    },
  }
}
