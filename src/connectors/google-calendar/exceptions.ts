/**
 * Exceptions: occurrences that differ from their series, known by the series and the time that they had at first. One that
 * is as its series is none; there is always an occurrence behind it, so that none is made or deleted in Google's eyes.
 */
import { z } from 'zod'
import {
  ConnectorError,
  failedAs,
  requiredText,
  sameValue,
  type Call,
  type Create,
  type Item,
  type Kind,
  type Tombstone,
  type Update,
  type Values,
} from '../../connector/index.ts'
import { eventsPath, livingEvent, readCalendar, readEvent, type CalendarApi } from './api.ts'
import { guestsBody, patchBody } from './body.ts'
import type { CalendarConfig } from './config.ts'
import { attendeesBody, contentFields, GUESTS_UNTOLD, patchEvent } from './events.ts'
import {
  areGuestsTold,
  asSeries,
  contentOf,
  exceptionItem,
  gone,
  hasLeft,
  idIn,
  KEY_PROPERTY,
  written,
} from './items.ts'
import { momentText } from './times.ts'
import { eventAnswer, type WireEvent } from './wire.ts'

export const exceptionKind = (config: CalendarConfig): Kind<CalendarApi> => ({
  fields: {
    series: { type: 'ref', to: 'event', required: true, written: 'on-create' },
    original: { type: 'text', required: true, written: 'on-create' },
    cancelled: { type: 'boolean', required: true },
    ...contentFields(config),
  },
  in: 'calendar',
  under: 'series',
  unique: ['series', 'original'],
  untold: [{ where: 'cancelled', but: ['series', 'original'] }, GUESTS_UNTOLD],
  compares: { update: 'system', delete: 'system' },
  get: getException,
  async create(call, { key, values }) {
    const place = await placeOf(call, values)
    if (isException(place.occurrence, place.series))
      throw new ConnectorError('stale', 'this time is an exception already')
    const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
    const whole = { ...asSeries(place.series, requiredText(values, 'original')), ...given }
    const body = {
      ...patchBody(given, whole),
      ...(await attendeesBody(call, place.occurrence.id, given)),
      extendedProperties: { private: { [KEY_PROPERTY]: key } },
    }
    const made = await patchEvent(call, place.occurrence.id, body, place.occurrence.etag)
    await checkLives(call, made, given)
    return [{ kind: 'exception', ...written(exceptionItem(call, made)) }]
  },
  async find(call, { values, key }) {
    try {
      const { occurrence, series } = await placeOf(call, values)
      const item = exceptionItem(call, occurrence)
      return isMade(item, key, values) && isException(occurrence, series) ? [{ kind: 'exception', ...item }] : null
    } catch (error) {
      if (error instanceof ConnectorError && (error.failure === 'missing' || error.failure === 'rejected')) return null
      throw error
    }
  },
  async update(call, intent) {
    const changed = await filled(call, intent)
    const guests = await attendeesBody(call, idIn(intent.ref), changed)
    const body = { ...patchBody(changed, { ...intent.base.values, ...changed }), ...guests }
    const stored = await patchEvent(call, idIn(intent.ref), body, intent.base.version)
    await checkLives(call, stored, changed)
    return written(exceptionItem(call, stored))
  },
  /** Made as its series is. */
  async delete(call, { ref, base }) {
    const series = await seriesOf(call.api, call.scope, idIn(requiredText(base.values, 'series')))
    const regular = { ...asSeries(series, requiredText(base.values, 'original')), cancelled: false }
    const guests = areGuestsTold(series) ? await guestsAgain(call, idIn(ref), regular, base.values) : {}
    await patchEvent(call, idIn(ref), { ...patchBody(regular, regular), ...guests }, base.version)
  },
})

/** Whether it differs from its series in anything that is shown. */
export function isException(occurrence: WireEvent, series: WireEvent): boolean {
  if (occurrence.status === 'cancelled') return true
  const own = contentOf(occurrence)
  const regular = asSeries(series, momentText(occurrence.originalStartTime) ?? '')
  const areCompared = areGuestsTold(occurrence) && areGuestsTold(series)
  return Object.entries(regular).some(
    ([field, value]) => (areCompared || !field.startsWith('attendees')) && !sameValue(own[field], value),
  )
}

