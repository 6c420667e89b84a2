/** Answers of the two generations of the API: v3 lists its errors, v1 tells a STATUS. */
import { json, type WireResponse } from '../emulator.ts'

export class Refused extends Error {
  readonly status: number
  readonly title: string

  constructor(status: number, title: string, detail: string) {
    super(detail)
    this.name = 'Refused'
    this.status = status
    this.title = title
  }
}

export function badRequest(detail: string): Refused {
  return new Refused(400, 'Bad request', detail)
}

export function forbidden(detail: string): Refused {
  return new Refused(403, 'Forbidden', detail)
}

export function notFound(): Refused {
  return new Refused(404, 'Not found', 'Not found')
}

/** A part of the real API that the emulator leaves out: refused aloud, so that nobody builds on silence. */
export function leftOut(what: string): Refused {
  return new Refused(501, 'Not implemented', `The emulator leaves out ${what}.`)
}

export function refusalAnswer(refused: Refused, generation: 'v1' | 'v3'): WireResponse {
  if (generation === 'v1') return json(refused.status, { STATUS: 'Error', MESSAGE: refused.message })
  // A missing thing is answered without a word.
  if (refused.status === 404) return { status: 404, headers: {}, body: '' }
  const { status, title, message } = refused
  return json(status, { errors: [{ id: '', title, detail: message, code: String(status) }] })
}

export function ok(more: object = {}, status = 200): WireResponse {
  return json(status, { STATUS: 'OK', ...more })
}
