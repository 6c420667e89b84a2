/** The state of an emulated Missive. Times are milliseconds; answers tell whole seconds. */
import type { EmulatorPorts } from '../emulator.ts'
import { notFound } from './answers.ts'
import type { AccountSeed, ContactBookSeed, LabelSeed, Rules, TeamSeed, UserSeed } from './options.ts'

/** What one user made of a conversation. */
export interface Marks {
  readonly closed: boolean
  readonly archived: boolean
  readonly trashed: boolean
  readonly junked: boolean
  readonly assigned: boolean
  readonly flagged: boolean
  readonly snoozed: boolean
}

export interface Conversation {
  readonly id: string
  readonly subject: string | null
  readonly color: string | null
  readonly organizationId: string | null
  readonly teamId: string | null
  readonly inTeamInbox: boolean
  readonly labelIds: readonly string[]
  readonly marks: ReadonlyMap<string, Marks>
  /** Users who see nothing of it but that it is there. */
  readonly guestIds: readonly string[]
  readonly createdAt: number
  readonly activityAt: number
  /** The conversation that took its place. */
  readonly mergedInto: string | null
}

/** A person as a message names them: by address in mail, by id in a custom channel. */
export interface Correspondent {
  readonly name?: string | undefined
  readonly address?: string | undefined
  readonly id?: string | undefined
  readonly username?: string | undefined
  readonly phone_number?: string | undefined
}

export interface Message {
  readonly id: string
  readonly conversationId: string
  readonly type: 'email' | 'custom'
  readonly subject: string | null
  readonly body: string
  readonly from: Correspondent
  readonly to: readonly Correspondent[]
  readonly cc: readonly Correspondent[]
  readonly bcc: readonly Correspondent[]
  readonly messageId: string | null
  readonly externalId: string | null
  readonly inReplyTo: readonly string[]
  readonly references: readonly string[]
  readonly createdAt: number
  readonly updatedAt: number
  /** Null while it is a draft. */
  readonly deliveredAt: number | null
  /** When a draft is to be sent. */
  readonly sendAt: number | null
  readonly attachmentIds: readonly string[]
  /** The user who wrote it. */
  readonly authorId: string | null
}

export interface Task {
  readonly description: string
  readonly state: 'todo' | 'in_progress' | 'closed'
  readonly dueAt: number | null
  readonly assigneeIds: readonly string[]
}

export interface Comment {
  readonly id: string
  readonly conversationId: string
  readonly authorId: string
  readonly body: string
  readonly mentions: readonly { readonly id: string; readonly index: number; readonly length: number }[]
  readonly createdAt: number
  readonly attachmentId: string | null
  readonly task: Task | null
}

export interface Post {
  readonly id: string
  readonly conversationId: string
  readonly text: string | null
  readonly markdown: string | null
  readonly username: string
  readonly usernameIcon: string | null
  readonly notification: { readonly title: string; readonly body: string } | null
  readonly attachments: readonly object[]
  readonly references: readonly string[]
  readonly createdAt: number
}

export interface Attachment {
  readonly id: string
  readonly filename: string
  readonly bytes: Buffer
}

export interface Contact {
  readonly id: string
  readonly bookId: string
  readonly firstName: string
  readonly lastName: string
  readonly notes: string
  readonly starred: boolean
  readonly infos: readonly object[]
  readonly memberships: readonly object[]
  readonly modifiedAt: number
  readonly deleted: boolean
}

export const HOOK_TYPES = [
  'incoming_email',
  'incoming_sms_message',
  'incoming_facebook_message',
  'incoming_whatsapp_message',
  'incoming_twilio_chat_message',
  'new_comment',
] as const
/** Those of rules, of which the API makes only some. */
export type RuleType =
  | (typeof HOOK_TYPES)[number]
  | 'outgoing_email'
  | 'label_change'
  | 'team_change'
  | 'conversation_assignee_change'
  | 'conversation_closed'
  | 'conversation_reopened'

/** What happened to a conversation, as rules see it. */
export interface Happening {
  readonly type: RuleType
  readonly conversation: Conversation
  readonly message?: Message
  readonly comment?: Comment
}

export interface World {
  readonly ports: EmulatorPorts
  readonly rules: Rules
  /** Where addresses of attachments begin: as given, or the origin of the call that is being answered. */
  attachmentsUrl: string
  readonly organizations: ReadonlyMap<string, string>
  readonly users: ReadonlyMap<string, UserSeed>
  readonly teams: ReadonlyMap<string, TeamSeed>
  readonly labels: Map<string, LabelSeed>
  readonly accounts: ReadonlyMap<string, AccountSeed>
  readonly contactBooks: ReadonlyMap<string, ContactBookSeed>
  readonly conversations: Map<string, Conversation>
  readonly messages: Map<string, Message>
  readonly comments: Map<string, Comment>
  readonly posts: Map<string, Post>
  readonly attachments: Map<string, Attachment>
  readonly contacts: Map<string, Contact>
  /** Mail that left the house. */
  readonly outbox: Message[]
  happened(happening: Happening): void
}

export const UNMARKED: Marks = {
  closed: false,
  archived: false,
  trashed: false,
  junked: false,
  assigned: false,
  flagged: false,
  snoozed: false,
}

export function freshId({ ports }: World): string {
  const digits = Array.from({ length: 32 }, () => Math.floor(ports.random() * 16).toString(16)).join('')
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

export function seconds(at: number): number {
  return Math.floor(at / 1000)
}

/** A conversation under its id or under one that was merged into it, where the user may see it. */
export function conversationOf(world: World, by: string, id: string): Conversation {
  const found = world.conversations.get(id)
  if (found === undefined) throw notFound('Conversation not found')
  if (found.mergedInto !== null) return conversationOf(world, by, found.mergedInto)
  if (!mayRead(found, by) && !found.guestIds.includes(by)) throw notFound('Conversation not found')
  return found
}

export function mayRead({ marks }: Conversation, user: string): boolean {
  return marks.has(user)
}

/** Keeps a conversation; `isActive` says that something was said in it. */
export function keep(world: World, conversation: Conversation, isActive: boolean): Conversation {
  const activityAt = isActive ? Math.max(conversation.activityAt, world.ports.now()) : conversation.activityAt
  const kept = { ...conversation, activityAt }
  world.conversations.set(kept.id, kept)
  return kept
}

/** The same marks put on a conversation for all users, or for one. */
export function marked(
  { marks }: Conversation,
  changes: Partial<Marks>,
  isOf: (user: string) => boolean = () => true,
): ReadonlyMap<string, Marks> {
  return new Map([...marks].map(([user, mark]) => [user, isOf(user) ? { ...mark, ...changes } : mark]))
}

/** Messages of a conversation, oldest first; without drafts. */
export function messagesIn(world: World, conversationId: string): Message[] {
  return entriesIn(world.messages, conversationId)
    .filter(({ deliveredAt }) => deliveredAt !== null)
    .toSorted((one, other) => (one.deliveredAt ?? 0) - (other.deliveredAt ?? 0))
}

export function entriesIn<T extends { readonly conversationId: string }>(
  entries: ReadonlyMap<string, T>,
  conversationId: string,
): T[] {
  return [...entries.values()].filter((entry) => entry.conversationId === conversationId)
}
