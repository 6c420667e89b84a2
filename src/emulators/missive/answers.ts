/** Refusals. Missive tells an error as one text; how its body is written no page tells. */
import { json, type WireResponse } from '../emulator.ts'

export class Refused extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.name = 'Refused'
    this.status = status
    this.headers = headers
  }
}

export function badRequest(message: string): Refused {
  return new Refused(400, message)
}

export function forbidden(message: string): Refused {
  return new Refused(403, message)
}

export function notFound(what = 'Not found'): Refused {
  return new Refused(404, what)
}

/** A part of the real API that the emulator leaves out: refused aloud, so that nobody builds on silence. */
export function leftOut(what: string): Refused {
  return new Refused(501, `The emulator leaves out ${what}.`)
}

export function refusalAnswer({ status, message, headers }: Refused, body: 'error' | 'message'): WireResponse {
  return json(status, { [body]: message }, headers)
}
