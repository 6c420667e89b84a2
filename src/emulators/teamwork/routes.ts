/** What the emulated site answers, in the two generations of its API. Paths stand without their `.json`. */
import { json, type WireResponse } from '../emulator.ts'
import { badRequest, notFound, ok } from './answers.ts'
import { changeComment, createComment, deleteComment, listComments, liveComment, oldCommentJson } from './comments.ts'
import { changeProject, changeTasklist, createProject, createTasklist, deleteTasklist } from './containers.ts'
import {
  createTag,
  listPeople,
  listProjects,
  listTags,
  oldPerson,
  oldTasklists,
  projectJson,
  tagJson,
  userJson,
} from './directories.ts'
import {
  changeWebhook,
  createWebhook,
  deliveriesOf,
  findWebhook,
  pauseWebhook,
  redeliver,
  switchWebhooks,
  webhookJson,
} from './hooks-admin.ts'
import type { Query } from './query.ts'
import type { World } from './state.ts'
import { changeTask, completeTask, createTask, deleteTask, reopenTask, restoreTask } from './tasks.ts'
import { getTask, listTasks, TASK_QUERY, taskJson } from './tasks-read.ts'
import { changeTime, createTime, deleteTime, listTime, liveTime, restoreTime, TIME_QUERY, timeJson } from './time.ts'
import { EVENTS, type Webhooks } from './webhooks.ts'

export interface Call {
  readonly world: World
  readonly hooks: Webhooks
  /** Who asks. */
  readonly by: number
  readonly query: Query
  id(name?: string): number
  json(): unknown
}

export interface Route {
  readonly method: string
  readonly path: string
  readonly query: readonly string[]
  readonly run: (call: Call) => WireResponse
}

const V3 = '/projects/api/v3'
const PAGED = ['page', 'pageSize', 'skipCounts']
const ID = (name = 'id'): string => `:${name}{[0-9]+}`

function route(method: string, path: string, query: readonly string[], run: Route['run']): Route {
  return { method, path, query, run }
}

const answer = (body: object): WireResponse => json(200, body)
const done = (): WireResponse => ({ status: 204, headers: {}, body: '' })

const taskRoutes: readonly Route[] = [
  route('GET', `${V3}/tasks`, TASK_QUERY, ({ world, query }) => answer(listTasks(world, query))),
  route('GET', `${V3}/projects/${ID()}/tasks`, TASK_QUERY, ({ world, query, id }) =>
    answer(listTasks(world, query, { project: id() })),
  ),
  route('GET', `${V3}/tasklists/${ID()}/tasks`, TASK_QUERY, ({ world, query, id }) =>
    answer(listTasks(world, query, { tasklist: id() })),
  ),
  route('GET', `${V3}/tasks/${ID()}`, [], ({ world, id }) => answer(getTask(world, id()))),
  route('POST', `${V3}/tasklists/${ID()}/tasks`, [], ({ world, by, id, json: body }) =>
    json(201, { task: taskJson(world, createTask(world, by, id(), body())), included: {} }),
  ),
  ...['PUT', 'PATCH'].map((method) =>
    route(method, `${V3}/tasks/${ID()}`, [], ({ world, by, id, json: body }) =>
      answer({ task: taskJson(world, changeTask(world, by, id(), body())), included: {} }),
    ),
  ),
  route('DELETE', `${V3}/tasks/${ID()}`, [], ({ world, by, id }) => {
    deleteTask(world, by, id())
    return done()
  }),
  route('POST', `${V3}/tasks/bulk/delete`, [], ({ world, by, json: body }) => {
    for (const id of bulkIds(body())) deleteTask(world, by, id)
    return done()
  }),
  route('PUT', `/tasks/${ID()}/complete`, [], ({ world, by, id }) => {
    completeTask(world, by, id())
    return ok()
  }),
  route('PUT', `/tasks/${ID()}/uncomplete`, [], ({ world, by, id }) => {
    reopenTask(world, by, id())
    return ok()
  }),
  route('PUT', `/trashcan/tasks/${ID()}/restore`, [], ({ world, by, id }) => {
    restoreTask(world, by, id())
    return ok()
  }),
]

const COMMENT_QUERY = [
  'updatedAfter',
  'updatedAfterDate',
  'projectIds',
  'objectIds',
  'objectType',
  'objectTypes',
  'includeArchivedProjects',
  'orderBy',
  'orderMode',
  'include',
  ...PAGED,
]

const commentRoutes: readonly Route[] = [
  route('GET', `${V3}/comments`, COMMENT_QUERY, ({ world, query }) => answer(listComments(world, query))),
  route('POST', `/tasks/${ID()}/comments`, [], ({ world, by, id, json: body }) =>
    ok({ id: String(createComment(world, by, id(), body()).id) }, 201),
  ),
  route('GET', `/comments/${ID()}`, [], ({ world, id }) =>
    ok({ comment: oldCommentJson(world, liveComment(world, id())) }),
  ),
  route('PUT', `/comments/${ID()}`, [], ({ world, by, id, json: body }) => {
    changeComment(world, by, id(), body())
    return ok()
  }),
  route('DELETE', `/comments/${ID()}`, [], ({ world, by, id }) => {
    deleteComment(world, by, id())
    return ok()
  }),
]

