/** Refusals, in Airtable's own types and words where its pages tell them. */
import { json, type WireResponse } from '../emulator.ts'

export class Refused extends Error {
  readonly status: number
  readonly body: unknown

  constructor(status: number, type: string, message: string, body: unknown = { error: { type, message } }) {
    super(message)
    this.name = 'Refused'
    this.status = status
    this.body = body
  }
}

/** What is wrong with the request itself. */
export function invalid(message = 'Invalid request: parameter validation failed. Check your request data.'): Refused {
  return unprocessable('INVALID_REQUEST_UNKNOWN', message)
}

export function unprocessable(type: string, message: string): Refused {
  return new Refused(422, type, message)
}

/** A base or table that is not there, or that the token does not reach. */
export function outOfReach(): Refused {
  return new Refused(
    403,
    'INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND',
    'Invalid permissions, or the requested model was not found. Check that both your user and your token have the required permissions, and that the model names and/or ids are correct.',
  )
}

export function notPermitted(): Refused {
  return new Refused(403, 'INVALID_PERMISSIONS', 'You are not permitted to perform this operation')
}

export function notFound(): Refused {
  return new Refused(404, 'NOT_FOUND', 'Not found', { error: 'NOT_FOUND' })
}

/** A part of the real API that the emulator leaves out: refused aloud, so that nobody builds on silence. */
export function leftOut(what: string): Refused {
  return new Refused(501, 'NOT_IMPLEMENTED', `The emulator leaves out ${what}.`)
}

export function refusalAnswer({ status, body }: Refused): WireResponse {
  return json(status, body)
}
