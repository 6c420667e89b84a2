/** `lockstep connect`: a person signs in, and the refresh token is kept sealed. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { choice } from '../config/problem.ts'
import type { Config, Connection } from '../config/index.ts'
import type { OAuthClient } from '../connector/connector.ts'
import { close, listen } from '../server/listen.ts'
import { EXIT, UserError } from './errors.ts'
import type { Shell } from './shell.ts'

/** How long the person may take. */
const PATIENCE_MS = 10 * 60_000
const PATH = '/callback'

export async function connect(shell: Shell, { name }: { name: string }): Promise<number> {
  const config = shell.config()
  const { connection, client } = connectionNamed(config, name)
  const token = await shell.busy(() => signIn(shell, connection, client))
  shell.learned(token)
  await shell.operate(config, true, (operations) => operations.keepToken({ connection: connection.id, token }))
  shell.out.result(
    { connection: connection.id, connected: true },
    () => `${connection.id} is connected; its token is kept sealed in the store.`,
  )
  return EXIT.inStep
}

/** By its id, or by the name of its system where one connection alone is of it: "google" for Google Chat. */
function connectionNamed(config: Config, name: string): { connection: Connection; client: OAuthClient } {
  const clients = config.connections.flatMap((connection) => {
    const client = connection.connector.oauth?.(connection.config)
    return client === undefined ? [] : [{ connection, client }]
  })
  const exact = clients.find(({ connection }) => connection.id === name)
  const alike = clients.filter(
    ({ connection }) => connection.connector.name.split('-')[0] === name || connection.connector.name === name,
  )
  const found = exact ?? (alike.length === 1 ? alike[0] : undefined)
  if (found !== undefined) return found
  const ids = clients.map(({ connection }) => connection.id)
  const isKnown = config.connections.some(({ id }) => id === name)
  throw new UserError({
    code: 'unknown-connection',
    message: isKnown
      ? `The connection "${name}" needs no sign-in: its system uses a key.`
      : `There is no connection "${name}" to sign in to.`,
    remedy: ids.length === 0 ? 'None of the connections uses OAuth.' : choice(name, ids),
    exit: EXIT.configuration,
  })
}

/** Answers the refresh token. */
async function signIn(shell: Shell, connection: Connection, client: OAuthClient): Promise<string> {
  const verifier = Buffer.from(shell.random.hex(32), 'hex').toString('base64url')
  const state = shell.random.hex(16)
  shell.learned(verifier)
  const { promise: answered, resolve, reject } = Promise.withResolvers<string>()
  // It may come to nothing before anybody waits for it.
  answered.catch(() => undefined)
  const server = createServer((request, response) => receive(request, response, state, resolve, reject))
  const listening = await listen(server, { host: '127.0.0.1', port: 0, what: 'the sign-in', option: 'the sign-in' })
  const redirect = `${listening.url}${PATH}`
  const url = authorizationUrl(client, redirect, state, verifier)
  shell.out.note(
    `Sign in to ${connection.connector.title} as the user to act as, in a browser on this machine:\n\n  ${url}\n`,
  )
  const end = new AbortController()
  const stop = AbortSignal.any([shell.signal, end.signal])
  const late = shell.clock.sleep(PATIENCE_MS, stop).then(
    () => reject(refused('nobody signed in within ten minutes')),
    () => reject(refused('it was stopped')),
  )
  try {
    return await exchange(shell, client, await answered, redirect, verifier)
  } finally {
    end.abort()
    await late
    await close(server)
  }
}

function authorizationUrl(client: OAuthClient, redirect: string, state: string, verifier: string): string {
  const url = new URL(client.authorizationUrl)
  const parameters = {
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: redirect,
    scope: client.scopes.join(' '),
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  return url.href
}

/** Takes the one answer that carries our state; whatever else comes is turned away and changes nothing. */
function receive(
  request: IncomingMessage,
  response: ServerResponse,
  state: string,
  resolve: (code: string) => void,
  reject: (error: UserError) => void,
): void {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const given = url.searchParams.get('state') ?? ''
  if (request.method !== 'GET' || url.pathname !== PATH || !isSame(given, state)) {
    page(response, 400, 'This is not the answer that Lockstep waits for.')
    return
  }
  const code = url.searchParams.get('code')
  if (code !== null && code !== '') {
    page(response, 200, 'Signed in. You can close this window and go back to the terminal.')
    resolve(code)
    return
  }
  page(response, 200, 'Sign-in was refused. You can close this window.')
  reject(refused(url.searchParams.get('error') ?? 'the answer holds no code'))
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [given, wanted].map((text) => createHash('sha256').update(text).digest())
  return a !== undefined && b !== undefined && timingSafeEqual(a, b)
}

function page(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
  response.end(`${text}\n`)
}

const Answer = z.object({ refresh_token: z.string().min(1).optional(), scope: z.string().optional() })
const Refusal = z.object({ error: z.string(), error_description: z.string().optional() })

async function exchange(
  shell: Shell,
  client: OAuthClient,
  code: string,
  redirect: string,
  verifier: string,
): Promise<string> {
  const response = await shell.http
    .send({
      method: 'POST',
      url: client.tokenUrl,
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirect,
        client_id: client.clientId,
        client_secret: client.clientSecret,
        code_verifier: verifier,
      }).toString(),
      timeoutMs: 30_000,
      maxBytes: 1024 * 1024,
    })
    .catch((error: unknown) => {
      throw refused(`no answer from the token endpoint: ${error instanceof Error ? error.message : String(error)}`)
    })
  const body = parsed(response.body)
  const answer = Answer.safeParse(body)
  const refusal = Refusal.safeParse(body)
  if (refusal.success) throw refused(`${refusal.data.error} ${refusal.data.error_description ?? ''}`.trim())
  if (response.status !== 200 || !answer.success) throw refused(`the token endpoint answered ${response.status}`)
  const { refresh_token: token, scope } = answer.data
  if (token === undefined) throw refused('the system gave no refresh token')
  const missing = scope === undefined ? [] : client.scopes.filter((each) => !scope.split(' ').includes(each))
  if (missing.length > 0) throw refused(`these permissions were not given: ${missing.join(', ')}`)
  return token
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function refused(why: string): UserError {
  return new UserError({
    code: 'sign-in-failed',
    message: `Signing in did not work: ${why}.`,
    remedy: 'Run the command again, and give all the permissions that are asked for. Nothing was stored.',
    exit: EXIT.failed,
  })
}
