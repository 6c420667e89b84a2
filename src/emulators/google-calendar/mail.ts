/** The e-mails that guests would have got: kept, so that a test can tell that nobody was written to. */
import type { Query } from './query.ts'
import type { UsageMeter } from './usage.ts'
import type { CalendarRecord, Caller, EventRecord, Mail, World } from './state.ts'

/** Whom a write tells: nobody unless it says so. */
export type Told = 'all' | 'externalOnly' | 'none'

export function toldBy(query: Query): Told {
  const named = query.oneOf('sendUpdates', ['all', 'externalOnly', 'none'])
  return named ?? (query.flag('sendNotifications') === true ? 'all' : 'none')
}

export function sendMail(
  world: World,
  usage: UsageMeter,
  caller: Caller,
  told: Told,
  calendar: CalendarRecord,
  before: EventRecord | null,
  after: EventRecord,
): void {
  if (told === 'none') return
  const local = new Set([...world.users.values()].map(({ email }) => email))
  const reached = guestsOf(calendar, after.cancelled ? before : after).filter(
    (email) => told === 'all' || !local.has(email),
  )
  const earlier = new Set(before === null || before.cancelled ? [] : guestsOf(calendar, before))
  const removed = after.cancelled
    ? reached
    : [...earlier].filter(
        (email) => !guestsOf(calendar, after).includes(email) && (told === 'all' || !local.has(email)),
      )
  const added = after.cancelled ? [] : reached.filter((email) => !earlier.has(email))
  const kept = after.cancelled ? [] : reached.filter((email) => earlier.has(email))
  usage.spend(caller.user.id, 'externalGuestsInvited', added.filter((email) => !local.has(email)).length)
  const send = (kind: Mail['kind'], to: readonly string[]): void => {
    if (to.length > 0) world.mails.push({ at: world.ports.now(), calendar: calendar.id, event: after.id, kind, to })
  }
  send('invitation', added)
  send('update', kept)
  send('cancellation', removed)
}

/** Guests other than the calendar itself. */
function guestsOf(calendar: CalendarRecord, record: EventRecord | null): string[] {
  const all = (record?.content?.attendees ?? []).map(({ email }) => email)
  return all.filter((email) => email !== calendar.id && email !== record?.organizer?.email)
}
