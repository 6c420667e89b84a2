/** The other side of bridge.ts: holds the connection, and answers one question after the other. */
import { userInfo } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'
import pg from 'pg'
import { codeOf, messageOf } from '../errors.ts'
import type { Answer, ConnectionSetup, Notice, Question } from './bridge.ts'

const { port, answers, url }: ConnectionSetup = workerData
const tell = (notice: Notice): void => parentPort?.postMessage(notice)
const { BOOL, INT2, INT4, INT8, NUMERIC } = pg.types.builtins
const TRUTH: number = BOOL
const INTEGERS: ReadonlySet<number> = new Set([INT2, INT4, INT8, NUMERIC])
const texts = new Map<number, string>()
let lost: string | null = null

const client = new pg.Client({
  connectionString: url,
  ...(new URL(url).username === '' ? { user: userInfo().username } : {}),
  application_name: 'lockstep',
  keepAlive: true,
  connectionTimeoutMillis: 10_000,
  types: { getTypeParser: (oid: number) => parserOf(oid) },
})
process.once('exit', () => {
  Atomics.store(answers, 1, 1)
  raise()
})
client.on('error', (error) => (lost ??= error.message))
client.on('end', () => {
  lost ??= 'the connection to the database ended'
  // Whoever waits is answered first; then the thread ends, and with it the store.
  setImmediate(() => process.exit(0))
})

try {
  await client.connect()
  port.on('message', (question: Question | null) => void (question === null ? client.end() : answerTo(question)))
  tell({ connected: true })
} catch (error) {
  tell({ refused: messageOf(error), code: codeOf(error) ?? '' })
}

async function answerTo(question: Question): Promise<void> {
  const answer = await askServer(question)
  port.postMessage(answer)
  raise()
}

/** Wakes whoever waits. */
function raise(): void {
  Atomics.add(answers, 0, 1)
  Atomics.notify(answers, 0)
}

async function askServer({ id, text, values }: Question): Promise<Answer> {
  if (lost !== null) return { is: 'lost', message: lost }
  if (text !== null) texts.set(id, text)
  try {
    const result = await client.query<unknown[]>({
      ...(id === 0 ? {} : { name: `s${id}`, values: [...values] }),
      text: texts.get(id) ?? '',
      rowMode: 'array',
    })
    // Of several statements in one text only the last one is of interest.
    const last = Array.isArray(result) ? result.at(-1) : result
    return {
      is: 'rows',
      columns: (last?.fields ?? []).map(({ name }: { readonly name: string }) => name),
      rows: last?.rows ?? [],
      changes: last?.rowCount ?? 0,
      command: last?.command ?? '',
      transaction: isTransaction(),
    }
  } catch (error) {
    const code = error instanceof pg.DatabaseError ? error.code : undefined
    if (code === undefined && !(error instanceof RangeError)) {
      lost ??= messageOf(error)
      return { is: 'lost', message: lost }
    }
    return { is: 'error', message: messageOf(error), code: code ?? '', transaction: isTransaction() }
  }
}

function isTransaction(): boolean {
  const status = client.getTransactionStatus()
  return status === 'T' || status === 'E'
}

/** Types as SQLite has them: text, and integers that a number can hold. A truth is 1 or 0. */
function parserOf(oid: number): (text: string) => string | number {
  if (oid === TRUTH) return (text) => (text === 't' ? 1 : 0)
  return INTEGERS.has(oid) ? integerOf : (text) => text
}

function integerOf(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is no integer that a number can hold`)
  return value
}
