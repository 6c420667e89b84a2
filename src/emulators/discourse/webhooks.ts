/** Outgoing webhooks: who gets what, when it leaves, and what happens when it fails. */
import { createHmac } from 'node:crypto'
import type { EmulatorPorts } from '../emulator.ts'
import type { Switches } from './options.ts'

export type EventType = 'topic' | 'post' | 'category' | 'ping'

export interface WebHook {
  readonly id: number
  readonly payloadUrl: string
  /** 1: application/json; 2: application/x-www-form-urlencoded, with the JSON text as it is. */
  readonly contentType: 1 | 2
  readonly secret: string
  readonly wildcard: boolean
  readonly active: boolean
  readonly verifyCertificate: boolean
  readonly eventTypeIds: readonly number[]
  readonly categoryIds: readonly number[]
  /** 1 inactive, 2 failed, 3 successful. */
  readonly lastDeliveryStatus: 1 | 2 | 3
}

export interface WebHookEvent {
  readonly id: number
  readonly hookId: number
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly payload: string
  readonly createdAt: number
  /** 0 while there is no answer, -1 when there was none. */
  readonly status: number
}

export interface EventTypeRow {
  readonly id: number
  readonly name: string
}

/** Ids in 3.1: one a type. */
export const typeRows: readonly EventTypeRow[] = [
  { id: 1, name: 'topic' },
  { id: 2, name: 'post' },
  { id: 3, name: 'user' },
  { id: 4, name: 'group' },
  { id: 5, name: 'category' },
  { id: 6, name: 'tag' },
  { id: 9, name: 'reviewable' },
  { id: 10, name: 'notification' },
  { id: 13, name: 'user_badge' },
  { id: 14, name: 'group_user' },
  { id: 15, name: 'like' },
  { id: 16, name: 'user_promoted' },
]

/** Ids in newer versions: one an event. */
export const eventRows: readonly EventTypeRow[] = [
  { id: 101, name: 'topic_created' },
  { id: 102, name: 'topic_revised' },
  { id: 103, name: 'topic_edited' },
  { id: 104, name: 'topic_destroyed' },
  { id: 105, name: 'topic_recovered' },
  { id: 201, name: 'post_created' },
  { id: 202, name: 'post_edited' },
  { id: 203, name: 'post_destroyed' },
  { id: 204, name: 'post_recovered' },
  { id: 501, name: 'category_created' },
  { id: 502, name: 'category_updated' },
  { id: 503, name: 'category_destroyed' },
]

const RETRY_MINUTES = [1, 5, 25, 125]

export class Hooks {
  readonly #ports: EmulatorPorts
  readonly #switches: Switches
  readonly #baseUrl: string
  readonly #hooks = new Map<number, WebHook>()
  readonly #events = new Map<number, WebHookEvent>()
  /** When the last webhook of each hook leaves, for those which keep their order. */
  readonly #leaves = new Map<number, number>()
  #lastHook = 0
  #lastEvent = 0

  constructor(ports: EmulatorPorts, switches: Switches, baseUrl: string) {
    this.#ports = ports
    this.#switches = switches
    this.#baseUrl = baseUrl
  }

