/** Everything there is: the calendars, or the events and exceptions of one. */
import { ConnectorError, type Call, type Change, type Page } from '../../connector/index.ts'
import { calendarPages, eventsPage, type CalendarApi, type EventsPage } from './api.ts'
import { calendarItem } from './items.ts'
import { changesOf, type SeriesSeen } from './reading.ts'

export function list(call: Call<CalendarApi>, position: string | null): AsyncIterable<Page> {
  return call.scope === '' ? listCalendars(call.api, position) : listEvents(call, position)
}

async function* listCalendars(api: CalendarApi, position: string | null): AsyncIterable<Page> {
  for await (const { calendars, next } of calendarPages(api, placeIn(position))) {
    const changes = calendars.map((each): Change => ({ kind: 'calendar', ...calendarItem(each) }))
    yield { changes, cursor: next ?? '', ...(next === undefined ? { complete: true } : {}) }
  }
}

/** Goes on from a page, and begins again where Google does not know that page any more. */
async function* listEvents(call: Call<CalendarApi>, position: string | null): AsyncIterable<Page> {
  const seen: SeriesSeen = new Map()
  let page = placeIn(position)
  do {
    const read: EventsPage | null = await pageAt(call, page)
    page = read?.next ?? undefined
    if (read === null) continue
    const changes = await changesOf(call, read, seen)
    yield { changes, cursor: page ?? '', ...(page === undefined ? { complete: true } : {}) }
    if (page === undefined) return
  } while (true)
}

async function pageAt({ api, scope }: Call<CalendarApi>, page: string | undefined): Promise<EventsPage | null> {
  try {
    return await eventsPage(api, scope, { page })
  } catch (error) {
    const isLost = error instanceof ConnectorError && ['rejected', 'cursor-expired'].includes(error.failure)
    if (isLost && page !== undefined) return null
    throw error
  }
}

function placeIn(position: string | null): string | undefined {
  return position === null || position === '' ? undefined : position
}
