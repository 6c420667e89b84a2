/** What a page of events says, of events and of exceptions. */
import type { Call, Change } from '../../connector/index.ts'
import { livingEvent, type CalendarApi, type EventsPage } from './api.ts'
import { isException } from './exceptions.ts'
import { eventItem, exceptionItem, gone, hasLeft } from './items.ts'
import type { WireEvent } from './wire.ts'

/** The series that exceptions are compared with: as they came by, or read once. Null: deleted. */
export type SeriesSeen = Map<string, WireEvent | null>

export async function changesOf(call: Call<CalendarApi>, page: EventsPage, seen: SeriesSeen): Promise<Change[]> {
  for (const each of page.events)
    if (each.recurrence !== undefined && each.status !== 'cancelled') seen.set(each.id, each)
  const changes: Change[] = []
  for (const each of page.events)
    if (each.recurringEventId !== undefined) changes.push(await exceptionChange(call, each, page.role, seen))
    else changes.push(...eventChanges(call, each, page.role))
  return changes
}

/** Of what is deleted nothing but the id may be told, so it may have been either. */
function eventChanges(call: Call<CalendarApi>, event: WireEvent, role: string | undefined): readonly Change[] {
  const { api, scope } = call
  if (event.status === 'cancelled')
    return (['event', 'exception'] as const).map((kind) => ({ kind, ...gone(scope, event.id) }))
  if (hasLeft(api, event)) return [{ kind: 'event', ...gone(scope, event.id, 'moved') }]
  return [{ kind: 'event', ...eventItem(call, event, role) }]
}

/** With its series an exception is deleted, though it may be told as cancelled alone. */
async function exceptionChange(
  call: Call<CalendarApi>,
  event: WireEvent,
  role: string | undefined,
  seen: SeriesSeen,
): Promise<Change> {
  const { api, scope } = call
  const { recurringEventId: id = '' } = event
  if (event.status !== 'cancelled' && hasLeft(api, event))
    return { kind: 'exception', ...gone(scope, event.id, 'moved') }
  if (!seen.has(id)) seen.set(id, await livingEvent(api, scope, id))
  const series = seen.get(id) ?? null
  if (series === null || !isException(event, series)) return { kind: 'exception', ...gone(scope, event.id) }
  if (hasLeft(api, event)) return { kind: 'exception', ...gone(scope, event.id, 'moved') }
  return { kind: 'exception', ...exceptionItem(call, event, role) }
}
