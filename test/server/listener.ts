/** The webhook listener over a real store in memory, and a sender that signs. */
import { createHmac } from 'node:crypto'
import type { TestContext } from 'node:test'
import { connectors } from '../../src/connectors/index.ts'
import { configured } from '../../src/connector/index.ts'
import { airtable } from '../../src/connectors/airtable/index.ts'
import { googleCalendar } from '../../src/connectors/google-calendar/index.ts'
import { missive } from '../../src/connectors/missive/index.ts'
import { teamwork } from '../../src/connectors/teamwork/index.ts'
import { listen } from '../../src/server/listen.ts'
import { webhookServer, type WebhookOptions } from '../../src/server/webhooks.ts'
import { groupCommit } from '../../src/store/group-commit.ts'
import { storeFrom } from '../../src/store/open.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { inThread } from '../../src/store/sqlite/in-thread.ts'
import { verbs, type Store } from '../../src/store/verbs/index.ts'
import type { DatabaseSync } from 'node:sqlite'

/** Where Google was asked to send. */
const ADDRESS = 'https://lockstep.example.org/webhooks/google'
export const CURRENT = 'the-current-secret'
export const PREVIOUS = 'the-previous-secret'

export interface Listener {
  readonly url: string
  readonly store: Store
  readonly db: DatabaseSync
  readonly log: string[]
  /** How often the engine was woken. */
  woken(): number
  /** What waits in the inbox. */
  inbox(): { readonly kind: string; readonly ref: string; readonly generation: number }[]
}

export async function listener(
  t: TestContext,
  options: Partial<Omit<WebhookOptions, 'store'>> & {
    store?: Partial<WebhookOptions['store']>
    accept?: 'signed' | 'unsigned' | 'off'
    secrets?: readonly string[]
  } = {},
): Promise<Listener> {
  const { accept = 'signed', secrets = [CURRENT, PREVIOUS], store: given, ...rest } = options
  const { db } = openDatabase({
    path: ':memory:',
    migrations: new URL('../../src/store/migrations/', import.meta.url),
    now: 0,
  })
  const store = storeFrom(groupCommit(inThread(db, verbs)))
  await store.start({
    now: 0,
    flows: [],
    connections: [
      { id: 'forum', connector: 'discourse' },
      { id: 'google', connector: 'google-calendar' },
      { id: 'table', connector: 'airtable' },
      { id: 'work', connector: 'teamwork' },
      { id: 'mail', connector: 'missive' },
    ],
  })
  const connector = connectors.get('discourse')
  if (connector === undefined) throw new Error('no connector')
  const log: string[] = []
  let woken = 0
  const server = webhookServer({
    connections: [
      { id: 'forum', connector, webhooks: { accept, secrets } },
      {
        id: 'google',
        connector: configured(googleCalendar, googleCalendar.config.parse({ clientId: 'c', clientSecret: 's' })),
        webhooks: { accept: 'signed', secrets: [] },
        address: ADDRESS,
      },
      {
        id: 'table',
        connector: configured(airtable, airtable.config.parse({ token: 't', base: 'appA', tables: {} })),
        webhooks: { accept: 'signed', secrets: [] },
        address: ADDRESS.replace('google', 'table'),
      },
      {
        id: 'work',
        connector: teamwork,
        webhooks: { accept: 'signed', secrets: [] },
        address: ADDRESS.replace('google', 'work'),
      },
      {
        id: 'mail',
        connector: missive,
        webhooks: { accept: 'signed', secrets },
        address: ADDRESS.replace('google', 'mail'),
      },
    ],
    now: () => Date.now(),
    log: (level, message) => log.push(`${level} ${message}`),
    wake: () => (woken += 1),
    browsers: null,
    refused: () => undefined,
    astray: () => undefined,
    channelSecret: (connection, id) => `secret of ${connection} ${id}`,
    maxBody: 100_000,
    maxPerMinute: 1000,
    ...rest,
    store: { receive: store.receive, hearChannel: store.hearChannel, channels: store.channels, ...given },
  })
  const listening = await listen(server, { host: '127.0.0.1', port: 0, what: 'it', option: 'it' })
  t.after(() => listening.close())
  return {
    url: `${listening.url}/webhooks/forum`,
    store,
    db,
    log,
    woken: () => woken,
    inbox: () =>
      db
        .prepare('SELECT kind, ref, generation FROM inbox ORDER BY kind, ref')
        .all()
        .map((row) => ({ kind: String(row['kind']), ref: String(row['ref']), generation: Number(row['generation']) })),
  }
}

export function postBody(id: number): string {
  return JSON.stringify({
    post: { id, topic_id: 7, category_id: 2, post_type: 1, topic_archetype: 'regular', raw: 'what a webhook says' },
  })
}

/** Answers the status. `secret` null: no signature. */
export async function send(url: string, body: string, secret: string | null): Promise<number> {
  const signature = secret === null ? null : createHmac('sha256', secret).update(body).digest('hex')
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-discourse-event-type': 'post',
      'x-discourse-event': 'post_edited',
      ...(signature === null ? {} : { 'x-discourse-event-signature': `sha256=${signature}` }),
    },
  })
  await response.text()
  return response.status
}
