/** The typed face of a store over group commit. */
import type { Call } from './group-commit.ts'
import { VERB_NAMES, type Store } from './verbs/index.ts'

export function storeFrom(call: Call): Store {
  const face = Object.fromEntries(VERB_NAMES.map((name) => [name, (input: unknown) => call(name, input)]))
  return face as Store
}
