/**
 * A connection to PostgreSQL for code that cannot wait for promises: it lives in a thread of its own, and whoever asks
 * stands still until the answer is there.
 */
import { extname } from 'node:path'
import { MessageChannel, Worker, receiveMessageOnPort, type MessagePort } from 'node:worker_threads'
import { StoreError } from '../errors.ts'
import type { Row, Value } from '../sql.ts'
import { SERVER_ERROR } from './failures.ts'

export type Parameter = string | number | null

/** `text` comes with the first use of a statement, and is known by its `id` from then on; `id` 0 is never prepared. */
export interface Question {
  readonly id: number
  readonly text: string | null
  readonly values: readonly Parameter[]
}

export type Answer =
  | {
      readonly is: 'rows'
      readonly columns: readonly string[]
      readonly rows: readonly (readonly Value[])[]
      readonly changes: number
      /** What the server says that it did, which of a commit may be a roll-back. */
      readonly command: string
      readonly transaction: boolean
    }
  | { readonly is: 'error'; readonly message: string; readonly code: string; readonly transaction: boolean }
  /** There is no connection any more. */
  | { readonly is: 'lost'; readonly message: string }

export type Rows = Extract<Answer, { is: 'rows' }>

export interface ConnectionSetup {
  readonly port: MessagePort
  /** Raised with each answer. */
  readonly answers: Int32Array
  readonly url: string
}

/** What the thread says by itself, to nobody who waits. */
export type Notice = { readonly connected: true } | { readonly refused: string; readonly code: string }

export interface Bridge {
  ask(question: Question): Rows
  readonly isTransaction: boolean
  /** Called once, should the connection end by itself. */
  onLost(tell: (why: string) => void): void
  close(): Promise<void>
}

/** So long a statement may take; a server that says nothing for longer is as good as gone. */
const PATIENCE_MS = 120_000

/** Rejects with the reason why there is no connection. */
export async function connect(url: string): Promise<Bridge> {
  const { port1: own, port2: port } = new MessageChannel()
  const answers = new Int32Array(new SharedArrayBuffer(4))
  const setup: ConnectionSetup = { port, answers, url }
  const file = new URL(`./connection-thread${extname(import.meta.url)}`, import.meta.url)
  const worker = new Worker(file, { workerData: setup, transferList: [port], env: {}, name: 'store connection' })
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  try {
    await connected(worker)
  } catch (error) {
    await worker.terminate()
    throw error
  }
  return bridgeOver(worker, own, answers, exited)
}

function connected(worker: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    worker.on('error', reject)
    worker.once('exit', () => reject(new StoreError('store-unreachable')))
    worker.once('message', (notice: Notice) => {
      if ('connected' in notice) resolve()
      else reject(serverError(notice.refused, notice.code))
    })
  })
}

function bridgeOver(worker: Worker, own: MessagePort, answers: Int32Array, exited: Promise<void>): Bridge {
  let isTransaction = false
  let lost: StoreError | null = null
  let isClosing = false
  const listeners: ((why: string) => void)[] = []
  const lose = (message: string): StoreError => {
    lost ??= new StoreError('store-lost', message)
    isTransaction = false
    return lost
  }
  worker.once('exit', () => {
    if (isClosing) return
    const why = 'the connection to the database ended'
    lose(why)
    for (const tell of listeners) tell(why)
  })
  // Whether anything else goes on is for whoever uses the store: an open connection alone keeps no process alive.
  worker.unref()
  return {
    get isTransaction() {
      return isTransaction
    },
    onLost: (tell) => void listeners.push(tell),
    ask(question) {
      if (lost !== null) throw lost
      const answer = wait(own, answers, question)
      if (answer === null) throw lose('the database has not answered for two minutes')
      if (answer.is === 'lost') throw lose(answer.message)
      isTransaction = answer.transaction
      if (answer.is === 'error') throw serverError(answer.message, answer.code)
      return answer
    },
    async close() {
      isClosing = true
      worker.ref()
      if (lost === null) own.postMessage(null)
      else await worker.terminate()
      await exited
      own.close()
    },
  }
}

/** Null: no answer in time. */
function wait(own: MessagePort, answers: Int32Array, question: Question): Answer | null {
  const seen = Atomics.load(answers, 0)
  own.postMessage(question)
  if (Atomics.wait(answers, 0, seen, PATIENCE_MS) === 'timed-out') return null
  const got: { readonly message: Answer } | undefined = receiveMessageOnPort(own)
  return got?.message ?? null
}

function serverError(message: string, code: string): Error {
  return Object.assign(new Error(message), { name: SERVER_ERROR, code })
}

/** As SQLite hands them out. */
export function objectsOf({ columns, rows }: Rows): Row[] {
  return rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at] ?? null])))
}
