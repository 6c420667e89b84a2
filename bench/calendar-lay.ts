/** What a table and a calendar hold at the start of a measurement, and what is asked of the calendar's process. */
import { z } from 'zod'

export const calendarLayout = z.object({
  events: z.int(),
  born: z.enum(['table', 'calendar']),
  latencyMs: z.int(),
})
export type CalendarLayout = z.infer<typeof calendarLayout>

export const calendarQuestion = z.discriminatedUnion('ask', [
  z.object({ ask: z.literal('calls') }),
  z.object({ ask: z.literal('forget') }),
  /** A person gives an event another title. */
  z.object({ ask: z.literal('edit'), event: z.int(), title: z.string() }),
])
/** Every question is answered with these; times are milliseconds since 1970, and 0 where there was none. */
export const calendarCalls = z.object({ lists: z.int(), writes: z.int(), firstAt: z.number(), lastWriteAt: z.number() })
export type CalendarCalls = z.infer<typeof calendarCalls>

export const CALENDAR = 'bench@group.calendar.google.com'
export const OWNER = 17
export const PEOPLE = { engine: '100', person: '101' } as const

const HOUR = 3_600_000
/** The same in each process of a day: midnight of tomorrow. */
const START = (Math.floor(Date.now() / (24 * HOUR)) + 1) * 24 * HOUR

export function titleOf(event: number): string {
  return `What is planned at dock ${event}`
}

export function timesOf(event: number): { readonly start: string; readonly end: string } {
  const start = START + (event % 5000) * HOUR
  return { start: new Date(start).toISOString(), end: new Date(start + HOUR / 2).toISOString() }
}

export function eventOf(event: number): {
  readonly summary: string
  readonly start: { readonly dateTime: string; readonly timeZone: string }
  readonly end: { readonly dateTime: string; readonly timeZone: string }
} {
  const { start, end } = timesOf(event)
  return {
    summary: titleOf(event),
    start: { dateTime: start, timeZone: 'UTC' },
    end: { dateTime: end, timeZone: 'UTC' },
  }
}
