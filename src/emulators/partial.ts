/** Partial answers: the `fields` parameter of Google's APIs, `a,b/c,d(e,f)` with `*` for every name. */

/** Null: everything below. */
type Selection = Map<string, Selection> | null

class Malformed extends Error {}

/** Undefined when the selection cannot be read. */
export function selectFields(value: object, fields: string): unknown {
  try {
    return pick(value, parse(fields))
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

function parse(fields: string): Selection {
  const words = fields.match(/[^,/()\s]+|[,/()]/g) ?? []
  let at = 0
  const list = (): Map<string, Selection> => {
    const chosen = new Map<string, Selection>()
    for (;;) {
      const [name, below] = item()
      chosen.set(name, merge(chosen, name, below))
      if (words[at] !== ',') return chosen
      at += 1
    }
  }
  const item = (): [string, Selection] => {
    const name = words[at]
    at += 1
    if (name === undefined || /^[,/()]$/.test(name)) throw new Malformed()
    if (words[at] === '/') {
      at += 1
      return [name, new Map([item()])]
    }
    if (words[at] !== '(') return [name, null]
    at += 1
    const below = list()
    if (words[at] !== ')') throw new Malformed()
    at += 1
    return [name, below]
  }
  const parsed = list()
  if (at < words.length) throw new Malformed()
  return parsed
}

function merge(chosen: Map<string, Selection>, name: string, below: Selection): Selection {
  const before = chosen.get(name)
  if (before === undefined) return below
  return before === null || below === null ? null : new Map([...before, ...below])
}

function pick(value: unknown, selection: Selection): unknown {
  if (selection === null || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item: unknown) => pick(item, selection))
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    const below = selection.has(key) ? selection.get(key) : selection.get('*')
    return below === undefined ? [] : [[key, pick(inner, below)] as const]
  })
  return Object.fromEntries(entries)
}
