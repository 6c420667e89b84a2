/** Messages and threads: a thread comes to be with its first message, and is read through its messages. */
import {
  ConnectorError,
  failedAs,
  requiredText,
  textOf,
  type Call,
  type Change,
  type Create,
  type Delete,
  type Item,
  type Kind,
  type Made,
  type Tombstone,
  type Unread,
  type Update,
} from '../../connector/index.ts'
import { isPublic, messagePages, reads, writes, type ChatApi } from './api.ts'
import {
  changesOf,
  clientId,
  deleted,
  gone,
  isDeleted,
  isWhole,
  messageItem,
  spaceOf,
  threadHint,
  threadItem,
  unread,
  type WholeMessage,
} from './items.ts'
import { messageAnswer, type WireMessage } from './wire.ts'

/** Messages of spaces without history are kept for a day: what vanishes later, and leaves no tombstone, was not deleted. */
const RETENTION_SECONDS = 24 * 60 * 60
const LAG_SECONDS = 20

export const message: Kind<ChatApi> = {
  fields: {
    space: { type: 'ref', to: 'space', required: true, written: 'on-create' },
    thread: { type: 'ref', to: 'thread', required: true, written: 'on-create' },
    text: { type: 'text', required: true },
  },
  in: 'space',
  scopeField: 'space',
  siblings: 'thread',
  ordered: true,
  idempotent: true,
  retention: RETENTION_SECONDS,
  lag: LAG_SECONDS,
  get: getMessage,
  async create(call, intent) {
    const thread = requiredText(intent.values, 'thread')
    const made = await post(call, intent.key, spaceOf(thread), requiredText(intent.values, 'text'), thread)
    return [messageChange(call, made)]
  },
  async find(call, intent) {
    const found = await findMessage(call, intent.key, spaceOf(requiredText(intent.values, 'thread')))
    return found === null ? null : [messageChange(call, found)]
  },
  update: (call, intent: Update) => patchText(call, intent.ref, requiredText(intent.changed, 'text')),
  delete: deleteMessage,
  empty: (call, intent: Delete) => patchText(call, intent.ref, call.api.config.deletedText),
}

export const thread: Kind<ChatApi> = {
  fields: {
    space: { type: 'ref', to: 'space', required: true, written: 'on-create' },
    subject: { type: 'text', written: 'on-create' },
  },
  in: 'space',
  scopeField: 'space',
  head: 'message',
  ordered: true,
  idempotent: true,
  retention: RETENTION_SECONDS,
  lag: LAG_SECONDS,
  get: getThread,
  async create(call, intent) {
    const text = intent.head === undefined ? subjectOf(intent) : requiredText(intent.head.values, 'text')
    return threadChanges(call, await post(call, headKey(intent), requiredText(intent.values, 'space'), text, null))
  },
  async find(call, intent) {
    const head = await findMessage(call, headKey(intent), requiredText(intent.values, 'space'))
    return head === null ? null : threadChanges(call, head)
  },
}

async function getMessage(call: Call<ChatApi>, ref: string): Promise<Item | Tombstone> {
  const answer = await readMessage(call.api, ref)
  if (isDeleted(answer)) return deleted(answer)
  if (!isPublic(answer)) throw new ConnectorError('missing', 'a private message')
  if (isWhole(answer)) return messageItem(call, answer)
  throw new ConnectorError('unavailable', `the answer shows only a part of ${ref}`)
}

function readMessage(api: ChatApi, name: string): Promise<WireMessage> {
  return api.messages.get(`/v1/${name}`, { draw: reads(api, spaceOf(name)), as: messageAnswer })
}

async function getThread({ api }: Call<ChatApi>, ref: string): Promise<Item | Tombstone> {
  const first = await firstLiving(api, ref)
  return first === null ? gone(ref) : threadItem(first)
}

