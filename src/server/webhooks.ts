/**
 * The webhook listener: what a tunnel or a proxy is pointed at, also by browsers that come back from a sign-in. It
 * verifies, commits and only then answers; what a webhook says is never applied, it only makes the engine look.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AnyConnector } from '../connector/connector.ts'
import type { Log, RawRequest } from '../connector/ports.ts'
import type { Webhook } from '../connector/webhooks.ts'
import { StoreError } from '../store/errors.ts'
import type { Store } from '../store/verbs/index.ts'
import { headersOf } from '../adapters/http.ts'
import type { Answer } from './answer.ts'
import { readBody } from './body.ts'
import { createRate, type Rate } from './rate.ts'
import { signInPage, type Browsers } from './sign-in-pages.ts'

export interface WebhookConnection {
  readonly id: string
  readonly connector: AnyConnector
  readonly webhooks: { readonly accept: 'signed' | 'unsigned' | 'off'; readonly secrets: readonly string[] }
  /** Where its system was asked to send webhooks, by channel; absent or null: nowhere. */
  readonly address?: string | null
}

export interface WebhookOptions {
  readonly connections: readonly WebhookConnection[]
  readonly store: Pick<Store, 'receive' | 'hearChannel' | 'channels'>
  readonly now: () => number
  readonly log: Log
  /** Called once hints are durable. */
  readonly wake: () => void
  /** Browsers that come to sign in; null: they have no way to this listener. */
  readonly browsers: Browsers | null
  /** Called where a message did not show what it has to. */
  readonly refused: (connection: string) => void
  /** Called where a message came by a channel that is to be closed. */
  readonly astray: () => void
  /** What the messages of a channel have to show. */
  readonly channelSecret: (connection: string, id: string) => string
  readonly maxBody: number
  readonly maxPerMinute: number
}

/** The same trouble is logged no more often: whoever sends cannot fill the log. */
const QUIET_MS = 10_000
/** Requests read at once: each may hold a whole body in memory. */
const AT_ONCE = 256
/** A sign-in takes two; somebody who guesses gets no more. */
const PAGES_PER_MINUTE = 120
const HEADERS_MS = 10_000
const REQUEST_MS = 30_000
/** Nobody who sends a webhook takes longer over its body. */
const BODY_MS = 5_000
/** How often Node looks for requests that are too slow. */
const LOOK_MS = 1_000

interface Endpoint {
  readonly connection: WebhookConnection
  readonly webhook: Webhook
  readonly rate: Rate
  readonly log: Log
  /** Since the start. */
  refused: number
}

export function webhookServer(options: WebhookOptions): Server {
  const endpoints = new Map<string, Endpoint>()
  for (const connection of options.connections) {
    const { webhook } = connection.connector
    if (webhook === undefined || connection.webhooks.accept === 'off') continue
    const rate = createRate(options.maxPerMinute, options.now)
    endpoints.set(`/webhooks/${connection.id}`, { connection, webhook, rate, log: quietly(options), refused: 0 })
  }
  const pages = createRate(PAGES_PER_MINUTE, options.now)
  let underWay = 0
  const patience = { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS, connectionsCheckingInterval: LOOK_MS }
  const server = createServer(patience, (request, response) => {
    // Whoever watches over the service is answered however many send.
    if (pathOf(request) === '/health/live') return send(request, response, live(request))
    underWay += 1
    response.once('close', () => (underWay -= 1))
    const answering = underWay > AT_ONCE ? Promise.resolve(BUSY) : answerTo(request, endpoints, pages, options)
    answering
      .catch((error: unknown) => {
        options.log('error', 'a webhook could not be handled', { error: String(error) })
        return { status: 500, text: 'internal error' }
      })
      .then((answer) => send(request, response, answer))
      // The sender is gone: there is nobody to tell.
      .catch(() => response.destroy())
  })
  return server
}

function quietly({ log, now }: WebhookOptions): Log {
  const said = new Map<string, number>()
  return (level, message, fields) => {
    const at = now()
    const last = said.get(message)
    // A clock that was set back silences nothing.
    if (last !== undefined && at >= last && at - last < QUIET_MS) return
    said.set(message, at)
    log(level, message, fields)
  }
}

/** Without a word: Airtable asks for an empty body, and nobody reads one. */
const TAKEN: Answer = { status: 200, text: '' }
const TOO_MANY: Answer = { status: 429, text: 'too many webhooks', headers: { 'retry-after': '60' } }
const BUSY: Answer = { status: 503, text: 'too many requests at once', headers: { 'retry-after': '5' } }

