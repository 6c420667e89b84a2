/**
 * The two local systems, in a process of their own: an emulated Google Chat and an emulated Discourse with a history,
 * and the people who work in them. The parent asks over the channel; when the channel closes, the process ends.
 */
import type { Emulator, WireRequest, WireResponse } from '../src/emulators/emulator.ts'
import { createDiscourse } from '../src/emulators/discourse/discourse.ts'
import { createGoogleChat } from '../src/emulators/google-chat/google-chat.ts'
import { realPorts, serve } from '../src/emulators/serve.ts'
import { actorOf, ENGINE } from './cast.ts'
import { CATEGORIES } from './history/forum.ts'
import { chatOptions, forumOptions, textsInHistory } from './history/lay.ts'
import { answer, KEYS, question, type Answer, type Calls, type Question } from './protocol.ts'
import { LIMITS, switchesOf } from './limits.ts'
import { stageOf, type Stage } from './stage.ts'

const isPaced = process.argv.includes('--paced')

async function main(): Promise<void> {
  const ports = realPorts()
  const now = ports.now()
  const { chat: chatSwitches, forum: forumSwitches, latencyMs } = switchesOf(isPaced)
  const chat = createGoogleChat(ports, { ...chatOptions(now), ...chatSwitches })
  const forum = createDiscourse(ports, { ...forumOptions(now), ...forumSwitches, settings: LIMITS })
  const stage = stageOf(chat, forum, () => performance.now())
  rewrite(stage)
  const counted: Calls = { reads: 0, writes: {}, refused: {} }
  const options = { latencyMs }
  const arrived = (): void => {
    for (const { id, ms } of stage.arrivals()) say({ say: 'arrived', id, ms })
  }
  const served = {
    chat: await serve(counting(chat, isChatWrite, counted, arrived), options),
    forum: await serve(counting(forum, isForumWrite, counted, arrived), options),
  }
  process.on('message', (message) => say(reply(stage, counted, question.parse(message))))
  say({
    say: 'ready',
    chat: served.chat.url,
    forum: served.forum.url,
    spaces: stage.spaces(),
    categories: stage.categories(),
    texts: textsInHistory(),
  })
}

/** What people changed in the forum after they had written it. */
function rewrite(stage: Stage): void {
  for (const { who, text, later } of CATEGORIES.flatMap((place) => place.conversations.flatMap(({ lines }) => lines))) {
    if (actorOf(who).forum === undefined || later === undefined) continue
    const found = stage.find('forum', text)
    if (found === null) throw new Error(`the forum's history lacks: ${text}`)
    if (later === 'deleted') stage.act([{ do: 'remove', who, in: 'forum', ref: found.ref }])
    else
      stage.act([{ do: 'edit', who, in: 'forum', ref: found.ref, text: `${text} (Edited: the date is certain now.)` }])
  }
}

function reply(stage: Stage, counted: Calls, asked: Question): Answer {
  const { id } = asked
  try {
    switch (asked.ask) {
      case 'act':
        stage.expect(id, asked.expect)
        return { say: 'done', id, where: stage.act(asked.acts) }
      case 'find':
        return { say: 'done', id, where: stage.find(asked.in, asked.text) }
      case 'invite':
        return { say: 'done', id, where: stage.invite(asked.space) }
      case 'calls':
        return { say: 'calls', id, calls: counted }
    }
  } catch (error) {
    return { say: 'refused', id, why: error instanceof Error ? error.message : String(error) }
  }
}

/** Counts what Lockstep asks for, and looks after each change whether something has arrived. */
function counting(
  emulator: Emulator,
  isWrite: (request: WireRequest) => boolean | null,
  counted: Calls,
  changed: () => void,
): Emulator {
  return {
    name: emulator.name,
    handle(request): WireResponse {
      const response = emulator.handle(request)
      const writes = isWrite(request)
      if (writes === null) return response
      if (!writes) counted.reads += 1
      const what = `${request.method} ${request.path.replace(/\d+|spaces\/[^/]+|messages\/[^/]+/g, '…')}`
      if (writes) counted.writes[what] = (counted.writes[what] ?? 0) + 1
      if (response.status >= 400) {
        const key = `${response.status} ${emulator.name} ${what}`
        counted.refused[key] = (counted.refused[key] ?? 0) + 1
      }
      if (writes) changed()
      return response
    },
  }
}

/** Null: not a call to the API. */
function isChatWrite({ method, path }: WireRequest): boolean | null {
  if (!path.startsWith('/v1/')) return null
  return method !== 'GET' && !path.endsWith(':search')
}

function isForumWrite({ method, headers }: WireRequest): boolean | null {
  return headers['api-key'] === KEYS.apiKey ? method !== 'GET' : null
}

function say(message: Answer): void {
  if (process.connected) process.send?.(answer.parse(message))
}

process.on('disconnect', () => process.exit(0))
// Ctrl-C reaches the whole terminal: the parent decides when this process ends.
process.on('SIGINT', () => undefined)
if (process.send === undefined) {
  console.error(`This is a part of \`npm run demo\`, which starts it. (${ENGINE.chatName})`)
  process.exit(2)
}
await main()
