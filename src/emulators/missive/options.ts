/** What an emulated Missive starts with, and its switches. */

export type Role = 'owner' | 'admin' | 'member'

export interface UserSeed {
  readonly id: string
  readonly name: string
  readonly email: string
  /** The organizations that the user is in, by id, and as what. */
  readonly organizations: Readonly<Record<string, Role>>
  /** A personal token of the API. */
  readonly token?: string
}

export interface TeamSeed {
  readonly id: string
  readonly name: string
  readonly organization: string
  /** Ids of users. */
  readonly members: readonly string[]
  readonly observers?: readonly string[]
}

export interface LabelSeed {
  readonly id: string
  readonly name: string
  readonly organization: string
  readonly parent?: string
  readonly color?: string
}

/** Where messages come in and go out: an address, or a custom channel. */
export interface AccountSeed {
  readonly id: string
  readonly kind: 'email' | 'custom'
  readonly address: string
  readonly name: string
  readonly organization?: string
  /** What comes in stands in the inbox of this team; without one, in that of each user. */
  readonly team?: string
  /** Who reads it, where there is no team. */
  readonly users?: readonly string[]
}

export interface ContactBookSeed {
  readonly id: string
  readonly name: string
  readonly user: string
  readonly organization?: string
  readonly groups?: readonly { readonly id: string; readonly name: string; readonly kind: 'group' | 'organization' }[]
}

export interface Rules {
  /** For each token. null: no limit. */
  readonly callsPerMinute: number | null
  readonly callsPer15Minutes: number | null
  /** Calls that may be under way at once. */
  readonly concurrentCalls: number | null
  /** Below `productive` there are no tokens and no rules: every call is refused. */
  readonly plan: 'starter' | 'productive' | 'business'
  /** `until` lets in what bears exactly that second. */
  readonly untilIsInclusive: boolean
  /** A page holds everything of the second of its last item, so more than its limit. False: never more. */
  readonly pagesExtend: boolean
  /** The smallest `limit` that is taken. */
  readonly leastLimit: number
  /** Closing, labelling, assigning, trashing and the like move `last_activity_at`. */
  readonly statesMoveActivity: boolean
  /** A mail that comes in late moves `last_activity_at` to the moment it came; false: to that at which it was delivered,
   * so never back. */
  readonly arrivalIsActivity: boolean
  /** The All mailbox and those of teams and labels hold what is in the trash. */
  readonly mailboxesHoldTrash: boolean
  /** Who throws a shared conversation away does so for everybody who reads it. */
  readonly trashIsShared: boolean
  /** A post brings back a closed conversation, and `reopen: true` keeps it closed. False: `reopen: true` brings it back.
   * Missive's page says both. */
  readonly postsReopen: boolean
  /** How long the address of an attachment works. */
  readonly attachmentUrlSeconds: number
  readonly errorBody: 'error' | 'message'
  /** A hook of the API works once its address has answered a first request, and vanishes where it does not. */
  readonly hooksAreValidated: boolean
  /** The secret of hooks that the API makes. null: they carry no signature until somebody gives them one. */
  readonly hookSecret: string | null
  readonly signaturePrefix: string
  /** Minutes before each further attempt of what was not answered with 2xx. */
  readonly hookRetries: readonly number[]
  /** How late webhooks leave: shortest and longest, in milliseconds. */
  readonly hookDelay: readonly [number, number]
  readonly hookLoss: number
  readonly hookDuplication: number
}

export interface MissiveOptions extends Partial<Rules> {
  readonly organizations: readonly { readonly id: string; readonly name: string }[]
  readonly users: readonly UserSeed[]
  readonly teams?: readonly TeamSeed[]
  readonly labels?: readonly LabelSeed[]
  readonly accounts?: readonly AccountSeed[]
  readonly contactBooks?: readonly ContactBookSeed[]
  /** Where addresses of attachments begin; absent: where the call went. */
  readonly attachmentsUrl?: string
}

const DEFAULTS: Rules = {
  callsPerMinute: 300,
  callsPer15Minutes: 900,
  concurrentCalls: 5,
  plan: 'productive',
  untilIsInclusive: true,
  pagesExtend: true,
  leastLimit: 2,
  statesMoveActivity: false,
  arrivalIsActivity: true,
  mailboxesHoldTrash: false,
  trashIsShared: true,
  postsReopen: false,
  attachmentUrlSeconds: 3600,
  errorBody: 'error',
  hooksAreValidated: false,
  hookSecret: null,
  signaturePrefix: 'sha256=',
  hookRetries: [],
  hookDelay: [200, 2000],
  hookLoss: 0,
  hookDuplication: 0,
}

export function rulesOf(options: MissiveOptions): Rules {
  const given = Object.entries(options).filter(([name, value]) => Object.hasOwn(DEFAULTS, name) && value !== undefined)
  return { ...DEFAULTS, ...Object.fromEntries(given) }
}