/** The oldest message of a thread that is not deleted, but for one; null where none is left. */
export async function firstLiving(api: ChatApi, thread: string, but?: string): Promise<WholeMessage | null> {
  const filter = `thread.name = ${thread}`
  for await (const { messages } of messagePages(api, spaceOf(thread), { filter, showDeleted: false })) {
    const first = messages.filter(isWhole).find(({ name }) => name !== but)
    if (first !== undefined) return first
  }
  return null
}

/** With `force` the answers would go too, which nobody has looked at: without it Chat refuses, and what answers it is read first. */
async function deleteMessage({ api }: Call<ChatApi>, { ref, base }: Delete): Promise<void> {
  try {
    await api.messages.delete(`/v1/${ref}`, { query: { force: false }, draw: writes(api, spaceOf(ref)) })
  } catch (error) {
    const isAnswered =
      failedAs(error, 'rejected') && (await firstLiving(api, requiredText(base.values, 'thread'), ref)) !== null
    throw isAnswered ? new ConnectorError('stale', 'the message was answered meanwhile') : error
  }
}

/** Whether no message of a thread is left. A thread that is only guessed may be none. */
export async function isEmpty(api: ChatApi, thread: string): Promise<boolean> {
  try {
    return (await firstLiving(api, thread)) === null
  } catch (error) {
    if (error instanceof ConnectorError && (error.failure === 'missing' || error.failure === 'rejected')) return false
    throw error
  }
}

/**
 * Made once, however often it is asked for: the request id makes Google answer what the first request made, and the
 * message id lets the message be found by its key. A repeated request is answered in part only, so it is read again.
 */
async function post(
  { api }: Call<ChatApi>,
  key: string,
  space: string,
  text: string,
  thread: string | null,
): Promise<WireMessage> {
  const option = thread === null ? {} : { messageReplyOption: 'REPLY_MESSAGE_OR_FAIL' }
  const answer = await api.messages.post(`/v1/${spaceOf(space)}/messages`, {
    query: { requestId: key, messageId: clientId(key), ...option },
    body: thread === null ? { text } : { text, thread: { name: thread } },
    draw: writes(api, spaceOf(space)),
    as: messageAnswer,
  })
  if (isWhole(answer) || isDeleted(answer)) return answer
  try {
    return await readMessage(api, answer.name)
  } catch (error) {
    if (failedAs(error, 'missing')) return answer
    throw error
  }
}

/** A message that was made and then deleted is found as deleted: its key is used up. */
async function findMessage({ api }: Call<ChatApi>, key: string, space: string): Promise<WireMessage | null> {
  try {
    return await readMessage(api, `${spaceOf(space)}/messages/${clientId(key)}`)
  } catch (error) {
    if (failedAs(error, 'missing')) return null
    throw error
  }
}

function messageChange(call: Call<ChatApi>, made: WireMessage): Change {
  const change = changesOf(call, made).at(-1)
  if (change === undefined) throw new ConnectorError('unavailable', `nothing is known of ${made.name}`)
  return change
}

/** The thread first, then its head. A head that is gone leaves the thread to be read. */
function threadChanges(call: Call<ChatApi>, head: WireMessage): Made {
  if (isWhole(head)) return [{ kind: 'thread', ...threadItem(head) }, messageChange(call, head)]
  const thread = threadHint(head)
  if (thread === null) throw new ConnectorError('unavailable', `the thread of ${head.name} is not told`)
  return [{ kind: 'thread', ...unread(thread) }, messageChange(call, head)]
}

async function patchText(call: Call<ChatApi>, ref: string, text: string): Promise<Item | Unread> {
  const { api } = call
  const answer = await api.messages.patch(`/v1/${ref}`, {
    query: { updateMask: 'text' },
    body: { text },
    draw: writes(api, spaceOf(ref)),
    as: messageAnswer,
  })
  return isWhole(answer) ? messageItem(call, answer) : unread(ref)
}

function headKey(intent: Create): string {
  return intent.head?.key ?? intent.key
}

function subjectOf(intent: Create): string {
  const subject = textOf(intent.values, 'subject')
  if (subject === null) throw new ConnectorError('rejected', 'a thread begins with a message or a subject')
  return subject
}
