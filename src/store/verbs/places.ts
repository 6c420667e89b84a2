/** Places of which a scope has one each: whoever waits for one to be free goes on when it is. */
import type { Observation } from '../../core/state.ts'
import type { Sql } from './rows.ts'
import { wake } from './waits.ts'

export interface Place {
  readonly connection: string
  readonly kind: string
  readonly scope: string
  readonly slot: string
}

export function placeToken({ connection, kind, scope, slot }: Place): string {
  return `place ${connection} ${kind} ${scope} ${slot}`
}

/** Of an item that is about to be written: whether it leaves its place is known only now. */
export function leavePlace(sql: Sql, { connection, kind, ref, slot, scope, state }: Observation): void {
  if (slot === null) return
  const before = sql
    .get('SELECT slot, scope FROM item WHERE connection = ? AND kind = ? AND ref = ?')
    .get(connection, kind, ref)
  const was = before?.['slot']
  if (typeof was !== 'string' || (was === slot && before?.['scope'] === scope && state === 'present')) return
  wake(sql, placeToken({ connection, kind, scope: String(before?.['scope']), slot: was }))
}
