import type { Database } from '../connector/sql.ts'

/** A database of the user's that this process closes. */
export interface OpenDatabase extends Database {
  close(): Promise<void>
}
