/** Messages, comments and posts: how one is read, and all of a conversation. */
import { ConnectorError, type Call, type Change, type Item, type Ref, type Tombstone } from '../../connector/index.ts'
import type { Api } from './api.ts'
import { attachmentItems, commentItem, conversationItem, messageItem, postItem } from './items.ts'
import { entries } from './walking.ts'
import {
  comments,
  conversations,
  messageList,
  messages,
  posts,
  type WireComment,
  type WireMessage,
  type WirePost,
} from './wire.ts'

/** Tells entries of a conversation that came since a second, a page at a time. */
export type Entries = (call: Call<Api>, conversation: Ref, since: number) => AsyncGenerator<readonly Change[]>

/** Lists show no bodies; those of a page are asked for in one call. */
export const messagesOf: Entries = async function* (call, conversation, since) {
  const path = `/conversations/${conversation}/messages`
  for await (const listed of entries(call.api, path, messageList, (answer) => answer.messages, deliveryOf, since)) {
    if (listed.length === 0) continue
    const whole = await readMessages(
      call.api,
      listed.map(({ id }) => id),
    )
    yield whole.flatMap((each) => messageChanges(call, each))
  }
}

export const commentsOf: Entries = async function* (call, conversation, since) {
  for await (const page of commentPages(call, conversation, since))
    yield page.map((each) => ({ kind: 'comment', ...commentItem(call.api, each, conversation, call.scope) }))
}

export const postsOf: Entries = async function* (call, conversation, since) {
  for await (const page of postPages(call, conversation, since))
    yield page.map((each) => ({ kind: 'post', ...postItem(call, each, conversation) }))
}

/** Messages stand in order of their delivery, which may be long before they came. */
function deliveryOf(message: {
  readonly created_at: number
  readonly delivered_at?: number | null | undefined
}): number {
  return message.delivered_at ?? message.created_at
}

function commentPages({ api }: Call<Api>, id: Ref, since: number): AsyncGenerator<readonly WireComment[]> {
  return entries(api, `/conversations/${id}/comments`, comments, (answer) => answer.comments, madeAt, since)
}

function postPages({ api }: Call<Api>, id: Ref, since: number): AsyncGenerator<readonly WirePost[]> {
  return entries(api, `/conversations/${id}/posts`, posts, (answer) => answer.posts, madeAt, since)
}

const madeAt = (entry: { readonly created_at: number }): number => entry.created_at

async function readMessages({ client }: Api, ids: readonly Ref[]): Promise<readonly WireMessage[]> {
  return (await client.get(`/messages/${ids.join(',')}`, { as: messages })).messages
}

function messageChanges({ api, scope }: Call<Api>, message: WireMessage): readonly Change[] {
  return [
    { kind: 'message', ...messageItem(api, message, scope) },
    ...attachmentItems(api, message, scope).map((each) => ({ kind: 'attachment', ...each })),
  ]
}

export async function readMessage(api: Api, ref: Ref): Promise<WireMessage> {
  const [message] = await readMessages(api, [ref])
  if (message === undefined) throw missing(`message ${ref}`)
  return message
}

/** A conversation that was merged answers with another one, which has its entries now. */
export async function getConversation({ api, scope, actor }: Call<Api>, ref: Ref): Promise<Item | Tombstone> {
  const [read] = (await api.client.get(`/conversations/${ref}`, { as: conversations })).conversations
  if (read === undefined) throw missing(`conversation ${ref}`)
  if (read.id !== ref) return { scope, ref, gone: 'deleted' }
  const organization = read.organization?.id
  return organization === undefined ? { scope, ref, gone: 'moved' } : conversationItem(api, read, organization, actor)
}

export async function getMessage({ api, scope }: Call<Api>, ref: Ref): Promise<Item> {
  const message = await readMessage(api, ref)
  return messageItem(api, message, message.conversation.organization?.id ?? scope)
}

export async function getAttachment(call: Call<Api>, ref: Ref): Promise<Item> {
  const { api, scope } = call
  const message = await readMessage(api, ref.split('/')[0] ?? ref)
  const items = attachmentItems(api, message, message.conversation.organization?.id ?? scope)
  const item = items.find((each) => each.ref === ref)
  if (item === undefined) throw missing(`attachment ${ref}`)
  return item
}

export async function getComment(call: Call<Api>, ref: Ref): Promise<Item> {
  const comment = await readComment(call, ref)
  return commentItem(call.api, comment, await standingIn(call, ref), call.scope)
}

/** A comment and a post are read through their conversation alone. */
export async function readComment(call: Call<Api>, ref: Ref): Promise<WireComment> {
  for await (const page of commentPages(call, conversationOf(ref), 0)) {
    const comment = page.find(({ id }) => ref.endsWith(`/${id}`))
    if (comment !== undefined) return comment
  }
  throw missing(`comment ${ref}`)
}

export async function getPost(call: Call<Api>, ref: Ref): Promise<Item> {
  const post = await readPost(call, ref)
  return postItem(call, post, await standingIn(call, ref))
}

export async function readPost(call: Call<Api>, ref: Ref): Promise<WirePost> {
  for await (const page of postPages(call, conversationOf(ref), 0)) {
    const post = page.find(({ id }) => ref.endsWith(`/${id}`))
    if (post !== undefined) return post
  }
  throw missing(`post ${ref}`)
}

/** A conversation that was merged answers with the entries of another one, where they are other items. */
async function standingIn({ api }: Call<Api>, ref: Ref): Promise<Ref> {
  const conversation = conversationOf(ref)
  const [read] = (await api.client.get(`/conversations/${conversation}`, { as: conversations })).conversations
  if (read?.id !== conversation) throw missing(`conversation ${conversation}`)
  return conversation
}

function conversationOf(ref: Ref): Ref {
  return ref.split('/')[0] ?? ref
}

function missing(what: string): ConnectorError {
  return new ConnectorError('missing', `there is no ${what}`)
}
