/** S32: what is of one account never reaches another. */
import type { Board, KindName, Stored } from './board.ts'
import type { Ledger } from './ledger.ts'
import type { Place } from './shape.ts'

interface Owned {
  readonly ledger: Ledger
  readonly boards: { readonly [place in Place]: Board }
  readonly owners: ReadonlyMap<string, Place>
}

/**
 * What reaches an account was written at its own system, or stands in what has been its own since. What was written at the
 * own system of another, or in a room of another, and never came to one of this one, is not for it.
 */
export function reached(
  { ledger, boards, owners }: Owned,
  side: Place,
  kind: KindName,
  room: string,
  token: number,
): void {
  const account = side === 'a' ? owners.get(room) : side
  const text = ledger.tokens.get(token)
  if (owners.size === 0 || account === undefined || text === undefined || text.side === account) return
  const isIts = [...boards.a.rows.values()].some(
    (row) =>
      row.kind === kind &&
      ledger.roots.get(`a ${kind} ${row.ref}`) === text.root &&
      row.history
        .slice(
          Math.max(
            0,
            row.history.findLastIndex(({ at }) => at <= text.at),
          ),
        )
        .some(({ item }) => item !== null && owners.get(item.room) === account),
  )
  if (!isIts && kind !== 'room') ledger.fail('S32', `t${token} of a ${kind} reached ${account} at ${side}`)
}

/** What an account wrote is made in a room of its own; in that of another only where its thread has gone there meanwhile. */
export function madeFor({ ledger, boards, owners }: Owned, item: Stored, token: number): void {
  const account = owners.get(item.room)
  const writer = ledger.tokens.get(token)?.side
  if (account === undefined || writer === undefined || writer === 'a' || writer === account) return
  const thread = boards.a.rows.get(`thread ${item.thread ?? ''}`)
  const wasThere = thread?.history.some((each) => each.item !== null && owners.get(each.item.room) === writer)
  ledger.noteLeave('a', token, writer)
  if (wasThere !== true) ledger.fail('S32', `t${token} of ${writer} was made for ${account} at a`)
}
