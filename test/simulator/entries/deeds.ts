/** People of the application and of the calendars: each deed is one of theirs, and is noted with what they saw. */
import type { EventJson } from '../../../src/emulators/google-calendar/render.ts'
import type { Chance } from '../chance.ts'
import { tokenIn, type Ledger } from '../ledger.ts'
import type { Deed, End } from './scenario.ts'
import { compact, DAY, HOUR, iso, isDay, midnight, originalOf, stringOf, titleOf, WEEK } from './shown.ts'
import { ANN, CALENDARS, START, type EntriesWorld, type Row } from './world.ts'

/** An entry as somebody sees it in the application, or in a calendar. */
type Seen = { readonly end: 'a'; readonly row: Row } | SeenEvent
interface SeenEvent {
  readonly end: 'b'
  readonly calendar: string
  readonly event: EventJson
}

/** How many times a series has. */
const TIMES = 5
export const RULE = `RRULE:FREQ=WEEKLY;COUNT=${TIMES}`

export class People {
  private readonly world: EntriesWorld
  private readonly ledger: Ledger
  /** By the root of a series and one of its times: the root of what differs there. */
  private readonly slots = new Map<string, number>()

  constructor(world: EntriesWorld, ledger: Ledger) {
    this.world = world
    this.ledger = ledger
  }

  act(deed: Deed, end: End, chance: Chance): void {
    if (deed === 'add' || deed === 'add-days' || deed === 'add-series') return this.add(deed, end, chance)
    const isOfSeries = deed === 'exception' || deed === 'cancel' || deed === 'restore'
    const all = this.entries(end).filter((each) => !isOfSeries || this.isSeries(each))
    if (all.length === 0) return
    const seen = chance.pick(all)
    if (deed === 'clash' || deed === 'contest') return this.together(deed, seen, chance)
    this.change(deed, seen, chance)
  }

  private change(deed: Deed, seen: Seen, chance: Chance): void {
    if (deed === 'retitle') this.retitle(seen)
    else if (deed === 'reschedule') this.reschedule(seen, chance)
    else if (deed === 'recolour') this.recolour(seen, chance)
    else if (deed === 'delete') this.remove(seen)
    else if (deed === 'move') this.move(seen)
    else if (deed === 'restore') this.restore(seen, chance)
    else this.differ(deed === 'cancel', seen, chance)
  }

  private together(deed: 'clash' | 'contest', seen: Seen, chance: Chance): void {
    const root = this.ledger.rootOf(tokenIn(this.title(seen)))
    const far = this.entries(seen.end === 'a' ? 'b' : 'a').find(
      (each) => this.ledger.rootOf(tokenIn(this.title(each))) === root,
    )
    this.change(chance.pick(['retitle', 'retitle', 'reschedule']), seen, chance)
    if (far !== undefined) this.change(deed === 'contest' ? 'delete' : 'retitle', far, chance)
  }

  private entries(end: End): readonly Seen[] {
    if (end === 'a')
      return this.world.sql('SELECT * FROM entries WHERE series_id IS NULL ORDER BY id').map((row) => ({ end, row }))
    return [...CALENDARS.values()].flatMap((calendar) =>
      this.world.google
        .as(ANN)
        .events(calendar)
        .filter(({ status, ...rest }) => status !== 'cancelled' && rest['recurringEventId'] === undefined)
        .map((event) => ({ end, calendar, event })),
    )
  }

  private isSeries(seen: Seen): boolean {
    return seen.end === 'a' ? seen.row['recurrence'] !== null : seen.event['recurrence'] !== undefined
  }

  private title(seen: Seen): string {
    return stringOf(seen.end === 'a' ? seen.row['title'] : seen.event['summary'])
  }

  private say(end: End, what: string): void {
    this.world.say(`somebody at ${end === 'a' ? 'the table' : 'the calendar'} ${what}`)
  }

