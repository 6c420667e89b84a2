/** Whether the two of a link follow each other: it lives, sleeps, or is gone. */
import type { Link } from '../../core/state.ts'
import { closeConflicts } from './conflicts.ts'
import type { Sql } from './rows.ts'
import { linkToken, wake } from './waits.ts'

/** What waits for it is planned again; where it does not live, nothing of it is contested. */
export function turnLink(sql: Sql, link: number, state: Link['state'], now: number): void {
  sql.get('UPDATE link SET state = ? WHERE id = ?').run(state, link)
  wake(sql, linkToken(link))
  if (state !== 'live') closeConflicts(sql, { link, why: 'the two do not follow each other any more' }, now)
}
