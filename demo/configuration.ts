/** Writes the configuration that the demo runs on, as a person would write it, into a fresh folder. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ENGINE } from './cast.ts'
import { CALLS } from './limits.ts'
import { KEYS, type Ready } from './protocol.ts'

export const WEBHOOK_SECRET = 'a-secret-that-both-sides-know'

export interface Configuration {
  readonly folder: string
  readonly path: string
  /** Where Discourse sends its webhooks. */
  readonly hook: string
  readonly control: string
}

/** `more`: further lines of the flow. */
export async function writeConfiguration(systems: Ready, more = ''): Promise<Configuration> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-demo-'))
  const path = join(folder, 'lockstep.yaml')
  const [webhooks = 0, control = 0] = await freePorts(2)
  writeFileSync(path, yaml(systems, webhooks, control) + more)
  writeFileSync(
    join(folder, '.env'),
    [
      `GOOGLE_CHAT_CLIENT_SECRET=${KEYS.clientSecret}`,
      `GOOGLE_CHAT_REFRESH_TOKEN=${KEYS.refreshToken}`,
      `DISCOURSE_API_KEY=${KEYS.apiKey}`,
      `DISCOURSE_WEBHOOK_SECRET=${WEBHOOK_SECRET}`,
      '',
    ].join('\n'),
    { mode: 0o600 },
  )
  const hook = `http://127.0.0.1:${webhooks}/webhooks/forum`
  return { folder, path, hook, control: `http://127.0.0.1:${control}` }
}

function yaml(systems: Ready, webhooks: number, control: number): string {
  const scopes = Object.keys({ ...systems.spaces, ...systems.categories })
    .filter((name) => name !== 'Uncategorized')
    .map((name) => {
      const space = systems.spaces[name] ?? '{ create: true }'
      const category = systems.categories[name] ?? '{ create: true }'
      return `      - [${space}, ${category}] # ${name}`
    })
  return `# Written by "npm run demo". Secrets are in .env beside this file.
store: ./lockstep.db
poll: 1s # Chat is polled; a real one would be asked once a minute

listen:
  webhooks: 127.0.0.1:${webhooks}
  control: 127.0.0.1:${control}

connections:
  chat:
    connector: google-chat
    title: Google Chat (local)
    client_id: ${KEYS.clientId}
    client_secret: \${GOOGLE_CHAT_CLIENT_SECRET}
    refresh_token: \${GOOGLE_CHAT_REFRESH_TOKEN}
    manager: true # may delete what others wrote
    quiet_spaces_per_pull: 10 # looks for edits everywhere, at each poll
    lag_seconds: 2
    base_url: ${systems.chat}
    token_url: ${systems.chat}/token
    tokeninfo_url: ${systems.chat}/tokeninfo
  forum:
    connector: discourse
    title: Discourse (local)
    base_url: ${systems.forum}
    api_username: ${ENGINE.forum}
    api_key: \${DISCOURSE_API_KEY}
    webhook_secret: \${DISCOURSE_WEBHOOK_SECRET}
    requests_per_minute: ${CALLS.perMinute} # as max_admin_api_reqs_per_minute of this forum
    address_per_minute: ${CALLS.addressPerMinute}
    address_burst: ${CALLS.addressBurst}
    category_readers: [everyone]

flows:
  team:
    title: Chat and forum of Harbour Bikes
    between: [chat, forum]
    scopes:
${scopes.join('\n')}
`
}

/** Ports that are free now; all are held until each is known, so that no two are the same. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      const listening = Promise.withResolvers<void>()
      server.once('error', listening.reject)
      server.listen(0, '127.0.0.1', listening.resolve)
      await listening.promise
      return server
    }),
  )
  const ports = servers.map((server) => {
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  })
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
