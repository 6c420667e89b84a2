/**
 * Sign-ins under way. Each is one connection's, has a state and a verifier of its own, takes one answer, and is over
 * after ten minutes. Of a connection the last one counts.
 */
import { ConsentRefusal, tokenEndpoint, TokenRefusal, type Asking } from '../engine/token-endpoint.ts'
import { admit } from './admitting.ts'
import type { Context } from './context.ts'
import type { Account } from './credentials.ts'
import type { SignedIn, SignInBegun, SignInRequest } from './operations.ts'
import * as trouble from './sign-in-troubles.ts'

/** How long the person may take. */
const PATIENCE_MS = 10 * 60_000

export interface SignIns {
  begin(request: SignInRequest): Promise<SignInBegun>
  /** Throws `not-this-sign-in` for what is not its answer, and goes on waiting. */
  finish(id: string, answer: URLSearchParams): Promise<SignedIn>
  wait(id: string): Promise<SignedIn>
  end(id: string): void
  /** Of one that goes through the public address: a browser opens it, and from then on only this browser can answer. */
  openIn(id: string): Promise<{ readonly url: string; readonly session: string } | null>
  /** The answer that a browser brought. */
  finishIn(session: string, answer: URLSearchParams): Promise<SignedIn>
  close(): Promise<void>
}

interface Pending {
  readonly id: string
  readonly account: Account
  readonly asking: Asking
  readonly request: SignInRequest
  readonly over: AbortController
  readonly done: PromiseWithResolvers<SignedIn>
  /** Of the browser that opened it last. */
  session: string | null
}

/** `reconnect` is called once somebody is signed in. */
export function createSignIns(context: Context, reconnect: (connection: string) => void): SignIns {
  const { random, clock, learned, http } = context.ports
  const pending = new Map<string, Pending>()
  const secret = (bytes: number): string => Buffer.from(random.hex(bytes), 'hex').toString('base64url')

  const end = (each: Pending, why: Error): void => {
    pending.delete(each.id)
    each.over.abort()
    each.done.reject(why)
  }
  const found = (id: string): Pending => {
    const each = pending.get(id)
    if (each === undefined) throw trouble.over()
    return each
  }

  const finish = async (each: Pending, answer: URLSearchParams): Promise<SignedIn> => {
    const { account, asking, request } = each
    const endpoint = tokenEndpoint(account.client, http)
    const accepted = endpoint.answerTo(asking.state, answer)
    if (accepted === null) throw trouble.notThisOne()
    if (accepted instanceof ConsentRefusal) {
      const refused = trouble.refused(accepted, account)
      end(each, refused)
      throw refused
    }
    // It was answered: nothing that comes from now on is taken.
    pending.delete(each.id)
    each.over.abort()
    try {
      const granted = await endpoint.redeem(accepted, asking)
      const signedIn = await admit(context, account, granted, request.anotherAccount)
      reconnect(account.connection.id)
      each.done.resolve(signedIn)
      return signedIn
    } catch (error) {
      const told = error instanceof TokenRefusal ? trouble.unredeemed(error, asking.redirect) : error
      each.done.reject(told)
      throw told
    }
  }

  return {
    async begin(request) {
      const account = accountNamed(context, request.connection)
      const redirect = redirectOf(context, request)
      for (const each of pending.values()) if (each.account === account) end(each, trouble.replaced(request.connection))
      const asking = { redirect, state: secret(32), verifier: secret(32) }
      learned(asking.verifier)
      const each: Pending = {
        id: secret(24),
        account,
        asking,
        request,
        over: new AbortController(),
        done: Promise.withResolvers(),
        session: null,
      }
      // It may come to nothing before anybody waits for it.
      each.done.promise.catch(() => undefined)
      pending.set(each.id, each)
      const stop = AbortSignal.any([context.signal, each.over.signal])
      void clock.sleep(PATIENCE_MS, stop).then(
        () => end(each, trouble.late()),
        () => {
          if (context.signal.aborted) end(each, trouble.stopped())
        },
      )
      const { connector, id } = account.connection
      const url = await tokenEndpoint(account.client, http).authorizationUrl(asking)
      return {
        id: each.id,
        connection: id,
        system: connector.title,
        open: request.redirect === null ? `${publicAddress(context)}/oauth/start/${each.id}` : url,
        redirect,
        scopes: account.client.scopes,
        account: await context.owned.store.connectionActor({ id }),
        until: clock.now() + PATIENCE_MS,
      }
    },
    finish: async (id, answer) => finish(found(id), answer),
    wait: async (id) => found(id).done.promise,
    end(id) {
      const each = pending.get(id)
      if (each !== undefined) end(each, trouble.stopped())
    },
    async openIn(id) {
      const each = pending.get(id)
      if (each === undefined || each.request.redirect !== null) return null
      each.session = secret(24)
      return {
        url: await tokenEndpoint(each.account.client, http).authorizationUrl(each.asking),
        session: each.session,
      }
    },
    async finishIn(session, answer) {
      const each = [...pending.values()].find((one) => one.session === session)
      if (each === undefined) throw trouble.over()
      return finish(each, answer)
    },
    close() {
      for (const each of pending.values()) end(each, trouble.stopped())
      return Promise.resolve()
    },
  }
}

export function accountNamed({ credentials, config }: Context, connection: string): Account {
  const account = credentials.of(connection)
  if (account !== null) return account
  throw trouble.noAccount(connection, config)
}

/** Where the answer comes back to: to the letter what the system is told. */
function redirectOf(context: Context, { redirect }: SignInRequest): string {
  if (redirect === null) return `${publicAddress(context)}/oauth/callback`
  const { protocol, hostname } = new URL(redirect)
  if (protocol !== 'http:' || hostname !== '127.0.0.1') throw trouble.notLoopback(redirect)
  return redirect
}

function publicAddress({ config, running, listeners }: Context): string {
  const { publicUrl } = config.listen
  if (publicUrl === null) throw trouble.noPublicAddress()
  if (!running || listeners().webhooks === null) throw trouble.notListening(publicUrl)
  return publicUrl
}