const timeRoutes: readonly Route[] = [
  route('GET', `${V3}/time`, TIME_QUERY, ({ world, query }) => answer(listTime(world, query))),
  ...(['tasks', 'projects'] as const).flatMap((kind) => {
    const logged = kind === 'tasks' ? (id: number) => ({ task: id }) : (id: number) => ({ project: id })
    return [
      route('GET', `${V3}/${kind}/${ID()}/time`, TIME_QUERY, ({ world, query, id }) =>
        answer(listTime(world, query, logged(id()))),
      ),
      route('POST', `${V3}/${kind}/${ID()}/time`, [], ({ world, by, id, json: body }) =>
        json(201, { timelog: timeJson(world, createTime(world, by, logged(id()), body())) }),
      ),
    ]
  }),
  route('GET', `${V3}/time/${ID()}`, [], ({ world, id }) =>
    answer({ timelog: timeJson(world, liveTime(world, id())) }),
  ),
  route('PATCH', `${V3}/time/${ID()}`, [], ({ world, by, id, json: body }) =>
    answer({ timelog: timeJson(world, changeTime(world, by, id(), body())) }),
  ),
  route('DELETE', `${V3}/time/${ID()}`, [], ({ world, by, id }) => {
    deleteTime(world, by, id())
    return done()
  }),
  route('PUT', `/trashcan/timelogs/${ID()}/restore`, [], ({ world, by, id }) => {
    restoreTime(world, by, id())
    return ok()
  }),
]

const directoryRoutes: readonly Route[] = [
  route('GET', '/me', [], ({ world, by }) => ok({ person: oldPerson(world, by) })),
  route('GET', `${V3}/projects`, ['updatedAfter', 'includeArchivedProjects', ...PAGED], ({ world, query }) =>
    answer(listProjects(world, query)),
  ),
  route('GET', `${V3}/projects/${ID()}`, [], ({ world, id }) =>
    answer({ project: projectJson(world, id()), included: {} }),
  ),
  route('GET', `/projects/${ID()}/tasklists`, ['status', 'page'], ({ world, id, query }) => {
    const { tasklists, headers } = oldTasklists(world, id(), query)
    const answered = ok({ tasklists })
    return { ...answered, headers: { ...answered.headers, ...headers } }
  }),
  route('POST', '/projects', [], ({ world, by, json: body }) =>
    ok({ id: String(createProject(world, by, body()).id) }, 201),
  ),
  route('PUT', `/projects/${ID()}`, [], ({ world, by, id, json: body }) => {
    changeProject(world, by, id(), body())
    return ok()
  }),
  route('POST', `/projects/${ID()}/tasklists`, [], ({ world, by, id, json: body }) =>
    ok({ TASKLISTID: String(createTasklist(world, by, id(), body()).id) }, 201),
  ),
  route('PUT', `/tasklists/${ID()}`, [], ({ world, by, id, json: body }) => {
    changeTasklist(world, by, id(), body())
    return ok()
  }),
  route('DELETE', `/tasklists/${ID()}`, [], ({ world, by, id }) => {
    deleteTasklist(world, by, id())
    return ok()
  }),
  route('GET', `${V3}/people`, ['ids', ...PAGED], ({ world, query }) => answer(listPeople(world, query))),
  route('GET', `${V3}/people/${ID()}`, [], ({ world, id }) => answer({ person: userJson(world, id()), included: {} })),
  route('GET', `${V3}/tags`, ['searchTerm', ...PAGED], ({ world, query }) => answer(listTags(world, query))),
  route('GET', `${V3}/tags/${ID()}`, [], ({ world, id }) => answer({ tag: tagJson(world, id()) })),
  route('POST', `${V3}/tags`, [], ({ world, json: body }) => json(201, { tag: createTag(world, body()) })),
]

const webhookRoutes: readonly Route[] = [
  route('GET', '/webhooks', [], ({ hooks }) => ok({ webhooks: [...hooks.all.values()].map(webhookJson) })),
  route('POST', '/webhooks', [], ({ world, hooks, json: body }) =>
    ok({ id: createWebhook(world, hooks, body()).id }, 201),
  ),
  route('GET', '/webhooks/events', [], () =>
    ok({ events: EVENTS.map((name, index) => ({ id: String(index + 1), name })) }),
  ),
  ...[true, false].map((on) =>
    route('PUT', `/webhooks/${on ? 'enable' : 'disable'}`, [], ({ world, hooks, by }) => {
      switchWebhooks(world, hooks, by, on)
      return ok()
    }),
  ),
  route('GET', `/webhooks/${ID()}`, [], ({ hooks, id }) => ok({ webhook: webhookJson(findWebhook(hooks, id())) })),
  route('PUT', `/webhooks/${ID()}`, [], ({ hooks, id, json: body }) => {
    changeWebhook(hooks, id(), body())
    return ok()
  }),
  route('DELETE', `/webhooks/${ID()}`, [], ({ hooks, id }) => {
    hooks.all.delete(findWebhook(hooks, id()).id)
    return ok()
  }),
  ...(['pause', 'resume'] as const).map((verb) =>
    route('PUT', `/webhooks/${ID()}/${verb}`, [], ({ hooks, id }) => {
      pauseWebhook(hooks, id(), verb === 'pause' ? 'PAUSED' : 'ACTIVE')
      return ok()
    }),
  ),
  route('GET', `/${ID()}/deliveries`, [], ({ hooks, id }) => ok({ deliveries: deliveriesOf(hooks, id()) })),
  route('POST', `/webhook/${ID()}/redeliver`, [], ({ hooks, id, json: body }) => {
    redeliver(hooks, id(), body())
    return ok()
  }),
]

export const routes: readonly Route[] = [
  ...taskRoutes,
  ...commentRoutes,
  ...timeRoutes,
  ...directoryRoutes,
  ...webhookRoutes,
]

function bulkIds(value: unknown): readonly number[] {
  const ids = typeof value === 'object' && value !== null && 'ids' in value ? value.ids : null
  if (!Array.isArray(ids) || ids.length === 0) throw badRequest('ids: they are missing')
  return ids.map((id: unknown) => {
    if (typeof id !== 'number') throw notFound()
    return id
  })
}
