/** Google Calendar's answers, as far as they are read. Members that are at their default may be left out. */
import { z } from 'zod'

const time = z.iso.datetime({ offset: true })

/** A date of an all-day event, or a time. */
const moment = z.object({
  date: z.iso.date().optional(),
  dateTime: time.optional(),
  timeZone: z.string().optional(),
})
export type WireMoment = z.infer<typeof moment>

const who = z.object({
  email: z.string().optional(),
  displayName: z.string().optional(),
  self: z.boolean().optional(),
})

/** Everything but the id may be missing where the event is cancelled. */
export const eventAnswer = z.object({
  id: z.string().min(1),
  status: z.string().optional(),
  etag: z.string().optional(),
  created: time.optional(),
  updated: time.optional(),
  summary: z.string().optional(),
  description: z.string().optional(),
  location: z.string().optional(),
  colorId: z.string().optional(),
  start: moment.optional(),
  end: moment.optional(),
  recurrence: z.array(z.string()).optional(),
  recurringEventId: z.string().optional(),
  originalStartTime: moment.optional(),
  transparency: z.string().optional(),
  visibility: z.string().optional(),
  reminders: z
    .object({
      useDefault: z.boolean().optional(),
      overrides: z.array(z.object({ method: z.string(), minutes: z.number() })).optional(),
    })
    .optional(),
  attendees: z.array(z.looseObject({ email: z.string().optional() })).optional(),
  /** The list of guests is perhaps not all of them. */
  attendeesOmitted: z.boolean().optional(),
  creator: who.optional(),
  organizer: who.optional(),
  guestsCanModify: z.boolean().optional(),
  locked: z.boolean().optional(),
  eventType: z.string().optional(),
  hangoutLink: z.string().optional(),
  extendedProperties: z.object({ private: z.record(z.string(), z.string()).optional() }).optional(),
})
export type WireEvent = z.infer<typeof eventAnswer>

export const eventsAnswer = z.object({
  items: z.array(eventAnswer).default([]),
  accessRole: z.string().optional(),
  nextPageToken: z.string().optional(),
  nextSyncToken: z.string().optional(),
})

export const calendarAnswer = z.object({
  id: z.string().min(1),
  summary: z.string().default(''),
  summaryOverride: z.string().optional(),
  timeZone: z.string().optional(),
  accessRole: z.string().optional(),
  primary: z.boolean().optional(),
  deleted: z.boolean().optional(),
})
export type WireCalendar = z.infer<typeof calendarAnswer>

export const calendarsAnswer = z.object({
  items: z.array(calendarAnswer).default([]),
  nextPageToken: z.string().optional(),
})

export const channelAnswer = z.object({
  id: z.string().min(1),
  resourceId: z.string().min(1),
  /** Milliseconds since 1970, as text. */
  expiration: z.string().regex(/^\d+$/).optional(),
})

export const tokeninfoAnswer = z.object({ scope: z.string().default('') })

export const errorAnswer = z.object({
  error: z.object({
    code: z.number().optional(),
    message: z.string().optional(),
    errors: z.array(z.object({ reason: z.string().optional(), domain: z.string().optional() })).default([]),
  }),
})
