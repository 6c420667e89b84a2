/** Registers the forum's webhook through its API, as its administrator would. */
import { WEBHOOK_SECRET } from './configuration.ts'
import { KEYS, type Ready } from './protocol.ts'

const TOPICS = 1
const POSTS = 2
const CATEGORIES = 5

export async function registerHook({ forum }: Ready, address: string): Promise<void> {
  const response = await fetch(new URL('/admin/api/web_hooks.json', forum), {
    method: 'POST',
    headers: { 'api-key': KEYS.adminApiKey, 'api-username': 'admin', 'content-type': 'application/json' },
    body: JSON.stringify({
      web_hook: {
        payload_url: address,
        content_type: 1,
        secret: WEBHOOK_SECRET,
        web_hook_event_type_ids: [TOPICS, POSTS, CATEGORIES],
        active: true,
      },
    }),
  })
  if (!response.ok) throw new Error(`the forum took no webhook: ${response.status} ${await response.text()}`)
}
