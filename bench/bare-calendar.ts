/**
 * The bare loops between a table and a calendar, in a process of their own: the same HTTP client and the same database
 * adapter, the same calls, as many at once; and nothing is remembered.
 */
import { parseArgs } from 'node:util'
import { createDatabases } from '../src/adapters/databases.ts'
import { insertBody } from '../src/connectors/google-calendar/body.ts'
import { eventAnswer, eventsAnswer, type WireEvent } from '../src/connectors/google-calendar/wire.ts'
import { bareClients } from './bare.ts'
import { CALENDAR, OWNER } from './calendar-lay.ts'
import { insertRows, TABLE } from './calendar-table.ts'

const AT_ONCE = 16
const ROWS_ON_A_PAGE = 500
const ROWS_IN_A_WRITE = 100
const EVENTS_PER_PAGE = 250
const { values } = parseArgs({
  options: {
    way: { type: 'string', default: 'push' },
    google: { type: 'string', default: '' },
    database: { type: 'string', default: '' },
  },
})

const bare = bareClients({ chat: values.google, forum: values.google })
const events = `/calendar/v3/calendars/${encodeURIComponent(CALENDAR)}/events`
const databases = createDatabases()
const database = databases.at(values.database)

await bare.signIn()
if (values.way === 'push') await push()
else await pull()
process.send?.({ done: true })
process.on('disconnect', () => process.exit(0))

async function push(): Promise<void> {
  let after = 0
  let made = 0
  for (;;) {
    const text = `SELECT * FROM ${TABLE} WHERE user_id = ${OWNER} AND id > ${after} ORDER BY id LIMIT ${ROWS_ON_A_PAGE}`
    const [rows = []] = await database.run([{ text, values: [] }])
    const waiting = rows.values()
    const worker = async (): Promise<void> => {
      for (const row of waiting) {
        const event = {
          summary: String(row['title']),
          start: new Date(String(row['starts_at'])).toISOString(),
          end: new Date(String(row['ends_at'])).toISOString(),
          zone: String(row['zone']),
        }
        const id = `bench${String((made += 1)).padStart(27, '0')}`
        await bare.chat.post(events, { query: { sendUpdates: 'none' }, body: insertBody(id, event), as: eventAnswer })
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, worker))
    after = Number(rows.at(-1)?.['id'] ?? 0)
    if (rows.length < ROWS_ON_A_PAGE) return
  }
}

async function pull(): Promise<void> {
  let pageToken: string | undefined
  do {
    const query = { maxResults: EVENTS_PER_PAGE, singleEvents: false, pageToken }
    const answer = await bare.chat.get(events, { query, as: eventsAnswer })
    for (let from = 0; from < answer.items.length; from += ROWS_IN_A_WRITE)
      await insertRows(database, answer.items.slice(from, from + ROWS_IN_A_WRITE).map(rowOf))
    pageToken = answer.nextPageToken
  } while (pageToken !== undefined && pageToken !== '')
}

function rowOf({ summary, start, end }: WireEvent): { title: string; start: string; end: string } {
  return { title: summary ?? '', start: start?.dateTime ?? '', end: end?.dateTime ?? '' }
}
