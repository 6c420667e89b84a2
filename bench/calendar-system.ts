/** The calendar of a measurement, in a process of its own. Ends when the channel to its parent closes. */
import type { Emulator } from '../src/emulators/emulator.ts'
import { createGoogleCalendar } from '../src/emulators/google-calendar/google-calendar.ts'
import { realPorts, serve } from '../src/emulators/serve.ts'
import { CALENDAR, calendarCalls, calendarLayout, calendarQuestion, eventOf, PEOPLE, titleOf } from './calendar-lay.ts'
import { KEYS } from './lay.ts'

const wanted = calendarLayout.parse(JSON.parse(process.argv[2] ?? ''))
const none = (): ReturnType<typeof calendarCalls.parse> => ({ lists: 0, writes: 0, firstAt: 0, lastWriteAt: 0 })
let calls = none()

/** On a clock that other processes have too. */
const now = (): number => performance.timeOrigin + performance.now()

function counted(emulator: Emulator): Emulator {
  return {
    name: emulator.name,
    handle(request) {
      const began = now()
      const response = emulator.handle(request)
      const isEvents = /\/events(?:$|\/(?!watch))/.test(request.path)
      if (request.path.startsWith('/calendar/') && calls.firstAt === 0) calls.firstAt = began
      if (isEvents && request.method !== 'GET') calls = { ...calls, writes: calls.writes + 1, lastWriteAt: now() }
      if (request.method === 'GET' && request.path.endsWith('/events')) calls.lists += 1
      return response
    },
  }
}

const calendar = createGoogleCalendar(realPorts(), {
  users: [
    { id: PEOPLE.engine, displayName: 'Lockstep', email: 'lockstep@bench.test' },
    { id: PEOPLE.person, displayName: 'Ann Berg', email: 'ann@bench.test' },
  ],
  calendars: [
    {
      id: CALENDAR,
      summary: 'Bench',
      owner: PEOPLE.engine,
      access: { [PEOPLE.person]: 'owner' },
      events: Array.from({ length: wanted.born === 'calendar' ? wanted.events : 0 }, (_, at) => eventOf(at)),
    },
  ],
  clients: [{ id: KEYS.clientId, secret: KEYS.clientSecret }],
  refreshTokens: [{ token: KEYS.refreshToken, user: PEOPLE.engine, client: KEYS.clientId }],
  quotas: false,
  usageLimits: false,
  loopbackWebhooks: true,
  messageDelay: [0, 0],
})
const served = await serve(counted(calendar), { latencyMs: wanted.latencyMs })
process.on('message', (message) => {
  const asked = calendarQuestion.parse(message)
  if (asked.ask === 'forget') calls = none()
  if (asked.ask === 'edit') {
    const person = calendar.as(PEOPLE.person)
    const found = person.events(CALENDAR).find(({ summary }) => summary === titleOf(asked.event))
    if (found === undefined) throw new Error('there is no such event')
    person.edit(CALENDAR, found.id, { summary: asked.title })
  }
  process.send?.(calls)
})
process.on('disconnect', () => process.exit(0))
process.on('SIGINT', () => undefined)
process.send?.({ url: served.url })
