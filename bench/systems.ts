/** The two systems of a measurement, in a process of their own. Ends when the channel to its parent closes. */
import type { Emulator, WireRequest, WireResponse } from '../src/emulators/emulator.ts'
import { createDiscourse, type Discourse } from '../src/emulators/discourse/discourse.ts'
import { createGoogleChat, type GoogleChat } from '../src/emulators/google-chat/google-chat.ts'
import { realPorts, serve } from '../src/emulators/serve.ts'
import { chatOptions, ENGINE, forumOptions, KEYS, layout, PEOPLE } from './lay.ts'
import { answer, question, type Answer, type Calls, type Posts, type Question } from './protocol.ts'

const wanted = layout.parse(JSON.parse(process.argv[2] ?? ''))

/** How long the write of one deed is waited for. */
const PATIENCE_MS = 20_000
/** Between the end of one deed and the next. */
const PAUSE_MS = 30

interface Stage {
  readonly chat: GoogleChat
  readonly forum: Discourse
  readonly counter: Counter
}

/** Counts what the product asks for, and how long the systems themselves took. */
class Counter {
  calls: Calls = emptyCalls()
  /** Milliseconds in the systems' own code since this was last set to 0. */
  inside = 0
  /** Called at each write to Chat, before it is carried out. */
  onChatWrite: (() => void) | null = null

  over(emulator: Emulator): Emulator {
    return {
      name: emulator.name,
      handle: (request): WireResponse => {
        const began = now()
        const kind = kindOf(emulator.name, request)
        if (kind === 'write' && emulator.name === 'google-chat') this.onChatWrite?.()
        const response = emulator.handle(request)
        const ended = now()
        this.inside += ended - began
        if (kind !== null) this.note(request, kind, began, ended)
        return response
      },
    }
  }

  private note({ method, path }: WireRequest, kind: 'read' | 'write', began: number, ended: number): void {
    const { calls } = this
    const what = `${method} ${path.replace(/spaces\/[^/]+|messages\/[^/]+|\d+/g, '…')}`
    calls.made[what] = (calls.made[what] ?? 0) + 1
    if (calls.firstAt === 0) calls.firstAt = began
    calls.lastAt = ended
    if (kind === 'read') {
      calls.reads += 1
      return
    }
    calls.writes += 1
    if (calls.firstWriteAt === 0) calls.firstWriteAt = began
    calls.lastWriteAt = ended
  }
}

/** On a clock that other processes have too. */
function now(): number {
  return performance.timeOrigin + performance.now()
}

function emptyCalls(): Calls {
  return { made: {}, reads: 0, writes: 0, firstAt: 0, firstWriteAt: 0, lastWriteAt: 0, lastAt: 0 }
}

/** Null: not a call of the product's to an API. */
function kindOf(name: string, { method, path, headers }: WireRequest): 'read' | 'write' | null {
  const isOwn = name === 'google-chat' ? path.startsWith('/v1/') : headers['api-key'] === KEYS.apiKey
  if (!isOwn) return null
  return method === 'GET' ? 'read' : 'write'
}

async function main(): Promise<void> {
  const ports = realPorts()
  const chat = createGoogleChat(ports, chatOptions(wanted, ports.now()))
  const forum = createDiscourse(ports, forumOptions(wanted, ports.now()))
  const counter = new Counter()
  const options = { latencyMs: wanted.latencyMs }
  const served = {
    chat: await serve(counter.over(chat), options),
    forum: await serve(counter.over(forum), options),
  }
  const stage = { chat, forum, counter }
  process.on('message', (message) => {
    const asked = question.parse(message)
    reply(stage, served.forum.url, asked).then(say, (error: unknown) =>
      say({ say: 'refused', id: asked.id, why: error instanceof Error ? error.message : String(error) }),
    )
  })
  const categories = [...forum.state().categories.values()]
  say({
    say: 'ready',
    chat: served.chat.url,
    forum: served.forum.url,
    scopes: Array.from({ length: wanted.spaces }, (_, space) => [
      `spaces/AAAABench${space}`,
      String(categories.find(({ name }) => name === `Room ${space}`)?.id ?? ''),
    ]),
  })
}

async function reply(stage: Stage, forumUrl: string, asked: Question): Promise<Answer> {
  const { id } = asked
  switch (asked.ask) {
    case 'calls':
      return { say: 'calls', id, calls: stage.counter.calls }
    case 'forget':
      stage.counter.calls = emptyCalls()
      return { say: 'done', id, refs: [] }
    case 'work': {
      const refs: string[] = []
      for (let index = asked.from; index < asked.from + asked.count; index += 1) refs.push(deed(stage, asked, index))
      return { say: 'done', id, refs }
    }
    case 'posts':
      return { say: 'posts', id, posts: postsIn(stage) }
    case 'latency':
      return { say: 'took', id, ms: await latencies(stage, asked.deed, asked.count) }
    case 'hook':
      await registerHook(forumUrl, asked.url)
      return { say: 'done', id, refs: [] }
  }
}

