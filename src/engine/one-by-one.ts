/** Work that goes one after the other under one name: what one has decided, the next has to count. */
export type OneByOne = <T>(name: string, work: () => Promise<T>) => Promise<T>

export function createOneByOne(): OneByOne {
  const last = new Map<string, Promise<unknown>>()
  return (name, work) => {
    const before = last.get(name) ?? Promise.resolve()
    const own = before.then(work, work)
    last.set(name, own)
    return own
  }
}
