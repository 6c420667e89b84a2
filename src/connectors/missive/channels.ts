/**
 * Asks Missive for rules that send webhooks: one for each sort of message and one for comments, which together are a channel.
 * It signs none that the API made, so the address has the secret. There is no list of them.
 */
import { ConnectorError, type Call, type Channels, type RawRequest } from '../../connector/index.ts'
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
  if (error instanceof ConnectorError && error.failure === 'rejected') return []
  throw error
}

/** Answers how many were there. */
async function removeAll({ api }: Call<Api>, ids: readonly string[]): Promise<number> {
  let removed = 0
  for (const id of ids)
    try {
      await api.client.delete(`/hooks/${id}`)
      removed += 1
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.failure !== 'missing') throw error
    }
  return removed
}

export function jsonOf({ body }: RawRequest): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    return null
  }
}
