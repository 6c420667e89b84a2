/** The administration of webhooks. */
import { json, type WireResponse } from '../emulator.ts'
import { missingParameter, notFound, unprocessable } from './answers.ts'
import { flag, integer, integers, nested, text, type Params } from './params.ts'
import { idAt, someone, type Call } from './site.ts'
import { iso } from './state.ts'
import type { WebHook, WebHookEvent } from './webhooks.ts'

const PAGE = 50

function admin(call: Call): void {
  if (!someone(call).admin) throw notFound()
}

export function listHooks(call: Call): WireResponse {
  admin(call)
  const hooks = call.site.hooks.all()
  const offset = integer(call.params, 'offset') ?? 0
  return json(200, {
    web_hooks: hooks.slice(offset, offset + PAGE).map((hook) => hookView(call, hook)),
    extras: {
      event_types: call.site.hooks.eventRows(),
      default_event_types: call.site.hooks.eventRows().filter((row) => row.id === 2),
      content_types: [
        { id: 1, name: 'application/json' },
        { id: 2, name: 'application/x-www-form-urlencoded' },
      ],
      delivery_statuses: [
        { id: 1, name: 'inactive' },
        { id: 2, name: 'failed' },
        { id: 3, name: 'successful' },
        { id: 4, name: 'disabled' },
      ],
    },
    total_rows_web_hooks: hooks.length,
    load_more_web_hooks: `/admin/api/web_hooks.json?limit=${PAGE}&offset=${offset + PAGE}`,
  })
}

export function showHook(call: Call): WireResponse {
  return json(200, { web_hook: hookView(call, hookAt(call)) })
}

export function createHook(call: Call): WireResponse {
  admin(call)
  const sent = nested(call.params, 'web_hook')
  if (sent === undefined) throw missingParameter('web_hook')
  const hook: Omit<WebHook, 'id' | 'lastDeliveryStatus'> = {
    payloadUrl: '',
    contentType: 1,
    secret: '',
    wildcard: false,
    active: true,
    verifyCertificate: true,
    eventTypeIds: [],
    categoryIds: [],
  }
  return json(200, { web_hook: hookView(call, call.site.hooks.add(checked(call, { ...hook, ...fieldsOf(sent) }))) })
}

export function updateHook(call: Call): WireResponse {
  const hook = hookAt(call)
  const sent = nested(call.params, 'web_hook')
  if (sent === undefined) throw missingParameter('web_hook')
  const next = checked(call, { ...hook, ...fieldsOf(sent) })
  call.site.hooks.update(next)
  return json(200, { web_hook: hookView(call, next) })
}

export function deleteHook(call: Call): WireResponse {
  call.site.hooks.remove(hookAt(call).id)
  return json(200, { success: 'OK' })
}

export function pingHook(call: Call): WireResponse {
  call.site.hooks.ping(hookAt(call))
  return json(200, { success: 'OK' })
}

export function listEvents(call: Call): WireResponse {
  const hook = hookAt(call)
  const events = call.site.hooks.eventsOf(hook.id)
  const offset = integer(call.params, 'offset') ?? 0
  return json(200, {
    web_hook_events: events.slice(offset, offset + PAGE).map(eventView),
    total_rows_web_hook_events: events.length,
    load_more_web_hook_events: `/admin/api/web_hook_events/${hook.id}.json?limit=${PAGE}&offset=${offset + PAGE}`,
    extras: { web_hook_id: hook.id },
  })
}

export function redeliver(call: Call): WireResponse {
  const event = call.site.hooks.eventsOf(hookAt(call).id).find((one) => one.id === idAt(call, 'event'))
  if (event === undefined) throw notFound()
  call.site.hooks.redeliver(event)
  return json(200, { web_hook_event: eventView(event) })
}

function hookAt(call: Call): WebHook {
  admin(call)
  const hook = call.site.hooks.get(idAt(call))
  if (hook === undefined) throw notFound()
  return hook
}

function fieldsOf(sent: Params): Partial<WebHook> {
  const url = text(sent, 'payload_url')
  const secret = text(sent, 'secret')
  return {
    ...(url === undefined ? {} : { payloadUrl: url.trim() }),
    ...(sent['content_type'] === undefined ? {} : { contentType: integer(sent, 'content_type') === 2 ? 2 : 1 }),
    ...(secret === undefined ? {} : { secret }),
    ...(sent['wildcard_web_hook'] === undefined ? {} : { wildcard: flag(sent, 'wildcard_web_hook') }),
    ...(sent['active'] === undefined ? {} : { active: flag(sent, 'active') }),
    ...(sent['verify_certificate'] === undefined ? {} : { verifyCertificate: flag(sent, 'verify_certificate') }),
    ...(sent['web_hook_event_type_ids'] === undefined
      ? {}
      : { eventTypeIds: integers(sent, 'web_hook_event_type_ids') }),
    ...(sent['category_ids'] === undefined ? {} : { categoryIds: integers(sent, 'category_ids') }),
  }
}

function checked<T extends Omit<WebHook, 'id' | 'lastDeliveryStatus'>>(call: Call, hook: T): T {
  const errors: string[] = []
  if (!URL.canParse(hook.payloadUrl)) errors.push('Payload URL is invalid')
  else if (isInternal(new URL(hook.payloadUrl).hostname, call.site.settings.allowed_internal_hosts))
    errors.push('Payload URL cannot be used because it resolves to a blocked or internal IP')
  if (hook.secret !== '' && hook.secret.length < 12) errors.push('Secret is too short (minimum is 12 characters)')
  if (hook.secret.includes(',')) errors.push('Secret is invalid')
  if (errors.length > 0) throw unprocessable(errors)
  return hook
}

/** By its written form only; nothing is looked up. */
function isInternal(host: string, allowed: readonly string[]): boolean {
  if (allowed.includes(host)) return false
  return /^(?:localhost|\[::1\]|127\.|10\.|192\.168\.|169\.254\.|172\.(?:1[6-9]|2\d|3[01])\.|0\.)/.test(host)
}

function hookView(call: Call, hook: WebHook): unknown {
  const rows = call.site.hooks.eventRows().filter((row) => hook.eventTypeIds.includes(row.id))
  return {
    id: hook.id,
    payload_url: hook.payloadUrl,
    content_type: hook.contentType,
    last_delivery_status: hook.lastDeliveryStatus,
    secret: hook.secret,
    wildcard_web_hook: hook.wildcard,
    verify_certificate: hook.verifyCertificate,
    active: hook.active,
    web_hook_event_types: rows,
    category_ids: hook.categoryIds,
    tag_names: [],
    group_ids: [],
  }
}

function eventView(event: WebHookEvent): unknown {
  return {
    id: event.id,
    web_hook_id: event.hookId,
    request_url: event.url,
    headers: JSON.stringify(event.headers),
    payload: event.payload,
    status: event.status,
    response_headers: null,
    response_body: null,
    duration: 0,
    created_at: iso(event.createdAt),
  }
}
