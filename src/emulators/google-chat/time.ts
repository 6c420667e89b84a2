/** Moments in whole microseconds since 1970, and their text as protobuf's JSON writes a Timestamp. */

export type Micros = number

/** Milliseconds since 1970, or RFC 3339 text. */
export type Moment = number | string

const RFC3339 = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)$/

/** Null when the text is no RFC 3339 time. Digits past microseconds are cut. */
export function parseTime(text: string): Micros | null {
  const match = RFC3339.exec(text)
  if (match === null) return null
  const [, day = '', clock = '', fraction = '', zone = ''] = match
  const seconds = Date.parse(`${day}T${clock}${zone.toUpperCase()}`)
  return Number.isNaN(seconds) ? null : seconds * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}

/** Zero, three or six digits of fraction, always in Z: protobuf's canonical JSON form. */
export function formatTime(micros: Micros): string {
  const milliseconds = Math.floor(micros / 1000)
  const rest = micros - milliseconds * 1000
  const text = new Date(milliseconds).toISOString()
  if (rest !== 0) return `${text.slice(0, -1)}${String(rest).padStart(3, '0')}Z`
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text
}

export function microsOf(moment: Moment): Micros {
  if (typeof moment === 'number') return Math.round(moment * 1000)
  const parsed = parseTime(moment)
  if (parsed === null) throw new Error(`not an RFC 3339 time: ${moment}`)
  return parsed
}
