/** Events: single ones, and series as a whole. */
import {
  ConnectorError,
  failedAs,
  type Call,
  type Fields,
  type Item,
  type Kind,
  type Tombstone,
  type Untold,
  type Values,
} from '../../connector/index.ts'
import { eventsPath, readCalendar, readEvent, type CalendarApi } from './api.ts'
import { guestsBody, insertBody, patchBody } from './body.ts'
import type { CalendarConfig } from './config.ts'
import { areGuestsTold, eventItem, gone, GUESTS_OMITTED, hasLeft, idIn, idOf, written } from './items.ts'
import { eventAnswer, type WireEvent } from './wire.ts'

/** What events and exceptions show. A time is a date where it is all day, and then the end is the day after the last. */
export const contentFields = ({ writeAttendees }: CalendarConfig): Fields => ({
  summary: { type: 'text' },
  description: { type: 'text' },
  location: { type: 'text' },
  start: { type: 'text' },
  end: { type: 'text' },
  all_day: { type: 'boolean', written: 'never' },
  zone: { type: 'text' },
  end_zone: { type: 'text' },
  status: { type: 'text' },
  colour: { type: 'text' },
  transparency: { type: 'text' },
  visibility: { type: 'text' },
  reminders: { type: 'text', many: 'set' },
  attendees: { type: 'person', many: 'set', ...(writeAttendees ? {} : { written: 'never' }) },
  attendees_omitted: { type: 'boolean', written: 'never' },
  type: { type: 'text', written: 'never' },
  meeting: { type: 'text', written: 'never' },
})

/** A list of some guests says nothing of the others. */
export const GUESTS_UNTOLD: Untold = { where: 'attendees_omitted', only: ['attendees'] }

export const eventKind = (config: CalendarConfig): Kind<CalendarApi> => ({
  fields: {
    ...contentFields(config),
    start: { type: 'text', required: true },
    end: { type: 'text', required: true },
    recurrence: { type: 'text' },
  },
  in: 'calendar',
  takes: ['exception'],
  untold: [GUESTS_UNTOLD],
  sample: { start: '2099-01-05T09:00:00.000Z', end: '2099-01-05T09:30:00.000Z', zone: 'Europe/Berlin' },
  match: ['summary', 'start'],
  compares: { update: 'system', delete: 'system' },
  get: getEvent,
  async create(call, { key, values }) {
    const { api, scope } = call
    const made = await api.client.post(eventsPath(scope), {
      query: { sendUpdates: api.config.sendUpdates },
      body: insertBody(idOf(key), values),
      as: eventAnswer,
    })
    return [{ kind: 'event', ...written(eventItem(call, made)) }]
  },
  /** An event that was made and then deleted is found as deleted: its id stays taken. */
  async find(call, { key }) {
    try {
      const found = await readEvent(call.api, call.scope, idOf(key))
      return [{ kind: 'event', ...(isDeleted(found) ? gone(call.scope, found.id) : eventItem(call, found)) }]
    } catch (error) {
      if (failedAs(error, 'missing')) return null
      throw error
    }
  },
  async update(call, { ref, changed, base }) {
    const guests = await attendeesBody(call, idIn(ref), changed)
    const body = { ...patchBody(changed, { ...base.values, ...changed }), ...guests }
    return written(eventItem(call, await patchEvent(call, idIn(ref), body, base.version)))
  },
  delete: ({ api, scope }, { ref, base }) =>
    api.client.delete(eventsPath(scope, idIn(ref)), {
      query: { sendUpdates: api.config.sendUpdates },
      headers: ifMatch(base.version),
    }),
})

async function getEvent(call: Call<CalendarApi>, ref: string): Promise<Item | Tombstone> {
  const { api, scope } = call
  const found = await readEvent(api, scope, idIn(ref))
  if (isDeleted(found)) return gone(scope, found.id)
  if (hasLeft(api, found)) return gone(scope, found.id, 'moved')
  return eventItem(call, found, (await readCalendar(api, scope)).accessRole)
}

/** An occurrence is no event of its own. */
function isDeleted(found: WireEvent): boolean {
  return found.status === 'cancelled' || found.recurringEventId !== undefined
}

/** A list is replaced as a whole, so what guests answered is read before and sent along. */
export async function attendeesBody({ api, scope }: Call<CalendarApi>, id: string, changed: Values): Promise<object> {
  if (!('attendees' in changed)) return {}
  const now = await readEvent(api, scope, id)
  if (!areGuestsTold(now)) throw new ConnectorError('rejected', GUESTS_OMITTED)
  return guestsBody(changed['attendees'] ?? null, now.attendees ?? [])
}

/** Refused as stale where it is no longer what was read last. */
export function patchEvent(
  { api, scope }: Call<CalendarApi>,
  id: string,
  body: object,
  version: string | undefined,
): Promise<WireEvent> {
  return api.client.patch(eventsPath(scope, id), {
    query: { sendUpdates: api.config.sendUpdates },
    headers: ifMatch(version),
    body,
    as: eventAnswer,
  })
}

function ifMatch(version: string | undefined): Record<string, string> {
  return version === undefined ? {} : { 'if-match': version }
}
