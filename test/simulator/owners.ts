/** S32: what is of one account never reaches another. */
import type { Board, KindName, Row, Stored } from './board.ts'
import type { Ledger } from './ledger.ts'
import type { Place } from './shape.ts'
import type { Scene } from './view.ts'

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

/**
 * What is written has moved to where the flow does not reach, or its thread has, and the engine could not know: what left
 * shows this text.
 */
export function noteUnreached(
  { ledger, boards, owners }: Owned,
  side: Place,
  { room }: Stored,
  token: number,
  asked = room,
): void {
  if (boards[side].get('room', room)?.text.startsWith('private') === true) ledger.noteLeave(side, token)
  const owner = side === 'a' ? owners.get(room) : undefined
  const writer = ledger.tokens.get(token)?.side
  if (owner !== undefined && writer !== undefined && writer !== 'a' && writer !== owner)
    ledger.noteLeave('a', token, writer)
  const asker = side === 'a' ? owners.get(asked) : undefined
  if (owner !== undefined && asker !== undefined && asker !== owner) ledger.noteLeave('a', token, asker)
}

/**
 * What an account wrote is made in a room of its own; in that of another only where it, or its thread, has gone there
 * meanwhile.
 */
export function madeFor({ ledger, boards, owners }: Owned, item: Stored, token: number): void {
  const account = owners.get(item.room)
  const writer = ledger.tokens.get(token)?.side
  if (account === undefined || writer === undefined || writer === 'a' || writer === account) return
  const root = ledger.rootOf(token)
  const own = [...boards.a.rows.values()].filter(
    (row) => row.kind === item.kind && ledger.roots.get(`a ${row.kind} ${row.ref}`) === root,
  )
  const stoodIn = ({ history }: Row, whose: Place): boolean =>
    history.some((each) => each.item !== null && owners.get(each.item.room) === whose)
  const threadStoodIn = (thread: string | null, whose: Place): boolean => {
    const row = boards.a.rows.get(`thread ${thread ?? ''}`)
    return row !== undefined && stoodIn(row, whose)
  }
  const cameFrom = (row: Row, whose: Place): boolean =>
    stoodIn(row, whose) || row.history.some((each) => each.item !== null && threadStoodIn(each.item.thread, whose))
  const wasThere =
    threadStoodIn(item.thread, writer) || own.some((row) => cameFrom(row, writer) && stoodIn(row, account))
  if (!wasThere) ledger.fail('S32', `t${token} of ${writer} was made for ${account} at a`)
}

interface Quiet {
  readonly ledger: Ledger
  readonly scene: Scene
  readonly quietMs: number
  readonly pollMs: number
}

interface Pulled {
  readonly pulls: number
  /** How often each write whose outcome is open was asked about. */
  readonly asked: ReadonlyMap<string, number>
}

/**
 * S32: a feed that accounts share is read once for all of them, for each of the hints that still waited for their own time, and
 * for each time that a write was asked about whose outcome is open.
 */
export function pulledOnce(
  { ledger, scene, quietMs, pollMs }: Quiet,
  before: Pulled & { readonly hints: number },
  after: Pulled,
): void {
  const feeds = scene.systems.a.shape.feeds === 'one' ? 1 : 2
  const asks = [...before.asked].map(([key, times]) => (after.asked.get(key) ?? times + 1) - times)
  const most = feeds * (Math.ceil(quietMs / pollMs) + 2) + before.hints + asks.reduce((sum, each) => sum + each, 0)
  const times = after.pulls - before.pulls
  if (scene.watch.owners.size > 0 && times > most)
    ledger.fail('S32', `the shared feed was pulled ${times} times, where ${most} are enough`)
}
