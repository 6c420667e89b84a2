/** What the service is handed: the only ways in which it may reach the world. */
import type { Folders } from '../connector/blobs.ts'
import type { Clock, Http, Log, Random } from '../connector/ports.ts'
import type { Databases } from '../connector/sql.ts'

export interface SystemPorts {
  readonly clock: Clock
  readonly random: Random
  readonly http: Http
  readonly databases: Databases
  readonly folders: Folders
  readonly log: Log
  /** Told of secrets that come by, so that nothing written shows them. */
  readonly learned: (secret: string) => void
  /** Hands a text to a command; answers why that failed, or null. */
  readonly tell: (command: readonly [string, ...string[]], text: string) => Promise<string | null>
  /** By how much this machine's clock differs from those of servers that answered, in milliseconds. */
  readonly skew: () => ReadonlyMap<string, number>
}
