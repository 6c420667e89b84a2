/** Refusals and answers in the words of Discourse 3.1.0.beta4, as recorded. */
import { json, type WireResponse } from '../emulator.ts'

/** Ends a request with an answer. */
export class Refused extends Error {
  readonly response: WireResponse
  /** Whether the answer comes from below the controllers, without their headers. */
  readonly bare: boolean

  constructor(response: WireResponse, bare = false) {
    super(`answered ${response.status}`)
    this.response = response
    this.bare = bare
  }
}

const NOT_PERMITTED = 'You are not permitted to view the requested resource.'

export const topicGone =
  'Something has gone wrong. Perhaps this topic was closed or deleted while you were looking at it?'

/** A 200 without content. */
export function nothing(status = 200): WireResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: '' }
}

export function plain(status: number, body: string): WireResponse {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
}

export function redirect(location: string): WireResponse {
  return {
    status: 301,
    headers: { 'content-type': 'text/html; charset=utf-8', location },
    body: `<html><body>You are being <a href="${location}">redirected</a>.</body></html>`,
  }
}

export function invalidAccess(): Refused {
  return new Refused(json(403, { errors: [NOT_PERMITTED], error_type: 'invalid_access' }))
}

export function invalidKey(): Refused {
  const text = `${NOT_PERMITTED} The API username or key is invalid.`
  return new Refused(json(403, { errors: [text], error_type: 'invalid_access' }), true)
}

/** A known key for a person who may not come in. */
export function shutOut(): Refused {
  return new Refused(invalidAccess().response, true)
}

export function badCsrf(): Refused {
  return new Refused(plain(403, '["BAD CSRF"]'), true)
}

const missing = { errors: ['The requested URL or resource could not be found.'], error_type: 'not_found' }

export function notFound(): Refused {
  return new Refused(json(404, missing))
}

/** A topic page's 404 carries the page which a browser would show. */
export function pageNotFound(): Refused {
  const html = `<div class="page-not-found">${'<a href="/latest">Latest</a>'.repeat(20)}</div>`
  return new Refused(json(404, { ...missing, extras: { title: 'Page Not Found', html, group: null } }))
}

/** An answer of the framework itself. */
export function frameworkError(status: 404 | 500): Refused {
  const error = status === 404 ? 'Not Found' : 'Internal Server Error'
  return new Refused(json(status, { status, error }), true)
}

export function missingParameter(name: string): Refused {
  return new Refused(json(400, { errors: [`param is missing or the value is empty: ${name}`] }))
}

export function unprocessable(errors: readonly string[]): Refused {
  return new Refused(json(422, { errors }))
}

export function postRefused(errors: readonly string[]): Refused {
  return new Refused(json(422, { action: 'create_post', errors }))
}

export function editConflict(): Refused {
  const text = 'That post was edited by another user and your changes can no longer be saved.'
  return new Refused(json(409, { errors: [text] }))
}

export function tooOld(): Refused {
  return unprocessable(['That post was created too long ago. It can no longer be edited or deleted.'])
}
