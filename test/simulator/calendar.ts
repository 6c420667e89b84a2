/** People who plan series, and move, cancel and restore single occurrences. */
import type { Stored } from './board.ts'
import type { Chance } from './chance.ts'
import type { Ledger } from './ledger.ts'
import type { Place } from './shape.ts'
import type { Systems } from './system.ts'
import type { Users } from './users.ts'

export const CALENDAR = [
  'series',
  /** One occurrence is moved or cancelled, changed again, or as its series again. */
  'occurrence',
  /** The same one in two systems at once. */
  'occurrences',
  'edit-series',
  'delete-series',
] as const
type Deed = (typeof CALENDAR)[number]

/** The times of a series at which somebody changes something: few, so that people meet. */
const TIMES = ['mon', 'tue', 'wed'] as const

export function isOfCalendar(deed: string): deed is Deed {
  return CALENDAR.some((each) => each === deed)
}

interface Around {
  readonly systems: Systems
  readonly ledger: Ledger
}

export function changeCalendar(deed: Deed, side: Place, users: Users, around: Around, chance: Chance): void {
  const { systems, ledger } = around
  const { board } = systems[side]
  if (!board.shape.series) return
  const room = users.any(board.living('room'))
  if (deed === 'series' && room !== null) {
    const put = (token: number): Stored =>
      systems[side].addSeries(room.ref, `Weekly t${token}`, users.author(side), null)
    users.fresh(side, 'series', put)
  }
  const series = deed === 'series' ? null : users.any(board.living('series'))
  if (series === null) return
  if (deed === 'edit-series') users.rewrite(systems[side], side, series)
  if (deed === 'delete-series') {
    for (const each of board.exceptionsOf(series.ref)) users.noteDeletion(side, each)
    users.erase(systems[side], side, series)
  }
  if (deed !== 'occurrence' && deed !== 'occurrences') return
  const slot = chance.pick(TIMES)
  occurrence(side, series, slot, users, around, chance)
  if (deed === 'occurrence') return
  const far = users.far(side)
  const root = ledger.roots.get(`${side} series ${series.ref}`)
  const there = systems[far].board.living('series').find(({ ref }) => ledger.roots.get(`${far} series ${ref}`) === root)
  if (there !== undefined) occurrence(far, there, slot, users, around, chance)
}

function occurrence(
  side: Place,
  series: Stored,
  slot: string,
  users: Users,
  { systems, ledger }: Around,
  chance: Chance,
): void {
  const system = systems[side]
  const known = system.board.exceptionsOf(series.ref).find((each) => each.slot === slot)
  if (known !== undefined && chance.chance(0.4)) users.erase(system, side, known)
  else if (known !== undefined) users.rewrite(system, side, known)
  else {
    const what = chance.pick(['moved', 'cancelled'] as const)
    const place = `${ledger.roots.get(`${side} series ${series.ref}`) ?? ''} ${slot}`
    const put = (token: number): Stored =>
      system.addException(series.room, series.ref, slot, `${what} t${token}`, users.author(side), null)
    const made = users.fresh(side, 'exception', put, ledger.slots.get(place))
    ledger.slots.set(place, ledger.roots.get(`${side} exception ${made.ref}`) ?? 0)
  }
}
