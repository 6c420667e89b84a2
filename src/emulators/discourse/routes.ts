/** Every path which the emulated forum answers. Paths stand without their `.json`. */
import type { WireResponse } from '../emulator.ts'
import { createCategory, deleteCategory, listCategories, showCategory, siteInfo, updateCategory } from './categories.ts'
import {
  createHook,
  deleteHook,
  listEvents,
  listHooks,
  pingHook,
  redeliver,
  showHook,
  updateHook,
} from './hooks-admin.ts'
import { createPost } from './posts-create.ts'
import { editPost, revisions } from './posts-edit.ts'
import { latestPosts, rawPost, rawPostByNumber, rawTopic, showPost, showPostByNumber } from './posts-read.ts'
import { deletePost, deleteTopic, recoverPost, recoverTopic } from './posts-remove.ts'
import { plain } from './answers.ts'
import type { Call } from './site.ts'
import { editTopic, setStatus } from './topics-edit.ts'
import { changeOwner, changeTimestamp, movePosts } from './topics-move.ts'
import { categoryLatest, latest, showTopic, topicByExternalId, topicPosts } from './topics-read.ts'
import { adminListUsers, createUser, csrf, currentSession, restrain, restraints, showUser } from './users.ts'

export interface DiscourseRoute {
  readonly method: string
  readonly path: string
  /** As in `X-Discourse-Route`. */
  readonly name: string
  readonly answer: (call: Call) => WireResponse
}

const ID = ':id{-?[0-9]+}'

export const routes: readonly DiscourseRoute[] = [
  route('GET', '/srv/status', 'forums/status', () => plain(200, 'ok')),
  route('GET', '/session/current', 'session/current', currentSession),
  route('GET', '/session/csrf', 'session/csrf', csrf),
  route('GET', '/site', 'site/site', siteInfo),

  route('GET', '/categories', 'categories/index', listCategories),
  route('POST', '/categories', 'categories/create', createCategory),
  route('PUT', `/categories/${ID}`, 'categories/update', updateCategory),
  route('DELETE', `/categories/${ID}`, 'categories/destroy', deleteCategory),
  route('GET', `/c/${ID}/show`, 'categories/show', showCategory),
  route('GET', `/c/${ID}/l/latest`, 'list/category_latest', categoryLatest),
  route('GET', `/c/:slug/${ID}/l/latest`, 'list/category_latest', categoryLatest),
  route('GET', `/c/:parent/:slug/${ID}/l/latest`, 'list/category_latest', categoryLatest),
  route('GET', `/c/:slug/${ID}`, 'list/category_default', categoryLatest),
  route('GET', `/c/:parent/:slug/${ID}`, 'list/category_default', categoryLatest),
  route('GET', '/latest', 'list/latest', latest),

  route('GET', '/posts', 'posts/latest', latestPosts),
  route('POST', '/posts', 'posts/create', createPost),
  route('GET', `/posts/${ID}`, 'posts/show', showPost),
  route('PUT', `/posts/${ID}`, 'posts/update', editPost),
  route('DELETE', `/posts/${ID}`, 'posts/destroy', deletePost),
  route('PUT', `/posts/${ID}/recover`, 'posts/recover', recoverPost),
  route('GET', `/posts/${ID}/raw`, 'posts/markdown_id', rawPost),
  route('GET', `/posts/${ID}/revisions/:revision{latest}`, 'posts/latest_revision', revisions),
  route('GET', `/posts/${ID}/revisions/:revision{[0-9]+}`, 'posts/revisions', revisions),
  route('GET', '/posts/by_number/:topic{[0-9]+}/:number{[0-9]+}', 'posts/by_number', showPostByNumber),
  route('GET', '/raw/:topic{[0-9]+}', 'posts/markdown_num', rawTopic),
  route('GET', '/raw/:topic{[0-9]+}/:number{[0-9]+}', 'posts/markdown_num', rawPostByNumber),

  route('GET', '/t/external_id/:external', 'topics/show_by_external_id', topicByExternalId),
  route('PUT', `/t/-/${ID}`, 'topics/update', editTopic),
  route('PUT', `/t/${ID}`, 'topics/update', editTopic),
  route('GET', `/t/${ID}`, 'topics/show', showTopic),
  route('DELETE', `/t/${ID}`, 'topics/destroy', deleteTopic),
  route('PUT', `/t/${ID}/recover`, 'topics/recover', recoverTopic),
  route('PUT', `/t/${ID}/status`, 'topics/status', setStatus),
  route('PUT', `/t/${ID}/change-timestamp`, 'topics/change_timestamps', changeTimestamp),
  route('POST', `/t/${ID}/move-posts`, 'topics/move_posts', movePosts),
  route('POST', `/t/${ID}/change-owner`, 'topics/change_post_owners', changeOwner),
  route('GET', `/t/${ID}/posts`, 'topics/posts', topicPosts),
  route('GET', `/t/${ID}/:number{[0-9]+}`, 'topics/show', showTopic),
  route('GET', `/t/:slug/${ID}`, 'topics/show', showTopic),
  route('GET', `/t/:slug/${ID}/:number{[0-9]+}`, 'topics/show', showTopic),

  route('GET', '/admin/api/web_hooks', 'web_hooks/index', listHooks),
  route('POST', '/admin/api/web_hooks', 'web_hooks/create', createHook),
  route('GET', `/admin/api/web_hooks/${ID}`, 'web_hooks/show', showHook),
  route('PUT', `/admin/api/web_hooks/${ID}`, 'web_hooks/update', updateHook),
  route('DELETE', `/admin/api/web_hooks/${ID}`, 'web_hooks/destroy', deleteHook),
  route('POST', `/admin/api/web_hooks/${ID}/ping`, 'web_hooks/ping', pingHook),
  route('POST', `/admin/api/web_hooks/${ID}/events/:event{[0-9]+}/redeliver`, 'web_hooks/redeliver_event', redeliver),
  route('GET', `/admin/api/web_hook_events/${ID}`, 'web_hooks/list_events', listEvents),

  route('POST', '/users', 'users/create', createUser),
  route('GET', '/u/:username', 'users/show', showUser),
  route('GET', '/admin/users/list/active', 'users/index', adminListUsers),
  ...restraints.map((action) => route('PUT', `/admin/users/${ID}/:action{${action}}`, `users/${action}`, restrain)),
]

function route(method: string, path: string, name: string, answer: (call: Call) => WireResponse): DiscourseRoute {
  return { method, path, name, answer }
}
