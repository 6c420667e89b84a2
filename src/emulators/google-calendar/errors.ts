/** Refusals in the shape of Google's older JSON APIs: the code, and a list of errors with a domain and a reason each. */
import { json, type WireResponse } from '../emulator.ts'

export interface Refusal {
  readonly code: number
  readonly reason: string
  readonly message: string
  /** Absent: global. */
  readonly domain?: string
  /** What the refusal is about: a parameter's or a header's name. */
  readonly location?: string
  readonly locationType?: 'parameter' | 'header'
  readonly headers?: Readonly<Record<string, string>>
}

export class CalendarError extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.message)
    this.name = 'CalendarError'
    this.refusal = refusal
  }
}

export function invalid(message: string, location?: string): CalendarError {
  const where = location === undefined ? {} : { location, locationType: 'parameter' as const }
  return new CalendarError({ code: 400, reason: 'invalid', message, ...where })
}

export function required(message: string): CalendarError {
  return new CalendarError({ code: 400, reason: 'required', message })
}

export function notFound(message = 'Not Found'): CalendarError {
  return new CalendarError({ code: 404, reason: 'notFound', message })
}

export function forbidden(reason: string, message: string): CalendarError {
  return new CalendarError({ code: 403, reason, message })
}

export function duplicate(): CalendarError {
  return new CalendarError({ code: 409, reason: 'duplicate', message: 'The requested identifier already exists.' })
}

/** 410 has three meanings, told apart by the reason alone. */
export function gone(reason: 'deleted' | 'fullSyncRequired' | 'updatedMinTooLongAgo'): CalendarError {
  if (reason === 'deleted') return new CalendarError({ code: 410, reason, message: 'Resource has been deleted' })
  const [location, message] =
    reason === 'fullSyncRequired'
      ? ['syncToken', 'Sync token is no longer valid, a full sync is required.']
      : ['updatedMin', 'The requested minimum modification time lies too far in the past.']
  return new CalendarError({ code: 410, domain: 'calendar', reason, message, location, locationType: 'parameter' })
}

export function emptyTimeRange(location: string): CalendarError {
  const message = 'The specified time range is empty.'
  return new CalendarError({
    code: 400,
    domain: 'calendar',
    reason: 'timeRangeEmpty',
    message,
    location,
    locationType: 'parameter',
  })
}

export function preconditionFailed(): CalendarError {
  return new CalendarError({
    code: 412,
    reason: 'conditionNotMet',
    message: 'Precondition Failed',
    location: 'If-Match',
    locationType: 'header',
  })
}

/** A part of the real API that the emulator leaves out: refused aloud, so that nobody builds on silence. */
export function leftOut(what: string): CalendarError {
  return new CalendarError({ code: 501, reason: 'notImplemented', message: `The emulator leaves out ${what}.` })
}

export function errorResponse({ refusal }: CalendarError): WireResponse {
  const { code, reason, message, domain = 'global', location, locationType, headers = {} } = refusal
  const where = location === undefined ? {} : { locationType, location }
  return json(code, { error: { errors: [{ domain, reason, message, ...where }], code, message } }, headers)
}
