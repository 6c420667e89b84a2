/** What of each limit may be used up, so that a process that starts anew does not begin with all of it. */
import type { Sql } from './rows.ts'

export interface Level {
  /** The bucket and whose it is. */
  readonly name: string
  /** Until then at most so many requests count. */
  readonly until: number
  readonly spent: number
}

export function levels(sql: Sql, { now }: { readonly now: number }): Level[] {
  return sql
    .get('SELECT name, window_until, spent FROM bucket WHERE window_until > ?')
    .all(now)
    .map((row) => ({ name: String(row['name']), until: Number(row['window_until']), spent: Number(row['spent']) }))
}

/** What has passed is forgotten. */
export function keepLevels(sql: Sql, input: { readonly levels: readonly Level[]; readonly now: number }): null {
  sql.get('DELETE FROM bucket WHERE window_until <= ?').run(input.now)
  for (const { name, until, spent } of input.levels)
    sql
      .get(
        `INSERT INTO bucket (name, window_until, spent) VALUES (?, ?, ?)
         ON CONFLICT (name) DO UPDATE SET window_until = excluded.window_until, spent = excluded.spent`,
      )
      .run(name, until, spent)
  return null
}
