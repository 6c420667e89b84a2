/**
 * Decides whether a table and its owners' calendars say the same, in a process of its own that knows only SQL and
 * Google's HTTP API: it shares no code with the engine and its connectors. Reads a question from standard input, prints
 * the verdict, and exits with 0 where they agree, 1 where they do not, 2 where it could not tell.
 */
import { text } from 'node:stream/consumers'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { openApplication, type Row } from './application.ts'
import { dayOf } from './days.ts'
import { JUDGE, question, type Question, type Verdict } from './question.ts'

/** What both sides have to say alike. */
interface Said {
  readonly key: string
  readonly says: Readonly<Record<string, string | null>>
  readonly problems: readonly string[]
}

const time = z.object({
  date: z.string().optional(),
  dateTime: z.string().optional(),
  timeZone: z.string().optional(),
})
const event = z.object({
  id: z.string(),
  status: z.string().optional(),
  summary: z.string().optional(),
  description: z.string().optional(),
  start: time.optional(),
  end: time.optional(),
  colorId: z.string().optional(),
  recurrence: z.array(z.string()).optional(),
  recurringEventId: z.string().optional(),
  originalStartTime: time.optional(),
})
type Event = z.infer<typeof event>
const page = z.object({ items: z.array(event), nextPageToken: z.string().optional() })

const AMOUNT = / · (-?[\d.]+,\d\d)\s€$/

async function judge(): Promise<Verdict> {
  const asked = question.parse(JSON.parse(await text(process.stdin)))
  const [rows, events] = [await rowsIn(asked), await eventsIn(asked)]
  return compare(rows, events)
}

async function rowsIn({ database, owners }: Question): Promise<Said[]> {
  const application = await openApplication(database)
  const rows = await application.run(`SELECT * FROM ${application.table} ORDER BY id`)
  await application.close()
  const titles = new Map(rows.map((row) => [row['id'], row['title'] ?? '']))
  return rows.map((row): Said => {
    const owner = row['user_id'] ?? ''
    const problems = owners[owner] === undefined ? ['it has an owner of whom nobody knows'] : []
    if (AMOUNT.test(row['title'] ?? '')) problems.push('its title holds the amount that a copy shows')
    const series = row['series_id'] ?? null
    if (series !== null)
      return {
        key: `${owner}: ${titles.get(series) ?? ''} at ${row['original_start'] ?? ''}`,
        says: isTrue(row['cancelled']) ? { cancelled: 'yes' } : { ...timesOfRow(row), ...titleOfRow(row) },
        problems,
      }
    return {
      key: `${owner}: ${row['title'] ?? ''}`,
      says: {
        ...timesOfRow(row),
        ...titleOfRow(row),
        details: detailsOf(row),
        recurrence: row['recurrence'] ?? null,
        status: row['status'] === 'perhaps' ? 'tentative' : 'confirmed',
        colour: Number(row['amount'] ?? 0) < 0 ? '11' : row['category'] === 'workshop' ? '10' : '9',
      },
      problems,
    }
  })
}

function isTrue(value: string | null | undefined): boolean {
  return value === '1' || value === 't' || value === 'true'
}

function timesOfRow(row: Row): Said['says'] {
  const [start, end] = [row['starts_at'], row['ends_at']].map((each) =>
    each === null || each === undefined ? '' : new Date(each).toISOString(),
  )
  if (start === undefined || end === undefined || start === '') return { start: null, end: null, zone: null }
  return isTrue(row['all_day'])
    ? { start: dayOf(start), end: dayOf(end), zone: null }
    : { start, end, zone: row['zone'] ?? null }
}

function titleOfRow({ title, amount }: Row): Said['says'] {
  return { title: title ?? null, amount: amount === null || amount === undefined ? null : cents(amount) }
}

/** Exact, so as text: the number without what adds nothing. */
function cents(amount: string): string {
  const [whole = '', part = ''] = amount.split('.')
  return `${whole}.${part.padEnd(2, '0').replace(/(..)0+$/, '$1')}`
}

function detailsOf({ notes, category }: Row): string | null {
  const details = `${notes ?? ''}${category === null || category === undefined ? '' : `\nCategory: ${category}`}`
  return details === '' ? null : details
}

