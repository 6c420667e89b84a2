/** What a connector says of webhooks: how they are believed, what they hint at, and how a system is asked for them. */
import type { Call, Place } from './call.ts'
import { failedAs } from './failure.ts'
import type { RawRequest } from './ports.ts'

export interface Hint extends Place {
  readonly feed: string
  /** Absent: pull the feed, where a flow reads the scope ('': wherever it was). Those with one ref are one hint. */
  readonly kind?: string
}

export interface Webhook {
  /** On the raw bytes, in constant time, before anything is parsed. Tried with each secret in force. */
  verify(request: RawRequest, secret: string): boolean
  hints(request: RawRequest): readonly Hint[]
}

/** A system is asked to send its webhooks to `address`, and to show `secret` with each. `id`: of base32hex. */
export interface ChannelWish {
  readonly id: string
  readonly address: string
  readonly secret: string
}

/** As the system knows it. */
export interface OpenChannel {
  readonly id: string
  /** What the system named it by; '' where that is the id. */
  readonly handle: string
}

export interface ChannelLife {
  /** Milliseconds since 1970; null: it stays until it is closed. */
  readonly expiresAt: number | null
}

/**
 * How a system is asked to send webhooks. Whoever takes them knows a channel by its address, so a message need not name
 * it. A channel only makes changes travel sooner: polls find what none tells of.
 */
export interface Channels<Api> {
  /** A channel for each container that flows read (`call.scope`), or one for the connection. */
  readonly per: 'scope' | 'connection'
  /**
   * People may set up more webhooks than can be asked for: with a secret of the configuration, to the connection's own
   * address.
   */
  readonly alsoByHand?: true
  /** Asks for a channel. Where no answer came another one is asked for; what then comes by the first closes it. */
  open(call: Call<Api>, wish: ChannelWish): Promise<Omit<OpenChannel, 'id'> & ChannelLife>
  /** Prolongs it. Absent: another one is opened before it ends, and it is closed once that is open. */
  renew?(call: Call<Api>, channel: OpenChannel): Promise<ChannelLife>
  /** Throws `missing` where there is none any more. */
  close(call: Call<Api>, channel: OpenChannel): Promise<void>
  /**
   * The secret that `verify` gets, where the system makes it and `open` keeps it in the handle. Absent: the one that was
   * handed to `open`. What comes by a channel whose handle is not known is then refused.
   */
  secretIn?(handle: string): string
  /** The handle in a message: of a channel that is not known here, and is to be closed. */
  handleIn?(request: RawRequest): string | null
}

/** Removes what a channel consists of, where it is several things in its system. Answers how many were still there. */
export async function removeEach(refs: readonly string[], remove: (ref: string) => Promise<unknown>): Promise<number> {
  let removed = 0
  for (const ref of refs)
    try {
      await remove(ref)
      removed += 1
    } catch (error) {
      if (!failedAs(error, 'missing')) throw error
    }
  return removed
}
