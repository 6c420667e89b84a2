/** Tasks and the lists that they are in: how they are read. */
import { ConnectorError, failedAs, type Call, type Item, type Ref, type Tombstone } from '../../connector/index.ts'
import { V3, type Api, type Query } from './api.ts'
import type { Stream } from './feeds.ts'
import { changeOf, taskItem, tasklistItem } from './items.ts'
import { tasklists, tasksPage, type TasksPage, type WireTask, type WireTasklist } from './wire.ts'

/**
 * Whatever lists leave out unless they are asked, or may leave out: completed tasks and subtasks, those of archived projects
 * and completed lists, private ones, those on boards, deleted ones.
 */
const EVERYTHING: Query = {
  includeCompletedTasks: true,
  includeCompletedSubtasks: true,
  includePrivateItems: true,
  includeTasksWithCards: true,
  showCompletedLists: true,
  includeArchivedProjects: true,
  showDeleted: true,
  include: 'tasklists',
  skipCounts: true,
}

interface Row {
  readonly task: WireTask
  /** Tells the project; null where the list is gone. */
  readonly tasklist: WireTasklist | null
}

export const tasks: Stream<Row> = {
  kinds: ['tasklist', 'task'],
  listed: { orderBy: 'dateadded' },
  async page({ client }, query, after) {
    const since = after === null ? {} : { orderBy: 'dateupdated', updatedAfter: after, deletedAfter: after }
    const page = await client.get(`${V3}/tasks.json`, { query: { ...EVERYTHING, ...since, ...query }, as: tasksPage })
    return { rows: rowsOf(page), more: page.meta.page.hasMore }
  },
  changedAt: ({ task }) => latest(task.updatedAt, task.deletedAt),
  changes(call, { task, tasklist }) {
    const scope = tasklist?.projectId ?? null
    const read = taskItem(call.api, task, scope ?? '', call.actor)
    const place = { scope: scope ?? call.scopes[0] ?? '', unread: true } as const
    // Its list may be gone too, and is told all the same.
    if ('gone' in read) return [changeOf('task', read), changeOf('tasklist', { ...place, ref: task.tasklistId })]
    if (tasklist === null || scope === null) return [changeOf('task', { ...place, ref: task.id })]
    return [changeOf('tasklist', tasklistItem(call.api, tasklist, scope)), changeOf('task', read)]
  },
  /** Lists without a task come with no task. */
  rest: async (call) =>
    (await listsOf(call)).map((each) => changeOf('tasklist', tasklistItem(call.api, each, call.scope))),
}

function rowsOf({ tasks: listed, included }: TasksPage): readonly Row[] {
  return listed.map((task) => ({ task, tasklist: included?.tasklists?.[task.tasklistId] ?? null }))
}

function latest(one: string | null | undefined, two: string | null | undefined): string | null {
  return [one ?? '', two ?? ''].toSorted().at(-1) || null
}

/** By the list, which tells the project and deleted tasks too. */
export async function getTask(call: Call<Api>, ref: Ref): Promise<Item | Tombstone> {
  const { rows } = await tasks.page(call.api, { ids: ref, pageSize: 1 }, null)
  const row = rows.find(({ task }) => task.id === ref)
  if (row === undefined) throw new ConnectorError('missing', `there is no task ${ref}`)
  return taskItem(call.api, row.task, row.tasklist?.projectId ?? call.scope, call.actor)
}

/** The name of one of the tasks under a task, completed ones included; null: there is none. */
export async function livingSubtask(api: Api, ref: Ref): Promise<string | null> {
  const { rows } = await tasks.page(api, { parentTaskId: ref, pageSize: 1, showDeleted: false }, null)
  return rows[0]?.task.name ?? null
}

/** Completed ones too, in their order. How many pages there are is told by a header alone. */
async function listsOf({ api, scope }: Call<Api>): Promise<readonly WireTasklist[]> {
  const all = new Map<string, WireTasklist>()
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const answer = await api.client.get(`/projects/${scope}/tasklists.json`, {
      query: { status: 'all', page },
      as: tasklists,
      headed: (headers) => (pages = Number(headers['x-pages'] ?? 1)),
    })
    for (const each of answer.tasklists) all.set(each.id, each)
  }
  return [...all.values()]
}

/**
 * Where it is among the lists of its project, or as its tasks tell it. Where all that is told is kept, in the words of its
 * tasks, as the feed has them.
 */
export async function getTasklist(call: Call<Api>, ref: Ref): Promise<Item> {
  const asListed = async () => (await listsOf(call)).find(({ id }) => id === ref)
  const byTasks = () => listOfTasks(call, ref)
  const [one, other] = call.api.config.raw ? [byTasks, asListed] : [asListed, byTasks]
  const listed = (await one()) ?? (await other())
  if (listed === undefined) throw new ConnectorError('missing', `there is no task list ${ref}`)
  return tasklistItem(call.api, listed, listed.projectId ?? call.scope)
}

async function listOfTasks({ api }: Call<Api>, ref: Ref): Promise<WireTasklist | undefined> {
  try {
    const { rows } = await tasks.page(api, { tasklistIds: ref, pageSize: 1, showDeleted: false }, null)
    return rows.find(({ tasklist }) => tasklist?.id === ref)?.tasklist ?? undefined
  } catch (error) {
    if (failedAs(error, 'missing')) return undefined
    throw error
  }
}

/** Where a new task goes that names no list: no completed one. */
export async function firstList(call: Call<Api>): Promise<Ref> {
  const first = (await listsOf(call)).find(({ complete }) => complete !== true)
  if (first === undefined)
    throw new ConnectorError('rejected', `the project ${call.scope} has no open task list: make one in Teamwork`)
  return first.id
}
