/** Starts the two local systems as a child process and talks with it. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import {
  answer,
  type Act,
  type Answer,
  type Asked,
  type Calls,
  type Expectation,
  type Ready,
  type Where,
} from './protocol.ts'

/** Longer than anything that travels may take here. */
const PATIENCE_MS = 60_000

export interface Acted {
  readonly where: Where | null
  /** How long it took until everything that was expected was there, in milliseconds. */
  readonly arrived: Promise<number>
}

export interface Systems {
  readonly ready: Ready
  act(acts: readonly Act[], expect: readonly Expectation[]): Promise<Acted>
  find(system: 'chat' | 'forum', text: string): Promise<Where | null>
  invite(space: string): Promise<Where | null>
  calls(): Promise<Calls>
  stop(): Promise<void>
}

type Reply = Exclude<Answer, { say: 'ready' | 'arrived' }>

export async function startSystems(paced: boolean): Promise<Systems> {
  const script = fileURLToPath(new URL('./systems.ts', import.meta.url))
  const child = fork(script, paced ? ['--paced'] : [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const replies = new Map<number, (reply: Reply) => void>()
  const arrivals = new Map<number, PromiseWithResolvers<number>>()
  const ready = Promise.withResolvers<Ready>()
  child.on('message', (message) => {
    const said = answer.parse(message)
    if (said.say === 'ready') ready.resolve(said)
    else if (said.say === 'arrived') arrivals.get(said.id)?.resolve(said.ms)
    else replies.get(said.id)?.(said)
  })
  child.once('exit', (code) => ready.reject(new Error(`the local systems ended (${code ?? 'by a signal'})`)))
  let asked = 0
  const ask = (question: Asked, id = (asked += 1)): Promise<Reply> =>
    new Promise((resolve, reject) => {
      replies.set(id, (reply) => {
        replies.delete(id)
        if (reply.say === 'refused') reject(new Error(reply.why))
        else resolve(reply)
      })
      child.send({ ...question, id })
    })
  const place = async (question: Asked): Promise<Where | null> => whereIn(await ask(question))
  return {
    ready: await ready.promise,
    async act(acts, expect) {
      const id = (asked += 1)
      const arrival = Promise.withResolvers<number>()
      if (expect.length === 0) arrival.resolve(0)
      else arrivals.set(id, arrival)
      const where = whereIn(await ask({ ask: 'act', acts: [...acts], expect: [...expect] }, id))
      return { where, arrived: inTime(arrival.promise, acts) }
    },
    find: (system, text) => place({ ask: 'find', in: system, text }),
    invite: (space) => place({ ask: 'invite', space }),
    async calls() {
      const reply = await ask({ ask: 'calls' })
      if (reply.say !== 'calls') throw new Error('the local systems answered something else')
      return reply.calls
    },
    stop: () => stop(child),
  }
}

function whereIn(reply: Reply): Where | null {
  return reply.say === 'done' ? reply.where : null
}

async function inTime(arrival: Promise<number>, acts: readonly Act[]): Promise<number> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    const what = acts.map((act) => `${act.who} ${act.do}`).join(', ')
    late.reject(new Error(`not on the other side after ${PATIENCE_MS / 1000} s: ${what}`))
  }, PATIENCE_MS)
  timer.unref()
  return Promise.race([arrival, late.promise]).finally(() => clearTimeout(timer))
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.disconnect()
  await ended
}
