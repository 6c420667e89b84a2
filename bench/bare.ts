/** What every bare loop has in common with the engine: the same HTTP client over the same adapter, and no limits. */
import { systemClock } from '../src/adapters/clock.ts'
import { createHttp } from '../src/adapters/http.ts'
import { systemRandom } from '../src/adapters/random.ts'
import { httpClient, NO_DATABASES, NO_FOLDERS, type Client, type Runtime } from '../src/connector/index.ts'
import { ENGINE, KEYS } from './lay.ts'
import { signIn } from './sign-in.ts'

export interface Bare {
  readonly chat: Client
  readonly forum: Client
  /** Has to be done once before Chat is called. */
  signIn(): Promise<void>
}

export function bareClients(urls: { readonly chat: string; readonly forum: string }): Bare {
  const http = createHttp(() => undefined)
  let token = ''
  const runtime: Runtime = {
    clock: systemClock,
    random: systemRandom,
    http,
    databases: NO_DATABASES,
    folders: NO_FOLDERS,
    log: () => undefined,
    limits: { within: (_draws, call) => call() },
    tokens: { bearer: () => Promise.resolve(token), refused: () => undefined },
  }
  const headers = { 'api-key': KEYS.apiKey, 'api-username': ENGINE.forum }
  return {
    chat: httpClient({ baseUrl: urls.chat, bearer: true, draw: {} }, runtime),
    forum: httpClient({ baseUrl: urls.forum, headers, draw: {} }, runtime),
    async signIn() {
      token = await signIn(http, urls.chat)
    },
  }
}
