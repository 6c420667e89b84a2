import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from '../property.ts'
import type { Person } from '../../src/emulators/google-calendar/person.ts'
import { allDay, ANN, at, EVENTS, listAt, testCalendar, textAt, timed } from './google-calendar-world.ts'
import type { Call, TestCalendar } from './google-calendar-world.ts'

const WHATS = [
  'single',
  'series',
  'edit',
  'shorten',
  'remove',
  'restore',
  'edit instance',
  'cancel instance',
  'move',
] as const

/** What somebody does, and a number that chooses among the events there are. */
interface Step {
  readonly what: (typeof WHATS)[number]
  readonly which: number
}

const step: fc.Arbitrary<Step> = fc.record({ what: fc.constantFrom(...WHATS), which: fc.nat(1000) })

const DAILY = ['RRULE:FREQ=DAILY;COUNT=4']

function carryOut(person: Person, elsewhere: string, { what, which }: Step): void {
  const all = person.events('primary', { showDeleted: true })
  const pick = (fits: (event: (typeof all)[number]) => boolean) => {
    const found = all.filter(fits).toSorted((one, other) => (one.id < other.id ? -1 : 1))
    return found[which % Math.max(found.length, 1)]?.id
  }
  const own = (event: (typeof all)[number]): boolean =>
    event['recurringEventId'] === undefined && event['start'] !== undefined
  const lives = (event: (typeof all)[number]): boolean => event.status !== 'cancelled'
  const series = pick((event) => event['recurrence'] !== undefined && lives(event))
  const instance = `${series ?? ''}_2026030${1 + (which % 5)}T090000Z`
  switch (what) {
    case 'single':
      person.add('primary', allDay('single', '2026-03-02', '2026-03-03'))
      return
    case 'series':
      person.add('primary', timed('series', '2026-03-01T10:00', '2026-03-01T11:00', { recurrence: DAILY }))
      return
    case 'edit':
      return attempt(() =>
        person.edit('primary', pick((event) => own(event) && lives(event)) ?? '', { summary: `edit ${which}` }),
      )
    case 'shorten':
      return attempt(() =>
        person.edit('primary', series ?? '', { recurrence: [`RRULE:FREQ=DAILY;COUNT=${1 + (which % 4)}`] }),
      )
    case 'remove':
      return attempt(() => person.remove('primary', pick((event) => own(event) && lives(event)) ?? ''))
    case 'restore':
      return attempt(() => person.restore('primary', pick((event) => !lives(event)) ?? ''))
    case 'edit instance':
      return attempt(() => person.edit('primary', instance, { summary: `instance ${which}` }))
    case 'cancel instance':
      return attempt(() => person.remove('primary', instance))
    case 'move':
      return attempt(() => person.move('primary', pick((event) => own(event) && lives(event)) ?? '', elsewhere))
  }
}

/** What cannot be done at the moment is not done. */
function attempt(act: () => unknown): void {
  try {
    act()
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'CalendarError') throw error
  }
}

/** A copy of the calendar that is kept by sync tokens alone. */
class Mirror {
  readonly events = new Map<string, unknown>()
  #syncToken: string | null = null

  /** `between` runs after each page. */
  sync(call: Call, between: () => void): void {
    for (let pageToken: string | null = null; ;) {
      const query: Record<string, string> = { maxResults: '2' }
      if (this.#syncToken !== null) query['syncToken'] = this.#syncToken
      if (pageToken !== null) query['pageToken'] = pageToken
      const page = call('GET', EVENTS, { query })
      assert.equal(page.status, 200, JSON.stringify(page.body))
      for (const event of listAt(page.body, 'items')) this.#take(event)
      between()
      const next = at(page.body, 'nextPageToken')
      if (typeof next !== 'string') {
        this.#syncToken = textAt(page.body, 'nextSyncToken')
        return
      }
      pageToken = next
    }
  }

  #take(event: unknown): void {
    const id = textAt(event, 'id')
    if (at(event, 'status') !== 'cancelled' || at(event, 'recurringEventId') !== undefined) {
      this.events.set(id, event)
      return
    }
    this.events.delete(id)
    for (const [other, { recurringEventId }] of this.#exceptions())
      if (recurringEventId === id) this.events.delete(other)
  }

  #exceptions(): [string, { readonly recurringEventId: unknown }][] {
    return [...this.events].map(([id, event]) => [id, { recurringEventId: at(event, 'recurringEventId') }])
  }

  /** Exceptions whose series is gone say nothing. */
  content(): Record<string, unknown> {
    const kept = this.#exceptions().filter(
      ([, { recurringEventId }]) => recurringEventId === undefined || this.events.has(String(recurringEventId)),
    )
    return Object.fromEntries(kept.map(([id]) => [id, this.events.get(id)]).toSorted())
  }
}

function truth({ api }: TestCalendar): Record<string, unknown> {
  const items = listAt(api(ANN)('GET', EVENTS).body, 'items')
  return Object.fromEntries(items.map((event) => [textAt(event, 'id'), event] as const).toSorted())
}

test('a copy that is kept by sync tokens is the calendar, whatever happens between its pages', () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 12 }),
      fc.array(fc.array(step, { maxLength: 3 }), { maxLength: 12 }),
      fc.boolean(),
      (before, during, deletedSeriesTellExceptions) => {
        const world = testCalendar({ deletedSeriesTellExceptions, quotas: false })
        const person = world.emulator.as(ANN)
        const elsewhere = person.addCalendar('Elsewhere')
        const call = world.api(ANN)
        for (const each of before) carryOut(person, elsewhere, each)
        const mirror = new Mirror()
        const left = [...during]
        const between = (): void => {
          for (const each of left.shift() ?? []) carryOut(person, elsewhere, each)
        }
        while (left.length > 0) mirror.sync(call, between)
        mirror.sync(call, () => undefined)
        assert.deepEqual(mirror.content(), truth(world))
      },
    ),
    { seed: 6, numRuns: 150 },
  )
})
