/** Webhooks: lists of what happened, kept for a week, and pings that say only that there is something to read. */
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { invalid, leftOut, notFound, unprocessable } from './answers.ts'
import { brokenPayload, payloadOf } from './payloads.ts'
import { SPECIFICATION, type Specification } from './specification.ts'
import { freshId, timeText, type Transaction, type World } from './state.ts'

const DAY_MS = 86_400_000
const MOST_PAYLOADS = 50

interface Kept {
  /** From 1 on, for each webhook. */
  readonly position: number
  readonly at: number
  readonly payload: object
}

export interface Webhook {
  readonly id: string
  readonly baseId: string
  readonly integration: string | null
  readonly notificationUrl: string | null
  readonly specification: Specification
  /** Base64. */
  readonly secret: string
  readonly payloads: Kept[]
  nextPosition: number
  expiresAt: number
  /** False once what it watches is gone. */
  works: boolean
  isTold: boolean
  lastTold: { readonly at: number; readonly isOk: boolean; readonly tries: number; readonly willRetry: boolean } | null
  lastSuccessAt: number | null
  /** A ping is about to leave, and stands for whatever happens until then. */
  isPinging: boolean
}

export interface Sent {
  readonly webhook: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly at: number
  /** Null while there is no answer, or when there was none. */
  readonly answer: number | null
}

export interface Webhooks {
  readonly all: Map<string, Webhook>
  readonly sent: Sent[]
  happened(world: World, transaction: Transaction): void
  ping(world: World, webhook: Webhook): void
}

export function createWebhooks(): Webhooks {
  const all = new Map<string, Webhook>()
  const sent: Sent[] = []
  const attempt = (world: World, webhook: Webhook, tries: number): void => {
    const { notificationUrl: url } = webhook
    if (url === null || !all.has(webhook.id) || !webhook.isTold || isExpired(world, webhook)) return
    const at = world.ports.now()
    const body = JSON.stringify({ base: { id: webhook.baseId }, webhook: { id: webhook.id }, timestamp: timeText(at) })
    const mac = createHmac('sha256', Buffer.from(webhook.secret, 'base64')).update(body).digest('hex')
    const headers = { 'Content-Type': 'application/json', 'X-Airtable-Content-MAC': `hmac-sha256=${mac}` }
    const index = sent.push({ webhook: webhook.id, url, headers, body, at, answer: null }) - 1
    void world.ports.deliver({ url, headers, body }).then((answer) => {
      const told = sent[index]
      if (told !== undefined) sent[index] = { ...told, answer }
      const isOk = answer === 200 || answer === 204
      const wait = world.rules.pingRetries[tries]
      const willRetry = !isOk && wait !== undefined
      webhook.lastTold = { at: world.ports.now(), isOk, tries, willRetry }
      if (isOk) webhook.lastSuccessAt = world.ports.now()
      if (willRetry) world.ports.after(wait * 1000, () => attempt(world, webhook, tries + 1))
      else if (!isOk && world.rules.failedPingsDisable) webhook.isTold = false
    })
  }
  const hooks: Webhooks = {
    all,
    sent,
    happened(world, transaction) {
      for (const webhook of all.values()) {
        if (webhook.baseId !== transaction.after.id || !webhook.works || isExpired(world, webhook)) continue
        const isBroken = breaks(webhook.specification, transaction)
        const payload = isBroken
          ? brokenPayload(world, transaction)
          : payloadOf(world, webhook.specification, transaction)
        if (payload === null) continue
        webhook.payloads.push({ position: webhook.nextPosition, at: transaction.at, payload })
        webhook.nextPosition += 1
        if (isBroken) webhook.works = false
        hooks.ping(world, webhook)
      }
    },
    ping(world, webhook) {
      const { ports, rules } = world
      if (webhook.isPinging || (rules.pingLoss > 0 && ports.random() < rules.pingLoss)) return
      const [shortest, longest] = rules.pingDelay
      const soon = (): number => Math.round(shortest + ports.random() * (longest - shortest))
      webhook.isPinging = true
      ports.after(soon(), () => {
        webhook.isPinging = false
        attempt(world, webhook, 0)
      })
      if (rules.pingDuplication > 0 && ports.random() < rules.pingDuplication)
        ports.after(soon(), () => attempt(world, webhook, rules.pingRetries.length))
    },
  }
  return hooks
}

function breaks({ filters: { recordChangeScope: scope } }: Specification, { before, after }: Transaction): boolean {
  return scope !== undefined && before.tables.has(scope) && !after.tables.has(scope)
}

export function isExpired({ ports }: World, { expiresAt }: Webhook): boolean {
  return ports.now() >= expiresAt
}

const CREATE = z.strictObject({ notificationUrl: z.string().nullish(), specification: SPECIFICATION })

