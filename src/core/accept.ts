/** Whether what was just read is newer than what is known. Pure. */
import type { Change } from '../connector/connector.ts'
import { sameValue, sameValues, type Json, type Values } from '../connector/values.ts'
import type { Observation } from './state.ts'

/** What a kind's declaration says about its reads. */
export interface ReadFacts {
  readonly ordered: boolean
  readonly lagMs: number
}

/** An item that has to be read, of which only an old copy was shown, is read again after this long at least. */
const REREAD_MS = 2000

export type Acceptance =
  | { readonly is: 'same' } // nothing new
  | { readonly is: 'superseded' } // older than what is known: dropped
  | { readonly is: 'newer' }
  | { readonly is: 'doubtful'; readonly until: number } // may be an old copy: read again then

/**
 * Reads may lag: each answers what the item was at some moment within the last `lagMs`. What was accepted therefore
 * stands for that long against anything that differs, and against every read that had begun before (`readAt`), unless
 * versions tell which of the two is later, or it is a deletion that nothing can take back. A doubt ends with a read that
 * begins `lagMs` after both: it shows a moment that is no earlier than either.
 */
export function accept(
  known: Observation | null,
  seen: Change,
  { ordered, lagMs }: ReadFacts,
  readAt: number,
): Acceptance {
  if (known === null) return 'gone' in seen ? { is: 'same' } : { is: 'newer' }
  const doubtful = readAt < known.acceptedAt + lagMs
  const until = Math.max(known.acceptedAt, readAt) + lagMs
  if ('unread' in seen) return known.unread ? { is: 'same' } : { is: 'newer' }
  if ('gone' in seen) {
    const state = seen.gone === 'deleted' ? 'deleted' : 'moved'
    if (known.state === state && !known.unread) return { is: 'same' }
    // Neither shows it: that it was deleted says more, and a look could not tell so of what is too old.
    const saysMore = state === 'deleted' && known.state === 'moved' && !known.unread
    return doubtful && !saysMore && seen.final !== true ? { is: 'doubtful', until } : { is: 'newer' }
  }
  if (ordered && seen.version !== undefined && known.version !== null) {
    if (seen.version < known.version)
      return known.unread ? { is: 'doubtful', until: Math.max(until, readAt + REREAD_MS) } : { is: 'superseded' }
    // What we wrote and have not read yet has a version that nobody has told: a later one than the last may be before it.
    const tells = !(known.unread && doubtful)
    if (seen.version > known.version && known.state === 'present' && tells) return { is: 'newer' }
  }
  if (isSame(known, seen)) return { is: 'same' }
  return doubtful && isDifferent(known, seen) ? { is: 'doubtful', until } : { is: 'newer' }
}

type Seen = Extract<Change, { values: Values }>

function isDifferent(known: Observation, seen: Seen): boolean {
  if (known.state !== 'present' || known.scope !== seen.scope) return true
  if (known.emptied !== (seen.emptied ?? false)) return true
  return !sameValues(known.values, seen.values)
}

function isSame(known: Observation, seen: Seen): boolean {
  return (
    known.state === 'present' &&
    !known.unread &&
    known.version === (seen.version ?? null) &&
    known.emptied === (seen.emptied ?? false) &&
    known.scope === seen.scope &&
    sameValues(known.values, seen.values) &&
    sameValue(asJson(known.may), asJson(seen.may ?? null))
  )
}

function asJson(may: Observation['may']): Json {
  return may === null ? null : { ...may, update: may.update ?? null }
}
