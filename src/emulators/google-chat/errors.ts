/** Refusals in the shape that Google's JSON APIs give: google.rpc.Status inside `error`. */
import { json, type WireResponse } from '../emulator.ts'

const CODES = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  UNIMPLEMENTED: 501,
} as const

export type Status = keyof typeof CODES

export class ChatError extends Error {
  readonly code: number
  readonly status: Status
  readonly details: readonly Readonly<Record<string, unknown>>[]
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: Status,
    message: string,
    more: {
      readonly details?: readonly Readonly<Record<string, unknown>>[]
      readonly headers?: Readonly<Record<string, string>>
    } = {},
  ) {
    super(message)
    this.name = 'ChatError'
    this.code = CODES[status]
    this.status = status
    this.details = more.details ?? []
    this.headers = more.headers ?? {}
  }
}

export function invalid(message: string): ChatError {
  return new ChatError('INVALID_ARGUMENT', message)
}

/** A part of the real API that the emulator leaves out: refused aloud, so that nobody builds on silence. */
export function leftOut(what: string): ChatError {
  return new ChatError('UNIMPLEMENTED', `The emulator leaves out ${what}.`)
}

export function errorInfo(reason: string, metadata: Readonly<Record<string, string>>): Record<string, unknown> {
  return { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com', metadata }
}

export function errorResponse(error: ChatError): WireResponse {
  const details = error.details.length === 0 ? {} : { details: error.details }
  return json(
    error.code,
    { error: { code: error.code, message: error.message, status: error.status, ...details } },
    error.headers,
  )
}
