/** What an emulated Airtable starts with, and its switches. */

export type Permission = 'none' | 'read' | 'comment' | 'edit' | 'create'

export interface UserSeed {
  /** `usr…` */
  readonly id: string
  readonly name: string
  readonly email: string
}

export interface TokenSeed {
  readonly token: string
  /** Whose it is. */
  readonly user: string
  /** Absent: all of them. */
  readonly scopes?: readonly string[]
  /** The bases that it reaches. Absent: all of them. */
  readonly bases?: readonly string[]
  /** The OAuth integration that it was given to. Absent: a personal token. */
  readonly integration?: string
}

export interface FieldSeed {
  /** `fld…`; absent: made up. */
  readonly id?: string
  readonly name: string
  readonly type: string
  readonly description?: string
  /** As the API takes them; of computed fields as it tells them. `linkedTableId` may be a name. */
  readonly options?: Readonly<Record<string, unknown>>
}

export interface TableSeed {
  /** `tbl…`; absent: made up. */
  readonly id?: string
  readonly name: string
  readonly description?: string
  /** The first is the primary one. */
  readonly fields: readonly FieldSeed[]
  /** Cells by the names of fields, as the API takes them. */
  readonly records?: readonly Readonly<Record<string, unknown>>[]
}

export interface BaseSeed {
  /** `app…` */
  readonly id: string
  readonly name: string
  /** By user. Absent: everybody is a creator. */
  readonly permissions?: Readonly<Record<string, Permission>>
  readonly tables: readonly TableSeed[]
}

export interface Rules {
  /** For each base, in any second. null: no limit. */
  readonly callsPerBaseSecond: number | null
  /** For each user, in any second, over all bases. */
  readonly callsPerUserSecond: number | null
  /** How long nothing is answered once a limit was passed. */
  readonly penaltySeconds: number
  /** Calls within the penalty begin it anew. */
  readonly penaltyExtends: boolean
  /** How many calls an upsert counts for. */
  readonly upsertWeight: number
  readonly rateLimitBody: 'error' | 'errors'
  /** Without sort and view the order means nothing. False: records come as they were made. */
  readonly orderIsArbitrary: boolean
  /** Pages go over the records that were there at the first one. False: over what is there now, after the last one told. */
  readonly listsAreSnapshots: boolean
  /** How long a list may wait for its next page. */
  readonly iteratorMinutes: number
  /** What a record that is not there answers, alone. */
  readonly missingRecordStatus: 404 | 403
  readonly attachmentUrlMinutes: number
  /** How long a file takes until it is hosted anew: shortest and longest, in milliseconds. */
  readonly hostingDelay: readonly [number, number]
  /** A file that cannot be had is taken out of its cell. False: it stays, with an address that fails. */
  readonly failedFilesVanish: boolean
  readonly webhookDays: number
  readonly payloadDays: number
  readonly webhooksPerBase: number
  readonly webhooksPerIntegration: number
  readonly pingDelay: readonly [number, number]
  /** Seconds before each further attempt of a ping that was not answered with 200 or 204. */
  readonly pingRetries: readonly number[]
  /** Notifications are switched off once the last attempt failed. */
  readonly failedPingsDisable: boolean
  readonly pingLoss: number
  readonly pingDuplication: number
}

export interface AirtableOptions extends Partial<Rules> {
  readonly users: readonly UserSeed[]
  readonly tokens: readonly TokenSeed[]
  readonly bases: readonly BaseSeed[]
  /** Fetches what a cell's new attachment names; null where it cannot be had. Absent: the bytes are made up. */
  readonly fetchFile?: (url: string) => Promise<Buffer | null>
  /** Where addresses of attachments begin; absent: where the call went. */
  readonly filesUrl?: string
}

const DEFAULTS: Rules = {
  callsPerBaseSecond: 5,
  callsPerUserSecond: 50,
  penaltySeconds: 30,
  penaltyExtends: false,
  upsertWeight: 1,
  rateLimitBody: 'error',
  orderIsArbitrary: true,
  listsAreSnapshots: true,
  iteratorMinutes: 5,
  missingRecordStatus: 404,
  attachmentUrlMinutes: 120,
  hostingDelay: [200, 2000],
  failedFilesVanish: true,
  webhookDays: 7,
  payloadDays: 7,
  webhooksPerBase: 10,
  webhooksPerIntegration: 2,
  pingDelay: [200, 2000],
  pingRetries: [10, 60, 600],
  failedPingsDisable: false,
  pingLoss: 0,
  pingDuplication: 0,
}

export function rulesOf(options: AirtableOptions): Rules {
  const given = Object.entries(options).filter(([name, value]) => Object.hasOwn(DEFAULTS, name) && value !== undefined)
  return { ...DEFAULTS, ...Object.fromEntries(given) }
}
