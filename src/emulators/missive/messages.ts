/** Messages: got by their ids, put into custom channels, received and sent as mail, and drafts of them. */
import { z } from 'zod'
import { attachmentOf, FILE } from './attachments.ts'
import { badRequest, leftOut, notFound } from './answers.ts'
import {
  broughtBack,
  checkHandling,
  findOrStart,
  handle,
  PLACING,
  referred,
  start,
  touch,
  type Handling,
} from './handling.ts'
import { readBody } from './query.ts'
import { messageJson, wholeMessageJson } from './views.ts'
import {
  conversationOf,
  freshId,
  keep,
  mayRead,
  type Conversation,
  type Correspondent,
  type Message,
  type World,
} from './state.ts'
import type { AccountSeed } from './options.ts'

const CORRESPONDENT = z.strictObject({
  name: z.string().optional(),
  address: z.string().optional(),
  id: z.string().optional(),
  username: z.string().optional(),
  phone_number: z.string().optional(),
  type: z.string().optional(),
})
const correspondents = z.array(CORRESPONDENT).optional()
const MAIL = {
  subject: z.string().optional(),
  body: z.string().optional(),
  to_fields: correspondents,
  cc_fields: correspondents,
  bcc_fields: correspondents,
  attachments: z.array(FILE).max(25).optional(),
  ...PLACING,
}
const DRAFT = z.strictObject({
  drafts: z.strictObject({
    ...MAIL,
    from_field: CORRESPONDENT.optional(),
    account: z.string().optional(),
    quote_previous_message: z.boolean().optional(),
    send: z.boolean().optional(),
    send_at: z.int().optional(),
    auto_followup: z.boolean().optional(),
    external_response_id: z.string().optional(),
    external_response_variables: z.record(z.string(), z.string()).optional(),
  }),
})
const INCOMING = z.strictObject({
  messages: z.strictObject({
    ...MAIL,
    account: z.string(),
    from_field: CORRESPONDENT,
    delivered_at: z.int().optional(),
    external_id: z.string().optional(),
  }),
})

/** One as an object, several as a list. */
export function getMessages(world: World, by: string, ids: readonly string[]) {
  const found = ids.map((id) => {
    const message = world.messages.get(id)
    const conversation = world.conversations.get(message?.conversationId ?? '')
    if (message === undefined || conversation === undefined || !mayRead(conversation, by))
      throw notFound('Message not found')
    return wholeMessageJson(world, message, by)
  })
  return { messages: ids.length === 1 ? found[0] : found }
}

/** The latest ten under one Message-ID. */
export function findMessages(world: World, by: string, messageId: string | null) {
  if (messageId === null) throw badRequest("'email_message_id' is required")
  const found = [...world.messages.values()].filter((message) => {
    const conversation = world.conversations.get(message.conversationId)
    return message.messageId === messageId && conversation !== undefined && mayRead(conversation, by)
  })
  return {
    messages: found
      .toReversed()
      .slice(0, 10)
      .map((message) => wholeMessageJson(world, message, by)),
  }
}

export interface Mail {
  readonly from: Correspondent
  readonly to?: readonly Correspondent[]
  readonly cc?: readonly Correspondent[]
  readonly subject?: string
  readonly body: string
  /** Its Message-ID, with chevrons. */
  readonly messageId?: string
  readonly inReplyTo?: string
  /** When it was delivered, where it comes in late. Milliseconds. */
  readonly deliveredAt?: number
  readonly attachments?: readonly { readonly filename: string; readonly bytes: Buffer }[]
}

/** A mail comes in at an account, into the conversation that it answers, or into a new one. */
export function receive(world: World, account: AccountSeed, mail: Mail): Message {
  const references = mail.inReplyTo === undefined ? [] : [mail.inReplyTo]
  const known = referred(world, references)
  const conversation = known ?? startAt(world, account)
  const now = world.ports.now()
  const message = keepMessage(world, conversation, {
    type: 'email',
    subject: mail.subject ?? null,
    body: mail.body,
    from: mail.from,
    to: mail.to ?? [{ name: account.name, address: account.address }],
    cc: mail.cc ?? [],
    messageId: mail.messageId ?? `<${freshId(world)}@mail.example.com>`,
    inReplyTo: references,
    deliveredAt: mail.deliveredAt ?? now,
    attachmentIds: (mail.attachments ?? []).map(({ filename, bytes }) => {
      const id = freshId(world)
      world.attachments.set(id, { id, filename, bytes })
      return id
    }),
  })
  arrived(world, conversation, message)
  return message
}

/** It is in the inbox again, and has been active: when it came, or when it was delivered. */
function arrived(world: World, conversation: Conversation, message: Message): void {
  const current = broughtBack(world.conversations.get(conversation.id) ?? conversation)
  const at = message.deliveredAt ?? 0
  const activityAt = Math.max(current.activityAt, at)
  const isFresh = conversation.createdAt === world.ports.now()
  const active = world.rules.arrivalIsActivity
    ? keep(world, current, true)
    : keep(world, { ...current, activityAt: isFresh ? at : activityAt }, false)
  world.happened({ type: 'incoming_email', conversation: active, message })
}

function startAt(world: World, { organization, team, users = [] }: AccountSeed): Conversation {
  const readers = team === undefined ? users : (world.teams.get(team)?.members ?? [])
  const conversation = start(world, readers, organization ?? null)
  if (team === undefined) return conversation
  return keep(world, { ...conversation, teamId: team, inTeamInbox: true }, false)
}