export function createWebhook(
  world: World,
  hooks: Webhooks,
  baseId: string,
  integration: string | null,
  value: unknown,
) {
  const parsed = CREATE.safeParse(value)
  if (!parsed.success) throw invalid()
  const { notificationUrl: url = null, specification } = parsed.data
  const { filters } = specification.options
  const scope = filters.recordChangeScope
  if (scope?.startsWith('viw') === true) throw leftOut('webhooks on views')
  if (filters.sourceOptions !== undefined) throw leftOut('options of sources')
  if (scope !== undefined && world.bases.get(baseId)?.tables.has(scope) !== true)
    throw unprocessable('INVALID_WEBHOOK_FILTER', `${scope} is no table of the base`)
  if (url !== null && !/^https?:/.test(url)) throw unprocessable('INVALID_NOTIFICATION_URL', 'not an address')
  const { rules, ports } = world
  const there = [...hooks.all.values()].filter((webhook) => webhook.baseId === baseId && !isGone(world, webhook))
  const ofIntegration = there.filter((webhook) => integration !== null && webhook.integration === integration)
  if (there.length >= rules.webhooksPerBase || ofIntegration.length >= rules.webhooksPerIntegration)
    throw unprocessable('TOO_MANY_WEBHOOKS', 'The base has as many webhooks as it may have')
  const webhook: Webhook = {
    id: freshId(ports, 'ach'),
    baseId,
    integration,
    notificationUrl: url,
    specification: specification.options,
    secret: Buffer.from(Array.from({ length: 32 }, () => Math.floor(ports.random() * 256))).toString('base64'),
    payloads: [],
    nextPosition: 1,
    expiresAt: ports.now() + rules.webhookDays * DAY_MS,
    works: true,
    isTold: true,
    lastTold: null,
    lastSuccessAt: null,
    isPinging: false,
  }
  hooks.all.set(webhook.id, webhook)
  if (url !== null) hooks.ping(world, webhook)
  return { id: webhook.id, macSecretBase64: webhook.secret, expirationTime: timeText(webhook.expiresAt) }
}

/** An integration reaches its own alone. What expired is there for as long again as a payload. */
export function webhookOf(
  world: World,
  hooks: Webhooks,
  baseId: string,
  integration: string | null,
  id: string,
): Webhook {
  const webhook = hooks.all.get(id)
  if (webhook === undefined || webhook.baseId !== baseId || isGone(world, webhook)) throw notFound()
  if (integration !== null && webhook.integration !== integration) throw notFound()
  return webhook
}

function isGone({ ports, rules }: World, { expiresAt }: Webhook): boolean {
  return ports.now() >= expiresAt + rules.payloadDays * DAY_MS
}

export function listWebhooks(world: World, hooks: Webhooks, baseId: string, integration: string | null) {
  const found = [...hooks.all.values()].filter(
    (webhook) =>
      webhook.baseId === baseId &&
      !isGone(world, webhook) &&
      (integration === null || webhook.integration === integration),
  )
  return {
    webhooks: found.map((webhook) => ({
      id: webhook.id,
      areNotificationsEnabled: webhook.isTold,
      cursorForNextPayload: webhook.nextPosition,
      isHookEnabled: webhook.works && !isExpired(world, webhook),
      lastSuccessfulNotificationTime: webhook.lastSuccessAt === null ? null : timeText(webhook.lastSuccessAt),
      notificationUrl: webhook.notificationUrl,
      lastNotificationResult: toldJson(webhook.lastTold),
      expirationTime: timeText(webhook.expiresAt),
      specification: { options: webhook.specification },
    })),
  }
}

function toldJson(told: Webhook['lastTold']) {
  if (told === null) return null
  const { at, isOk, tries, willRetry } = told
  const result = { success: isOk, completionTimestamp: timeText(at), durationMs: 1, retryNumber: tries }
  return isOk
    ? result
    : { ...result, willBeRetried: willRetry, error: { message: 'The address did not answer 200 or 204' } }
}

/** Lengthens its life, while it lives. */
export function refresh(world: World, webhook: Webhook) {
  if (isExpired(world, webhook)) throw unprocessable('INVALID_WEBHOOK', 'The webhook has expired')
  webhook.expiresAt = world.ports.now() + world.rules.webhookDays * DAY_MS
  return { expirationTime: timeText(webhook.expiresAt) }
}

export function enableNotifications(webhook: Webhook, value: unknown): object {
  const parsed = z.strictObject({ enable: z.boolean() }).safeParse(value)
  if (!parsed.success) throw invalid()
  webhook.isTold = parsed.data.enable
  return {}
}

/** From a position on, what is still kept; reading lengthens the webhook's life. */
export function listPayloads(world: World, webhook: Webhook, search: URLSearchParams) {
  const cursor = numberAt(search, 'cursor') ?? 1
  const limit = Math.min(numberAt(search, 'limit') ?? MOST_PAYLOADS, MOST_PAYLOADS)
  const oldest = world.ports.now() - world.rules.payloadDays * DAY_MS
  const there = webhook.payloads.filter(({ position, at }) => position >= cursor && at > oldest)
  const page = there.slice(0, limit)
  const last = page.at(-1)
  if (!isExpired(world, webhook)) refresh(world, webhook)
  return {
    payloads: page.map(({ payload }) => payload),
    cursor: last === undefined ? cursor : last.position + 1,
    mightHaveMore: there.length > page.length,
  }
}

function numberAt(search: URLSearchParams, name: string): number | null {
  const value = search.get(name)
  if (value === null) return null
  if (!/^[1-9]\d{0,9}$/.test(value)) throw invalid(`${name} is not a positive number`)
  return Number(value)
}
