/** Local stand-ins for systems, with a few people and a container each: to try the product without an account. */
import type { Emulator } from '../emulators/emulator.ts'
import { createDiscourse } from '../emulators/discourse/discourse.ts'
import { createGoogleChat } from '../emulators/google-chat/google-chat.ts'
import { realPorts, serve, type Served } from '../emulators/serve.ts'

export interface Emulated {
  readonly name: string
  readonly served: Served
  /** The options of a connection to it. */
  readonly options: Readonly<Record<string, string>>
  /** The ref of the container that it begins with. */
  readonly scope: string
}

const SPACE = 'AAAAteam'
const HOUR_MS = 3600_000

function googleChat(): Emulator {
  const now = Date.now()
  return createGoogleChat(realPorts(), {
    users: [
      { id: '100', displayName: 'Lockstep', email: 'lockstep@example.org' },
      { id: '101', displayName: 'Ann Lee', email: 'ann@example.org' },
      { id: '102', displayName: 'Bob Ray', email: 'bob@example.org' },
    ],
    spaces: [
      {
        id: SPACE,
        displayName: 'Team',
        members: ['101', '102'],
        managers: ['100'],
        createTime: now - 48 * HOUR_MS,
        messages: [
          { thread: 'lunch', sender: '101', text: 'Where do we go for lunch today?', createTime: now - 3 * HOUR_MS },
          { thread: 'lunch', sender: '102', text: 'The new place at the corner', createTime: now - 2 * HOUR_MS },
        ],
      },
    ],
    clients: [{ id: 'emulated-client', secret: 'emulated-client-secret' }],
    refreshTokens: [{ token: 'emulated-refresh-token', user: '100', client: 'emulated-client' }],
    consentingUser: '100',
  })
}

function discourse(): Emulator {
  const now = Date.now()
  return createDiscourse(realPorts(), {
    users: [
      { username: 'lockstep', name: 'Lockstep', admin: true, trustLevel: 4, createdAt: now - 96 * HOUR_MS },
      { username: 'cyd', name: 'Cyd Fox', trustLevel: 2, createdAt: now - 96 * HOUR_MS },
    ],
    categories: [{ name: 'Team' }],
    apiKeys: [{ key: 'emulated-api-key' }],
    history: [
      {
        username: 'cyd',
        title: 'Notes of the meeting on Monday',
        raw: 'We agreed to move the release to the end of the month.',
        createdAt: now - 4 * HOUR_MS,
        category: 'Team',
      },
    ],
  })
}

/** The category that comes first after Discourse's own. */
const CATEGORY = '2'

/** Port 0: any free one. */
export async function emulate(name: string, port: number): Promise<Emulated> {
  if (name === 'discourse') {
    const served = await serve(discourse(), { port })
    const options = { base_url: served.url, api_username: 'lockstep', api_key: 'emulated-api-key', webhooks: 'off' }
    return { name, served, options, scope: CATEGORY }
  }
  const served = await serve(googleChat(), { port })
  const options = {
    client_id: 'emulated-client',
    client_secret: 'emulated-client-secret',
    refresh_token: 'emulated-refresh-token',
    base_url: served.url,
    token_url: `${served.url}/token`,
    authorization_url: `${served.url}/o/oauth2/v2/auth`,
    tokeninfo_url: `${served.url}/tokeninfo`,
  }
  return { name, served, options, scope: `spaces/${SPACE}` }
}
