/**
 * What every emulated system is made of: a synchronous request handler over injected time and chance.
 * The same handler answers real HTTP on loopback (serve.ts) and the simulator's virtual network.
 */
import { TrieRouter } from 'hono/router/trie-router'

/** One HTTP request as it arrived. Header names are lower-case; `body` holds the raw bytes. */
export interface WireRequest {
  readonly method: string
  /** Percent-decoded only by the router's parameters; always starts with a slash, no query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** The caller's address, for limits per address. */
  readonly address: string
  /** How many requests to the system are under way, this one included. Absent: this one alone. */
  readonly underWay?: number
}

export interface WireResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** A request that the system sends out by itself: a webhook. */
export interface Delivery {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The world of an emulated system. Nothing in an emulator reads a clock or makes a random number in another way. */
export interface EmulatorPorts {
  /** Milliseconds since 1970, as the system's own clock shows them. */
  now(): number
  /** A number in [0, 1). */
  random(): number
  /** Runs `task` once, `ms` milliseconds from now. */
  after(ms: number, task: () => void): void
  /** Sends a webhook; answers the receiver's status, or null when there was no answer. Never rejects. */
  deliver(delivery: Delivery): Promise<number | null>
}

export interface Emulator {
  readonly name: string
  handle(request: WireRequest): WireResponse
}

/** Answers one route. `params` are the path's named parts, percent-decoded. */
export type Handler = (request: WireRequest, params: Readonly<Record<string, string>>) => WireResponse

export interface Route {
  readonly method: string
  /** hono's path syntax: `/posts/:id{[0-9]+}`. */
  readonly path: string
  readonly handler: Handler
}

/** Finds the handler of a request, or null. Earlier routes win. */
export function routerOf(
  routes: readonly Route[],
): (request: WireRequest) => { handler: Handler; params: Record<string, string> } | null {
  const router = new TrieRouter<Handler>()
  for (const route of routes) router.add(route.method, route.path, route.handler)
  return (request) => {
    const first = router.match(request.method, request.path)[0][0]
    if (first === undefined) return null
    const params: Record<string, string> = {}
    for (const [name, value] of Object.entries(first[1])) if (typeof value === 'string') params[name] = decode(value)
    return { handler: first[0], params }
  }
}

export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): WireResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(value),
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
