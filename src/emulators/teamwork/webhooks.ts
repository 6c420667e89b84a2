/** Webhooks: one event each, sent after the change, signed, and tried again until the receiver answers 200. */
import { createHmac } from 'node:crypto'
import type { EmulatorPorts } from '../emulator.ts'
import type { Rules } from './options.ts'
import type { Happening, World } from './state.ts'

export interface Webhook {
  readonly id: number
  readonly event: string
  readonly url: string
  readonly status: 'ACTIVE' | 'PAUSED'
  readonly version: '1' | '2'
  readonly contentType: 'application/json' | 'application/x-www-form-urlencoded'
  readonly token: string
}

export interface Sent {
  readonly webhook: number
  readonly uuid: string
  readonly event: string
  readonly url: string
  readonly version: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly at: number
  /** Null while there is no answer, or when there was none. */
  readonly answer: number | null
}

export const EVENTS = [
  'TASK.CREATED',
  'TASK.UPDATED',
  'TASK.COMPLETED',
  'TASK.REOPENED',
  'TASK.MOVED',
  'TASK.DELETED',
  'COMMENT.CREATED',
  'COMMENT.UPDATED',
  'COMMENT.DELETED',
  'TASKLIST.CREATED',
  'TASKLIST.UPDATED',
  'TASKLIST.DELETED',
  'PROJECT.CREATED',
  'PROJECT.UPDATED',
  'TIME.CREATED',
  'TIME.UPDATED',
  'TIME.DELETED',
] as const

/** Minutes before each further attempt. */
const RETRIES = { '1': [60, 60], '2': [1, 5, 10] } as const

export interface Webhooks {
  readonly all: Map<number, Webhook>
  readonly sent: Sent[]
  enabled: boolean
  happened(world: World, happening: Happening): void
  /** Sends what was sent once more, under its own id. */
  redeliver(sent: Sent): void
}

export function createWebhooks(ports: EmulatorPorts, rules: Rules): Webhooks {
  const sent: Sent[] = []
  const all = new Map<number, Webhook>()
  const attempt = (message: Sent, tries: number, isRetried: boolean): void => {
    const webhook = all.get(message.webhook)
    if (webhook === undefined || webhook.status !== 'ACTIVE' || !hooks.enabled) return
    const index = sent.push({ ...message, at: ports.now() }) - 1
    void ports.deliver({ url: message.url, headers: message.headers, body: message.body }).then((answer) => {
      const told = sent[index]
      if (told !== undefined) sent[index] = { ...told, answer }
      const minutes = RETRIES[webhook.version][tries]
      if (answer === 200 || !isRetried || minutes === undefined) return
      ports.after(minutes * 60_000, () => attempt(message, tries + 1, true))
    })
  }
  const soon = (): number => {
    const [shortest, longest] = rules.webhookDelay
    return Math.round(shortest + ports.random() * (longest - shortest))
  }
  const hooks: Webhooks = {
    all,
    sent,
    enabled: rules.webhooksEnabled,
    happened(world, happening) {
      if (!hooks.enabled) return
      for (const webhook of all.values()) {
        if (webhook.event !== happening.event || webhook.status !== 'ACTIVE') continue
        if (rules.webhookLoss > 0 && ports.random() < rules.webhookLoss) continue
        // The payload is fixed now and leaves later.
        const message = messageOf(ports, world, webhook, happening)
        ports.after(soon(), () => attempt(message, 0, true))
        if (rules.webhookDuplication > 0 && ports.random() < rules.webhookDuplication)
          ports.after(soon(), () => attempt(message, 0, false))
      }
    },
    redeliver: (message) => attempt(message, 0, false),
  }
  return hooks
}

function messageOf(ports: EmulatorPorts, world: World, webhook: Webhook, happening: Happening): Sent {
  const uuid = Array.from({ length: 32 }, () => Math.floor(ports.random() * 16).toString(16))
    .join('')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  const isJson = webhook.version === '2' && webhook.contentType === 'application/json'
  const body = bodyOf(world, webhook, happening, isJson)
  return {
    webhook: webhook.id,
    uuid,
    event: webhook.event,
    url: webhook.url,
    version: webhook.version,
    headers: {
      'Content-Type': isJson ? 'application/json' : 'application/x-www-form-urlencoded',
      'User-Agent': 'projects-webhooks/emulated',
      'X-Projects-Delivery': uuid,
      'X-Projects-Event': webhook.event,
      ...(webhook.version === '2' && webhook.token !== ''
        ? { 'X-Projects-Signature': createHmac('sha256', webhook.token).update(body).digest('hex') }
        : {}),
    },
    body,
    at: 0,
    answer: null,
  }
}

function bodyOf(world: World, { version }: Webhook, happening: Happening, isJson: boolean): string {
  const { event, by, objectId, projectId, parts } = happening
  if (version === '1')
    return new URLSearchParams({
      event,
      objectId: String(objectId),
      accountId: String(world.accountId),
      userId: String(by),
      projectId: String(projectId),
    }).toString()
  if (isJson) return JSON.stringify(parts)
  const form = new URLSearchParams()
  for (const [name, part] of Object.entries(parts))
    for (const [field, value] of Object.entries(part))
      form.set(`${pascal(name)}.${pascal(field)}`, typeof value === 'object' ? value.join(',') : String(value))
  return form.toString()
}

function pascal(name: string): string {
  return name === 'id' ? 'ID' : name.replace(/^./, (first) => first.toUpperCase()).replace(/Id$/, 'ID')
}