  private add(deed: 'add' | 'add-days' | 'add-series', end: End, chance: Chance): void {
    const token = this.ledger.token(null, 'entry', end)
    this.ledger.noteUserChange('entry added', end, token)
    const [user, calendar] = chance.pick([...CALENDARS])
    const isDays = deed === 'add-days'
    const first = START + (2 + chance.int(20)) * DAY
    const from = isDays ? midnight(first) : first + chance.int(8) * HOUR
    const to = from + (isDays ? (1 + chance.int(2)) * DAY : HOUR)
    const rule = deed === 'add-series' ? RULE : null
    const amount = chance.chance(0.5) ? `${chance.int(900) - 300}.${chance.pick(['00', '50', '25'])}` : null
    this.say(end, `adds t${token} for ${user}, ${deed}`)
    if (end === 'a')
      this.world.sql(
        `INSERT INTO entries (user_id, title, amount, category, status, starts_at, ends_at, all_day, zone, recurrence)
         VALUES (?, ?, ?, ?, 'planned', ?, ?, ?, 'Europe/Berlin', ?)`,
        user,
        `Entry t${token}`,
        amount,
        chance.pick(['workshop', null]),
        iso(from),
        iso(to),
        isDays ? 1 : 0,
        rule,
      )
    else
      this.world.google.as(ANN).add(calendar, {
        summary: `Entry t${token}`,
        ...(isDays
          ? { start: { date: iso(from + HOUR).slice(0, 10) }, end: { date: iso(to + HOUR).slice(0, 10) } }
          : {
              start: { dateTime: iso(from), timeZone: 'Europe/Berlin' },
              end: { dateTime: iso(to), timeZone: 'Europe/Berlin' },
            }),
        ...(rule === null ? {} : { recurrence: [rule] }),
      })
  }

  /** A new text in the place of the one that is seen. */
  private written(title: string, kind: string, end: End): string {
    const seen = tokenIn(title)
    const token = this.ledger.token(seen, kind, end)
    this.ledger.noteUserChange(`${kind} edited`, end, token)
    this.say(end, `writes t${token} over t${seen ?? '?'}`)
    return title.replace(/\bt\d+\b/, `t${token}`)
  }

  private retitle(seen: Seen): void {
    const title = this.written(this.title(seen), 'entry', seen.end)
    if (seen.end === 'a') this.world.sql('UPDATE entries SET title = ? WHERE id = ?', title, Number(seen.row['id']))
    else this.world.google.as(ANN).edit(seen.calendar, seen.event.id, { summary: title })
  }

  /** Of a series it would be another one, with other times. */
  private reschedule(seen: Seen, chance: Chance): void {
    if (this.isSeries(seen)) return
    const from = START + (2 + chance.int(20)) * DAY + chance.int(8) * HOUR
    const isDays = chance.chance(0.3)
    const [begins, ends] = isDays ? [midnight(from), midnight(from) + DAY] : [from, from + 2 * HOUR]
    this.touched(seen, `sets to ${iso(begins)}${isDays ? ' whole days' : ''}`)
    if (seen.end === 'a')
      this.world.sql(
        'UPDATE entries SET starts_at = ?, ends_at = ?, all_day = ? WHERE id = ?',
        iso(begins),
        iso(ends),
        isDays ? 1 : 0,
        Number(seen.row['id']),
      )
    else
      this.world.google.as(ANN).edit(
        seen.calendar,
        seen.event.id,
        isDays
          ? {
              start: { date: iso(begins + HOUR).slice(0, 10), dateTime: null },
              end: { date: iso(ends + HOUR).slice(0, 10), dateTime: null },
            }
          : {
              start: { dateTime: iso(begins), timeZone: 'Europe/Berlin', date: null },
              end: { dateTime: iso(ends), timeZone: 'Europe/Berlin', date: null },
            },
      )
  }

  private recolour(seen: Seen, chance: Chance): void {
    const amount = chance.int(900) - 300
    this.touched(seen, `sets the amount or the notes to ${amount}`)
    if (seen.end === 'a')
      this.world.sql('UPDATE entries SET amount = ? WHERE id = ?', `${amount}.00`, Number(seen.row['id']))
    else this.world.google.as(ANN).edit(seen.calendar, seen.event.id, { description: `Note ${amount}` })
  }

  private touched(seen: Seen, what: string): void {
    const token = tokenIn(this.title(seen))
    this.ledger.noteUserChange('entry touched', seen.end, token)
    this.say(seen.end, `${what}: t${token ?? '?'}`)
  }

