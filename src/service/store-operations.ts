/** The operations that need the store alone. */
import type { Model } from '../engine/model.ts'
import { keptToken } from './kept-tokens.ts'
import type { Context } from './context.ts'
import { currentStatus } from './planning.ts'
import type { Operations } from './operations.ts'

type StoreOperations = Pick<
  Operations,
  'status' | 'explain' | 'held' | 'decide' | 'conflicts' | 'resolve' | 'divergences' | 'keepToken'
>

/** `wake` is called when a decision has made work. */
export function storeOperations(context: Context, model: Model, wake: () => void): StoreOperations {
  const { store } = context.owned
  const ranks = Object.fromEntries(
    model.flows.flatMap(({ flow, specs }) => specs.map(({ id, rank }) => [`${flow.id} ${id}`, rank])),
  )
  const now = (): number => context.ports.clock.now()
  return {
    status: () => currentStatus(context),
    explain: (input) => store.explain(input),
    held: (input) => store.heldList(input),
    async decide(input) {
      const decided = await store.decideHeld({ ...input, ranks, now: now() })
      wake()
      return decided
    },
    conflicts: (input) => store.conflicts(input),
    async resolve(input) {
      const resolved = await store.resolveConflict({ ...input, ranks, now: now() })
      wake()
      return resolved
    },
    divergences: () => store.divergences(undefined),
    async keepToken({ connection, token }) {
      const setup = model.connections.get(connection)
      const given = setup?.connector.oauth?.(setup.config)?.refreshToken
      const { clock, random, learned } = context.ports
      await keptToken({ ...context.owned, clock, random, learned }, connection, given).save(token)
      wake()
      return null
    },
  }
}
