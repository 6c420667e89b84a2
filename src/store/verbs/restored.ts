/** A backup that was put in the place of the store: what it says is old, so that nothing is done before a person looked. */
import type { Sql } from './rows.ts'

/** Every flow is paused, everything is read whole again, and what stands on both sides is matched anew. */
export function restored(sql: Sql, { why, now }: { readonly why: string; readonly now: number }): null {
  sql.get('UPDATE flow SET paused_at = ?, paused_why = ?').run(now, why)
  sql.get('UPDATE feed SET cursor = NULL, began_at = NULL').run()
  sql.get(`UPDATE listing SET state = 'wanted', position = NULL, finished_at = NULL`).run()
  sql.get(`UPDATE instance SET state = 'listing' WHERE state = 'live'`).run()
  sql.get('DELETE FROM inbox').run()
  // What was sent meanwhile may stand in an item since.
  sql.get(`DELETE FROM file WHERE state <> 'stays'`).run()
  sql.get(`DELETE FROM meta WHERE name LIKE 'matched %'`).run()
  return null
}
