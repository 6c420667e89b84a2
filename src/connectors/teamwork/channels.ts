/** Asks Teamwork for webhooks: one for each event, which together are a channel. They stay until they are deleted. */
import { ConnectorError, removeEach, type Call, type Channels } from '../../connector/index.ts'
import type { Api } from './api.ts'
import { madeWebhook, webhooks } from './wire.ts'

const ACTIONS: readonly (readonly [object: string, actions: readonly string[]])[] = [
  ['TASK', ['CREATED', 'UPDATED', 'COMPLETED', 'REOPENED', 'MOVED', 'DELETED']],
  ['TASKLIST', ['CREATED', 'UPDATED', 'DELETED']],
  ['COMMENT', ['CREATED', 'UPDATED', 'DELETED']],
  ['PROJECT', ['CREATED', 'UPDATED']],
  ['TIME', ['CREATED', 'UPDATED', 'DELETED']],
]
const EVENTS = ACTIONS.flatMap(([object, actions]) => actions.map((action) => `${object}.${action}`))

export const channels: Channels<Api> = {
  per: 'connection',
  async open(call, { address, secret }) {
    await removeStrays(call, address)
    const made: string[] = []
    try {
      for (const event of EVENTS) made.push(await make(call, event, address, secret))
    } catch (error) {
      await removeAll(call, made)
      throw error
    }
    return { handle: made.join(','), expiresAt: null }
  },
  async close(call, { handle }) {
    const removed = await removeAll(call, handle.split(','))
    if (removed === 0) throw new ConnectorError('missing', 'none of its webhooks is there any more')
  },
}

async function make({ api }: Call<Api>, event: string, url: string, token: string): Promise<string> {
  const webhook = { event, url, token, status: 'ACTIVE', version: '2', contentType: 'application/json' }
  return (await api.client.post('/webhooks.json', { body: { webhook }, as: madeWebhook })).id
}

/** Webhooks to this connection that a lost answer left behind: each channel has an address under the same one. */
async function removeStrays(call: Call<Api>, address: string): Promise<void> {
  const own = address.slice(0, address.lastIndexOf('/') + 1)
  const { webhooks: all } = await call.api.client.get('/webhooks.json', { as: webhooks })
  await removeAll(
    call,
    all.filter(({ url }) => url.startsWith(own)).map(({ id }) => id),
  )
}

function removeAll({ api }: Call<Api>, ids: readonly string[]): Promise<number> {
  return removeEach(ids, (id) => api.client.delete(`/webhooks/${id}.json`))
}
