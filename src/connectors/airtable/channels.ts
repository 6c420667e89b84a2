/**
 * Webhooks with an address: Airtable tells that something in the base has changed, without saying what. It makes the secret
 * of each and tells it once; so the handle is the webhook's id, a space, and that secret.
 */
import { hmacMatches, type Call, type Channels, type Webhook } from '../../connector/index.ts'
import type { Api } from './api.ts'
import { FEED } from './feed.ts'
import { hooksPath, SPECIFICATION } from './hook.ts'
import { life, webhook as madeWebhook, webhooks } from './wire.ts'

export const channels: Channels<Api> = {
  per: 'connection',
  async open(call, { address }) {
    await removeStrays(call, address)
    const { id, macSecretBase64, expirationTime } = await call.api.client.post(hooksPath(call.api), {
      body: { notificationUrl: address, specification: SPECIFICATION },
      as: madeWebhook,
    })
    return { handle: `${id} ${macSecretBase64}`, expiresAt: expirationTime == null ? null : Date.parse(expirationTime) }
  },
  async renew({ api }, { handle }) {
    const { expirationTime } = await api.client.post(hooksPath(api, idIn(handle), 'refresh'), { as: life })
    return { expiresAt: Date.parse(expirationTime) }
  },
  close: ({ api }, { handle }) => api.client.delete(hooksPath(api, idIn(handle))),
  secretIn: (handle) => handle.slice(handle.indexOf(' ') + 1),
}

export const webhook: Webhook = {
  verify({ body, headers }, secret) {
    const key = Buffer.from(secret, 'base64')
    const isWhole = key.length > 0 && key.toString('base64') === secret
    return isWhole && hmacMatches(body, key, headers['x-airtable-content-mac'], { prefix: 'hmac-sha256=' })
  },
  hints: () => [{ feed: FEED, scope: '', ref: '' }],
}

function idIn(handle: string): string {
  return handle.split(' ')[0] ?? handle
}

/** Webhooks to this connection that a lost answer left behind: each channel has an address under the same one. */
async function removeStrays({ api }: Call<Api>, address: string): Promise<void> {
  const own = address.slice(0, address.lastIndexOf('/') + 1)
  const { webhooks: all } = await api.client.get(hooksPath(api), { as: webhooks })
  for (const { id, notificationUrl } of all)
    if (notificationUrl?.startsWith(own) === true) await api.client.delete(hooksPath(api, id))
}
