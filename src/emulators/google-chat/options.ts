/** What an emulated Chat starts with, and its switches. Each default is the real behaviour where Google states one. */
import type { SignInOptions } from '../google-oauth/google-oauth.ts'
import type { Moment } from './time.ts'

export interface UserSeed {
  /** The digits of `users/{id}`. */
  readonly id: string
  readonly displayName: string
  readonly email: string
  readonly avatarUrl?: string
  /** Absent: HUMAN. */
  readonly type?: 'HUMAN' | 'BOT'
}

export type SpaceType = 'SPACE' | 'GROUP_CHAT' | 'DIRECT_MESSAGE'

export type DeletionType =
  | 'CREATOR'
  | 'SPACE_OWNER'
  | 'ADMIN'
  | 'APP_MESSAGE_EXPIRY'
  | 'CREATOR_VIA_APP'
  | 'SPACE_OWNER_VIA_APP'
  | 'SPACE_MEMBER'

export interface MessageSeed {
  /** Names the thread; messages of one space with the same value share it. Absent: a thread of its own. */
  readonly thread?: string
  /** The part after `messages/`; absent: made up. */
  readonly id?: string
  readonly sender: string
  /** As written, with markup and mentions; the newest text when the message was edited. */
  readonly text: string
  readonly createTime: Moment
  readonly lastUpdateTime?: Moment
  readonly deleteTime?: Moment
  readonly deletionType?: DeletionType
  readonly clientAssignedMessageId?: string
  /** Visible to this user alone (and to the app that sent it). */
  readonly privateMessageViewer?: string
}

export interface SpaceSeed {
  /** The part after `spaces/`; absent: made up. */
  readonly id?: string
  /** Absent: SPACE. */
  readonly spaceType?: SpaceType
  readonly displayName?: string
  readonly description?: string
  readonly guidelines?: string
  /** Absent: the time of the emulator's start. */
  readonly createTime?: Moment
  readonly historyOff?: boolean
  readonly members: readonly string[]
  /** Also members. */
  readonly managers?: readonly string[]
  readonly messages?: readonly MessageSeed[]
}

/** Requests per rolling minute. */
export interface Quotas {
  readonly projectMessageWrites: number
  readonly projectMessageReads: number
  readonly projectSpaceWrites: number
  readonly projectSpaceCreates: number
  readonly spaceWrites: number
  readonly spaceReads: number
}

export interface Rules {
  /** Chat's limits page: 3000 message writes, 3000 message reads, 60 space writes, 35 new spaces per project and
   * minute; 60 writes and 900 reads per space and minute, shared by all apps. null: none. */
  readonly quotas: Quotas | null
  /** A read may serve a state up to this old; how old is chance, anew for each request. */
  readonly readLagMs: number
  /** An event shows in spaceEvents up to this late; how late is chance, fixed for each event. */
  readonly eventLagMs: number
  /** Events of one type and space within this time of the first are served as one batch event. 0: never; Google does
   * not say how long its short period is. */
  readonly batchWindowMs: number
  /** Only members of a space see or change anything in it. */
  readonly membersOnly: boolean
  /** Space managers may edit the messages of others. Chat does not allow it. */
  readonly managersMayEdit: boolean
  readonly managersMayDelete: boolean
  /** Users carry displayName and email when they share the space or a direct message with the caller. */
  readonly sendersNamed: boolean
  /** A create repeated by requestId answers the whole message. Google warns that it may echo the request instead. */
  readonly repeatsFullyPopulated: boolean
  /** How long a requestId is remembered. null: for ever; Google does not say. */
  readonly requestIdSeconds: number | null
  /** Whether get answers a tombstone for a deleted message. False: NOT_FOUND. */
  readonly deletedMessagesReadable: boolean
  /** The client-assigned id of a deleted message cannot be used again. */
  readonly deletedClientIdsStayTaken: boolean
  /** An event about a resource that is gone holds an empty resource; true: one with its name. */
  readonly goneEventsKeepName: boolean
  /** spaceEvents with a start_time past the 28 days: refused; true: taken as 28 days ago. */
  readonly oldStartTimesClamped: boolean
  /** Spaces with history off lose a message after this many hours, with neither tombstone nor event. */
  readonly historyOffHours: number
  /** A cap on every page, below the documented ones: the service may return fewer. null: none. */
  readonly pageCap: number | null
}

export const REAL_QUOTAS: Quotas = {
  projectMessageWrites: 3000,
  projectMessageReads: 3000,
  projectSpaceWrites: 60,
  projectSpaceCreates: 35,
  spaceWrites: 60,
  spaceReads: 900,
}

export interface GoogleChatOptions extends Partial<Omit<Rules, 'quotas'>>, SignInOptions {
  readonly users: readonly UserSeed[]
  readonly spaces?: readonly SpaceSeed[]
  /** Absent or true: the real ones; false: none; or some of them changed. */
  readonly quotas?: boolean | Partial<Quotas>
}

export function rulesOf(options: GoogleChatOptions): Rules {
  const quotas = options.quotas ?? true
  return {
    quotas: quotas === false ? null : { ...REAL_QUOTAS, ...(quotas === true ? {} : quotas) },
    readLagMs: options.readLagMs ?? 0,
    eventLagMs: options.eventLagMs ?? 0,
    batchWindowMs: options.batchWindowMs ?? 0,
    membersOnly: options.membersOnly ?? true,
    managersMayEdit: options.managersMayEdit ?? false,
    managersMayDelete: options.managersMayDelete ?? true,
    sendersNamed: options.sendersNamed ?? true,
    repeatsFullyPopulated: options.repeatsFullyPopulated ?? false,
    requestIdSeconds: options.requestIdSeconds ?? null,
    deletedMessagesReadable: options.deletedMessagesReadable ?? false,
    deletedClientIdsStayTaken: options.deletedClientIdsStayTaken ?? true,
    goneEventsKeepName: options.goneEventsKeepName ?? false,
    oldStartTimesClamped: options.oldStartTimesClamped ?? false,
    historyOffHours: options.historyOffHours ?? 24,
    pageCap: options.pageCap ?? null,
  }
}
