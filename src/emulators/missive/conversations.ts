/** Conversations: mailboxes that are walked down, one of them with its entries, changes of several, and merging. */
import { z } from 'zod'
import { badRequest, forbidden } from './answers.ts'
import { checkHandling, handle, HANDLING } from './handling.ts'
import { pageOf } from './paging.ts'
import { readBody, type Query } from './query.ts'
import { commentJson, conversationJson, messageJson, postJson } from './views.ts'
import {
  conversationOf,
  entriesIn,
  keep,
  mayRead,
  messagesIn,
  type Conversation,
  type Marks,
  type World,
} from './state.ts'

const MARKS = ['assigned', 'closed', 'snoozed', 'flagged', 'trashed', 'junked'] as const
const TEAM_BOXES = ['team_inbox', 'team_closed', 'team_all'] as const

export const LIST_QUERY = [
  'limit',
  'until',
  'inbox',
  'all',
  ...MARKS,
  'drafts',
  'shared_label',
  ...TEAM_BOXES,
  'organization',
  'email',
  'domain',
  'contact_organization',
]
export const ENTRY_QUERY = ['limit', 'until']

export function listConversations(world: World, by: string, query: Query) {
  const isIn = mailboxOf(world, by, query)
  const fits = filterOf(world, query)
  const found = [...world.conversations.values()].filter(
    (conversation) => conversation.mergedInto === null && isIn(conversation) && fits(conversation),
  )
  const page = { limit: query.limit(25, 50, world.rules.leastLimit), until: query.count('until') }
  return {
    conversations: pageOf(world, found, ({ activityAt }) => activityAt, page).map((conversation) =>
      conversationJson(world, conversation, by),
    ),
  }
}

/** A conversation stands in the mailbox where it is in any of those that are asked for. */
function mailboxOf(world: World, by: string, query: Query): (conversation: Conversation) => boolean {
  const { rules } = world
  const boxes: ((conversation: Conversation, marks: Marks | null) => boolean)[] = []
  const isThere = (marks: Marks | null): boolean =>
    marks === null || ((!marks.trashed || rules.mailboxesHoldTrash) && !marks.junked)
  if (query.flag('inbox'))
    boxes.push(
      (_, marks) =>
        marks !== null && isThere(marks) && !marks.trashed && !marks.closed && !marks.archived && !marks.snoozed,
    )
  if (query.flag('all')) boxes.push((_, marks) => isThere(marks))
  for (const name of MARKS)
    if (query.flag(name))
      boxes.push((_, marks) => marks?.[name] === true && (name === 'trashed' || name === 'junked' || isThere(marks)))
  if (query.flag('drafts'))
    boxes.push(({ id }) => entriesIn(world.messages, id).some(({ deliveredAt }) => deliveredAt === null))
  const label = query.text('shared_label')
  if (label !== null) boxes.push(({ labelIds }, marks) => labelIds.includes(label) && isThere(marks))
  for (const name of TEAM_BOXES) {
    const team = query.text(name)
    if (team === null) continue
    if (world.teams.get(team) === undefined) throw badRequest(`'${name}': the team is unknown`)
    boxes.push(({ teamId, inTeamInbox }, marks) => {
      if (teamId !== team || !isThere(marks)) return false
      if (name === 'team_all') return true
      return marks?.closed === true ? name === 'team_closed' : name === 'team_inbox' && inTeamInbox
    })
  }
  if (boxes.length === 0) throw badRequest('You need to paginate at least one mailbox')
  return (conversation) => {
    const marks = conversation.marks.get(by) ?? null
    if (marks === null && !conversation.guestIds.includes(by)) return false
    return boxes.some((isIn) => isIn(conversation, marks))
  }
}

function filterOf(world: World, query: Query): (conversation: Conversation) => boolean {
  const [email, domain] = [query.text('email'), query.text('domain')]
  const given = [email, domain, query.text('contact_organization')].filter((value) => value !== null)
  if (given.length > 1) throw badRequest("'email', 'domain' and 'contact_organization' exclude each other")
  if (query.text('contact_organization') !== null) throw badRequest("the emulator leaves out 'contact_organization'")
  const organization = query.text('organization')
  return ({ id, organizationId }) => {
    if (organization !== null && organizationId !== organization) return false
    if (email === null && domain === null) return true
    const addresses = messagesIn(world, id).flatMap(({ from, to, cc }) =>
      [from, ...to, ...cc].map(({ address = '' }) => address),
    )
    return addresses.some((address) => (email === null ? address.endsWith(`@${domain ?? ''}`) : address === email))
  }
}

