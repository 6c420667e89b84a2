/** `lockstep connect`: a person signs in, and the refresh token is kept sealed. */
import type { Config } from '../config/index.ts'
import type { Operations, SignedIn, SignInBegun } from '../service/operations.ts'
import { EXIT, UserError } from '../words/errors.ts'
import { openLoopback, type Loopback } from './loopback.ts'
import type { Shell } from './shell.ts'

export interface ConnectOptions {
  readonly name: string
  /** Through the public address of the service, in a browser anywhere. */
  readonly web: boolean
  readonly anotherAccount: boolean
}

export async function connect(shell: Shell, { name, web, anotherAccount }: ConnectOptions): Promise<number> {
  const config = shell.config()
  const connection = idOf(config, name)
  const signedIn = await shell.busy(() =>
    shell.operate(config, true, (operations) =>
      web
        ? signIn(shell, operations, { connection, redirect: null, anotherAccount })
        : signInHere(shell, operations, { connection, anotherAccount }),
    ),
  )
  shell.out.result({ ...signedIn, connected: true }, () => signedInText(signedIn))
  return EXIT.inStep
}

/** By its id, or by the name of its system where one connection alone is of it: "google" for Google Chat. */
function idOf(config: Config, name: string): string {
  const signed = config.connections.filter(({ connector }) => connector.oauth !== undefined)
  if (config.connections.some(({ id }) => id === name)) return name
  const alike = signed.filter(({ connector }) => connector.name.split('-')[0] === name || connector.name === name)
  return alike.length === 1 ? (alike[0]?.id ?? name) : name
}

type Request = Parameters<Operations['beginSignIn']>[0]

/** A browser on this machine brings the answer itself; what one elsewhere ends at is pasted. */
async function signInHere(shell: Shell, operations: Operations, request: Omit<Request, 'redirect'>): Promise<SignedIn> {
  let id: string | null = null
  const take = async (query: string): ReturnType<Parameters<typeof openLoopback>[0]> => {
    if (id === null) return { good: false, text: 'Nobody is asked to sign in yet.' }
    try {
      const { connection } = await operations.finishSignIn({ id, answer: query })
      return { good: true, text: `Signed in to ${connection}. You can close this window and go back to the terminal.` }
    } catch (error) {
      if (!(error instanceof UserError)) throw error
      return { good: false, text: `${error.message}\n${error.remedy}` }
    }
  }
  const loopback: Loopback = await openLoopback(take)
  const reading = new AbortController()
  try {
    return await signIn(shell, operations, { ...request, redirect: loopback.redirect }, (begun) => {
      id = begun.id
      // What keeps it from being handed on ends the waiting as well, and is told there.
      readPasted(shell, reading.signal, take).catch(() => undefined)
    })
  } finally {
    reading.abort()
    await loopback.close()
  }
}

async function signIn(
  shell: Shell,
  operations: Operations,
  request: Request,
  began: (begun: SignInBegun) => void = () => undefined,
): Promise<SignedIn> {
  const begun = await operations.beginSignIn(request)
  const { id } = begun
  const giveUp = (): void => void operations.endSignIn({ id }).catch(() => undefined)
  shell.signal.addEventListener('abort', giveUp, { once: true })
  try {
    const waiting = operations.waitForSignIn({ id })
    began(begun)
    shell.out.note(askText(begun, request.redirect === null))
    return await waiting
  } finally {
    shell.signal.removeEventListener('abort', giveUp)
  }
}

/** Lines that are no answer are told so, and the next is waited for. */
async function readPasted(
  shell: Shell,
  signal: AbortSignal,
  take: (query: string) => Promise<{ readonly good: boolean; readonly text: string }>,
): Promise<void> {
  for await (const line of shell.lines(signal)) {
    const text = line.trim()
    if (text === '') continue
    const { good, text: told } = await take(text.slice(text.indexOf('?') + 1).split('#')[0] ?? '')
    if (!good && !signal.aborted) shell.out.note(told)
  }
}

function askText({ connection, system, open, scopes, account }: SignInBegun, isPublic: boolean): string {
  const as = account === null ? 'as the user to act as' : `as ${account.name ?? account.ref}`
  return [
    `Sign in to ${system} ${as}, in a browser ${isPublic ? 'on any machine' : 'on this machine'}:`,
    `\n  ${open}\n`,
    `These permissions are asked for, and ${connection} needs them all:`,
    ...scopes.map((scope) => `  ${scope}`),
    ...(isPublic
      ? []
      : ['\nIf the browser is on another machine it ends at an address that it cannot open: paste that address here.']),
  ].join('\n')
}

function signedInText({ connection, account, problems }: SignedIn): string {
  const as = account === null ? '' : ` as ${account.name ?? account.ref}`
  return [
    `${connection} is connected${as}; its token is kept sealed in the store.`,
    ...problems.flatMap(({ message, remedy }) => [`  ! ${message}`, `  → ${remedy}`]),
  ].join('\n')
}