let deeds = 0

/** Answers what was changed. */
function deed(stage: Stage, what: { in: 'chat' | 'forum'; deed: 'reply' | 'edit' | 'remove' }, index: number): string {
  deeds += 1
  const text = `Changed ${deeds} times by now. The dock by the river does lock again.`
  return what.in === 'forum' ? inForum(stage, what.deed, index, text) : inChat(stage, what.deed, index, text)
}

function inForum({ forum }: Stage, what: 'reply' | 'edit' | 'remove', index: number, text: string): string {
  const person = forum.as(PEOPLE.forum)
  const { topics, posts } = forum.state()
  if (what === 'reply') {
    const own = [...topics.values()].filter(({ title, deletedAt }) => deletedAt === null && title.startsWith('What we'))
    const topic = own[index % own.length]
    if (topic === undefined) throw new Error('there is no topic')
    return refOf(person.reply(topic.id, text))
  }
  const own = [...posts.values()].filter(
    ({ raw, postNumber, deletedAt, userDeleted }) =>
      (raw.startsWith('Message ') || raw.startsWith('Changed ')) &&
      postNumber > 1 &&
      deletedAt === null &&
      !userDeleted,
  )
  const post = own[index % own.length]
  if (post === undefined) throw new Error('there is no post')
  const outcome = what === 'edit' ? person.edit(post.id, text) : person.remove(post.id)
  if (!outcome.ok) throw new Error(`the forum refused: ${outcome.errors.join(' ')}`)
  return String(post.id)
}

function refOf(outcome: ReturnType<ReturnType<Discourse['as']>['reply']>): string {
  if (outcome.ok) return String(outcome.postId)
  throw new Error(`the forum refused: ${outcome.errors.join(' ')}`)
}

function inChat({ chat }: Stage, what: 'reply' | 'edit' | 'remove', index: number, text: string): string {
  const space = `spaces/AAAABench${index % wanted.spaces}`
  const person = chat.as(PEOPLE.chat)
  const own = person.messages(space).filter(({ sender }) => sender?.name === `users/${PEOPLE.chat}`)
  const replies = own.filter((message) => message.threadReply === true)
  const message = (what === 'reply' ? own : replies)[Math.floor(index / wanted.spaces)]
  if (message === undefined) throw new Error('there is no message')
  if (what === 'reply') return person.post(space, text, { thread: message.thread?.name ?? '' }).name
  if (what === 'edit') return person.edit(message.name, text).name
  person.remove(message.name)
  return message.name
}

function postsIn({ chat, forum }: Stage): Posts {
  const copies = new Map<string, string>()
  for (let space = 0; space < wanted.spaces; space += 1)
    for (const { name, text = '' } of chat.as(ENGINE.chat).messages(`spaces/AAAABench${space}`)) copies.set(text, name)
  const { posts, topics } = forum.state()
  return [...posts.values()].flatMap(({ id, topicId, raw, postNumber }) => {
    const copy = copies.get(raw)
    const category = topics.get(topicId)?.categoryId
    return copy === undefined || postNumber === 1 ? [] : [{ ref: String(id), category: String(category ?? ''), copy }]
  })
}

async function latencies(stage: Stage, what: 'reply' | 'edit', count: number): Promise<number[]> {
  const took: number[] = []
  for (let index = 0; index < count; index += 1) {
    const written = Promise.withResolvers<number>()
    stage.counter.onChatWrite = () => written.resolve(performance.now() - began - stage.counter.inside)
    const late = setTimeout(() => written.reject(new Error('a deed had no write in Chat')), PATIENCE_MS)
    deed(stage, { in: 'forum', deed: what }, index * 7)
    stage.counter.inside = 0
    const began = performance.now()
    took.push(await written.promise.finally(() => clearTimeout(late)))
    stage.counter.onChatWrite = null
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  return took
}

/** Through the forum's own API, as its administrator would. */
async function registerHook(forum: string, url: string): Promise<void> {
  const [topics, posts] = [1, 2]
  const response = await fetch(new URL('/admin/api/web_hooks.json', forum), {
    method: 'POST',
    headers: { 'api-key': KEYS.adminKey, 'api-username': 'admin', 'content-type': 'application/json' },
    body: JSON.stringify({
      web_hook: {
        payload_url: url,
        content_type: 1,
        secret: KEYS.webhookSecret,
        web_hook_event_type_ids: [topics, posts],
        active: true,
      },
    }),
  })
  if (!response.ok) throw new Error(`the forum took no webhook: ${response.status}`)
}

function say(message: Answer): void {
  if (process.connected) process.send?.(answer.parse(message))
}

process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => undefined)
await main()
