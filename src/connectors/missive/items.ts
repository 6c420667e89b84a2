/** What Missive answers, as items of the engine. An empty text and an empty set are null. */
import { rawOf, type Call, type FileValue, type Item, type Json, type Person, type Ref } from '../../connector/index.ts'
import type { Api } from './api.ts'
import type {
  WireAttachment,
  WireComment,
  WireConversation,
  WireCorrespondent,
  WireLabel,
  WireMessage,
  WireOrganization,
  WirePost,
  WireTeam,
  WireUser,
} from './wire.ts'

export function organizationItem({ config }: Api, read: WireOrganization): Item {
  const { id, name } = read
  return { scope: '', ref: id, values: { id, name, ...rawOf(config, read) } }
}

export function personItem({ config }: Api, read: WireUser, scope: Ref): Item {
  const { id, name, email } = read
  return { scope, ref: id, values: { id, name: name || id, email: filled(email), ...rawOf(config, read) } }
}

export function teamItem({ config }: Api, read: WireTeam, scope: Ref): Item {
  const { id, name } = read
  return { scope, ref: id, values: { id, name, ...rawOf(config, read) } }
}

/** A label under another one shows both names. */
export function labelItem({ config }: Api, read: WireLabel, scope: Ref): Item {
  const { id, name, name_with_parent_names: whole, color } = read
  return { scope, ref: id, values: { id, name: whole || name, colour: filled(color), ...rawOf(config, read) } }
}

/** The state is each reader's own: that of the user whose token it is. */
export function conversationItem({ config }: Api, read: WireConversation, scope: Ref, actor: Person): Item {
  const mine = read.users?.find(({ id }) => id === actor.ref)
  const assignees = setOf(read.assignees?.map(({ id }) => id))
  return {
    scope,
    ref: read.id,
    values: {
      id: read.id,
      subject: filled(read.subject),
      latestSubject: filled(read.latest_message_subject),
      team: read.team?.id ?? null,
      assignees,
      assigneeIds: assignees,
      labels: setOf(read.shared_labels?.map(({ id }) => id)),
      colour: filled(read.color),
      closed: mine?.closed ?? false,
      trashed: mine?.trashed ?? false,
      junked: mine?.junked ?? false,
      activeAt: instantOf(read.last_activity_at),
      address: filled(read.web_url),
      createdAt: read.created_at ?? null,
      ...rawOf(config, read),
    },
    createdAt: read.created_at ?? undefined,
  }
}

/** Addresses of files, and the conversation around a message, differ at each read. */
const AROUND = ['url', 'conversation']

export function messageItem({ config }: Api, read: WireMessage, scope: Ref): Item {
  const { author, from_field: from } = read
  return {
    scope,
    ref: read.id,
    values: {
      id: read.id,
      conversation: read.conversation.id,
      subject: filled(read.subject),
      body: filled(read.body),
      preview: filled(read.preview),
      type: filled(read.type),
      from: from ? nameOf(from) : null,
      fromName: filled(from?.name),
      to: setOf(read.to_fields?.map(nameOf)),
      cc: setOf(read.cc_fields?.map(nameOf)),
      sentAt: read.delivered_at ?? null,
      messageId: filled(read.email_message_id),
      authorId: author?.id ?? null,
      createdAt: read.created_at,
      files: filesOf(read.attachments),
      ...rawOf(config, read, AROUND),
    },
    author: author ? { ref: author.id, name: author.name || author.id } : undefined,
    createdAt: read.created_at,
  }
}

/** Attachments of a message, as items of their own: one is told by its message and itself. */
export function attachmentItems({ config }: Api, message: WireMessage, scope: Ref): readonly Item[] {
  const { id, attachments, created_at: createdAt } = message
  return (attachments ?? []).map((each) => {
    const file = fileOf(each)
    return {
      scope,
      ref: `${id}/${each.id}`,
      values: {
        id: `${id}/${each.id}`,
        message: id,
        name: file.name,
        type: file.type ?? null,
        size: file.size === undefined ? null : String(file.size),
        file,
        createdAt,
        ...rawOf(config, each, AROUND),
      },
    }
  })
}

export function commentItem({ config }: Api, read: WireComment, conversation: Ref, scope: Ref): Item {
  const { author, attachment, task } = read
  return {
    scope,
    ref: `${conversation}/${read.id}`,
    values: {
      id: `${conversation}/${read.id}`,
      conversation,
      body: filled(read.body),
      authorId: author?.id ?? null,
      createdAt: instantOf(read.created_at),
      taskState: filled(task?.state),
      file: attachment ? fileOf(attachment) : null,
      ...rawOf(config, read, AROUND),
    },
    author: author ? { ref: author.id, name: author.name || author.id } : undefined,
    createdAt: instantOf(read.created_at),
  }
}

/** Missive tells the name of who posted, and no id: who has the name of the token's user is taken for them. */
export function postItem({ api: { config }, scope, actor }: Call<Api>, read: WirePost, conversation: Ref): Item {
  const own = read.username !== null && read.username === actor.name
  return {
    scope,
    ref: `${conversation}/${read.id}`,
    values: {
      id: `${conversation}/${read.id}`,
      conversation,
      text: read.markdown || read.text || '',
      username: filled(read.username),
      createdAt: instantOf(read.created_at),
      ...rawOf(config, read, AROUND),
    },
    author: own ? { ref: actor.ref, name: actor.name } : undefined,
    createdAt: instantOf(read.created_at),
  }
}

/** The ref stays; the address expires, and is no part of it. */
export function fileOf({ id, filename, media_type: type, sub_type: subtype, size }: WireAttachment): FileValue {
  return {
    ref: id,
    name: filename || id,
    ...(type && subtype ? { type: `${type}/${subtype}` } : {}),
    ...(typeof size === 'number' ? { size } : {}),
  }
}

function filesOf(attachments: readonly WireAttachment[] | null | undefined): Json {
  return attachments && attachments.length > 0 ? attachments.map(fileOf) : null
}

function nameOf({ address, username, phone_number: phone, name }: WireCorrespondent): string {
  return address || username || phone || name || ''
}

export function instantOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString()
}

function setOf(all: readonly string[] | null | undefined): readonly string[] | null {
  const some = [...new Set(all)].filter((each) => each !== '')
  return some.length > 0 ? some.toSorted() : null
}

function filled(text: string | null | undefined): string | null {
  return text || null
}
