/** The methods of the Chat API that the emulator answers, with their scopes for user authentication and their quotas. */
import { getEvent, listEvents } from './events.ts'
import { invalid, leftOut } from './errors.ts'
import { getMember, listMembers } from './members.ts'
import { createMessage, deleteMessage, patchMessage, type Written } from './messages.ts'
import type { Charge } from './quotas.ts'
import { getMessage, listMessages } from './reading.ts'
import { maskOf, messageBody, searchBody, setupBody, spaceBody, type Query } from './request.ts'
import { searchMessages } from './search.ts'
import { createSpace, deleteSpace, findDirectMessage, getSpace, listSpaces, patchSpace } from './spaces.ts'
import type { Caller, World } from './state.ts'
import { REPLY_OPTIONS } from './threads.ts'

export interface Call {
  readonly world: World
  readonly caller: Caller
  /** A part of the path. */
  param(name: string): string
  readonly query: Query
  readonly body: Buffer
}

export interface Method {
  readonly id: string
  readonly verb: string
  readonly path: string
  /** Any one of these, without the common prefix. */
  readonly scopes: readonly string[]
  readonly query: readonly string[]
  readonly charges: readonly Charge[]
  readonly run: ((call: Call) => { readonly read: object }) | ((call: Call) => { readonly write: Written<object> })
}

const MARKUPS = ['MARKUP_SYNTAX_UNSPECIFIED', 'MARKUP_SYNTAX_CHAT', 'MARKUP_SYNTAX_MARKDOWN'] as const
const PAGED = ['filter', 'pageSize', 'pageToken']
const SEE_SPACES = ['chat.spaces', 'chat.spaces.readonly']
const SEE_MESSAGES = ['chat.messages', 'chat.messages.readonly']
const SEE_MEMBERS = ['chat.memberships', 'chat.memberships.readonly']
const SEE_EVENTS = [...SEE_SPACES, ...SEE_MESSAGES, ...SEE_MEMBERS]
const READ_MESSAGES: readonly Charge[] = ['projectMessageReads', 'spaceReads']
const WRITE_MESSAGES: readonly Charge[] = ['projectMessageWrites', 'spaceWrites']
const MAKE_SPACES: readonly Charge[] = ['projectSpaceWrites', 'projectSpaceCreates']
const WRITE_SPACES: readonly Charge[] = ['projectSpaceWrites', 'spaceWrites']

