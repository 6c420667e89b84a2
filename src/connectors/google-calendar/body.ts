/** What is sent to make an event, or to change one. */
import { ConnectorError, textOf, type Json, type Values } from '../../connector/index.ts'
import { momentBody } from './times.ts'

type Body = { [member: string]: unknown }

const TEXTS = { summary: 'summary', description: 'description', location: 'location', colour: 'colorId' } as const
const DEFAULTS = { transparency: 'opaque', visibility: 'default' } as const
const TIMES = ['start', 'end', 'zone', 'end_zone'] as const

/** `whole`: the item as it will be, for what is sent together or not at all. */
export function patchBody(changed: Values, whole: Values): Body {
  const body: Body = {}
  for (const [field, member] of Object.entries(TEXTS)) if (field in changed) body[member] = textOf(changed, field)
  for (const [field, usual] of Object.entries(DEFAULTS))
    if (field in changed) body[field] = textOf(changed, field) ?? usual
  if ('status' in changed || 'cancelled' in changed) body['status'] = statusOf(whole)
  if ('recurrence' in changed) body['recurrence'] = recurrenceBody(textOf(changed, 'recurrence'))
  if ('reminders' in changed) body['reminders'] = remindersBody(changed['reminders'] ?? null)
  if (TIMES.some((field) => field in changed)) Object.assign(body, timesBody(whole))
  return body
}

/** An empty line is no rule. */
function recurrenceBody(text: string | null): readonly string[] | null {
  const lines = (text ?? '').split('\n').filter((line) => line.trim() !== '')
  return lines.length === 0 ? null : lines
}

/** Without what is empty. */
export function insertBody(id: string, values: Values): Body {
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
  const guests = 'attendees' in given ? guestsBody(given['attendees'] ?? null, []) : {}
  return { id, ...(withoutNulls(patchBody(given, values)) as Body), ...guests }
}

type Guests = readonly { readonly email?: string | undefined }[]

/** Who stays keeps what was said of them; rooms and others without an address stay. */
export function guestsBody(wanted: Json, now: Guests): { readonly attendees: Guests } {
  const emails = new Set(Array.isArray(wanted) ? wanted.map((each: Json) => wordOf(each).toLowerCase()) : [])
  const stay = now.filter(({ email }) => email === undefined || emails.has(email.toLowerCase()))
  const there = new Set(stay.map(({ email }) => email?.toLowerCase()))
  return { attendees: [...stay, ...[...emails].filter((email) => !there.has(email)).map((email) => ({ email }))] }
}

function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const members = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]))
}

/** Written as a status, `cancelled` would delete the event: of an exception the field of that name says it. */
function statusOf(whole: Values): string {
  if (whole['cancelled'] === true) return 'cancelled'
  const status = whole['status'] ?? 'confirmed'
  if (status === 'confirmed' || status === 'tentative') return status
  const word = JSON.stringify(status)
  throw new ConnectorError('rejected', `${word} is no status of an event: write "confirmed" or "tentative"`)
}

function timesBody(whole: Values): Body {
  const [start, end, zone, endZone] = TIMES.map((field) => textOf(whole, field))
  if (typeof start !== 'string' || typeof end !== 'string')
    throw new ConnectorError('rejected', 'an event needs a start and an end')
  return { start: momentBody(start, zone ?? null), end: momentBody(end, endZone ?? zone ?? null) }
}

function remindersBody(reminders: Json): Body {
  if (!Array.isArray(reminders)) return { useDefault: true, overrides: [] }
  const overrides = reminders.map((each: Json) => {
    const parts = /^(email|popup) (\d{1,5})$/.exec(wordOf(each))
    if (parts === null)
      throw new ConnectorError('rejected', `${JSON.stringify(each)} is no reminder: write "popup 10" or "email 60"`)
    return { method: parts[1], minutes: Number(parts[2]) }
  })
  return { useDefault: false, overrides }
}

/** What is no text fits nowhere: it is told as it is. */
function wordOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