/** POST /messages: a message comes in through a custom channel. */
export function createIncoming(world: World, by: string, value: unknown) {
  const { messages: body } = readBody(INCOMING, value)
  const account = world.accounts.get(body.account)
  if (account?.kind !== 'custom') throw badRequest("'account' is no custom channel")
  const known = [...world.messages.values()].find(
    ({ externalId }) => externalId !== null && externalId === body.external_id,
  )
  if (known !== undefined) throw badRequest("'external_id' has already been taken")
  checkHandling(world, handlingOf(body))
  const { organization } = body
  const isMeant = ({ organizationId }: Conversation): boolean =>
    organization === undefined || organizationId === organization
  const found =
    body.conversation === undefined
      ? (referred(world, body.references ?? [], isMeant) ?? startAt(world, account))
      : conversationOf(world, by, body.conversation)
  const message = keepMessage(world, found, {
    ...contentOf(world, body),
    type: 'custom',
    from: body.from_field,
    externalId: body.external_id ?? null,
    references: body.references ?? [],
    deliveredAt: body.delivered_at === undefined ? world.ports.now() : body.delivered_at * 1000,
  })
  const brought = keep(world, broughtBack(found), true)
  const conversation = handle(world, brought, handlingOf(body), true)
  return { messages: wholeMessageJson(world, message, conversation.marks.has(by) ? by : '') }
}

/** POST /drafts: a draft, or with `send` a mail that really leaves. */
export function createDraft(world: World, by: string, value: unknown) {
  const { drafts: body } = readBody(DRAFT, value)
  for (const name of ['quote_previous_message', 'external_response_id', 'external_response_variables'] as const)
    if (body[name] !== undefined) throw leftOut(`${name} of drafts`)
  if (body.send === true && body.send_at !== undefined) throw badRequest("'send_at' cannot be combined with 'send'")
  if (body.auto_followup === true && body.send_at === undefined) throw badRequest("'auto_followup' needs 'send_at'")
  const account = [...world.accounts.values()].find(({ id, address }) =>
    body.account === undefined ? address === body.from_field?.address : id === body.account,
  )
  if (account === undefined) throw badRequest("'from_field' is none of your aliases")
  if (body.send === true && (body.to_fields ?? []).length === 0) throw badRequest("'to_fields' is required to send")
  checkHandling(world, handlingOf(body))
  const conversation = findOrStart(world, by, body)
  const draft = keepMessage(world, conversation, {
    ...contentOf(world, body),
    type: account.kind,
    from: body.from_field ?? { name: account.name, address: account.address },
    messageId: account.kind === 'email' ? `<${freshId(world)}@missiveapp.com>` : null,
    references: body.references ?? [],
    sendAt: body.send_at === undefined ? null : body.send_at * 1000,
    authorId: by,
  })
  handle(world, conversation, handlingOf(body), false)
  if (body.send === true) sendDraft(world, draft.id)
  if (draft.sendAt !== null)
    world.ports.after(Math.max(draft.sendAt - world.ports.now(), 0), () => {
      if (world.messages.get(draft.id)?.deliveredAt === null) sendDraft(world, draft.id)
    })
  return { drafts: { ...messageJson(world, world.messages.get(draft.id) ?? draft), conversation: conversation.id } }
}

export function sendDraft(world: World, id: string): Message {
  const draft = world.messages.get(id)
  if (draft === undefined || draft.deliveredAt !== null) throw notFound('Draft not found')
  const now = world.ports.now()
  const message = { ...draft, deliveredAt: now, updatedAt: now }
  world.messages.set(id, message)
  world.outbox.push(message)
  const conversation = world.conversations.get(draft.conversationId)
  if (conversation !== undefined)
    world.happened({ type: 'outgoing_email', conversation: touch(world, conversation), message })
  return message
}

export function deleteDraft(world: World, by: string, id: string): void {
  const draft = world.messages.get(id)
  const conversation = world.conversations.get(draft?.conversationId ?? '')
  if (draft === undefined || draft.deliveredAt !== null) throw notFound('Draft not found')
  if (conversation === undefined || !mayRead(conversation, by)) throw notFound('Draft not found')
  world.messages.delete(id)
}

type Content = Pick<Message, 'subject' | 'body' | 'to' | 'cc' | 'bcc' | 'attachmentIds'>

function contentOf(
  world: World,
  body: z.output<typeof INCOMING>['messages'] | z.output<typeof DRAFT>['drafts'],
): Content {
  return {
    subject: body.subject ?? null,
    body: body.body ?? '',
    to: body.to_fields ?? [],
    cc: body.cc_fields ?? [],
    bcc: body.bcc_fields ?? [],
    attachmentIds: (body.attachments ?? []).map((file) => attachmentOf(world, file).id),
  }
}

function handlingOf({
  conversation_subject: subject,
  conversation_color: color,
  ...fields
}: Handling & {
  readonly conversation_subject?: string | undefined
  readonly conversation_color?: string | undefined
}): Handling {
  return { ...fields, subject, color }
}

function keepMessage(
  world: World,
  { id: conversationId }: Conversation,
  given: Pick<Message, 'type' | 'from'> & Partial<Message>,
): Message {
  const now = world.ports.now()
  const message: Message = {
    id: freshId(world),
    conversationId,
    subject: null,
    body: '',
    to: [],
    cc: [],
    bcc: [],
    messageId: null,
    externalId: null,
    inReplyTo: [],
    references: [],
    createdAt: now,
    updatedAt: now,
    deliveredAt: null,
    sendAt: null,
    attachmentIds: [],
    authorId: null,
    ...given,
  }
  world.messages.set(message.id, message)
  return message
}
