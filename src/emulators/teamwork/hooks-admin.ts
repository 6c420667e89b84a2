/** The part of v1 that manages webhooks. */
import { z } from 'zod'
import { badRequest, forbidden, notFound } from './answers.ts'
import { nextId, timeText, type World } from './state.ts'
import { EVENTS, type Webhook, type Webhooks } from './webhooks.ts'

const WEBHOOK = z.strictObject({
  STATUS: z.string().optional(),
  webhook: z.strictObject({
    event: z.string().optional(),
    url: z.string().optional(),
    status: z.string().optional(),
    version: z.union([z.string(), z.number()]).optional(),
    contentType: z.string().optional(),
    token: z.string().optional(),
  }),
})
const REDELIVERY = z.strictObject({ uuid: z.string() })

export function webhookJson({ id, event, status, url }: Webhook) {
  return { id: String(id), event, status, url, validated: '1' }
}

export function switchWebhooks(world: World, hooks: Webhooks, person: number, on: boolean): void {
  if (world.people.get(person)?.isAdmin !== true) throw forbidden('Only administrators can do this')
  if (on && !world.rules.webhooksInPlan) throw forbidden('Webhooks are not included in your plan')
  hooks.enabled = on
}

export function createWebhook(world: World, hooks: Webhooks, value: unknown): Webhook {
  if (!hooks.enabled) throw forbidden('Webhooks are not enabled')
  const { event, url, ...more } = parse(value)
  if (event === undefined || url === undefined) throw badRequest('webhook: it needs an event and a url')
  const fresh: Webhook = {
    id: nextId(world),
    event,
    url,
    status: 'ACTIVE',
    version: '1',
    contentType: 'application/x-www-form-urlencoded',
    token: '',
  }
  const webhook = { ...fresh, ...more }
  hooks.all.set(webhook.id, webhook)
  return webhook
}

export function findWebhook(hooks: Webhooks, id: number): Webhook {
  const webhook = hooks.all.get(id)
  if (webhook === undefined) throw notFound()
  return webhook
}

export function changeWebhook(hooks: Webhooks, id: number, value: unknown): void {
  hooks.all.set(id, { ...findWebhook(hooks, id), ...parse(value) })
}

export function pauseWebhook(hooks: Webhooks, id: number, status: Webhook['status']): void {
  hooks.all.set(id, { ...findWebhook(hooks, id), status })
}

/** Newest first. */
export function deliveriesOf(hooks: Webhooks, id: number) {
  findWebhook(hooks, id)
  return hooks.sent
    .filter(({ webhook }) => webhook === id)
    .toReversed()
    .map(({ uuid, event, url, version, headers, body, at, answer }, index) => ({
      id: String(index + 1),
      uuid,
      event,
      url,
      version,
      dateCalled: timeText(at),
      request: { body, headers: JSON.stringify(headers), error: answer === null ? 'no answer' : '' },
      response: { code: answer === null ? '' : String(answer), body: '', headers: '{}' },
    }))
}

export function redeliver(hooks: Webhooks, id: number, value: unknown): void {
  const parsed = REDELIVERY.safeParse(value)
  if (!parsed.success) throw badRequest('uuid: it is missing')
  const sent = hooks.sent.find(({ webhook, uuid }) => webhook === id && uuid === parsed.data.uuid)
  if (sent === undefined) throw notFound()
  hooks.redeliver(sent)
}

function parse(value: unknown): Partial<Omit<Webhook, 'id'>> {
  const parsed = WEBHOOK.safeParse(value)
  if (!parsed.success) throw badRequest(`webhook: ${parsed.error.issues[0]?.message ?? ''}`)
  const { event, url, status, version, contentType, token } = parsed.data.webhook
  if (event !== undefined && !EVENTS.some((known) => known === event))
    throw badRequest(`webhook.event: ${event} is unknown`)
  if (url !== undefined && !/^https?:/.test(url)) throw badRequest('webhook.url: not an address')
  const isJson = contentType === 'application/json'
  return {
    ...(event === undefined ? {} : { event }),
    ...(url === undefined ? {} : { url }),
    ...(status === undefined ? {} : { status: status === 'ACTIVE' ? 'ACTIVE' : 'PAUSED' }),
    ...(version === undefined ? {} : { version: String(version) === '2' ? '2' : '1' }),
    ...(contentType === undefined
      ? {}
      : { contentType: isJson ? 'application/json' : 'application/x-www-form-urlencoded' }),
    ...(token === undefined ? {} : { token }),
  }
}
