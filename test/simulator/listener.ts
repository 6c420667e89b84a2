/** The way of webhooks into the inbox, as the listener has it: verified, read for hints, committed, and only then answered. */
import type { KeyObject } from 'node:crypto'
import { channelSecret } from '../../src/core/key.ts'
import type { Delivery } from '../../src/emulators/emulator.ts'
import type { Engine } from '../../src/engine/engine.ts'
import type { ConnectionSetup, Model } from '../../src/engine/model.ts'
import type { Store } from '../../src/store/verbs/index.ts'

export interface Listener {
  readonly store: Store
  readonly engine: Engine
  readonly model: Model
  readonly markerKey: KeyObject
  readonly now: () => number
}

/** The secret of webhooks that somebody sets up by hand. */
export const BY_HAND = 'a secret of webhooks by hand'

export async function take({ url, headers, body }: Delivery, listener: Listener): Promise<number> {
  const { pathname, search } = new URL(url)
  const [, connection = '', channel = null] = /^\/webhooks\/([^/]+)(?:\/(.+))?$/.exec(pathname) ?? []
  const setup = listener.model.connections.get(connection)
  const webhook = setup?.connector.webhook
  if (setup === undefined || webhook === undefined) return 404
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const request = { headers: lower, body: Buffer.from(body), query: search.slice(1) }
  const secret = channel === null ? BY_HAND : await secretOf(setup, channel, listener)
  if (secret === null || !webhook.verify(request, secret)) return 401
  const { store, engine, now } = listener
  if (channel !== null) {
    const handle = setup.connector.channels?.handleIn?.(request) ?? null
    const address = `${setup.address ?? ''}/${channel}`
    if (!(await store.hearChannel({ connection, id: channel, address, handle, now: now() }))) {
      engine.world.bell.ring('channel')
      return 200
    }
  }
  const hints = webhook.hints(request).map((hint) => ({ ...hint, kind: hint.kind ?? '' }))
  await store.receive({ connection, hints, now: now() })
  engine.wake()
  return 200
}

/** Null: its system made it, and the answer that told it is not known here. */
async function secretOf(
  { id, connector }: ConnectionSetup,
  channel: string,
  listener: Listener,
): Promise<string | null> {
  const { secretIn } = connector.channels ?? {}
  if (secretIn === undefined) return channelSecret(listener.markerKey, id, channel)
  const known = (await listener.store.channels({ connection: id })).find((each) => each.id === channel)
  return known?.handle == null ? null : secretIn(known.handle)
}
