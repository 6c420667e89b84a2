/** What a person can ask about channels. */
import type { Context } from './context.ts'
import type { Operations } from './operations.ts'

export function channelOperations(
  { owned, ports }: Context,
  wake: () => void,
): Pick<Operations, 'channels' | 'renewChannels'> {
  return {
    channels: () => owned.store.channels({ connection: null }),
    async renewChannels({ connection }) {
      const renewed = await owned.store.renewChannels({ connection, now: ports.clock.now() })
      wake()
      return renewed
    },
  }
}
