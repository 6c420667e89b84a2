/** The answers of Missive, as far as they are read. Instants come out as text; activities stay whole seconds, to be asked by. */
import { z } from 'zod'
import { TOLD } from '../../connector/index.ts'

const instant = z.number().transform((seconds) => new Date(seconds * 1000).toISOString())
const text = z.string().nullish()

const organization = z.object({ id: z.string(), name: z.string() }).and(TOLD)
export type WireOrganization = z.infer<typeof organization>
export const organizations = z.object({ organizations: z.array(organization) })

const user = z.object({ id: z.string(), name: text, email: text, me: z.boolean().nullish() }).and(TOLD)
export type WireUser = z.infer<typeof user>
export const users = z.object({ users: z.array(user) })

const team = z.object({ id: z.string(), name: z.string() }).and(TOLD)
export type WireTeam = z.infer<typeof team>
export const teams = z.object({ teams: z.array(team) })

const label = z.object({ id: z.string(), name: z.string(), name_with_parent_names: text, color: text }).and(TOLD)
export type WireLabel = z.infer<typeof label>
export const labels = z.object({ shared_labels: z.array(label) })

const flag = z.boolean().nullish()
const reader = z.object({ id: z.string(), closed: flag, trashed: flag, junked: flag })

/** A guest is told the id and the activity, and nothing else. */
export const conversation = z
  .object({
    id: z.string(),
    last_activity_at: z.number(),
    created_at: instant.nullish(),
    subject: text,
    latest_message_subject: text,
    organization: organization.nullish(),
    team: z.object({ id: z.string() }).nullish(),
    color: text,
    assignees: z.array(z.object({ id: z.string() })).nullish(),
    users: z.array(reader).nullish(),
    shared_labels: z.array(z.object({ id: z.string() })).nullish(),
    web_url: text,
  })
  .and(TOLD)
export type WireConversation = z.infer<typeof conversation>
export const conversations = z.object({ conversations: z.array(conversation) })

const attachment = z
  .object({
    id: z.string(),
    filename: text,
    url: z.string(),
    media_type: text,
    sub_type: text,
    size: z.number().nullish(),
  })
  .and(TOLD)
export type WireAttachment = z.infer<typeof attachment>

/** Of a mail, or of a chat: whoever has no address has a name. */
const correspondent = z.object({ name: text, address: text, username: text, phone_number: text })
export type WireCorrespondent = z.infer<typeof correspondent>
const correspondents = z.array(correspondent).nullish()

const listedMessage = z.object({ id: z.string(), created_at: z.number(), delivered_at: z.number().nullish() })
export const messageList = z.object({ messages: z.array(listedMessage) })

const message = z
  .object({
    id: z.string(),
    subject: text,
    preview: text,
    body: text,
    type: text,
    delivered_at: instant.nullish(),
    created_at: instant,
    email_message_id: text,
    from_field: correspondent.nullish(),
    to_fields: correspondents,
    cc_fields: correspondents,
    attachments: z.array(attachment).nullish(),
    author: z.object({ id: z.string(), name: text }).nullish(),
    conversation,
  })
  .and(TOLD)
export type WireMessage = z.infer<typeof message>
/** One comes as an object, several as a list. */
export const messages = z.object({
  messages: z.union([z.array(message), message.transform((one) => [one])]),
})

const comment = z
  .object({
    id: z.string(),
    body: text,
    created_at: z.number(),
    author: z.object({ id: z.string(), name: text }).nullish(),
    attachment: attachment.nullish(),
    task: z.object({ state: text }).nullish(),
  })
  .and(TOLD)
export type WireComment = z.infer<typeof comment>
export const comments = z.object({ comments: z.array(comment) })

const post = z.object({ id: z.string(), created_at: z.number(), username: text, text, markdown: text }).and(TOLD)
export type WirePost = z.infer<typeof post>
export const posts = z.object({ posts: z.array(post) })
export const madePost = z.object({ posts: z.object({ id: z.string(), conversation: z.string() }) })

/** A refusal in words. */
export const refusal = z.union([
  z.object({ error: z.string() }).transform(({ error }) => error),
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ message: z.string() }).transform(({ message: words }) => words),
])

export const madeHook = z.object({ hooks: z.object({ id: z.string() }) })

/** By which rule a webhook was sent. */
export const rule = z.object({ rule: z.object({ id: z.string() }) })

/** What webhooks are trusted for: where to look. */
export const told = z.object({
  conversation: z.object({ id: z.string(), organization: z.object({ id: z.string() }).nullish() }),
  message: z.object({ id: z.string() }).nullish(),
  comment: z.object({ id: z.string() }).nullish(),
})
