/** Google Calendar: calendars, their events and series, and what differs from a series, as one account. */
import { defineConnector } from '../../connector/index.ts'
import { connect, type CalendarApi } from './api.ts'
import { calendar } from './calendars.ts'
import { calls } from './calls.ts'
import { channels, webhook } from './channels.ts'
import { calendarConfig, limits, oauth, type CalendarConfig } from './config.ts'
import { eventKind } from './events.ts'
import { exceptionKind } from './exceptions.ts'
import { pull } from './feed.ts'
import { idIn } from './items.ts'
import { list } from './listing.ts'
import { probe } from './probe.ts'

export const googleCalendar = defineConnector<CalendarConfig, CalendarApi>({
  name: 'google-calendar',
  title: 'Google Calendar',
  config: calendarConfig,
  limits,
  calls,
  oauth,
  connect,
  probe,
  kinds: (config) => ({ calendar, event: eventKind(config), exception: exceptionKind(config) }),
  feeds: { calendar: { kinds: ['calendar', 'event', 'exception'], pull, list } },
  people: { areEmails: true },
  unconfirmed: {
    'read-lag': {
      fact: 'Reads show at once what was written.',
      remedy: 'report it: how far reads lag is fixed in the connector',
    },
    feed: {
      fact: 'A list with a sync token tells of a change within seconds.',
      remedy: 'nothing is lost: changes arrive as late as that',
    },
  },
  webhook,
  channels,
  link(_config, kind, { scope, ref }) {
    if (kind === 'calendar') return null
    const eid = Buffer.from(`${idIn(ref)} ${scope}`).toString('base64url')
    return scope === 'primary' ? null : `https://calendar.google.com/calendar/event?eid=${eid}`
  },
})
