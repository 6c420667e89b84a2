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
    .get('SELECT name, window_until, spent FROM bucket WHERE window_until > ? ORDER BY name, process')
    .all(now)
    .map((row) => ({ name: String(row['name']), until: Number(row['window_until']), spent: Number(row['spent']) }))
}

export interface KeepLevels {
  /** Each process has levels of its own: those of the one before go by, however often it is started. */
  readonly process: number
  readonly levels: readonly Level[]
  readonly now: number
}

/** What has passed is forgotten. */
export function keepLevels(sql: Sql, input: KeepLevels): null {
  sql.get('DELETE FROM bucket WHERE window_until <= ?').run(input.now)
  for (const { name, until, spent } of input.levels)
    sql
      .get(
        `INSERT INTO bucket (name, process, window_until, spent) VALUES (?, ?, ?, ?)
         ON CONFLICT (name, process) DO UPDATE SET window_until = excluded.window_until, spent = excluded.spent`,
      )
      .run(name, input.process, until, spent)
  return null
}