async function eventsIn({ google, owners }: Question): Promise<Said[]> {
  const body = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: JUDGE.id,
    client_secret: JUDGE.secret,
    refresh_token: JUDGE.token,
  })
  const granted = await fetch(new URL('/token', google), { method: 'POST', body })
  const { access_token: token } = z.object({ access_token: z.string() }).parse(await granted.json())
  const found: Said[] = []
  for (const [owner, calendar] of Object.entries(owners)) {
    const events: Event[] = []
    for (let next: string | undefined = ''; next !== undefined;) {
      const address = new URL(`/calendar/v3/calendars/${encodeURIComponent(calendar)}/events`, google)
      if (next !== '') address.searchParams.set('pageToken', next)
      const response = await fetch(address, { headers: { authorization: `Bearer ${token}` } })
      if (!response.ok) throw new Error(`the calendar refused: ${response.status} ${await response.text()}`)
      const read: z.infer<typeof page> = page.parse(await response.json())
      events.push(...read.items)
      next = read.nextPageToken
    }
    found.push(...events.map((each) => saidBy(owner, each, events)))
  }
  return found
}

function saidBy(owner: string, found: Event, all: readonly Event[]): Said {
  const { title, amount } = titleOf(found)
  const problems = AMOUNT.test(title ?? '') ? ['its title shows two amounts'] : []
  const zone = found.start?.dateTime === undefined ? null : (found.start.timeZone ?? null)
  const shown = { start: momentOf(found.start), end: momentOf(found.end), zone, title, amount }
  if (found.recurringEventId !== undefined) {
    const series = all.find(({ id }) => id === found.recurringEventId)
    const original = momentOf(found.originalStartTime) ?? ''
    return {
      key: `${owner}: ${series === undefined ? '' : (titleOf(series).title ?? '')} at ${original}`,
      says: found.status === 'cancelled' ? { cancelled: 'yes' } : shown,
      problems,
    }
  }
  return {
    key: `${owner}: ${title ?? ''}`,
    says: {
      ...shown,
      details: found.description ?? null,
      recurrence: found.recurrence?.join('\n') ?? null,
      status: found.status ?? 'confirmed',
      colour: found.colorId ?? null,
    },
    problems,
  }
}

function titleOf({ summary = '' }: Event): { title: string | null; amount: string | null } {
  const amount = AMOUNT.exec(summary)?.[1] ?? null
  const title = amount === null ? summary : summary.replace(AMOUNT, '')
  return {
    title: title === '' ? null : title,
    amount: amount === null ? null : cents(amount.replaceAll('.', '').replace(',', '.')),
  }
}

function momentOf(given: z.infer<typeof time> | undefined): string | null {
  if (given?.date !== undefined) return given.date
  return given?.dateTime === undefined ? null : new Date(given.dateTime).toISOString()
}

function compare(rows: readonly Said[], events: readonly Said[]): Verdict {
  const found: Verdict = { ok: false, items: 0, lost: [], duplicates: [], echoes: [], stale: [] }
  for (const key of new Set([...rows, ...events].map((each) => each.key))) {
    const [a, b] = [rows.filter((each) => each.key === key), events.filter((each) => each.key === key)]
    const [row, other] = [a[0], b[0]]
    for (const why of [...a, ...b].flatMap(({ problems }) => problems)) found.echoes.push({ item: key, why })
    if (a.length > 1 || b.length > 1)
      found.duplicates.push({ item: key, why: `${a.length} in the table, ${b.length} in the calendar` })
    else if (row === undefined || other === undefined)
      found.lost.push({ item: key, why: row === undefined ? 'not in the table' : 'not in the calendar' })
    else if (isDeepStrictEqual(row.says, other.says)) found.items += 1
    else found.stale.push({ item: key, why: `${JSON.stringify(row.says)} and ${JSON.stringify(other.says)}` })
  }
  const { lost, duplicates, echoes, stale } = found
  return { ...found, ok: [lost, duplicates, echoes, stale].every((each) => each.length === 0) }
}

try {
  const verdict = await judge()
  console.log(JSON.stringify(verdict))
  process.exitCode = verdict.ok ? 0 : 1
} catch (error) {
  console.error(`The judge could not read both sides: ${error instanceof Error ? error.message : String(error)}`)
  process.exitCode = 2
}