const spaceMethods: readonly Method[] = [
  {
    id: 'chat.spaces.list',
    verb: 'GET',
    path: '/v1/spaces',
    scopes: SEE_SPACES,
    query: PAGED,
    charges: [],
    run: ({ world, caller, query }) => ({ read: listSpaces(world, caller, paged(query)) }),
  },
  {
    id: 'chat.spaces.create',
    verb: 'POST',
    path: '/v1/spaces',
    scopes: ['chat.spaces', 'chat.spaces.create'],
    query: ['requestId'],
    charges: MAKE_SPACES,
    run: ({ world, caller, query, body }) => ({
      write: createSpace(world, caller, spaceBody(body), null, query.text('requestId')),
    }),
  },
  {
    id: 'chat.spaces.setup',
    verb: 'POST',
    path: '/v1/spaces:setup',
    scopes: ['chat.spaces', 'chat.spaces.create'],
    query: [],
    charges: MAKE_SPACES,
    run({ world, caller, body }) {
      const { space, members, requestId } = setupBody(body)
      return { write: createSpace(world, caller, space, members, requestId) }
    },
  },
  {
    id: 'chat.spaces.findDirectMessage',
    verb: 'GET',
    path: '/v1/spaces:findDirectMessage',
    scopes: SEE_SPACES,
    query: ['name'],
    charges: [],
    run: ({ world, caller, query }) => ({ read: findDirectMessage(world, caller, query.text('name')) }),
  },
  {
    id: 'chat.spaces.get',
    verb: 'GET',
    path: '/v1/spaces/:space',
    scopes: SEE_SPACES,
    query: ['useAdminAccess'],
    charges: ['spaceReads'],
    run({ world, caller, param, query }) {
      refuseAdmin(query)
      return { read: getSpace(world, caller, param('space')) }
    },
  },
  {
    id: 'chat.spaces.patch',
    verb: 'PATCH',
    path: '/v1/spaces/:space',
    scopes: ['chat.spaces'],
    query: ['updateMask', 'useAdminAccess'],
    charges: WRITE_SPACES,
    run({ world, caller, param, query, body }) {
      refuseAdmin(query)
      return { write: patchSpace(world, caller, param('space'), maskOf(query.text('updateMask')), spaceBody(body)) }
    },
  },
  {
    id: 'chat.spaces.delete',
    verb: 'DELETE',
    path: '/v1/spaces/:space',
    scopes: ['chat.delete'],
    query: ['useAdminAccess'],
    charges: WRITE_SPACES,
    run({ world, caller, param, query }) {
      refuseAdmin(query)
      return { write: deleteSpace(world, caller, param('space')) }
    },
  },
  {
    id: 'chat.spaces.members.list',
    verb: 'GET',
    path: '/v1/spaces/:space/members',
    scopes: SEE_MEMBERS,
    query: [...PAGED, 'showGroups', 'showInvited', 'useAdminAccess'],
    charges: ['spaceReads'],
    run({ world, caller, param, query }) {
      refuseAdmin(query)
      return { read: listMembers(world, caller, param('space'), paged(query)) }
    },
  },
  {
    id: 'chat.spaces.members.get',
    verb: 'GET',
    path: '/v1/spaces/:space/members/:member',
    scopes: SEE_MEMBERS,
    query: ['useAdminAccess'],
    charges: ['spaceReads'],
    run({ world, caller, param, query }) {
      refuseAdmin(query)
      return { read: getMember(world, caller, param('space'), param('member')) }
    },
  },
]

const messageMethods: readonly Method[] = [
  {
    id: 'chat.spaces.messages.search',
    verb: 'POST',
    path: '/v1/spaces/:space/messages:search',
    scopes: SEE_MESSAGES,
    query: [],
    charges: ['projectMessageReads'],
    run({ world, caller, param, body }) {
      const { filter = null, orderBy = null, pageSize = null, pageToken = null, ...more } = searchBody(body)
      if (more.view === 'SEARCH_MESSAGES_VIEW_FULL') throw leftOut('the full view of search')
      refuseMarkdown(more.markupSyntax ?? null)
      return { read: searchMessages(world, caller, param('space'), { filter, orderBy, pageSize, pageToken }) }
    },
  },
  {
    id: 'chat.spaces.messages.list',
    verb: 'GET',
    path: '/v1/spaces/:space/messages',
    scopes: SEE_MESSAGES,
    query: [...PAGED, 'orderBy', 'showDeleted', 'markupSyntax'],
    charges: READ_MESSAGES,
    run({ world, caller, param, query }) {
      refuseMarkdown(query.oneOf('markupSyntax', MARKUPS))
      const wanted = { ...paged(query), orderBy: query.text('orderBy'), showDeleted: query.flag('showDeleted') }
      return { read: listMessages(world, caller, param('space'), wanted) }
    },
  },
  {
    id: 'chat.spaces.messages.create',
    verb: 'POST',
    path: '/v1/spaces/:space/messages',
    scopes: ['chat.messages', 'chat.messages.create'],
    query: [
      'requestId',
      'messageId',
      'messageReplyOption',
      'threadKey',
      'createMessageNotificationOptions.notificationType',
    ],
    charges: WRITE_MESSAGES,
    run({ world, caller, param, query, body }) {
      const message = messageBody(body)
      return {
        write: createMessage(world, caller, param('space'), {
          ...message,
          threadKey: message.threadKey ?? query.text('threadKey'),
          replyOption: query.oneOf('messageReplyOption', REPLY_OPTIONS),
          messageId: query.text('messageId'),
          requestId: query.text('requestId'),
        }),
      }
    },
  },
  {
    id: 'chat.spaces.messages.get',
    verb: 'GET',
    path: '/v1/spaces/:space/messages/:message',
    scopes: SEE_MESSAGES,
    query: ['markupSyntax'],
    charges: READ_MESSAGES,
    run({ world, caller, param, query }) {
      refuseMarkdown(query.oneOf('markupSyntax', MARKUPS))
      return { read: getMessage(world, caller, param('space'), param('message')) }
    },
  },
  ...(['PATCH', 'PUT'] as const).map((verb): Method => ({
    id: verb === 'PATCH' ? 'chat.spaces.messages.patch' : 'chat.spaces.messages.update',
    verb,
    path: '/v1/spaces/:space/messages/:message',
    scopes: ['chat.messages'],
    query: ['updateMask', 'allowMissing'],
    charges: WRITE_MESSAGES,
    run: (call) => ({ write: changeMessage(call) }),
  })),
  {
    id: 'chat.spaces.messages.delete',
    verb: 'DELETE',
    path: '/v1/spaces/:space/messages/:message',
    scopes: ['chat.messages'],
    query: ['force'],
    charges: WRITE_MESSAGES,
    run: ({ world, caller, param, query }) => ({
      write: deleteMessage(world, caller, param('space'), param('message'), query.flag('force')),
    }),
  },
]