  private remove(seen: Seen): void {
    this.touched(seen, 'deletes')
    this.ledger.noteDeletion(seen.end, tokenIn(this.title(seen)))
    for (const title of this.titlesUnder(seen)) this.ledger.noteDeletion(seen.end, tokenIn(title))
    if (seen.end === 'a') {
      // As the application's own connection does it, whatever its foreign keys do.
      this.world.sql('DELETE FROM entries WHERE series_id = ?', Number(seen.row['id']))
      this.world.sql('DELETE FROM entries WHERE id = ?', Number(seen.row['id']))
    } else this.world.google.as(ANN).remove(seen.calendar, seen.event.id)
  }

  private titlesUnder(seen: Seen): readonly string[] {
    if (seen.end === 'a') return this.titlesOfRows(seen.row, '')
    return [...this.exceptionsOf(seen).map(titleOf), ...this.cancelledUnder(seen)]
  }

  private titlesOfRows(series: Row, also: 'AND cancelled = 1' | ''): readonly string[] {
    const found = this.world.sql(`SELECT title FROM entries WHERE series_id = ? ${also}`, Number(series['id']))
    return found.map(({ title }) => stringOf(title))
  }

  private exceptionsOf({ calendar, event }: SeenEvent): readonly EventJson[] {
    const events = this.world.google.as(ANN).events(calendar)
    return events.filter((each) => each['recurringEventId'] === event.id)
  }

  /** No calendar tells what a cancelled occurrence was: its row alone does, and goes with the series. */
  private cancelledUnder(seen: SeenEvent): readonly string[] {
    if (!this.exceptionsOf(seen).some(({ status }) => status === 'cancelled')) return []
    const root = this.rootOf(seen)
    return this.entries('a').flatMap((each) =>
      each.end === 'a' && this.rootOf(each) === root ? this.titlesOfRows(each.row, 'AND cancelled = 1') : [],
    )
  }

  private rootOf(seen: Seen): number | null {
    return this.ledger.rootOf(tokenIn(this.title(seen)))
  }

  private move(seen: Seen): void {
    // First contact cannot know an event that was moved before it as the engine's own.
    const isComing = this.world.db.prepare('SELECT 1 FROM instance WHERE live_at IS NULL').get() !== undefined
    if (seen.end === 'b' && isComing) return
    this.touched(seen, 'gives to somebody else')
    if (this.rootOf(seen) === null) return
    this.ledger.noteMove(seen.end, tokenIn(this.title(seen)))
    if (seen.end === 'a') {
      const id = Number(seen.row['id'])
      this.world.sql('UPDATE entries SET user_id = 35 - user_id WHERE id = ? OR series_id = ?', id, id)
    } else this.moveEvent(seen)
  }

  /** Of what was there before Google keeps the id taken. What moves is deleted here, and another event there. */
  private moveEvent(seen: SeenEvent): void {
    const other = [...CALENDARS.values()].find((each) => each !== seen.calendar) ?? ''
    const ann = this.world.google.as(ANN)
    if (ann.events(other, { showDeleted: true }).some(({ id }) => id === seen.event.id)) return
    for (const title of this.cancelledUnder(seen)) this.ledger.noteDeletion('b', tokenIn(title))
    ann.move(seen.calendar, seen.event.id, other)
  }

  /** One time of a series gets a title and hours of its own, is changed again, is as its series again, or goes. */
  private differ(isCancelled: boolean, seen: Seen, chance: Chance): void {
    const root = this.ledger.rootOf(tokenIn(this.title(seen))) ?? 0
    const number = chance.int(TIMES)
    if (seen.end === 'a') {
      const original = Date.parse(stringOf(seen.row['starts_at'])) + number * WEEK
      this.differAtTable(isCancelled, seen.row, iso(original), `${root} ${iso(original)}`, chance)
    } else this.differAtCalendar(isCancelled, seen, number, root)
  }

