/** What an emulated Calendar starts with, and its switches. Each default is the real behaviour where Google states one. */
import type { SignInOptions } from '../google-oauth/google-oauth.ts'
import type { EventBody } from './event-body.ts'

export interface UserSeed {
  /** The account's id, as tokeninfo and userinfo tell it. */
  readonly id: string
  readonly displayName: string
  /** Also the id of the primary calendar. */
  readonly email: string
  /** Of the primary calendar. Absent: UTC. */
  readonly timeZone?: string
}

export type Role = 'freeBusyReader' | 'reader' | 'writer' | 'owner'

export interface EventSeed extends EventBody {
  /** Milliseconds since 1970; absent: the emulator's start. */
  readonly createdAt?: number
}

export interface CalendarSeed {
  /** An e-mail address of a user: the primary calendar. Absent: made up. */
  readonly id?: string
  readonly summary?: string
  readonly description?: string
  readonly timeZone?: string
  /** A user's id. */
  readonly owner: string
  /** Other users, by id. They have the calendar on their list. */
  readonly access?: Readonly<Record<string, Role>>
  readonly events?: readonly EventSeed[]
}

/** Requests per rolling minute. */
export interface Quotas {
  readonly projectPerMinute: number
  readonly userPerMinute: number
}

/** What one user may do within some hours, whatever the project. */
export interface UsageLimits {
  readonly hours: number
  readonly eventsCreated: number
  readonly calendarsCreated: number
  /** Guests without an account here who were sent mail. */
  readonly externalGuestsInvited: number
}

export interface Rules {
  /** The quota page: 10,000 requests a minute for a project, 600 for a user of it. null: none. */
  readonly quotas: Quotas | null
  /** A request past a quota: 403 with a reason of usageLimits, 429, or either by chance. Google documents both. */
  readonly quotaStatus: 403 | 429 | 'either'
  /** Calendar's own use limits, answered with 403 quotaExceeded. Google states no exact numbers. null: none. */
  readonly usageLimits: UsageLimits | null
  /** Calls in one batch. The batch guide says 1000; Google's clients take 50. */
  readonly batchCalls: number
  /** How long a sync token lives. Google does not say. */
  readonly syncTokenDays: number
  /** How far back updatedMin may reach. Google does not say. */
  readonly updatedMinDays: number
  /** How long a deleted event is still shown as cancelled. Google does not say; its id stays taken for ever. */
  readonly tombstoneDays: number
  /** A last page tells a sync token also where the list was filtered in a way that a sync cannot repeat. */
  readonly filteredListsGiveTokens: boolean
  /** A cap on every page, below the documented ones: a page may hold fewer events than asked for. null: none. */
  readonly pageCap: number | null
  /** Of an event with more guests, only the account's own entry is told, as with `maxAttendees`. null: all are. */
  readonly guestsTold: number | null
  /** The chance that a page holds nothing although more follow. */
  readonly emptyPages: number
  /** How far ahead series are expanded where nothing bounds them. Google does not say. */
  readonly expansionDays: number
  /** Times carry the calendar's zone where the event has none of its own. */
  readonly timeZoneAlwaysTold: boolean
  /** An update whose sequence is below the event's is refused. */
  readonly sequenceChecked: boolean
  /** Exceptions of a deleted series are changes of their own; false: the list tells the deleted series alone. */
  readonly deletedSeriesTellExceptions: boolean
  /** A cancelled instance that is brought back is as it was; false: as its series is. Google does not say. */
  readonly cancelledKeepContent: boolean
  /** Webhooks may go to http addresses on loopback. Calendar takes https only. */
  readonly loopbackWebhooks: boolean
  /** The life of a channel that asks for none: 604800 seconds. */
  readonly channelSeconds: number
  /** Longer wishes are cut to this. Google does not say. */
  readonly channelMostSeconds: number
  /** A channel's first message leaves before its watch is answered. */
  readonly syncBeforeAnswer: boolean
  /** How late messages leave: shortest and longest, in milliseconds. */
  readonly messageDelay: readonly [number, number]
  /** The chance that a message is lost; the first one of a channel never is. */
  readonly messageLoss: number
  /** The chance that a message comes twice. */
  readonly messageDuplication: number
  /** Message numbers grow by one to this many. */
  readonly messageGap: number
}

export interface GoogleCalendarOptions extends Partial<Omit<Rules, 'quotas' | 'usageLimits'>>, SignInOptions {
  readonly users: readonly UserSeed[]
  readonly calendars?: readonly CalendarSeed[]
  /** Absent or true: the real ones; false: none; or some of them changed. */
  readonly quotas?: boolean | Partial<Quotas>
  readonly usageLimits?: boolean | Partial<UsageLimits>
}

export const REAL_QUOTAS: Quotas = { projectPerMinute: 10_000, userPerMinute: 600 }

/** As a support page of Google's once told them. */
export const USAGE_LIMITS: UsageLimits = {
  hours: 3,
  eventsCreated: 10_000,
  calendarsCreated: 25,
  externalGuestsInvited: 300,
}

const DEFAULTS: Omit<Rules, 'quotas' | 'usageLimits'> = {
  quotaStatus: 403,
  batchCalls: 50,
  syncTokenDays: 30,
  updatedMinDays: 30,
  tombstoneDays: 30,
  filteredListsGiveTokens: false,
  pageCap: null,
  guestsTold: null,
  emptyPages: 0,
  expansionDays: 730,
  timeZoneAlwaysTold: true,
  sequenceChecked: true,
  deletedSeriesTellExceptions: false,
  cancelledKeepContent: true,
  loopbackWebhooks: false,
  channelSeconds: 604_800,
  channelMostSeconds: 2_592_000,
  syncBeforeAnswer: false,
  messageDelay: [200, 2000],
  messageLoss: 0,
  messageDuplication: 0,
  messageGap: 5,
}

export function rulesOf(options: GoogleCalendarOptions): Rules {
  const given = Object.fromEntries(
    Object.entries(options).filter(([name, value]) => Object.hasOwn(DEFAULTS, name) && value !== undefined),
  )
  return {
    ...DEFAULTS,
    ...given,
    quotas: chosen(options.quotas ?? true, REAL_QUOTAS),
    usageLimits: chosen(options.usageLimits ?? true, USAGE_LIMITS),
  }
}

function chosen<T>(option: boolean | Partial<T>, real: T): T | null {
  return option === false ? null : { ...real, ...(option === true ? {} : option) }
}