const eventMethods: readonly Method[] = [
  {
    id: 'chat.spaces.spaceEvents.list',
    verb: 'GET',
    path: '/v1/spaces/:space/spaceEvents',
    scopes: SEE_EVENTS,
    query: PAGED,
    charges: READ_MESSAGES,
    run: ({ world, caller, param, query }) => ({ read: listEvents(world, caller, param('space'), paged(query)) }),
  },
  {
    id: 'chat.spaces.spaceEvents.get',
    verb: 'GET',
    path: '/v1/spaces/:space/spaceEvents/:event',
    scopes: SEE_EVENTS,
    query: [],
    charges: READ_MESSAGES,
    run: ({ world, caller, param }) => ({ read: getEvent(world, caller, param('space'), param('event')) }),
  },
]

export const METHODS: readonly Method[] = [...spaceMethods, ...messageMethods, ...eventMethods]

const TEXT_ALONE = new Set(['text', '*', 'quoted_message_metadata'])
const APP_FIELDS = new Set(['cards', 'cards_v2', 'accessory_widgets'])

function changeMessage({ world, caller, param, query, body }: Call): Written<object> {
  const mask = maskOf(query.text('updateMask'))
  const allowMissing = query.flag('allowMissing')
  // A missing message is created whole, whatever the mask says; the mask must be there all the same.
  if (mask.length === 0 && !allowMissing) throw invalid('update_mask is required.')
  for (const field of mask) {
    if (APP_FIELDS.has(field)) throw invalid(`${field} cannot be updated with human credentials.`)
    if (field === 'attachment') throw leftOut('attachments')
    if (!TEXT_ALONE.has(field)) throw invalid(`update_mask holds an unsupported field: ${field}`)
  }
  if (mask.length > 0 && !mask.includes('text') && !mask.includes('*')) throw leftOut('quoted messages')
  return patchMessage(world, caller, param('space'), param('message'), { text: messageBody(body).text, allowMissing })
}

function paged(query: Query): { filter: string | null; pageSize: number | null; pageToken: string | null } {
  return { filter: query.text('filter'), pageSize: query.count('pageSize'), pageToken: query.text('pageToken') }
}

function refuseAdmin(query: Query): void {
  if (query.flag('useAdminAccess')) throw leftOut('administrator access')
}

function refuseMarkdown(syntax: string | null): void {
  if (syntax === 'MARKUP_SYNTAX_MARKDOWN') throw leftOut('Markdown')
}
