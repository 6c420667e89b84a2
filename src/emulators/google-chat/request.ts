/** Reads what callers send: query parameters and JSON bodies, as strictly as Google's front does. */
import { z } from 'zod'
import { ChatError, invalid, leftOut } from './errors.ts'

/** Every method takes these; the emulator gives a meaning only to `fields`. */
const COMMON = [
  'alt',
  'fields',
  'key',
  'prettyPrint',
  'quotaUser',
  'access_token',
  'oauth_token',
  'uploadType',
  '$.xgafv',
]

export interface Query {
  text(name: string): string | null
  flag(name: string): boolean
  count(name: string): number | null
  oneOf<T extends string>(name: string, values: readonly T[]): T | null
}

/** Names may come in snake case. An unknown name is refused, and so is a value of the wrong type. */
export function readQuery(search: URLSearchParams, allowed: readonly string[]): Query {
  const values = new Map<string, string>()
  for (const [name, value] of search) {
    const known = COMMON.includes(name) ? name : camel(name)
    if (!COMMON.includes(name) && !allowed.includes(known))
      throw invalid(`Invalid JSON payload received. Unknown name "${name}": Cannot bind query parameter.`)
    if (!values.has(known)) values.set(known, value)
  }
  const wrong = (name: string): ChatError => invalid(`Invalid value at '${name}': "${values.get(name) ?? ''}"`)
  const text = (name: string): string | null => values.get(name) || null
  return {
    text,
    flag(name) {
      const value = text(name) ?? 'false'
      if (value !== 'true' && value !== 'false') throw wrong(name)
      return value === 'true'
    },
    count(name) {
      const value = text(name)
      if (value === null) return null
      if (!/^-?\d{1,9}$/.test(value)) throw wrong(name)
      return Number(value)
    },
    oneOf(name, known) {
      const value = text(name)
      if (value === null) return null
      const found = known.find((candidate) => candidate === value)
      if (found === undefined) throw wrong(name)
      return found
    },
  }
}

const anything = z.unknown().optional()
const ownOutput = {
  name: anything,
  sender: anything,
  createTime: anything,
  lastUpdateTime: anything,
  deleteTime: anything,
  deletionMetadata: anything,
  formattedText: anything,
  argumentText: anything,
  annotations: anything,
  attachedGifs: anything,
  emojiReactionSummaries: anything,
  matchedUrl: anything,
  silent: anything,
  slashCommand: anything,
  space: anything,
  threadReply: anything,
  clientAssignedMessageId: anything,
}

const MESSAGE = z.strictObject({
  ...ownOutput,
  text: z.string().nullish(),
  thread: z.strictObject({ name: z.string().nullish(), threadKey: z.string().nullish() }).nullish(),
  accessoryWidgets: z.array(z.unknown()).nullish(),
  actionResponse: anything,
  attachment: z.array(z.unknown()).nullish(),
  cards: z.array(z.unknown()).nullish(),
  cardsV2: z.array(z.unknown()).nullish(),
  fallbackText: z.string().nullish(),
  markupSyntax: z.enum(['MARKUP_SYNTAX_UNSPECIFIED', 'MARKUP_SYNTAX_CHAT', 'MARKUP_SYNTAX_MARKDOWN']).nullish(),
  privateMessageViewer: z.unknown().optional(),
  quotedMessageMetadata: z.unknown().optional(),
})

const SPACE = z.strictObject({
  name: anything,
  type: anything,
  spaceType: z.enum(['SPACE_TYPE_UNSPECIFIED', 'SPACE', 'GROUP_CHAT', 'DIRECT_MESSAGE']).optional(),
  displayName: z.string().optional(),
  spaceDetails: z.strictObject({ description: z.string().optional(), guidelines: z.string().optional() }).optional(),
  spaceHistoryState: z.enum(['HISTORY_STATE_UNSPECIFIED', 'HISTORY_OFF', 'HISTORY_ON']).optional(),
  externalUserAllowed: z.boolean().optional(),
  singleUserBotDm: z.boolean().optional(),
  importMode: z.boolean().optional(),
  accessSettings: anything,
  adminInstalled: anything,
  createTime: anything,
  customer: anything,
  importModeExpireTime: anything,
  lastActiveTime: anything,
  membershipCount: anything,
  permissionSettings: anything,
  predefinedPermissionSettings: anything,
  spaceThreadingState: anything,
  spaceUri: anything,
  threaded: anything,
})

