/** Speaks to the process that owns the store, over its control socket. */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { statSync } from 'node:fs'
import { z } from 'zod'
import { linesOf } from '../adapters/lines.ts'
import { EXIT, UserError, type ExitCode } from '../words/errors.ts'
import type { OperationName } from '../server/calls.ts'
import { RELEASE_HEADER, type Line } from '../server/socket.ts'
import { codeOf } from '../store/errors.ts'
import type { Operations, Say } from './operations.ts'

/** Null: no process listens there, or none any more. Rejects where `late` aborts before one has answered. */
export async function connectRemote(path: string, release: string, late?: AbortSignal): Promise<Operations | null> {
  if (!isOwn(path)) return null
  const call = <T>(name: OperationName, input: unknown, say: Say = () => undefined): Promise<T> =>
    callRemote<T>(path, release, name, input, say)
  try {
    await open(path, release, 'divergences', null, late).then((answer) => answer.destroy())
  } catch (error) {
    if (GONE.has(codeOf(error) ?? '')) return null
    throw error
  }
  return {
    status: () => call('status', null),
    plan: (input, say) => call('plan', input, say),
    sync: (input, say) => call('sync', input, say),
    apply: (input, say) => call('apply', input, say),
    explain: (input) => call('explain', input),
    history: (input) => call('history', input),
    queue: (input) => call('queue', input),
    undo: (input, say) => call('undo', input, say),
    held: (input) => call('held', input),
    decide: (input) => call('decide', input),
    conflicts: (input) => call('conflicts', input),
    resolve: (input) => call('resolve', input),
    divergences: () => call('divergences', null),
    people: () => call('people', null),
    mapPeople: (input) => call('mapPeople', input),
    unmapPerson: (input) => call('unmapPerson', input),
    channels: () => call('channels', null),
    renewChannels: (input) => call('renewChannels', input),
    check: () => call('check', null),
    probe: (input, say) => call('probe', input, say),
    stopProbe: (input) => call('stopProbe', input),
    instances: (input) => call('instances', input),
    pauseFlow: (input) => call('pauseFlow', input),
    liftBrake: (input) => call('liftBrake', input),
    backfill: (input) => call('backfill', input),
    links: (input) => call('links', input),
    giveLinks: (input) => call('giveLinks', input),
    adoptFlow: (input) => call('adoptFlow', input),
    forgetFlow: (input) => call('forgetFlow', input),
    rotateKey: (input) => call('rotateKey', input),
    beginSignIn: (input) => call('beginSignIn', input),
    finishSignIn: (input) => call('finishSignIn', input),
    waitForSignIn: (input) => call('waitForSignIn', input),
    endSignIn: (input) => call('endSignIn', input),
    signOut: (input) => call('signOut', input),
  }
}

/** Whether a socket of this user's lies there: what another user put there is not spoken to. */
function isOwn(path: string): boolean {
  try {
    const stat = statSync(path)
    return stat.isSocket() && stat.uid === process.getuid?.()
  } catch {
    return false
  }
}

function open(
  path: string,
  release: string,
  name: OperationName,
  input: unknown,
  late?: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        socketPath: path,
        path: `/${name}`,
        method: 'POST',
        headers: { 'content-type': 'application/json', host: 'localhost', [RELEASE_HEADER]: release },
        agent: false,
        ...(late === undefined ? {} : { signal: late }),
      },
      resolve,
    )
    outgoing.on('error', reject)
    outgoing.end(JSON.stringify(input))
  })
}

const Envelope = z.discriminatedUnion('is', [
  z.object({ is: z.literal('progress'), progress: z.unknown() }),
  z.object({ is: z.literal('output'), output: z.unknown() }),
  z.object({
    is: z.literal('error'),
    code: z.string(),
    message: z.string(),
    remedy: z.string(),
    exit: z.int().min(0).max(4),
  }),
])

async function callRemote<T>(path: string, release: string, name: OperationName, input: unknown, say: Say): Promise<T> {
  try {
    const answer = await open(path, release, name, input)
    for await (const text of linesOf(answer)) {
      // Both ends are the same release, as the header shows: the envelope is checked, what it holds is of one type map.
      const line = Envelope.parse(JSON.parse(text)) as Line
      if (line.is === 'progress') say(line.progress)
      else if (line.is === 'output') return line.output as T
      else throw new UserError({ ...line, exit: exitCode(line.exit) })
    }
  } catch (error) {
    if (!GONE.has(codeOf(error) ?? '')) throw error
  }
  throw new UserError({
    code: 'service-ended',
    message: 'The service ended before it answered.',
    remedy: 'Start it again; what was under way is carried on then.',
    exit: EXIT.failed,
  })
}

/** What a connection says whose other end is there no more; that an answer breaks off is ECONNRESET, too. */
const GONE: ReadonlySet<string> = new Set(['ECONNRESET', 'ECONNREFUSED', 'ENOENT', 'EPIPE'])

function exitCode(code: number): ExitCode {
  return Object.values(EXIT).find((each) => each === code) ?? EXIT.failed
}
