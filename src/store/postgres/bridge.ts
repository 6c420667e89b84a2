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
  /** The first is raised with each answer and as the thread ends; the second is 1 once it has ended. */
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

/**
 * Seconds that a statement may take; a server that says nothing for longer is as good as gone. They are waited for one
 * by one: after a machine has stood still itself, however long, the answer still has time to come.
 */
const PATIENCE = 120
/** So long a server may take to end a session. */
const PARTING_MS = 10_000

/** Rejects with the reason why there is no connection. */
export async function connect(url: string): Promise<Bridge> {
  const { port1: own, port2: port } = new MessageChannel()
  const answers = new Int32Array(new SharedArrayBuffer(8))
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

const ENDED: Extract<Answer, { is: 'lost' }> = { is: 'lost', message: 'the connection to the database ended' }

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
    // With the thread goes the session, and what it has locked.
    void worker.terminate()
    return lost
  }
  worker.once('exit', () => {
    if (isClosing) return
    lose(ENDED.message)
    for (const tell of listeners) tell(ENDED.message)
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
      const impatient = setTimeout(() => void worker.terminate(), PARTING_MS)
      await exited
      clearTimeout(impatient)
      own.close()
    },
  }
}

/** Null: no answer in time. */
function wait(own: MessagePort, answers: Int32Array, question: Question): Answer | null {
  const seen = Atomics.load(answers, 0)
  if (Atomics.load(answers, 1) === 0) own.postMessage(question)
  else return ENDED
  for (let seconds = 0; Atomics.wait(answers, 0, seen, 1000) === 'timed-out'; seconds += 1)
    if (seconds === PATIENCE) return null
  const got: { readonly message: Answer } | undefined = receiveMessageOnPort(own)
  return got?.message ?? ENDED
}

function serverError(message: string, code: string): Error {
  return Object.assign(new Error(message), { name: SERVER_ERROR, code })
}

/** As SQLite hands them out. */
export function objectsOf({ columns, rows }: Rows): Row[] {
  return rows.map((row) => Object.fromEntries(columns.map((column, at) => [column, row[at] ?? null])))
}
