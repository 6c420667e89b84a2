/** Google Chat's answers, as far as they are read. Members that are empty or false are left out of answers. */
import { z } from 'zod'

const time = z.iso.datetime({ offset: true })

export const spaceAnswer = z.object({
  name: z.string().regex(/^spaces\/[^/]+$/),
  displayName: z.string().optional(),
  spaceType: z.string().optional(),
  spaceThreadingState: z.string().optional(),
  importMode: z.boolean().optional(),
  createTime: time.optional(),
  lastActiveTime: time.optional(),
})
export type WireSpace = z.infer<typeof spaceAnswer>

const messageName = z.string().regex(/^spaces\/[^/]+\/messages\/[^/]+$/)

/** Everything but the name may be missing: repeated creates and events of emptied messages answer only a part. */
export const messageAnswer = z.object({
  name: messageName,
  sender: z.object({ name: z.string(), displayName: z.string().optional() }).optional(),
  createTime: time.optional(),
  lastUpdateTime: time.optional(),
  deleteTime: time.optional(),
  deletionMetadata: z.object({ deletionType: z.string().optional() }).optional(),
  text: z.string().optional(),
  formattedText: z.string().optional(),
  fallbackText: z.string().optional(),
  thread: z.object({ name: z.string() }).optional(),
  threadReply: z.boolean().optional(),
  clientAssignedMessageId: z.string().optional(),
  privateMessageViewer: z.object({ name: z.string().optional() }).optional(),
})
export type WireMessage = z.infer<typeof messageAnswer>

export const spacesAnswer = z.object({
  spaces: z.array(spaceAnswer).default([]),
  nextPageToken: z.string().optional(),
})

export const messagesAnswer = z.object({
  messages: z.array(messageAnswer).default([]),
  nextPageToken: z.string().optional(),
})

/** Of a message in another form the name is enough to read it by itself. An emptied one may have lost that too. */
const eventMessage = z.union([messageAnswer, z.object({ name: messageName })])
const messageData = z.object({ message: eventMessage.optional().catch(undefined) })
const batchData = z.object({ messages: z.array(messageData).default([]) })

const eventAnswer = z.object({
  eventTime: time,
  eventType: z.string(),
  messageCreatedEventData: messageData.optional(),
  messageUpdatedEventData: messageData.optional(),
  messageDeletedEventData: messageData.optional(),
  messageBatchCreatedEventData: batchData.optional(),
  messageBatchUpdatedEventData: batchData.optional(),
  messageBatchDeletedEventData: batchData.optional(),
})
export type WireEvent = z.infer<typeof eventAnswer>

export const eventsAnswer = z.object({
  spaceEvents: z.array(eventAnswer).default([]),
  nextPageToken: z.string().optional(),
})

/** Two versions of the endpoint name the user differently. */
export const tokeninfoAnswer = z.object({
  sub: z.string().optional(),
  user_id: z.string().optional(),
  scope: z.string().default(''),
})

export const errorAnswer = z.object({
  error: z.object({ code: z.number().optional(), status: z.string().optional(), message: z.string().optional() }),
})