/** A list of one. What was merged is answered under the id that it has now. */
export function getConversation(world: World, by: string, id: string) {
  return { conversations: [conversationJson(world, conversationOf(world, by, id), by)] }
}

const ENTRY_KINDS = ['messages', 'comments', 'drafts', 'posts'] as const
export type EntryKind = (typeof ENTRY_KINDS)[number]

/** The entries of one kind, newest first, at most ten. */
export function listEntries(world: World, by: string, id: string, kind: EntryKind, query: Query) {
  const conversation = conversationOf(world, by, id)
  if (!mayRead(conversation, by)) throw forbidden('Guests do not see the entries of a conversation')
  const page = { limit: query.limit(10, 10, world.rules.leastLimit), until: query.count('until') }
  switch (kind) {
    case 'messages':
      return {
        messages: pageOf(world, messagesIn(world, conversation.id), ({ deliveredAt }) => deliveredAt ?? 0, page).map(
          (message) => messageJson(world, message),
        ),
      }
    case 'drafts': {
      const drafts = entriesIn(world.messages, conversation.id).filter(({ deliveredAt }) => deliveredAt === null)
      return {
        drafts: pageOf(world, drafts, ({ sendAt, createdAt }) => sendAt ?? createdAt, page).map((draft) =>
          messageJson(world, draft),
        ),
      }
    }
    case 'comments':
      return {
        comments: pageOf(world, entriesIn(world.comments, conversation.id), ({ createdAt }) => createdAt, page).map(
          (comment) => commentJson(world, comment),
        ),
      }
    case 'posts':
      return {
        posts: pageOf(world, entriesIn(world.posts, conversation.id), ({ createdAt }) => createdAt, page).map(postJson),
      }
  }
}

const CHANGE = z.strictObject({
  id: z.string(),
  subject: z.string().optional(),
  color: z.string().optional(),
  conversation_color: z.string().optional(),
  ...HANDLING,
})
const CHANGES = z.strictObject({ conversations: z.array(CHANGE).min(1) })

/** One object for each id of the address. */
export function changeConversations(world: World, by: string, ids: readonly string[], value: unknown) {
  const { conversations } = readBody(CHANGES, value)
  if (
    conversations
      .map(({ id }) => id)
      .toSorted()
      .join() !== ids.toSorted().join()
  )
    throw badRequest('conversations: one object for each id of the address')
  const found = conversations.map(({ id, conversation_color, ...fields }) => ({
    conversation: readable(world, by, id),
    fields: { ...fields, color: fields.color ?? conversation_color },
  }))
  for (const { fields } of found) checkHandling(world, fields, ['add_shared_labels'])
  return {
    conversations: found.map(({ conversation, fields }) =>
      conversationJson(world, handle(world, conversation, fields, false), by),
    ),
  }
}

const MERGE = z.strictObject({ target: z.string(), subject: z.string().optional() })

/** Everything of the first comes to stand in the target. */
export function mergeConversations(world: World, by: string, id: string, value: unknown) {
  const { target, subject } = readBody(MERGE, value)
  const merged = merge(world, readable(world, by, id), readable(world, by, target), subject)
  return { conversations: [conversationJson(world, merged, by)] }
}

export function merge(world: World, source: Conversation, target: Conversation, subject?: string): Conversation {
  if (source.id === target.id) throw badRequest("'target' is the conversation itself")
  world.conversations.set(source.id, { ...source, mergedInto: target.id })
  const move = <T extends { readonly conversationId: string }>(entries: Map<string, T>): void => {
    for (const [id, entry] of entries)
      if (entry.conversationId === source.id) entries.set(id, { ...entry, conversationId: target.id })
  }
  move(world.messages)
  move(world.comments)
  move(world.posts)
  const united = {
    ...target,
    ...(subject === undefined ? {} : { subject }),
    labelIds: [...new Set([...target.labelIds, ...source.labelIds])],
    marks: new Map([...source.marks, ...target.marks]),
    activityAt: Math.max(source.activityAt, target.activityAt),
  }
  return keep(world, united, world.rules.statesMoveActivity)
}

function readable(world: World, by: string, id: string): Conversation {
  const conversation = conversationOf(world, by, id)
  if (!mayRead(conversation, by)) throw forbidden('Guests change nothing')
  return conversation
}
