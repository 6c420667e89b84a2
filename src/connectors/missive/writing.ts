/** What the API lets one write: the subject, team, assignees, labels and state of conversations, and posts. */
import {
  beginning,
  ConnectorError,
  requiredText,
  textOf,
  type Call,
  type Create,
  type Delete,
  type Item,
  type Json,
  type Made,
  type Ref,
  type Unread,
  type Update,
  type Values,
} from '../../connector/index.ts'
import type { Api } from './api.ts'
import { conversationItem, postItem } from './items.ts'
import { readPost } from './reading.ts'
import { conversations, madePost } from './wire.ts'

/** Missive cuts longer ones without a word. */
const LONGEST = 8000
const SUBJECT = 200

/** People and labels are added and removed one by one: what others put there meanwhile stays. */
export async function updateConversation(call: Call<Api>, { ref, changed, base }: Update): Promise<Item | Unread> {
  const { api, scope, actor } = call
  const answer = await api.client.patch(`/conversations/${ref}`, {
    body: { conversations: [{ id: ref, organization: scope, ...bodyOf(changed, base.values) }] },
    as: conversations,
  })
  const [read] = answer.conversations
  return read?.id === ref ? conversationItem(api, read, scope, actor) : { scope, ref, unread: true }
}

function bodyOf(changed: Values, base: Values): Readonly<Record<string, unknown>> {
  const body: Record<string, unknown> = {}
  if ('subject' in changed) body['subject'] = textOf(changed, 'subject') ?? ''
  if ('colour' in changed) body['color'] = textOf(changed, 'colour') ?? ''
  if ('closed' in changed) body[changed['closed'] === true ? 'close' : 'reopen'] = true
  if ('team' in changed) Object.assign(body, teamOf(textOf(changed, 'team')))
  for (const [field, name] of [
    ['assignees', 'assignees'],
    ['labels', 'shared_labels'],
  ] as const) {
    if (!(field in changed)) continue
    const [before, after] = [setOf(base[field]), setOf(changed[field])]
    const [added, removed] = [
      after.filter((each) => !before.includes(each)),
      before.filter((each) => !after.includes(each)),
    ]
    if (added.length > 0) body[`add_${name}`] = added
    if (removed.length > 0) body[`remove_${name}`] = removed
  }
  return body
}

function teamOf(team: Ref | null) {
  if (team === null) throw new ConnectorError('rejected', 'Missive lets nobody take a conversation out of every team')
  return { team, force_team: true }
}

/** In a conversation, or in a new one of the organization. The answer tells ids alone, so it is read. */
export async function createPost(call: Call<Api>, { values }: Create): Promise<Made> {
  const { api, scope } = call
  const text = requiredText(values, 'text')
  if (text.length > LONGEST) throw new ConnectorError('rejected', `a post has at most ${LONGEST} characters`)
  const conversation = textOf(values, 'conversation')
  const subject = beginning(text.split('\n')[0] ?? '', SUBJECT)
  const where = conversation === null ? { organization: scope, conversation_subject: subject } : { conversation }
  const notification = { title: call.actor.name ?? 'Post', body: beginning(text, SUBJECT) }
  const { posts: made } = await api.client.post('/posts', {
    body: { posts: { ...where, markdown: text, notification } },
    as: madePost,
  })
  const ref = `${made.conversation}/${made.id}`
  const read = await readPost(call, ref).catch(() => null)
  return [{ kind: 'post', ...(read === null ? { scope, ref, unread: true } : postItem(call, read, made.conversation)) }]
}

export function deletePost({ api }: Call<Api>, { ref }: Delete): Promise<void> {
  return api.client.delete(`/posts/${ref.split('/')[1] ?? ref}`)
}

function setOf(value: Json | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []
}
