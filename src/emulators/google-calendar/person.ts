/**
 * People in Calendar's own window, for scripts and simulations: the same functions as the HTTP methods, without tokens
 * and quotas. A refusal is thrown as CalendarError.
 */
import { changeCalendar, deleteCalendar, insertCalendar } from './calendars.ts'
import type { EventBody } from './event-body.ts'
import { getEvent, listEvents } from './events-read.ts'
import { changeEvent, deleteEvent, insertEvent, moveEvent, type Writing } from './events-write.ts'
import type { Told } from './mail.ts'
import { readQuery } from './query.ts'
import type { EventJson } from './render.ts'
import type { Caller, World } from './state.ts'
import type { UsageMeter } from './usage.ts'

/** `calendar`: an id, or `primary`. */
export interface Person {
  add(calendar: string, event: EventBody, told?: Told): EventJson
  /** Changes are merged as in a patch. `event` may be the id of an instance. */
  edit(calendar: string, event: string, changes: Partial<EventBody>, told?: Told): EventJson
  remove(calendar: string, event: string, told?: Told): void
  /** Brings a deleted event back. */
  restore(calendar: string, event: string): EventJson
  move(calendar: string, event: string, destination: string): EventJson
  event(calendar: string, event: string): EventJson
  /** Everything in the calendar, series and their exceptions. */
  events(calendar: string, more?: { readonly showDeleted?: boolean }): EventJson[]
  /** Answers the new calendar's id. */
  addCalendar(summary: string, timeZone?: string): string
  renameCalendar(calendar: string, summary: string): void
  removeCalendar(calendar: string): void
}

type Note = (method: string, name: string) => void

export function personOf(world: World, usage: UsageMeter, user: string, note: Note): Person {
  const found = world.users.get(user)
  if (found === undefined) throw new Error(`the emulator has no user ${user}`)
  const caller: Caller = { user: found, app: null }
  const writing = (told: Told = 'none'): Writing => ({
    world,
    usage,
    caller,
    told,
    ifMatch: null,
    supportsAttachments: true,
    maxAttendees: null,
  })
  const done = (method: string, event: EventJson): EventJson => {
    note(`calendar.events.${method}`, event.id)
    return event
  }
  return {
    add: (calendar, event, told) => done('insert', insertEvent(writing(told), calendar, event)),
    edit: (calendar, event, changes, told) =>
      done('patch', changeEvent(writing(told), calendar, event, changes, 'patch')),
    remove(calendar, event, told) {
      deleteEvent(writing(told), calendar, event)
      note('calendar.events.delete', event)
    },
    restore: (calendar, event) =>
      done('patch', changeEvent(writing(), calendar, event, { status: 'confirmed' }, 'patch')),
    move: (calendar, event, destination) => done('move', moveEvent(writing(), calendar, event, destination)),
    event: (calendar, event) => getEvent(world, caller, calendar, event, null),
    events: (calendar, more = {}) => allEvents(world, caller, calendar, more.showDeleted ?? false),
    addCalendar(summary, timeZone = 'UTC') {
      const { id } = insertCalendar(world, usage, caller, { summary, timeZone })
      note('calendar.calendars.insert', id)
      return id
    },
    renameCalendar(calendar, summary) {
      note('calendar.calendars.patch', changeCalendar(world, caller, calendar, { summary }, 'patch').id)
    },
    removeCalendar(calendar) {
      deleteCalendar(world, caller, calendar)
      note('calendar.calendars.delete', calendar)
    },
  }
}

function allEvents(world: World, caller: Caller, calendar: string, showDeleted: boolean): EventJson[] {
  const all: EventJson[] = []
  let pageToken: string | undefined
  do {
    const asked = {
      maxResults: '2500',
      showDeleted: String(showDeleted),
      ...(pageToken === undefined ? {} : { pageToken }),
    }
    const query = readQuery(new URLSearchParams(asked), ['maxResults', 'showDeleted', 'pageToken'])
    const page = listEvents(world, caller, calendar, query)
    all.push(...page.items)
    pageToken = page.nextPageToken
  } while (pageToken !== undefined)
  return all
}
