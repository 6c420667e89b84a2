/**
 * Asks Missive for rules that send webhooks: one for each sort of message and one for comments, which together are a channel.
 * It signs none that the API made, so the address has the secret. There is no list of them.
 */
import {
  ConnectorError,
  failedAs,
  jsonIn,
  removeEach,
  type Call,
  type Channels,
  type RawRequest,
} from '../../connector/index.ts'
import type { Api } from './api.ts'
import { madeHook, rule } from './wire.ts'

const NEEDED = ['incoming_email', 'new_comment']
/** What comes in by other ways than mail: not every plan has them. */
const OTHERS = [
  'incoming_sms_message',
  'incoming_facebook_message',
  'incoming_whatsapp_message',
  'incoming_twilio_chat_message',
]

export const channels: Channels<Api> = {
  per: 'scope',
  alsoByHand: true,
  async open(call, { address, secret }) {
    const made: string[] = []
    const url = `${address}?${secret}`
    try {
      for (const type of NEEDED) made.push(await make(call, type, url))
      for (const type of OTHERS) made.push(...(await make(call, type, url).then((id) => [id], noneIfRefused)))
    } catch (error) {
      // The first failure is what there is to tell.
      await removeAll(call, made).catch(() => 0)
      throw error
    }
    return { handle: made.join(','), expiresAt: null }
  },
  async close(call, { handle }) {
    const removed = await removeAll(call, handle.split(','))
    if (removed === 0) throw new ConnectorError('missing', 'none of its rules is there any more')
  },
  handleIn: (request) => rule.safeParse(jsonOf(request)).data?.rule.id ?? null,
}

async function make({ api, scope }: Call<Api>, type: string, url: string): Promise<string> {
  const { hooks } = await api.client.post('/hooks', {
    body: { hooks: { type, url, organization: scope } },
    as: madeHook,
  })
  return hooks.id
}

function noneIfRefused(error: unknown): readonly string[] {
  if (failedAs(error, 'rejected', 'forbidden')) return []
  throw error
}

function removeAll({ api }: Call<Api>, ids: readonly string[]): Promise<number> {
  return removeEach(ids, (id) => api.client.delete(`/hooks/${id}`))
}

export function jsonOf({ body }: RawRequest): unknown {
  return jsonIn(body.toString('utf8'))
}
