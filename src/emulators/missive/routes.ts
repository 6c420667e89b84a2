/** What the emulated API answers, below `/v1`. */
import { json, type WireResponse } from '../emulator.ts'
import {
  changeContacts,
  CONTACT_QUERY,
  createContacts,
  getContact,
  GROUP_QUERY,
  listBooks,
  listContacts,
  listGroups,
} from './contacts.ts'
import {
  changeConversations,
  ENTRY_QUERY,
  getConversation,
  LIST_QUERY,
  listConversations,
  listEntries,
  mergeConversations,
} from './conversations.ts'
import {
  changeLabels,
  createLabels,
  DIRECTORY_QUERY,
  listLabels,
  listOrganizations,
  listTeams,
  listUsers,
  PAGED_QUERY,
} from './directories.ts'
import { createHook, deleteHook, type Hooks } from './hooks.ts'
import { createDraft, createIncoming, deleteDraft, findMessages, getMessages } from './messages.ts'
import { createPost, deletePost } from './posts.ts'
import type { Query } from './query.ts'
import type { World } from './state.ts'

export interface Call {
  readonly world: World
  readonly hooks: Hooks
  /** Whose token it is. */
  readonly by: string
  readonly query: Query
  /** The ids of the address, which commas part. */
  readonly ids: readonly string[]
  readonly id: string
  body(): unknown
}

export interface Route {
  readonly method: string
  readonly path: string
  readonly query: readonly string[]
  readonly run: (call: Call) => WireResponse
}

function route(
  method: string,
  path: string,
  query: readonly string[],
  run: (call: Call) => object,
  status = 200,
): Route {
  return { method, path: `/v1${path}`, query, run: (call) => json(status, run(call)) }
}

function removal(path: string, run: (call: Call) => void): Route {
  return {
    method: 'DELETE',
    path: `/v1${path}`,
    query: [],
    run(call) {
      run(call)
      return { status: 200, headers: {}, body: '' }
    },
  }
}

const conversationRoutes: readonly Route[] = [
  route('GET', '/conversations', LIST_QUERY, ({ world, by, query }) => listConversations(world, by, query)),
  route('GET', '/conversations/:id', [], ({ world, by, id }) => getConversation(world, by, id)),
  route('PATCH', '/conversations/:id', [], ({ world, by, ids, body }) => changeConversations(world, by, ids, body())),
  route('POST', '/conversations/:id/merge', [], ({ world, by, id, body }) => mergeConversations(world, by, id, body())),
  ...(['messages', 'comments', 'drafts', 'posts'] as const).map((kind) =>
    route('GET', `/conversations/:id/${kind}`, ENTRY_QUERY, ({ world, by, id, query }) =>
      listEntries(world, by, id, kind, query),
    ),
  ),
]

const entryRoutes: readonly Route[] = [
  route('GET', '/messages', ['email_message_id'], ({ world, by, query }) =>
    findMessages(world, by, query.text('email_message_id')),
  ),
  route('GET', '/messages/:id', [], ({ world, by, ids }) => getMessages(world, by, ids)),
  route('POST', '/messages', [], ({ world, by, body }) => createIncoming(world, by, body()), 201),
  route('POST', '/drafts', [], ({ world, by, body }) => createDraft(world, by, body()), 201),
  removal('/drafts/:id', ({ world, by, id }) => deleteDraft(world, by, id)),
  route('POST', '/posts', [], ({ world, by, body }) => createPost(world, by, body()), 201),
  removal('/posts/:id', ({ world, by, id }) => deletePost(world, by, id)),
]

const directoryRoutes: readonly Route[] = [
  route('GET', '/organizations', PAGED_QUERY, ({ world, by, query }) => listOrganizations(world, by, query)),
  route('GET', '/users', DIRECTORY_QUERY, ({ world, by, query }) => listUsers(world, by, query)),
  route('GET', '/teams', DIRECTORY_QUERY, ({ world, by, query }) => listTeams(world, by, query)),
  route('GET', '/shared_labels', DIRECTORY_QUERY, ({ world, by, query }) => listLabels(world, by, query)),
  route('POST', '/shared_labels', [], ({ world, by, body }) => createLabels(world, by, body()), 201),
  route('PATCH', '/shared_labels/:id', [], ({ world, by, ids, body }) => changeLabels(world, by, ids, body())),
  route('GET', '/contact_books', PAGED_QUERY, ({ world, by, query }) => listBooks(world, by, query)),
  route('GET', '/contact_groups', GROUP_QUERY, ({ world, by, query }) => listGroups(world, by, query)),
  route('GET', '/contacts', CONTACT_QUERY, ({ world, by, query }) => listContacts(world, by, query)),
  route('GET', '/contacts/:id', [], ({ world, by, id }) => getContact(world, by, id)),
  route('POST', '/contacts', [], ({ world, by, body }) => createContacts(world, by, body()), 201),
  route('PATCH', '/contacts/:id', [], ({ world, by, ids, body }) => changeContacts(world, by, ids, body())),
]

const hookRoutes: readonly Route[] = [
  route('POST', '/hooks', [], ({ world, hooks, by, body }) => createHook(world, hooks, by, body()), 201),
  removal('/hooks/:id', ({ world, hooks, by, id }) => deleteHook(world, hooks, by, id)),
]

export const routes: readonly Route[] = [...conversationRoutes, ...entryRoutes, ...directoryRoutes, ...hookRoutes]
