/** People sign in: they are sent to a system with a state and a verifier, and what they bring back becomes a token. */
import { ConsentRefusal, TokenRefusal } from '../engine/token-endpoint.ts'
import { admit } from './admitting.ts'
import type { Context } from './context.ts'
import type { Account } from './credentials.ts'
import type { SignedIn, SignInBegun, SignInRequest } from './operations.ts'
import { freshText, pendingSignIns, type Pending } from './pending-sign-ins.ts'
import * as trouble from './sign-in-troubles.ts'

export interface SignIns {
  begin(request: SignInRequest): Promise<SignInBegun>
  /** Throws `not-this-sign-in` for what is not its answer, and goes on waiting. */
  finish(id: string, answer: URLSearchParams): Promise<SignedIn>
  wait(id: string): Promise<SignedIn>
  end(id: string): void
  /**
   * Of one that goes through the public address: a browser opens it, and from then on an answer counts from this browser
   * alone. Null: there is no such one.
   */
  openIn(id: string): Promise<{ readonly url: string; readonly session: string } | null>
  finishIn(session: string, answer: URLSearchParams): Promise<SignedIn>
  close(): Promise<void>
}

/** `reconnect` is called once somebody is signed in. */
export function createSignIns(context: Context, reconnect: (connection: string) => void): SignIns {
  const { ports, owned } = context
  const pending = pendingSignIns(ports, context.signal)
  const found = (what: Parameters<typeof pending.find>[0]): Pending => {
    const each = pending.find(what)
    if (each === null) throw trouble.over()
    return each
  }
  const finish = (what: Parameters<typeof pending.find>[0], answer: URLSearchParams): Promise<SignedIn> => {
    const each = found(what)
    return carryOut(context, each, answer, { taken: () => pending.take(each), reconnect })
  }
  return {
    async begin(request) {
      const account = accountNamed(context, request.connection)
      const redirect = redirectOf(context, request)
      const { id, connector } = account.connection
      const known = await owned.store.connectionActor({ id })
      const each = pending.add(account, redirect, request)
      ports.learned(each.asking.verifier)
      const isPublic = request.redirect === null
      return {
        id: each.id,
        connection: id,
        system: connector.title,
        open: isPublic
          ? `${publicAddress(context)}/oauth/start/${each.id}`
          : await account.endpoint.authorizationUrl(each.asking),
        redirect,
        scopes: account.client.scopes,
        account: known,
        until: each.until,
      }
    },
    finish: async (id, answer) => finish({ id }, answer),
    wait: async (id) => found({ id }).done.promise,
    end(id) {
      const each = pending.find({ id })
      if (each !== null) pending.fail(each, trouble.stopped())
    },
    async openIn(id) {
      const each = pending.find({ id })
      if (each === null || each.request.redirect !== null) return null
      const session = freshText(ports.random)
      each.session = session
      return { url: await each.account.endpoint.authorizationUrl(each.asking), session }
    },
    finishIn: async (session, answer) => finish({ session }, answer),
    close() {
      pending.failAll()
      return Promise.resolve()
    },
  }
}

/** `taken` is called once it is known to be the answer: what comes after it is none. */
async function carryOut(
  context: Context,
  { account, asking, request, done }: Pending,
  answer: URLSearchParams,
  { taken, reconnect }: { readonly taken: () => void; readonly reconnect: (connection: string) => void },
): Promise<SignedIn> {
  const { endpoint, connection } = account
  const accepted = endpoint.answerTo(asking.state, answer)
  if (accepted === null) throw trouble.notThisOne()
  taken()
  try {
    if (accepted instanceof ConsentRefusal) throw trouble.refused(accepted, account)
    const granted = await endpoint.redeem(accepted, asking)
    const signedIn = await admit(context, account, granted, request.anotherAccount)
    reconnect(connection.id)
    done.resolve(signedIn)
    return signedIn
  } catch (error) {
    const told = error instanceof TokenRefusal ? trouble.unredeemed(error, asking.redirect) : error
    done.reject(told)
    throw told
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
  if (!URL.canParse(redirect)) throw trouble.notLoopback(redirect)
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
