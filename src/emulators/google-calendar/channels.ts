/** Push channels: a message without a body whenever a watched resource has changed. */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { EmulatorPorts } from '../emulator.ts'
import { CalendarError, invalid, notFound, required } from './errors.ts'
import type { Rules } from './options.ts'
import { parseAs } from './query.ts'
import type { Caller, Resource } from './state.ts'

const text = z.string().nullish()
const CHANNEL = z.looseObject({
  id: text,
  type: text,
  address: text,
  token: text,
  expiration: z.union([z.string(), z.number()]).nullish(),
  params: z.record(z.string(), z.string()).nullish(),
  resourceId: text,
})

export interface Channel {
  readonly id: string
  readonly user: string
  readonly app: string | null
  readonly resource: string
  readonly resourceId: string
  readonly resourceUri: string
  readonly address: string
  readonly token: string | null
  /** Milliseconds since 1970. */
  readonly expiration: number
}

interface Open extends Channel {
  number: number
}

export interface Channels {
  watch(caller: Caller, resource: Resource, value: unknown): Record<string, unknown>
  stop(caller: Caller, value: unknown): void
  changed(resource: Resource): void
  /** Those that are neither stopped nor expired. */
  live(): readonly Channel[]
}

const ROOT = 'https://www.googleapis.com/calendar/v3'
const ID = /^[A-Za-z0-9\-_+/=]{1,64}$/
const MOST_TOKEN = 256
/** Google retries with growing waits and does not say how long. */
const RETRY_SECONDS = [1, 4, 16, 64, 256, 1024]
const RETRIED = [500, 502, 503, 504]

export function createChannels(ports: EmulatorPorts, rules: Rules): Channels {
  const open = new Map<string, Open>()
  const keyOf = (app: string | null, id: string): string => `${app ?? ''}\n${id}`
  const isLive = (channel: Open): boolean =>
    open.get(keyOf(channel.app, channel.id)) === channel && ports.now() < channel.expiration
  const send = (channel: Open, state: string, number: number, tries = 0): void => {
    if (!isLive(channel)) return
    const delivery = { url: channel.address, headers: headersOf(channel, state, number), body: '' }
    void ports.deliver(delivery).then((status) => {
      const wait = RETRY_SECONDS[tries]
      if (status === null || !RETRIED.includes(status) || wait === undefined) return
      ports.after(wait * 1000, () => send(channel, state, number, tries + 1))
    })
  }
  const soon = (): number => {
    const [shortest, longest] = rules.messageDelay
    return Math.round(shortest + ports.random() * (longest - shortest))
  }
  const tell = (channel: Open, state: string): void => {
    channel.number += 1 + Math.floor(ports.random() * rules.messageGap)
    const { number } = channel
    if (rules.messageLoss > 0 && ports.random() < rules.messageLoss) return
    ports.after(soon(), () => send(channel, state, number))
    if (rules.messageDuplication > 0 && ports.random() < rules.messageDuplication)
      ports.after(soon(), () => send(channel, state, number))
  }
  return {
    watch(caller, resource, value) {
      const channel: Open = { ...channelOf(ports, rules, caller, resource, value), number: 1 }
      const known = open.get(keyOf(caller.app, channel.id))
      if (known !== undefined && isLive(known))
        throw new CalendarError({
          code: 400,
          reason: 'channelIdNotUnique',
          message: `Channel id ${channel.id} not unique`,
        })
      open.set(keyOf(caller.app, channel.id), channel)
      if (rules.syncBeforeAnswer) send(channel, 'sync', 1)
      else ports.after(soon(), () => send(channel, 'sync', 1))
      return answerOf(channel)
    },
    stop(caller, value) {
      const { id, resourceId } = parseAs(CHANNEL, value)
      if (!id) throw required('Missing channel id.')
      if (!resourceId) throw required('Missing resource id.')
      const channel = open.get(keyOf(caller.app, id))
      if (
        channel === undefined ||
        !isLive(channel) ||
        channel.resourceId !== resourceId ||
        channel.user !== caller.user.id
      )
        throw notFound(`Channel '${id}' not found for project '${caller.app ?? ''}'`)
      open.delete(keyOf(caller.app, id))
    },
    changed(resource) {
      const state = resource.kind === 'events' && resource.gone === true ? 'not_exists' : 'exists'
      for (const channel of open.values()) if (channel.resource === pathOf(resource)) tell(channel, state)
    },
    live: () => [...open.values()].filter(isLive),
  }
}

function channelOf(ports: EmulatorPorts, rules: Rules, caller: Caller, resource: Resource, value: unknown): Channel {
  const { id, type, address, token, expiration, params } = parseAs(CHANNEL, value)
  if (!id) throw required('Missing channel id.')
  if (!ID.test(id)) throw invalid('Invalid channel id.')
  if (type !== 'web_hook' && type !== 'webhook') throw invalid('Unknown channel type.')
  if (!address) throw required('Missing address.')
  if (!mayReach(address, rules.loopbackWebhooks))
    throw new CalendarError({
      code: 400,
      reason: 'webhookUrlNotHttps',
      message: `WebHook callback must be HTTPS: ${address}`,
    })
  if (token && token.length > MOST_TOKEN) throw invalid('The channel token is too long.')
  const now = ports.now()
  const wanted = expiration ? Number(expiration) : now + Number(params?.['ttl'] ?? rules.channelSeconds) * 1000
  if (!Number.isFinite(wanted) || wanted <= now) throw invalid('Invalid channel expiration.')
  const path = pathOf(resource)
  return {
    id,
    user: caller.user.id,
    app: caller.app,
    resource: path,
    // The same resource has the same id, whoever watches it.
    resourceId: createHash('sha256').update(path).digest('base64url').slice(0, 27),
    resourceUri: `${ROOT}${path}?alt=json`,
    address,
    token: token || null,
    // In whole seconds, as the header of each message tells it.
    expiration: Math.floor(Math.min(wanted, now + rules.channelMostSeconds * 1000) / 1000) * 1000,
  }
}

function mayReach(address: string, loopback: boolean): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname } = new URL(address)
  return protocol === 'https:' || (loopback && protocol === 'http:' && /^(localhost|127\.|\[::1\]$)/.test(hostname))
}

function pathOf(resource: Resource): string {
  return resource.kind === 'events'
    ? `/calendars/${encodeURIComponent(resource.calendar)}/events`
    : `/users/${resource.user}/calendarList`
}

function answerOf(channel: Channel): Record<string, unknown> {
  return {
    kind: 'api#channel',
    id: channel.id,
    resourceId: channel.resourceId,
    resourceUri: channel.resourceUri.replace(`/users/${channel.user}/`, '/users/me/'),
    ...(channel.token === null ? {} : { token: channel.token }),
    expiration: String(channel.expiration),
  }
}

function headersOf(channel: Channel, state: string, number: number): Record<string, string> {
  return {
    Accept: '*/*',
    'User-Agent': 'APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)',
    'X-Goog-Channel-ID': channel.id,
    'X-Goog-Channel-Expiration': new Date(channel.expiration).toUTCString(),
    'X-Goog-Resource-State': state,
    'X-Goog-Message-Number': String(number),
    'X-Goog-Resource-ID': channel.resourceId,
    'X-Goog-Resource-URI': channel.resourceUri.replace(`/users/${channel.user}/`, '/users/me/'),
    ...(channel.token === null ? {} : { 'X-Goog-Channel-Token': channel.token }),
  }
}
