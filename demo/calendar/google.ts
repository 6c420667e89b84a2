/** The local Google Calendar on loopback HTTP, and what was written in it: by people, and by Lockstep. */
import { createGoogleCalendar, type GoogleCalendar } from '../../src/emulators/google-calendar/google-calendar.ts'
import type { EventBody } from '../../src/emulators/google-calendar/event-body.ts'
import { realPorts, serve } from '../../src/emulators/serve.ts'
import { CLIENT, OWNERS, TOKENS, type Owner } from './configuration.ts'
import { JUDGE } from './question.ts'

/** Each user's account, in whose name Lockstep writes. */
const USERS = { '17': '100', '18': '103' } as const
const PERSON = '101'
const JUDGES = '102'

export interface Google {
  readonly url: string
  readonly emulator: GoogleCalendar
  /** Somebody at work in Calendar's own window. */
  readonly person: ReturnType<GoogleCalendar['as']>
  /** How many events Lockstep has made, changed or deleted, by the API. */
  writes(): number
  close(): Promise<void>
}

export async function startGoogle(events: Readonly<Record<Owner, readonly EventBody[]>>): Promise<Google> {
  const emulator = createGoogleCalendar(realPorts(), {
    users: [
      { id: USERS['17'], displayName: 'Mira Okafor', email: 'mira@harbour.test' },
      { id: USERS['18'], displayName: 'Jonas Weber', email: 'jonas@harbour.test' },
      { id: PERSON, displayName: 'Ana Sousa', email: 'ana@harbour.test' },
      { id: JUDGES, displayName: 'Judge', email: 'judge@harbour.test' },
    ],
    calendars: (['17', '18'] as const).map((owner) => ({
      id: OWNERS[owner],
      summary: `Plans of ${owner}`,
      owner: USERS[owner],
      access: { [PERSON]: 'owner' as const, [JUDGES]: 'reader' as const },
      events: events[owner],
    })),
    clients: [
      { id: CLIENT.id, secret: CLIENT.secret },
      { id: JUDGE.id, secret: JUDGE.secret },
    ],
    refreshTokens: [
      ...(['17', '18'] as const).map((owner) => ({ token: TOKENS[owner], user: USERS[owner], client: CLIENT.id })),
      { token: JUDGE.token, user: JUDGES, client: JUDGE.id },
    ],
    loopbackWebhooks: true,
    messageDelay: [20, 200],
  })
  const served = await serve(emulator, { latencyMs: 3 })
  return {
    url: served.url,
    emulator,
    person: emulator.as(PERSON),
    writes: () =>
      emulator
        .counters()
        .writes.filter(
          ({ app, method }) => app !== null && /^calendar\.events\.(insert|patch|update|delete|move)$/.test(method),
        ).length,
    close: () => served.close(),
  }
}