  /** A cancelled time takes place after all: as what it was, where somebody still knows that, or as its series. */
  private restore(seen: Seen, chance: Chance): void {
    if (seen.end === 'a') {
      const cancelled = this.world.sql(
        'SELECT * FROM entries WHERE series_id = ? AND cancelled = 1 ORDER BY id',
        Number(seen.row['id']),
      )
      if (cancelled.length === 0) return
      const row = chance.pick(cancelled)
      this.touched(seen, `restores ${stringOf(row['original_start'])} of`)
      const does = row['title'] === null ? 'DELETE FROM entries' : 'UPDATE entries SET cancelled = 0'
      this.world.sql(`${does} WHERE id = ?`, Number(row['id']))
      return
    }
    const cancelled = this.exceptionsOf(seen).filter(({ status }) => status === 'cancelled')
    if (cancelled.length === 0) return
    const { id } = chance.pick(cancelled)
    this.touched(seen, `restores ${id} of`)
    // What Google has forgotten is as its series then, and so is the row.
    if (this.world.scenario.google.cancelledKeepContent !== true)
      for (const title of this.cancelledUnder(seen)) this.ledger.noteDeletion('b', tokenIn(title))
    this.world.google.as(ANN).edit(seen.calendar, id, { status: 'confirmed' })
  }

  private inSlot(slot: string, end: End): number {
    const token = this.ledger.token(null, 'exception', end, this.slots.get(slot))
    if (!this.slots.has(slot)) this.slots.set(slot, token)
    this.ledger.noteUserChange('exception added', end, token)
    this.say(end, `writes t${token} at ${slot}`)
    return token
  }

  private differAtTable(isCancelled: boolean, series: Row, original: string, slot: string, chance: Chance): void {
    const { world, ledger } = this
    const id = Number(series['id'])
    const [known] = world.sql('SELECT * FROM entries WHERE series_id = ? AND original_start = ?', id, original)
    const at = Date.parse(original) + HOUR
    if (known === undefined && isCancelled) {
      this.say('a', `cancels ${slot}`)
      world.sql(
        'INSERT INTO entries (user_id, series_id, original_start, cancelled) VALUES (?, ?, ?, 1)',
        Number(series['user_id']),
        id,
        original,
      )
    } else if (known === undefined)
      world.sql(
        `INSERT INTO entries (user_id, series_id, original_start, cancelled, title, starts_at, ends_at, all_day, zone)
         VALUES (?, ?, ?, 0, ?, ?, ?, 0, 'Europe/Berlin')`,
        Number(series['user_id']),
        id,
        original,
        `Other t${this.inSlot(slot, 'a')}`,
        iso(at),
        iso(at + HOUR),
      )
    else if (isCancelled) {
      this.say('a', `cancels ${slot}`)
      world.sql('UPDATE entries SET cancelled = 1 WHERE id = ?', Number(known['id']))
    } else if (chance.chance(0.3)) {
      this.say('a', `makes ${slot} as its series`)
      ledger.noteDeletion('a', tokenIn(stringOf(known['title'])))
      world.sql('DELETE FROM entries WHERE id = ?', Number(known['id']))
    } else if (stringOf(known['title']) !== '')
      world.sql(
        'UPDATE entries SET title = ? WHERE id = ?',
        this.written(stringOf(known['title']), 'exception', 'a'),
        Number(known['id']),
      )
  }

  private differAtCalendar(isCancelled: boolean, { calendar, event }: SeenEvent, number: number, root: number): void {
    const ann = this.world.google.as(ANN)
    if (isDay(event)) return
    const original = Date.parse(stringOf(originalOf(event))) + number * WEEK
    const slot = `${root} ${iso(original)}`
    const id = `${event.id}_${compact(original)}`
    const known = ann.event(calendar, id)
    if (known.status === 'cancelled') return
    if (isCancelled) {
      this.say('b', `cancels ${slot}`)
      if (titleOf(known).startsWith('Other')) this.ledger.noteDeletion('b', tokenIn(titleOf(known)))
      ann.remove(calendar, id)
    } else if (titleOf(known).startsWith('Other'))
      ann.edit(calendar, id, { summary: this.written(titleOf(known), 'exception', 'b') })
    else
      ann.edit(calendar, id, {
        summary: `Other t${this.inSlot(slot, 'b')}`,
        start: { dateTime: iso(original + HOUR), timeZone: 'Europe/Berlin' },
        end: { dateTime: iso(original + 2 * HOUR), timeZone: 'Europe/Berlin' },
      })
  }
}
