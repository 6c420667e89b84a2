/** Starts the two systems of a measurement as a child process and talks with it. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Layout } from './lay.ts'
import { answer, type Answer, type Asked, type Calls, type Posts } from './protocol.ts'

type Ready = Extract<Answer, { say: 'ready' }>
type Reply = Exclude<Answer, Ready>

export interface Systems {
  readonly ready: Ready
  calls(): Promise<Calls>
  /** Counts from nothing again. */
  forget(): Promise<void>
  work(inSystem: 'chat' | 'forum', deed: 'reply' | 'edit' | 'remove', from: number, count: number): Promise<string[]>
  posts(): Promise<Posts>
  latency(deed: 'reply' | 'edit', count: number): Promise<number[]>
  hook(url: string): Promise<void>
  stop(): Promise<void>
}

export async function startSystems(layout: Layout): Promise<Systems> {
  const script = fileURLToPath(new URL('./systems.ts', import.meta.url))
  // An emulator keeps everything in memory: a hundred thousand items of two systems.
  const child = fork(script, [JSON.stringify(layout)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--max-old-space-size=6144'],
  })
  const replies = new Map<number, PromiseWithResolvers<Reply>>()
  const ready = Promise.withResolvers<Ready>()
  child.on('message', (message) => {
    const said = answer.parse(message)
    if (said.say === 'ready') ready.resolve(said)
    else if (said.say === 'refused') replies.get(said.id)?.reject(new Error(said.why))
    else replies.get(said.id)?.resolve(said)
  })
  child.once('exit', (code) => {
    const over = new Error(`the local systems ended (${code ?? 'by a signal'})`)
    ready.reject(over)
    for (const each of replies.values()) each.reject(over)
  })
  let asked = 0
  const ask = async <S extends Reply['say']>(question: Asked, say: S): Promise<Extract<Reply, { say: S }>> => {
    const id = (asked += 1)
    const reply = Promise.withResolvers<Reply>()
    replies.set(id, reply)
    child.send({ ...question, id })
    const said = await reply.promise.finally(() => replies.delete(id))
    if (!isSaid(said, say)) throw new Error('the local systems answered something else')
    return said
  }
  return {
    ready: await ready.promise,
    calls: async () => (await ask({ ask: 'calls' }, 'calls')).calls,
    forget: async () => void (await ask({ ask: 'forget' }, 'done')),
    work: async (system, deed, from, count) => (await ask({ ask: 'work', in: system, deed, from, count }, 'done')).refs,
    posts: async () => (await ask({ ask: 'posts' }, 'posts')).posts,
    latency: async (deed, count) => (await ask({ ask: 'latency', deed, count }, 'took')).ms,
    hook: async (url) => void (await ask({ ask: 'hook', url }, 'done')),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

function isSaid<S extends Reply['say']>(reply: Reply, say: S): reply is Extract<Reply, { say: S }> {
  return reply.say === say
}
