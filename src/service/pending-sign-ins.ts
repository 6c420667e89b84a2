/** Sign-ins that wait for their answer. Each takes one, and is over after ten minutes; of a connection the last one counts. */
import type { Clock, Random } from '../connector/ports.ts'
import type { Asking } from '../engine/token-endpoint.ts'
import type { Account } from './credentials.ts'
import type { SignedIn, SignInRequest } from './operations.ts'
import * as trouble from './sign-in-troubles.ts'

/** How long the person may take. */
const PATIENCE_MS = 10 * 60_000

export interface Pending {
  readonly id: string
  readonly account: Account
  readonly asking: Asking
  readonly request: SignInRequest
  readonly until: number
  readonly done: PromiseWithResolvers<SignedIn>
  /** Of the browser that opened it last; null: none did. */
  session: string | null
}

export interface PendingSignIns {
  add(account: Account, redirect: string, request: SignInRequest): Pending
  /** Null: there is none, or none any more. */
  find(what: { readonly id: string } | { readonly session: string }): Pending | null
  /** Nothing that comes from now on is its answer. */
  take(each: Pending): void
  fail(each: Pending, why: Error): void
  failAll(): void
}

/** `signal` aborts when the process has to end. */
export function pendingSignIns(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  signal: AbortSignal,
): PendingSignIns {
  const waiting = new Map<Pending, AbortController>()
  const take = (each: Pending): void => {
    waiting.get(each)?.abort()
    waiting.delete(each)
  }
  const fail = (each: Pending, why: Error): void => {
    take(each)
    each.done.reject(why)
  }
  return {
    add(account, redirect, request) {
      for (const each of waiting.keys()) if (each.account === account) fail(each, trouble.replaced(request.connection))
      const until = clock.now() + PATIENCE_MS
      const asking = { redirect, state: freshText(random), verifier: freshText(random) }
      const done = Promise.withResolvers<SignedIn>()
      // It may come to nothing before anybody waits for it.
      done.promise.catch(() => undefined)
      const each: Pending = { id: freshText(random), account, asking, request, until, done, session: null }
      const over = new AbortController()
      waiting.set(each, over)
      void clock.sleep(PATIENCE_MS, AbortSignal.any([signal, over.signal])).then(
        () => fail(each, trouble.late()),
        () => {
          if (waiting.has(each)) fail(each, trouble.stopped())
        },
      )
      return each
    },
    find(what) {
      const isMeant = (each: Pending): boolean =>
        'id' in what ? each.id === what.id : each.session !== null && each.session === what.session
      return [...waiting.keys()].find(isMeant) ?? null
    },
    take,
    fail,
    failAll() {
      for (const each of waiting.keys()) fail(each, trouble.stopped())
    },
  }
}

/** 256 bits that nobody can guess. */
export function freshText(random: Random): string {
  return Buffer.from(random.hex(32), 'hex').toString('base64url')
}
