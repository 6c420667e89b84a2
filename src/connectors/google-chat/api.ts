/** The Chat API over HTTP: its failures, its quotas and its ways of paging. */
import {
  httpClient,
  jsonIn,
  type Client,
  type Clock,
  type Draws,
  type Failure,
  type HttpResponse,
  type Runtime,
  type Tokens,
} from '../../connector/index.ts'
import { bucket, type ChatConfig } from './config.ts'
import {
  errorAnswer,
  eventsAnswer,
  messagesAnswer,
  spacesAnswer,
  type WireEvent,
  type WireMessage,
  type WireSpace,
} from './wire.ts'

const SPACES_PER_PAGE = 1000
/** A message may repeat its 32,000 bytes of text in four members: more of them exceed what is taken of an answer. */
const MESSAGES_PER_PAGE = 100
const EVENTS_PER_PAGE = 100
const EVENT_TYPES = ['created', 'updated', 'deleted'].map((what) => `google.workspace.chat.message.v1.${what}`)

export interface ChatApi {
  readonly config: ChatConfig
  readonly clock: Clock
  readonly tokens: Tokens
  readonly messages: Client
  readonly spaces: Client
  readonly tokeninfo: Client
}

export function connect(config: ChatConfig, runtime: Runtime): ChatApi {
  const options = { baseUrl: config.baseUrl, bearer: true, draw: {}, words } as const
  return {
    config,
    clock: runtime.clock,
    tokens: runtime.tokens,
    messages: httpClient({ ...options, failure: (response) => failure(response, 'key-taken') }, runtime),
    // A space is refused as existing when its name is taken, which no repetition cures.
    spaces: httpClient({ ...options, failure: (response) => failure(response, 'rejected') }, runtime),
    tokeninfo: httpClient(
      { baseUrl: config.tokeninfoUrl, draw: {}, failure: ({ status }) => (status === 400 ? 'unauthorized' : null) },
      runtime,
    ),
  }
}

function failure(response: HttpResponse, alreadyExists: Failure): Failure | null {
  if (response.status < 400) return null
  switch (errorOf(response)?.status) {
    case 'ALREADY_EXISTS':
      return alreadyExists
    case 'INVALID_ARGUMENT':
    case 'FAILED_PRECONDITION':
    case 'OUT_OF_RANGE':
      return 'rejected'
    case 'NOT_FOUND':
      return 'missing'
    case 'PERMISSION_DENIED':
      return 'forbidden'
    case 'UNAUTHENTICATED':
      return 'unauthorized'
    case 'RESOURCE_EXHAUSTED':
      return 'limited'
    case 'ABORTED':
      return 'unavailable'
    default:
      return null
  }
}

function words(response: HttpResponse): string | null {
  return errorOf(response)?.message ?? null
}

function errorOf(response: HttpResponse): { status?: string | undefined; message?: string | undefined } | null {
  return errorAnswer.safeParse(jsonIn(response.body)).data?.error ?? null
}

type Project = Pick<ChatApi, 'config'>

/** What a read draws on: of the connection as a whole, or in one space. */
export function reads(api: Project, space?: string): Draws {
  const whole = { [bucket.reads]: projectOf(api) }
  return space === undefined ? whole : { ...whole, [bucket.readsOfSpace]: space }
}

export function writes(api: Project, space: string): Draws {
  return { [bucket.writes]: projectOf(api), [bucket.writesOfSpace]: space }
}

export function spaceWrites(api: Project, space: string): Draws {
  return { [bucket.spaceChanges]: projectOf(api), [bucket.writesOfSpace]: space }
}

export function spaceCreation(api: Project): Draws {
  return { [bucket.spaceChanges]: projectOf(api), [bucket.spaceCreation]: projectOf(api) }
}

function projectOf({ config }: Project): string {
  return config.projectId ?? config.clientId
}

export interface SpacesPage {
  readonly spaces: readonly WireSpace[]
  /** Absent on the last page. */
  readonly next: string | undefined
}

/** The named, threaded spaces that the user is a member of. */
export async function spacesPage(api: ChatApi, pageToken: string | undefined): Promise<SpacesPage> {
  const answer = await api.spaces.get('/v1/spaces', {
    query: { filter: 'space_type = "SPACE"', pageSize: SPACES_PER_PAGE, pageToken },
    draw: reads(api),
    as: spacesAnswer,
  })
  return { spaces: answer.spaces.filter(isOffered), next: present(answer.nextPageToken) }
}

/**
 * A space that is not organized in reply threads says `threadReply: false` of every message, so its heads cannot be
 * told; a space in import mode is visible to nobody.
 */
function isOffered(space: WireSpace): boolean {
  const threading = space.spaceThreadingState ?? 'THREADED_MESSAGES'
  return (space.spaceType ?? 'SPACE') === 'SPACE' && threading === 'THREADED_MESSAGES' && space.importMode !== true
}

export interface MessagesPage {
  readonly messages: readonly WireMessage[]
  /** When the last message of the page was created, private ones included. */
  readonly reached: string | undefined
  readonly last: boolean
}

/** Messages of a space in order of creation. Private ones are left out: they belong to one person. */
export async function* messagePages(
  api: ChatApi,
  space: string,
  { filter, showDeleted }: { readonly filter?: string | undefined; readonly showDeleted: boolean },
): AsyncIterable<MessagesPage> {
  let pageToken: string | undefined
  do {
    const answer = await api.messages.get(`/v1/${space}/messages`, {
      query: { filter, showDeleted, pageSize: MESSAGES_PER_PAGE, pageToken },
      draw: reads(api, space),
      as: messagesAnswer,
    })
    pageToken = present(answer.nextPageToken)
    const reached = answer.messages.at(-1)?.createTime
    yield { messages: answer.messages.filter(isPublic), reached, last: pageToken === undefined }
  } while (pageToken !== undefined)
}

export function isPublic(message: WireMessage): boolean {
  return message.privateMessageViewer === undefined
}

export interface EventsPage {
  readonly events: readonly WireEvent[]
  readonly last: boolean
}

/** What happened to messages of a space after a time, oldest first. */
export async function* eventPages(api: ChatApi, space: string, after: string): AsyncIterable<EventsPage> {
  const types = EVENT_TYPES.map((type) => `event_types:"${type}"`).join(' OR ')
  let pageToken: string | undefined
  do {
    const answer = await api.messages.get(`/v1/${space}/spaceEvents`, {
      query: { filter: `start_time="${after}" AND (${types})`, pageSize: EVENTS_PER_PAGE, pageToken },
      draw: reads(api, space),
      as: eventsAnswer,
    })
    pageToken = present(answer.nextPageToken)
    yield { events: answer.spaceEvents, last: pageToken === undefined }
  } while (pageToken !== undefined)
}

function present(token: string | undefined): string | undefined {
  return token === '' ? undefined : token
}
