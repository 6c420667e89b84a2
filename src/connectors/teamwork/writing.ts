/** How tasks and comments are written. Nobody is sent mail about it, and webhooks tell of it as of any change. */
import {
  ConnectorError,
  failedAs,
  requiredText,
  textOf,
  type Call,
  type Create,
  type Delete,
  type Item,
  type Json,
  type Made,
  type Ref,
  type Tombstone,
  type Unread,
  type Update,
  type Values,
} from '../../connector/index.ts'
import { V3, type Api } from './api.ts'
import { changeOf, commentItem, taskItem } from './items.ts'
import { firstList, getTask, livingSubtask } from './tasks.ts'
import { madeComment, oneComment, oneTask } from './wire.ts'

const QUIET = { notify: false }

export async function createTask(call: Call<Api>, { values }: Create): Promise<Made> {
  const list = textOf(values, 'tasklist') ?? (await firstList(call))
  const { task } = await call.api.client.post(`${V3}/tasklists/${list}/tasks.json`, {
    body: { task: bodyOf(values), taskOptions: QUIET },
    as: oneTask,
  })
  if (values['completed'] !== true) return [changeOf('task', taskItem(call.api, task, call.scope, call.actor))]
  // What is made is made: where it cannot be completed or read now, the difference is seen when it is read.
  const read = await complete(call, task.id, true)
    .then(() => getTask(call, task.id))
    .catch(() => null)
  return [changeOf('task', read ?? { scope: call.scope, ref: task.id, unread: true })]
}

/** Completing has calls of its own, which may be repeated. */
export async function updateTask(call: Call<Api>, { ref, changed }: Update): Promise<Item | Unread> {
  const { completed, ...rest } = changed
  const body = bodyOf(rest)
  const answer =
    Object.keys(body).length === 0
      ? null
      : await call.api.client.patch(`${V3}/tasks/${ref}.json`, {
          body: { task: body, taskOptions: QUIET },
          as: oneTask,
        })
  if (completed !== undefined) await complete(call, ref, completed === true)
  const now =
    answer === null || completed !== undefined || 'tasklist' in changed
      ? await getTask(call, ref)
      : taskItem(call.api, answer.task, call.scope, call.actor)
  return 'gone' in now ? { scope: now.scope, ref, unread: true } : now
}

/** Teamwork deletes what stands under a task with it: one with living subtasks stays, until they are gone or elsewhere. */
export async function deleteTask({ api }: Call<Api>, { ref }: Delete): Promise<void> {
  const name = await livingSubtask(api, ref)
  if (name !== null)
    throw new ConnectorError(
      'rejected',
      `Teamwork would delete its subtasks with it, and they are there, as "${name}": delete or move them first`,
      { mayPass: true },
    )
  await api.client.delete(`${V3}/tasks/${ref}.json`)
}

function complete({ api }: Call<Api>, ref: Ref, done: boolean): Promise<void> {
  return api.client.put(`/tasks/${ref}/${done ? 'complete' : 'uncomplete'}.json`)
}

type Write = (value: Json) => Readonly<Record<string, unknown>>

/** Of each field, what is sent for it. */
const SENT: Readonly<Record<string, Write>> = {
  tasklist: (value) => ({ tasklistId: Number(value) }),
  parent: (value) => ({ parentTaskId: Number(value ?? 0) }),
  name: (value) => ({ name: value ?? '' }),
  description: (value) => ({ description: value ?? '' }),
  priority: (value) => ({ priority: value }),
  progress: (value) => ({ progress: Number(value ?? 0) }),
  start: (value) => ({ startAt: value }),
  due: (value) => ({ dueAt: value }),
  estimate: (value) => ({ estimatedMinutes: Number(value ?? 0) }),
  assignees: (value) => ({ assignees: { userIds: idsOf(value) } }),
  tags: (value) => ({ tagIds: idsOf(value) }),
}

function bodyOf(values: Values): Readonly<Record<string, unknown>> {
  return Object.assign({}, ...Object.entries(values).map(([field, value]) => SENT[field]?.(value) ?? {}))
}

function idsOf(value: Json): readonly number[] {
  return Array.isArray(value) ? value.map(Number) : []
}

/** A comment outlives its task where it is read by itself, and nowhere else. */
export async function getComment(call: Call<Api>, ref: Ref): Promise<Item | Tombstone> {
  const item = await readComment(call, ref)
  if ('gone' in item) return item
  const task = await getTask(call, requiredText(item.values, 'task')).catch(nullIfMissing)
  return task === null || 'gone' in task ? { scope: item.scope, ref, gone: 'deleted' } : item
}

async function readComment({ api }: Call<Api>, ref: Ref): Promise<Item | Tombstone> {
  const { comment } = await api.client.get(`/comments/${ref}.json`, { as: oneComment })
  const item = commentItem(api, comment)
  if (item === null) throw new ConnectorError('missing', `the comment ${ref} is on something else than a task`)
  return item
}

/** Version 1 answers an id alone. */
export async function createComment(call: Call<Api>, { values }: Create): Promise<Made> {
  const { id } = await call.api.client.post(`/tasks/${requiredText(values, 'task')}/comments.json`, {
    body: { comment: commentBody(values) },
    as: madeComment,
  })
  const read = await readComment(call, id).catch(() => null)
  return [changeOf('comment', read ?? { scope: call.scope, ref: id, unread: true })]
}

export async function updateComment(call: Call<Api>, { ref, changed }: Update): Promise<Item | Unread> {
  await call.api.client.put(`/comments/${ref}.json`, { body: { comment: commentBody(changed) } })
  const now = await readComment(call, ref)
  return 'gone' in now ? { scope: now.scope, ref, unread: true } : now
}

export function deleteComment({ api }: Call<Api>, { ref }: Delete): Promise<void> {
  return api.client.delete(`/comments/${ref}.json`)
}

function commentBody(values: Values) {
  return { body: requiredText(values, 'body'), 'content-type': 'TEXT', notify: '' }
}

function nullIfMissing(error: unknown): null {
  if (failedAs(error, 'missing')) return null
  throw error
}
