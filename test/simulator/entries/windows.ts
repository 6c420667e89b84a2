/**
 * What was written under a series between the last look at it and the delete that took it along. Neither system compares
 * what is under a row or an event with what was seen, so that is lost, and nothing else is.
 */
import type { Watch } from '../host.ts'
import { tokenIn, type Ledger } from '../ledger.ts'
import { stringOf, titleOf } from './shown.ts'
import { ANN, type EntriesWorld } from './world.ts'

const EVENTS = /\/calendars\/([^/]+)\/events(?:\/([^/]+))?$/
const TABLE = 'table'

/** Texts under a series, by what they are under. */
type Under = ReadonlyMap<string, readonly string[]>

export class Windows implements Watch {
  private readonly world: Pick<EntriesWorld, 'google' | 'sql' | 'time'>
  private readonly ledger: Ledger
  /** When a calendar, or the table's changes, were read last. */
  private readonly looks = new Map<string, number>()

  constructor(world: Pick<EntriesWorld, 'google' | 'sql' | 'time'>, ledger: Ledger) {
    this.world = world
    this.ledger = ledger
  }

  /** Around a request to Google, when it is handled. */
  request(method: string, path: string): (status: number | null) => void {
    const [, given = '', id] = EVENTS.exec(path) ?? []
    const calendar = decodeURIComponent(given)
    if (method === 'GET' && id === undefined && given !== '')
      return (status) => {
        if (status === 200) this.looks.set(calendar, this.world.time.now())
      }
    if (method !== 'DELETE' || id === undefined) return () => undefined
    const before = this.underEvents(calendar)
    return () => this.lost(calendar, before, this.underEvents(calendar))
  }

  /** Around a transaction of the engine's at the table. */
  transaction(first: string): () => void {
    if (first.includes('lockstep_capture_change')) this.looks.set(TABLE, this.world.time.now())
    if (!first.startsWith('DELETE')) return () => undefined
    const before = this.underRows()
    return () => this.lost(TABLE, before, this.underRows())
  }

  private lost(place: string, before: Under, after: Under): void {
    const look = this.looks.get(place) ?? 0
    for (const [series, titles] of before)
      if (!after.has(series))
        for (const token of titles.map(tokenIn))
          if (token !== null && (this.ledger.tokens.get(token)?.at ?? 0) >= look) this.ledger.forgiven.add(token)
  }

  private underEvents(calendar: string): Under {
    const events = this.world.google.as(ANN).events(calendar)
    const series = events.filter((each) => each['recurrence'] !== undefined && each.status !== 'cancelled')
    return new Map(series.map(({ id }) => [id, events.filter((each) => each['recurringEventId'] === id).map(titleOf)]))
  }

  private underRows(): Under {
    const rows = this.world.sql('SELECT id, series_id, title FROM entries')
    const series = rows.filter((each) => each['series_id'] === null)
    return new Map(
      series.map(({ id }) => [
        String(id),
        rows.filter((each) => each['series_id'] === id).map(({ title }) => stringOf(title)),
      ]),
    )
  }
}