async function answerTo(
  request: IncomingMessage,
  endpoints: ReadonlyMap<string, Endpoint>,
  pages: Rate,
  options: WebhookOptions,
): Promise<Answer> {
  const path = pathOf(request)
  const query = (request.url ?? '/').split('?')[1]
  if (path.startsWith('/oauth/') && !pages.take())
    return { status: 429, text: 'too many sign-ins', headers: { 'retry-after': '60' } }
  const page = await signInPage(request, options.browsers)
  if (page !== null) return page
  const { endpoint, channel } = placeOf(path, endpoints)
  if (endpoint === undefined) return { status: 404, text: 'there is nothing here' }
  if (request.method !== 'POST') return { status: 405, text: 'only POST', headers: { allow: 'POST' } }
  const { connection } = endpoint
  const { channels } = connection.connector
  if (channel === null ? channels !== undefined && channels.alsoByHand !== true : channels === undefined)
    return { status: 404, text: 'there is nothing here' }
  if (channel === null && connection.webhooks.accept === 'signed' && connection.webhooks.secrets.length === 0)
    return { status: 403, text: 'webhooks are refused: no secret is configured' }
  const body = await readBody(request, options.maxBody, BODY_MS)
  if (body === 'too slow') return { status: 408, text: 'the body came too slowly', headers: { connection: 'close' } }
  if (body === 'too long') return { status: 413, text: 'the body is too long', headers: { connection: 'close' } }
  const whole = { headers: headersOf(request), body, ...(query === undefined ? {} : { query }) }
  return channel === null ? accept(endpoint, whole, options) : byChannel(endpoint, channel, whole, options)
}

function pathOf({ url = '/' }: IncomingMessage): string {
  return url.split('?')[0] ?? '/'
}

/** `/webhooks/<connection>`, and after it the id of a channel. */
function placeOf(
  path: string,
  endpoints: ReadonlyMap<string, Endpoint>,
): { readonly endpoint: Endpoint | undefined; readonly channel: string | null } {
  const whole = endpoints.get(path)
  if (whole !== undefined) return { endpoint: whole, channel: null }
  const [, at = '', channel = null] = /^(.*)\/([0-9a-v]{1,64})$/.exec(path) ?? []
  return { endpoint: endpoints.get(at), channel }
}

function live(request: IncomingMessage): Answer {
  if (request.method === 'GET' || request.method === 'HEAD') return { status: 200, text: 'live' }
  return { status: 405, text: 'only GET', headers: { allow: 'GET, HEAD' } }
}

async function accept(endpoint: Endpoint, request: RawRequest, options: WebhookOptions): Promise<Answer> {
  const { connection, webhook } = endpoint
  if (connection.webhooks.accept === 'signed' && !isSigned(webhook, request, connection.webhooks.secrets))
    return refused(
      endpoint,
      options,
      `if it was real, its secret in the system differs from webhook_secret of ${connection.id}`,
    )
  return keep(endpoint, request, options, () => Promise.resolve(true))
}

/** Of a channel that is known no more nothing is taken: it is closed, and its message answered as a good one. */
async function byChannel(
  endpoint: Endpoint,
  id: string,
  request: RawRequest,
  options: WebhookOptions,
): Promise<Answer> {
  const { connection, webhook } = endpoint
  const secret = await secretOf(endpoint, id, options)
  if (secret === null || !webhook.verify(request, secret))
    return refused(
      endpoint,
      options,
      'nothing needs to be done: nobody but the system that was asked knows what to show',
    )
  const handle = connection.connector.channels?.handleIn?.(request) ?? null
  const address = `${connection.address ?? ''}/${id}`
  return keep(endpoint, request, options, async () => {
    const isKnown = await options.store.hearChannel({
      connection: connection.id,
      id,
      address,
      handle,
      now: options.now(),
    })
    if (!isKnown) options.astray()
    return isKnown
  })
}

/** Null: its system made it, and the answer that told it is not known here. */
async function secretOf({ connection }: Endpoint, id: string, options: WebhookOptions): Promise<string | null> {
  const { secretIn } = connection.connector.channels ?? {}
  if (secretIn === undefined) return options.channelSecret(connection.id, id)
  const channel = (await options.store.channels({ connection: connection.id })).find((each) => each.id === id)
  return channel?.handle == null ? null : secretIn(channel.handle)
}

function refused(endpoint: Endpoint, options: WebhookOptions, remedy: string): Answer {
  endpoint.refused += 1
  const { connection, log } = endpoint
  options.refused(connection.id)
  log('warn', `${connection.id}: a webhook with a wrong signature was refused`, { remedy, soFar: endpoint.refused })
  return { status: 401, text: 'the signature is wrong' }
}

/**
 * Of what has shown what it has to: who does not know that uses nobody's share up. `counts`: whether what it tells is to be
 * looked at.
 */
async function keep(
  { connection, webhook, rate, log }: Endpoint,
  request: RawRequest,
  options: WebhookOptions,
  counts: () => Promise<boolean>,
): Promise<Answer> {
  if (!rate.take()) return TOO_MANY
  const hints = webhook.hints(request).map((hint) => ({ ...hint, kind: hint.kind ?? '' }))
  try {
    if (!(await counts())) return TAKEN
    await options.store.receive({ connection: connection.id, hints, now: options.now() })
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
    log('error', `a webhook of ${connection.id} could not be kept: ${error.message}`, { remedy: error.remedy })
    return { status: 503, text: 'it could not be kept: send it again later', headers: { 'retry-after': '30' } }
  }
  options.wake()
  return TAKEN
}

/** Each secret is tried, whichever fits, so that the time taken does not tell which one did. */
function isSigned(webhook: Webhook, request: RawRequest, secrets: readonly string[]): boolean {
  return secrets.map((secret) => webhook.verify(request, secret)).includes(true)
}

function send(request: IncomingMessage, response: ServerResponse, { status, text, headers }: Answer): void {
  const body = text === '' ? '' : `${text}\n`
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(request.method === 'HEAD' ? undefined : body)
  // What was not read would be taken for the next request.
  if (!request.complete) response.once('finish', () => request.destroy())
}
