/** The way of the forum's webhooks into the inbox: verified, read for hints, committed, and only then answered. */
import { connectors } from '../../src/connectors/index.ts'
import type { Discourse } from '../../src/emulators/discourse/discourse.ts'
import type { Delivery } from '../../src/emulators/emulator.ts'
import type { Store } from '../../src/store/verbs/index.ts'
import type { VirtualTime } from '../../src/testing/virtual-time.ts'

export const SECRET = 'a-secret-of-webhooks'

export interface Post {
  /** Every delivery that arrived, with the status that it was answered. */
  readonly delivered: { readonly delivery: Delivery; readonly status: number }[]
  deliver(delivery: Delivery): Promise<number>
  /** The process that takes them now. */
  to(store: Store, wake: () => void): void
  /** Nobody takes them any more. */
  toNobody(): void
  /** Makes the forum send all its events. */
  subscribe(discourse: Discourse): void
}

export function listen(time: VirtualTime): Post {
  const connector = connectors.get('discourse')
  const webhook = connector?.webhook
  if (webhook === undefined) throw new Error('no webhook')
  let taker: { store: Store; wake: () => void } | null = null
  const delivered: Post['delivered'] = []
  const take = async ({ headers, body }: Delivery): Promise<number> => {
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
    const request = { headers: lower, body: Buffer.from(body) }
    if (!webhook.verify(request, SECRET)) return 401
    if (taker === null) return 503
    const hints = webhook.hints(request).map((hint) => ({ ...hint, kind: hint.kind ?? '' }))
    await taker.store.receive({ connection: 'forum', hints, now: time.now() })
    taker.wake()
    return 200
  }
  return {
    delivered,
    async deliver(delivery) {
      const status = await take(delivery)
      delivered.push({ delivery, status })
      return status
    },
    to(store, wake) {
      taker = { store, wake }
    },
    toNobody() {
      taker = null
    },
    subscribe(discourse) {
      const hook = {
        payload_url: 'http://lockstep.test/hooks/forum',
        content_type: 1,
        secret: SECRET,
        wildcard_web_hook: true,
        web_hook_event_type_ids: [1, 2, 5],
      }
      discourse.handle({
        method: 'POST',
        path: '/admin/api/web_hooks.json',
        query: new URLSearchParams(),
        headers: { 'api-key': 'api-key', 'api-username': 'sync_bot', 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify({ web_hook: hook })),
        address: '10.0.0.9',
      })
    },
  }
}
