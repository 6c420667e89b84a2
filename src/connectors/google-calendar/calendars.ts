/** Calendars: the containers. `primary` is the account's own, under that name too. */
import type { Kind } from '../../connector/index.ts'
import { readCalendar, type CalendarApi } from './api.ts'
import { calendarItem } from './items.ts'

export const calendar: Kind<CalendarApi> = {
  fields: {
    name: { type: 'text', required: true, written: 'never' },
    zone: { type: 'text', written: 'never' },
  },
  is: 'container',
  match: ['name'],
  get: async ({ api }, ref) => calendarItem(await readCalendar(api, ref), ref),
}
