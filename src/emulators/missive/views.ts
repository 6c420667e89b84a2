/** Answers' objects, as the token's user sees them. */
import { attachmentJson } from './attachments.ts'
import { notFound } from './answers.ts'
import {
  entriesIn,
  mayRead,
  messagesIn,
  seconds,
  type Comment,
  type Contact,
  type Conversation,
  type Correspondent,
  type Message,
  type Post,
  type World,
} from './state.ts'

const APP = 'mail.missiveapp.com/#inbox/conversations'

/** A guest is told its id and its last activity alone. `viewer` null: a webhook's. */
export function conversationJson(world: World, conversation: Conversation, viewer: string | null) {
  const { id } = conversation
  const last_activity_at = seconds(conversation.activityAt)
  if (viewer !== null && !mayRead(conversation, viewer)) return { id, last_activity_at }
  const messages = messagesIn(world, id)
  const drafts = entriesIn(world.messages, id).filter(({ deliveredAt }) => deliveredAt === null)
  const tasks = entriesIn(world.comments, id).flatMap(({ task }) => (task === null ? [] : [task]))
  const assignees = usersJson(world, conversation, ({ assigned }) => assigned)
  const labels = conversation.labelIds.map((label) => labelJson(world, label))
  return {
    id,
    created_at: seconds(conversation.createdAt),
    subject: conversation.subject,
    latest_message_subject: messages.at(-1)?.subject ?? null,
    organization: organizationJson(world, conversation.organizationId),
    team: conversation.teamId === null ? null : teamJson(world, conversation.teamId),
    color: conversation.color,
    assignees,
    assignee_names: assignees.map(({ name }) => name).join(', '),
    assignee_emails: assignees.map(({ email }) => email).join(', '),
    users: usersJson(world, conversation, () => true),
    attachments_count: messages.reduce((sum, { attachmentIds }) => sum + attachmentIds.length, 0),
    messages_count: messages.length,
    authors: authorsOf(messages),
    drafts_count: drafts.length,
    send_later_messages_count: drafts.filter(({ sendAt }) => sendAt !== null).length,
    tasks_count: tasks.length,
    completed_tasks_count: tasks.filter(({ state }) => state === 'closed').length,
    shared_labels: labels,
    shared_label_names: labels.map(({ name }) => name).join(', '),
    last_activity_at,
    app_url: `missive://${APP}/${id}`,
    web_url: `https://${APP}/${id}`,
  }
}

function usersJson(
  world: World,
  conversation: Conversation,
  isTold: (marks: { readonly assigned: boolean }) => boolean,
) {
  const isUnassigned = conversation.inTeamInbox && ![...conversation.marks.values()].some(({ assigned }) => assigned)
  return [...conversation.marks]
    .filter(([, marks]) => isTold(marks))
    .map(([user, marks]) => {
      const { name = '', email = '' } = world.users.get(user) ?? {}
      return { id: user, name, email, unassigned: isUnassigned, ...marks }
    })
}

function authorsOf(messages: readonly Message[]) {
  const authors = messages.map(({ from }) => correspondentJson(from))
  return [...new Map(authors.map((author) => [JSON.stringify(author), author])).values()]
}

export function correspondentJson({ name, address, id, username, phone_number }: Correspondent) {
  return {
    ...(name === undefined ? {} : { name }),
    ...(address === undefined ? {} : { address }),
    ...(id === undefined ? {} : { id }),
    ...(username === undefined ? {} : { username }),
    ...(phone_number === undefined ? {} : { phone_number }),
  }
}

/** As lists and webhooks tell it: without its body. */
export function messageJson(world: World, message: Message) {
  const at = (time: number | null): number | null => (time === null ? null : seconds(time))
  return {
    id: message.id,
    subject: message.subject,
    draft: message.deliveredAt === null,
    preview: textOf(message.body).slice(0, 140),
    type: message.type,
    delivered_at: at(message.deliveredAt ?? message.sendAt),
    updated_at: seconds(message.updatedAt),
    created_at: seconds(message.createdAt),
    ...(message.messageId === null ? {} : { email_message_id: message.messageId }),
    ...(message.externalId === null ? {} : { external_id: message.externalId }),
    in_reply_to: message.inReplyTo,
    references: message.references,
    from_field: correspondentJson(message.from),
    to_fields: message.to.map(correspondentJson),
    cc_fields: message.cc.map(correspondentJson),
    bcc_fields: message.bcc.map(correspondentJson),
    reply_to_fields: [],
    attachments: message.attachmentIds.map((id) => attachmentJson(world, id)),
    ...(message.authorId === null ? {} : { author: userJson(world, message.authorId) }),
  }
}

/** As it is got by its id: with its body and its conversation. */
export function wholeMessageJson(world: World, message: Message, viewer: string) {
  const conversation = world.conversations.get(message.conversationId)
  if (conversation === undefined) throw notFound('Message not found')
  return {
    ...messageJson(world, message),
    body: message.body,
    conversation: conversationJson(world, conversation, viewer),
  }
}

export function commentJson(world: World, comment: Comment) {
  const { task } = comment
  return {
    id: comment.id,
    body: comment.body,
    created_at: seconds(comment.createdAt),
    mentions: comment.mentions,
    author: userJson(world, comment.authorId),
    attachment: comment.attachmentId === null ? null : attachmentJson(world, comment.attachmentId),
    task:
      task === null
        ? null
        : {
            description: task.description,
            state: task.state,
            due_at: task.dueAt === null ? null : seconds(task.dueAt),
            started_at: null,
            closed_at: task.state === 'closed' ? seconds(comment.createdAt) : null,
            assignees: task.assigneeIds.map((id) => userJson(world, id)),
            team: null,
          },
  }
}

export function postJson(post: Post) {
  const { id, createdAt, username, usernameIcon, text, markdown, notification, attachments } = post
  return {
    id,
    created_at: seconds(createdAt),
    username,
    username_icon: usernameIcon,
    ...(text === null ? {} : { text }),
    ...(markdown === null ? {} : { markdown }),
    notification,
    attachments,
  }
}

export function userJson(world: World, id: string) {
  const { name = '', email = '' } = world.users.get(id) ?? {}
  return { id, name, email, avatar_url: `https://avatars.missiveapp.com/${id}` }
}

export function organizationJson(world: World, id: string | null) {
  return id === null ? null : { id, name: world.organizations.get(id) ?? '' }
}

export function teamJson(world: World, id: string) {
  const team = world.teams.get(id)
  return { id, name: team?.name ?? '', organization: team?.organization ?? '' }
}

export function labelJson(world: World, id: string) {
  const label = world.labels.get(id)
  if (label === undefined) throw notFound('Shared label not found')
  return {
    id,
    name: label.name,
    name_with_parent_names: pathOf(world, id).join('/'),
    organization: label.organization,
    color: label.color ?? null,
    parent: label.parent ?? null,
  }
}

function pathOf(world: World, id: string): string[] {
  const label = world.labels.get(id)
  if (label === undefined) return []
  return [...(label.parent === undefined ? [] : pathOf(world, label.parent)), label.name]
}

export function contactJson(contact: Contact) {
  return {
    id: contact.id,
    contact_book: contact.bookId,
    deleted: contact.deleted,
    modified_at: seconds(contact.modifiedAt),
    first_name: contact.firstName,
    last_name: contact.lastName,
    notes: contact.notes,
    starred: contact.starred,
    infos: contact.infos,
    memberships: contact.memberships,
  }
}

function textOf(html: string): string {
  return html
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
