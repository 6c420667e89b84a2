/** A helper process of a measurement, and the messages that it says. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import { NODE_OPTIONS } from './machine.ts'

export interface Child {
  readonly pid: number
  /** The next message. */
  hear<T>(shape: z.ZodType<T>): Promise<T>
  say(message: object): void
  end(): Promise<void>
}

/** `script`: a file of this folder. */
export function startChild(script: string, args: readonly string[] = []): Child {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = fork(path, [...args], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [...process.execArgv, ...NODE_OPTIONS],
  })
  return {
    pid: child.pid ?? 0,
    hear: (shape) => heard(child, shape, script),
    say: (message) => void child.send(message),
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      if (child.connected) child.disconnect()
      await ended
    },
  }
}

function heard<T>(child: ChildProcess, shape: z.ZodType<T>, script: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error(`${script} ended before it was done`))
    child.once('exit', gone)
    child.once('message', (message) => {
      child.removeListener('exit', gone)
      const said = shape.safeParse(message)
      if (said.success) resolve(said.data)
      else reject(said.error)
    })
  })
}
