/** Days that lie ahead whenever the demo runs, and clocks of the one zone that its people live in. */
export const ZONE = 'Europe/Berlin'
const DAY_MS = 86_400_000

/** The Monday after next, and so many days. */
export function day(after: number, now = Date.now()): string {
  const today = Math.floor(now / DAY_MS)
  // Day 4 was a Monday: 5 January 1970.
  const monday = today + 14 - ((today - 4) % 7)
  return new Date((monday + after) * DAY_MS).toISOString().slice(0, 10)
}

/** The instant at which a clock there shows this. */
export function at(date: string, time: string): string {
  const shown = Date.parse(`${date}T${time}:00.000Z`)
  const there = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short', timeStyle: 'medium' })
  const offset = Date.parse(`${there.format(shown).replace(' ', 'T')}.000Z`) - shown
  return new Date(shown - offset).toISOString()
}

/** The day of an instant there. */
export function dayOf(instant: string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE, dateStyle: 'short' }).format(Date.parse(instant))
}
