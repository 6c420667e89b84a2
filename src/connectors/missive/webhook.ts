/** What rules send: where to look, and nothing else. The first request of a rule names nothing, and is answered like any. */
import { hmacMatches, secretMatches, type Hint, type Webhook } from '../../connector/index.ts'
import { jsonOf } from './channels.ts'
import { told } from './wire.ts'

/** Whether the digest has a prefix no document says: both are taken. */
const PREFIXES = ['sha256=', '']

export const webhook: Webhook = {
  // Of a rule by hand the bytes are signed; of one that was asked for the address shows the secret.
  verify: ({ body, headers, query }, secret) =>
    (query !== undefined && secretMatches(query, secret)) ||
    PREFIXES.some((prefix) => hmacMatches(body, secret, headers['x-hook-signature'], { prefix })),
  hints(request) {
    const parsed = told.safeParse(jsonOf(request))
    const scope = parsed.data?.conversation.organization?.id
    if (!parsed.success || scope === undefined) return []
    const { conversation, message, comment } = parsed.data
    const hints: Hint[] = [{ feed: 'conversations', kind: 'conversation', scope, ref: conversation.id }]
    if (message) hints.push({ feed: 'messages', kind: 'message', scope, ref: message.id })
    if (comment) hints.push({ feed: 'comments', kind: 'comment', scope, ref: `${conversation.id}/${comment.id}` })
    return hints
  },
}