  all(): readonly WebHook[] {
    return [...this.#hooks.values()]
  }

  get(id: number): WebHook | undefined {
    return this.#hooks.get(id)
  }

  add(hook: Omit<WebHook, 'id' | 'lastDeliveryStatus'>): WebHook {
    this.#lastHook += 1
    const added: WebHook = { ...hook, id: this.#lastHook, lastDeliveryStatus: 1 }
    this.#hooks.set(added.id, added)
    return added
  }

  update(hook: WebHook): void {
    this.#hooks.set(hook.id, hook)
  }

  remove(id: number): void {
    this.#hooks.delete(id)
  }

  /** Whether anyone might listen; payloads need not be made otherwise. */
  any(): boolean {
    return this.#hooks.size > 0
  }

  /** Newest first. */
  eventsOf(hookId: number): readonly WebHookEvent[] {
    return [...this.#events.values()].filter((event) => event.hookId === hookId).reverse()
  }

  eventRows(): readonly EventTypeRow[] {
    return this.#switches.webhookEventTypes === 'per-type' ? typeRows : eventRows
  }

  /** The payload is fixed now and leaves later. */
  emit(type: EventType, event: string, payload: unknown, categoryId: number | null): void {
    let body: string | undefined
    for (const hook of this.#hooks.values()) {
      if (!this.#wants(hook, type, event, categoryId)) continue
      body ??= JSON.stringify({ [type]: payload })
      this.#enqueue(hook, type, event, body)
    }
  }

  ping(hook: WebHook): void {
    this.#enqueue(hook, 'ping', 'ping', '{"ping":"OK"}')
  }

  /** By hand: the stored body and headers again, under the same Event-Id. */
  redeliver(event: WebHookEvent): void {
    this.#send(event, null)
  }

  #wants(hook: WebHook, type: EventType, event: string, categoryId: number | null): boolean {
    if (!hook.active) return false
    // A wildcard hook without any event type never fires (measured on 3.1; newer code joins alike).
    if (hook.eventTypeIds.length === 0) return false
    if (hook.categoryIds.length > 0 && type !== 'category')
      if (categoryId === null || !hook.categoryIds.includes(categoryId)) return false
    if (hook.wildcard) return true
    const rows = this.eventRows()
    const names =
      this.#switches.webhookEventTypes === 'per-type'
        ? [type]
        : event.endsWith('_status_updated')
          ? ['topic_edited', 'topic_revised']
          : [event]
    return rows.some((row) => names.includes(row.name) && hook.eventTypeIds.includes(row.id))
  }

  #enqueue(hook: WebHook, type: EventType, event: string, body: string): void {
    const { webhookDelay, webhookDisorder, webhookLoss, webhookDuplication } = this.#switches
    const now = this.#ports.now()
    let delay = this.#draw(webhookDelay)
    if (!webhookDisorder) {
      delay = Math.max(delay, (this.#leaves.get(hook.id) ?? 0) - now)
      this.#leaves.set(hook.id, now + delay)
    }
    const lost = webhookLoss > 0 && this.#ports.random() < webhookLoss
    const again = webhookDuplication > 0 && this.#ports.random() < webhookDuplication ? this.#draw(webhookDelay) : null
    if (lost) return
    this.#ports.after(delay, () => {
      const sent = this.#attempt(hook.id, type, event, body, 0)
      if (sent !== null && again !== null) this.#ports.after(again, () => this.redeliver(sent))
    })
  }

  #draw([shortest, longest]: readonly [number, number]): number {
    return Math.round(shortest + this.#ports.random() * (longest - shortest))
  }

  #attempt(hookId: number, type: string, event: string, body: string, tries: number): WebHookEvent | null {
    const hook = this.#hooks.get(hookId)
    if (hook === undefined || (!hook.active && type !== 'ping')) return null
    this.#lastEvent += 1
    const sent: WebHookEvent = {
      id: this.#lastEvent,
      hookId,
      url: hook.payloadUrl,
      headers: headersOf(hook, type, event, body, this.#lastEvent, this.#baseUrl),
      payload: body,
      createdAt: this.#ports.now(),
      status: 0,
    }
    this.#events.set(sent.id, sent)
    this.#send(sent, () => {
      const minutes = RETRY_MINUTES[tries]
      if (minutes === undefined || !this.#switches.retries || type === 'ping') return
      this.#ports.after(minutes * 60_000, () => void this.#attempt(hookId, type, event, body, tries + 1))
    })
    return sent
  }

  /** `failed` runs on an answer which a retry may mend: not for 404 and 410, and not when there was none. */
  #send(event: WebHookEvent, failed: (() => void) | null): void {
    void this.#ports.deliver({ url: event.url, headers: event.headers, body: event.payload }).then((status) => {
      this.#events.set(event.id, { ...event, status: status ?? -1 })
      const ok = status !== null && status >= 200 && status < 300
      const hook = this.#hooks.get(event.hookId)
      if (hook !== undefined) this.#hooks.set(hook.id, { ...hook, lastDeliveryStatus: ok ? 3 : 2 })
      if (!ok && status !== null && status !== 404 && status !== 410) failed?.()
    })
  }
}

function headersOf(
  hook: WebHook,
  type: string,
  event: string,
  body: string,
  id: number,
  baseUrl: string,
): Record<string, string> {
  const headers: Record<string, string> = {
    Accept: '*/*',
    Connection: 'close',
    'Content-Type': hook.contentType === 1 ? 'application/json' : 'application/x-www-form-urlencoded',
    'User-Agent': 'Discourse/3.1.0.beta4',
    'X-Discourse-Instance': baseUrl,
    'X-Discourse-Event-Id': String(id),
    'X-Discourse-Event-Type': type,
    'X-Discourse-Event': event,
  }
  if (hook.secret !== '')
    headers['X-Discourse-Event-Signature'] = `sha256=${createHmac('sha256', hook.secret).update(body).digest('hex')}`
  return headers
}
