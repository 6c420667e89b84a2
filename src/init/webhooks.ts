/** Whether a system can be asked to send webhooks: asked for once, and taken back. */
import type { Person } from '../connector/call.ts'
import type { Configured } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import type { InitPorts } from './template.ts'

/** A connection that has answered. */
export interface Answering {
  readonly connector: Configured
  readonly api: unknown
  readonly actor: Person
}

/** What it refuses is told in its own words: changes are polled then, and the service asks again. */
export async function askedForWebhooks(
  { asking, random }: Pick<InitPorts, 'asking' | 'random'>,
  { connector, api, actor }: Answering,
  publicUrl: string,
): Promise<void> {
  const { title, channels } = connector
  if (channels === undefined) return
  const id = random.hex(16)
  // No connection has this name: where a service runs there, what it has asked for stays.
  const address = `${publicUrl.replace(/\/+$/, '')}/webhooks/tried-by-init/${id}`
  try {
    const scope = channels.per === 'scope' ? await firstContainer({ connector, api, actor }) : ''
    if (scope === null) return
    const call = { api, actor, scope, scopes: [scope] }
    const { handle } = await channels.open(call, { id, address, secret: random.hex(32) })
    await channels.close(call, { id, handle })
    await asking.note(title, 'sends webhooks where it is asked to')
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    await asking.note(
      title,
      `sends no webhooks: ${error.message}\n→ changes are polled every minute; "lockstep run" asks again, and "lockstep channels" says what came of it`,
    )
  }
}

/** Null: there is none. */
async function firstContainer({ connector, api, actor }: Answering): Promise<string | null> {
  const kind = Object.keys(connector.kinds).find((each) => connector.kinds[each]?.is === 'container')
  const feed = Object.values(connector.feeds).find(({ kinds }) => kind !== undefined && kinds.includes(kind))
  if (feed === undefined) return null
  for await (const { changes } of feed.list({ api, actor, scope: '', scopes: [] }, null))
    for (const change of changes) if (change.kind === kind && 'values' in change) return change.ref
  return null
}
