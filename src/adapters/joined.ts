/** Lines that are written together, where no person watches: each write is a call to the system. */

export interface Joined {
  write(text: string): void
  /** Writes now what waits: before the process ends, it has to be. */
  flush(): void
}

/** What is waiting takes no more memory than this, in characters. */
const MOST = 65_536

/** What is written until everything that is ready to run has run goes out at once, in order. */
export function joinWrites(write: (text: string) => unknown): Joined {
  let waiting = ''
  const flush = (): void => {
    if (waiting === '') return
    const text = waiting
    waiting = ''
    write(text)
  }
  return {
    write(text) {
      if (waiting === '') setImmediate(flush)
      waiting += text
      if (waiting.length >= MOST) flush()
    },
    flush,
  }
}