const MEMBER = z.strictObject({
  member: z.strictObject({ name: z.string(), type: z.enum(['HUMAN', 'BOT']).optional() }).optional(),
  groupMember: anything,
  name: anything,
  role: anything,
  state: anything,
})

const SETUP = z.strictObject({
  space: SPACE,
  memberships: z.array(MEMBER).optional(),
  requestId: z.string().optional(),
})

const MARKUP = z.enum(['MARKUP_SYNTAX_UNSPECIFIED', 'MARKUP_SYNTAX_CHAT', 'MARKUP_SYNTAX_MARKDOWN']).optional()
const SEARCH = z.strictObject({
  filter: z.string().optional(),
  orderBy: z.string().optional(),
  pageSize: z.int().optional(),
  pageToken: z.string().optional(),
  view: z
    .enum(['SEARCH_MESSAGES_VIEW_UNSPECIFIED', 'SEARCH_MESSAGES_VIEW_BASIC', 'SEARCH_MESSAGES_VIEW_FULL'])
    .optional(),
  markupSyntax: MARKUP,
})

export interface MessageBody {
  readonly text: string
  readonly threadName: string | null
  readonly threadKey: string | null
}

/** What a user may send in a message: text. Cards need an app's own credentials. */
export function messageBody(body: Buffer): MessageBody {
  const message = parse(MESSAGE, body)
  const has = (list: readonly unknown[] | null | undefined): boolean => (list ?? []).length > 0
  if (has(message.cards) || has(message.cardsV2) || has(message.accessoryWidgets))
    throw invalid('Message cannot have cards for requests carrying human credentials.')
  if (message.privateMessageViewer) throw invalid('Private messages need app authentication.')
  if (has(message.attachment)) throw leftOut('attachments')
  if (message.quotedMessageMetadata) throw leftOut('quoted messages')
  if (message.markupSyntax === 'MARKUP_SYNTAX_MARKDOWN') throw leftOut('Markdown')
  return {
    text: message.text ?? '',
    threadName: message.thread?.name || null,
    threadKey: message.thread?.threadKey || null,
  }
}

export interface SpaceBody {
  readonly spaceType: string | undefined
  readonly displayName: string | undefined
  readonly description: string | undefined
  readonly guidelines: string | undefined
  readonly spaceHistoryState: string | undefined
}

export function spaceBody(body: Buffer): SpaceBody {
  return spaceFrom(parse(SPACE, body))
}

function spaceFrom(space: z.infer<typeof SPACE>): SpaceBody {
  if (space.importMode === true) throw leftOut('import mode')
  if (space.singleUserBotDm === true) throw leftOut('direct messages with apps')
  return {
    spaceType: space.spaceType,
    displayName: space.displayName,
    description: space.spaceDetails?.description,
    guidelines: space.spaceDetails?.guidelines,
    spaceHistoryState: space.spaceHistoryState,
  }
}

export function setupBody(body: Buffer): { space: SpaceBody; members: string[]; requestId: string | null } {
  const wanted = parse(SETUP, body)
  const members = (wanted.memberships ?? []).map(({ member }) => {
    const user = /^users\/(.+)$/.exec(member?.name ?? '')?.[1]
    if (user === undefined) throw invalid('membership.member.name must be users/{user}.')
    return user
  })
  return { space: spaceFrom(wanted.space), members, requestId: wanted.requestId ?? null }
}

export function searchBody(body: Buffer): z.infer<typeof SEARCH> {
  return parse(SEARCH, body)
}

/** A field mask, in snake case. */
export function maskOf(text: string | null): string[] {
  return (text ?? '')
    .split(',')
    .map((field) => field.trim().replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`))
    .filter((field) => field !== '')
}

function parse<T>(schema: z.ZodType<T>, body: Buffer): T {
  let value: unknown
  try {
    value = body.length === 0 ? {} : JSON.parse(body.toString('utf8'))
  } catch {
    throw invalid('Invalid JSON payload received. Unexpected token.')
  }
  const parsed = schema.safeParse(camelKeys(value))
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalid(`Invalid JSON payload received. ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`)
}

/** Proto JSON takes field names in either case. */
function camelKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [camel(key), camelKeys(inner)]))
}

function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
