/** What a connector is handed: the only ways in which it may reach the world. */

import type { Bytes, Folders } from './blobs.ts'
import type { Databases } from './sql.ts'

/** Milliseconds since 1970, and a wait that the simulator can move. */
export interface Clock {
  now(): number
  /** Never settles in a process that was ended; rejects only when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export interface Random {
  /** In [0, 1). */
  next(): number
  /** Random bytes, lower-case hex. */
  hex(bytes: number): string
}

/** A body that is sent piece by piece. */
export interface Sending {
  readonly size: number
  /** Begins anew each time, since a request may be made again. */
  bytes(): Bytes
}

export interface HttpRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Instead of `body`. */
  readonly sends?: Sending
  /** A good answer is handed on as `bytes`. */
  readonly streams?: true
  /** For the whole answer; where bytes stream, either way, for the next piece. */
  readonly timeoutMs: number
  readonly maxBytes: number
}

export interface HttpResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Of a 2xx answer to a request that `streams`. Ends with an Error where it is not whole. */
  readonly bytes?: Bytes
}

/** Rejects with an Error when there was no whole answer: whether the request took effect is then unknown. */
export interface Http {
  send(request: HttpRequest): Promise<HttpResponse>
}

/** Draws that one request makes: bucket name → whose (a site, a user, a space). The same pair is one bucket everywhere. */
export type Draws = { readonly [bucket: string]: string }

/** Waits until every bucket drawn on has a free slot, runs the call in it, and obeys what `limited` says. */
export interface Limits {
  within<T>(draws: Draws, call: () => Promise<T>): Promise<T>
}

/** The bearer token of an OAuth connection. */
export interface Tokens {
  /** The current access token, refreshed when it is about to expire. One refresh at a time. */
  bearer(): Promise<string>
  /** Says that a token was refused, so that the next `bearer` is a new one. */
  refused(token: string): void
}

export interface Log {
  (level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, unknown>>): void
}

export interface Runtime {
  /** Of the user's own. */
  readonly databases: Databases
  /** Of the user's own, where files are kept for good. */
  readonly folders: Folders
  readonly clock: Clock
  readonly random: Random
  readonly http: Http
  readonly limits: Limits
  readonly tokens: Tokens
  readonly log: Log
  /** Tells this installation from any other that works on the same system; absent: it is asked for no installation. */
  readonly installation?: string
}

/** A webhook request as it arrived: header names in lower case, the raw bytes of the body. */
export interface RawRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** What stands after the `?` of the address that it came to; absent: nothing. */
  readonly query?: string
}
