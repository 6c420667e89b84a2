/**
 * Signing in by a browser somewhere else: it opens `/oauth/start/<id>`, is sent to the system with a session of its own in a
 * cookie, and comes back to `/oauth/callback`. Without that cookie an answer has no effect, so that nobody can be brought
 * to sign in for somebody else.
 */
import type { IncomingMessage } from 'node:http'
import { UserError } from '../words/errors.ts'
import type { SignedIn } from '../service/operations.ts'
import type { Answer } from './answer.ts'

export interface Browsers {
  /** How they reach this listener. */
  readonly publicUrl: string
  readonly signIns: BrowserSignIns
}

interface BrowserSignIns {
  openIn(id: string): Promise<{ readonly url: string; readonly session: string } | null>
  finishIn(session: string, answer: URLSearchParams): Promise<SignedIn>
}

const COOKIE = 'lockstep_sign_in'
const LIFE_S = 600
const PRIVATE = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }

/** Null: the path is another one. */
export async function signInPage(request: IncomingMessage, browsers: Browsers | null): Promise<Answer | null> {
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2)
  if (browsers === null || !path.startsWith('/oauth/')) return null
  if (request.method !== 'GET') return { status: 405, text: 'only GET', headers: { allow: 'GET' } }
  const id = /^\/oauth\/start\/([\w-]{20,64})$/.exec(path)?.[1]
  if (id !== undefined) return start(id, browsers)
  return path === '/oauth/callback' ? finish(request, query, browsers) : null
}

async function start(id: string, { signIns, publicUrl }: Browsers): Promise<Answer> {
  const opened = await signIns.openIn(id)
  if (opened === null)
    return { status: 404, text: 'This sign-in is over. Run "lockstep connect" again.', headers: PRIVATE }
  const { protocol, pathname } = new URL(publicUrl)
  const cookie = [
    `${COOKIE}=${opened.session}`,
    `Path=${pathname.replace(/\/$/, '')}/oauth`,
    `Max-Age=${LIFE_S}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(protocol === 'https:' ? ['Secure'] : []),
  ].join('; ')
  return {
    status: 302,
    text: 'Sign in.',
    headers: { ...PRIVATE, location: opened.url, 'set-cookie': cookie },
  }
}

async function finish(request: IncomingMessage, query: string, { signIns }: Browsers): Promise<Answer> {
  const session = sessionIn(request.headers.cookie ?? '')
  if (session === null)
    return {
      status: 400,
      text: 'This browser did not begin a sign-in: open the address that "lockstep connect" shows in the same one.',
      headers: PRIVATE,
    }
  try {
    const { connection, account } = await signIns.finishIn(session, new URLSearchParams(query))
    const as = account === null ? '' : ` as ${account.name ?? account.ref}`
    return { status: 200, text: `${connection} is signed in${as}. You can close this window.`, headers: PRIVATE }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { status: 400, text: `${error.message}\n${error.remedy}`, headers: PRIVATE }
  }
}

function sessionIn(cookies: string): string | null {
  for (const cookie of cookies.split(';')) {
    const [name, value] = cookie.trim().split('=', 2)
    if (name === COOKIE && value !== undefined && value !== '') return value
  }
  return null
}
