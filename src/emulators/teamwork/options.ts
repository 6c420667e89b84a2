/** What an emulated Teamwork site starts with, and its switches. */

export interface PersonSeed {
  readonly id: number
  readonly firstName: string
  readonly lastName: string
  readonly email: string
  /** Administrators switch webhooks on and off. */
  readonly isAdmin?: boolean
  /** Of the person's time zone; 0 unless given. */
  readonly utcOffsetMinutes?: number
  /** The key or token that speaks for the person. */
  readonly apiKey?: string
}

export interface ProjectSeed {
  readonly name: string
  readonly description?: string
  readonly archived?: boolean
  /** Names of task lists. Ids are given in the order of the seeds, from 1 on. */
  readonly tasklists?: readonly string[]
}

export interface Rules {
  /** 150 calls a minute for each key; whether a site shares them Teamwork does not say. null: none. */
  readonly callsPerMinute: number | null
  /** Who begins to page through all tasks more often than this in an hour, without updatedAfter, is allowed fewer calls:
   * Teamwork lowers the limit and does not say when, nor how far. null: it does not. */
  readonly fullLists: { readonly perHour: number; readonly thenCallsPerMinute: number } | null
  /** The plan includes webhooks. False: switching them on is refused. */
  readonly webhooksInPlan: boolean
  /** Webhooks are switched on from the start. They are not on a new site. */
  readonly webhooksEnabled: boolean
  /** Pages hold at most this many. Teamwork does not say. */
  readonly mostPageSize: number
  /** A list by updatedAfter with more tasks than this is cut to the last six months, without a word. Teamwork does not
   * say how many are too many. null: never. */
  readonly largeResult: number | null
  /** updatedAfter and its like leave out what bears exactly the time; whole seconds are compared. */
  readonly afterIsExclusive: boolean
  /** Deleting moves the updatedAt of a task or a time entry. */
  readonly deletionUpdates: boolean
  /** How late webhooks leave: shortest and longest, in milliseconds. */
  readonly webhookDelay: readonly [number, number]
  readonly webhookLoss: number
  readonly webhookDuplication: number
}

export interface TeamworkOptions extends Partial<Rules> {
  readonly accountId?: number
  readonly people: readonly PersonSeed[]
  readonly projects?: readonly ProjectSeed[]
  readonly tags?: readonly string[]
}

const DEFAULTS: Rules = {
  callsPerMinute: 150,
  fullLists: null,
  webhooksInPlan: true,
  webhooksEnabled: false,
  mostPageSize: 500,
  largeResult: null,
  afterIsExclusive: true,
  deletionUpdates: false,
  webhookDelay: [200, 2000],
  webhookLoss: 0,
  webhookDuplication: 0,
}

export function rulesOf(options: TeamworkOptions): Rules {
  const given = Object.entries(options).filter(([name, value]) => Object.hasOwn(DEFAULTS, name) && value !== undefined)
  return { ...DEFAULTS, ...Object.fromEntries(given) }
}
