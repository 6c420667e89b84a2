/** The store of these verbs over group commit. */
import { storeOf, type Call } from './group-commit.ts'
import { VERB_NAMES, type Store, type StoreVerbs } from './verbs/index.ts'

export function storeFrom(call: Call): Store {
  return storeOf<StoreVerbs>(VERB_NAMES, call)
}