/** The guests of its series; of a cancelled one no guests are told. Where guests are not written, a person has to do it. */
async function guestsAgain(call: Call<CalendarApi>, id: string, regular: Values, own: Values): Promise<object> {
  const { attendees = null } = regular
  if (sameValue(attendees, own['attendees'])) return {}
  if (call.api.config.writeAttendees) {
    const now = await readEvent(call.api, call.scope, id)
    return areGuestsTold(now) ? guestsBody(attendees, now.attendees ?? []) : {}
  }
  if (own['cancelled'] === true || own['attendees_omitted'] === true) return {}
  throw new ConnectorError('rejected', 'its guests are not those of its series, and guests are not written')
}

async function getException(call: Call<CalendarApi>, ref: string): Promise<Item | Tombstone> {
  const { api, scope } = call
  const found = await readEvent(api, scope, idIn(ref))
  const { recurringEventId } = found
  const series = recurringEventId === undefined ? null : await livingEvent(api, scope, recurringEventId)
  if (series === null || !isException(found, series)) return gone(scope, found.id)
  if (hasLeft(api, found)) return gone(scope, found.id, 'moved')
  return exceptionItem(call, found, (await readCalendar(api, scope)).accessRole)
}

/** A cancelled one need not tell its key. Where it was to be cancelled it is what was asked for, whoever did it. */
function isMade(item: Item, key: string, values: Values): boolean {
  const isCancelled = item.values['cancelled'] === true && values['cancelled'] === true
  return item.key === key || (item.key === undefined && isCancelled)
}

interface Taken {
  readonly series: WireEvent
  readonly occurrence: WireEvent
}

const occurrences = z.object({ items: z.array(eventAnswer).default([]), nextPageToken: z.string().optional() })

/** The series, and its occurrence at that time. */
async function placeOf({ api, scope }: Call<CalendarApi>, values: Create['values']): Promise<Taken> {
  const id = idIn(requiredText(values, 'series'))
  const original = requiredText(values, 'original')
  // A page may hold nothing although more follow.
  for (let pageToken: string | undefined; pageToken !== '';) {
    const { items, nextPageToken = '' } = await occurrencesAt(api, scope, id, { originalStart: original, pageToken })
    const occurrence = items.find((each) => momentText(each.originalStartTime) === original)
    if (occurrence !== undefined) return { series: await seriesOf(api, scope, id), occurrence }
    pageToken = nextPageToken
  }
  await seriesOf(api, scope, id)
  throw new ConnectorError('rejected', `the series has no occurrence at ${original}`)
}

/** What Google says of occurrences of a series that is gone is not documented: then it is the series that is missing. */
async function occurrencesAt(
  api: CalendarApi,
  scope: string,
  id: string,
  query: { readonly originalStart: string; readonly pageToken: string | undefined },
): Promise<z.infer<typeof occurrences>> {
  try {
    const path = eventsPath(scope, id, 'instances')
    return await api.client.get(path, { query: { ...query, showDeleted: true }, as: occurrences })
  } catch (error) {
    if (failedAs(error, 'rejected')) await seriesOf(api, scope, id)
    throw error
  }
}

/** What is written to an occurrence of a series that has just gone may be taken, and is gone with the series all the same. */
async function checkLives({ api, scope }: Call<CalendarApi>, stored: WireEvent, changed: Values): Promise<void> {
  const { status, recurringEventId } = stored
  if (status === 'cancelled' && changed['cancelled'] !== true && recurringEventId !== undefined)
    await seriesOf(api, scope, recurringEventId)
}

async function seriesOf(api: CalendarApi, scope: string, id: string): Promise<WireEvent> {
  const series = await livingEvent(api, scope, id)
  if (series === null) throw new ConnectorError('missing', 'its series is gone')
  return series
}

/** The occurrence of an exception as the series has it. */
async function regularOf({ api, scope }: Call<CalendarApi>, values: Values): Promise<Values> {
  const series = await seriesOf(api, scope, idIn(requiredText(values, 'series')))
  return asSeries(series, requiredText(values, 'original'))
}

/** What is emptied is as the series has it, but for guests: who is taken off is not invited again. */
async function filled(call: Call<CalendarApi>, { changed, base }: Update): Promise<Values> {
  const empty = Object.keys(changed).filter((field) => changed[field] === null && field !== 'attendees')
  if (empty.length === 0) return changed
  const regular = await regularOf(call, base.values)
  return { ...changed, ...Object.fromEntries(empty.map((field) => [field, regular[field] ?? null])) }
}
