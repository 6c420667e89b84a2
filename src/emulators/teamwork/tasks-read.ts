/** Tasks as they are read: one, and lists that leave out by default whatever is completed, deleted or archived. */
import { projectJson, tagJson, tasklistJson, userJson } from './directories.ts'
import { pageOf } from './paging.ts'
import type { Query } from './query.ts'
import { sideloadsOf } from './sideloads.ts'
import { liveTask, projectOf, timeText, type Task, type World } from './state.ts'

const ORDERS = ['dateupdated', 'dateadded', 'duedate', 'startdate', 'datecompleted', 'taskname'] as const
const SIDELOADS = ['projects', 'tasklists', 'parentTasks', 'users', 'tags']
const SIX_MONTHS_MS = 183 * 86_400_000

/** Parameters that the emulator gives a meaning. */
export const TASK_QUERY = [
  'updatedAfter',
  'updatedBefore',
  'createdAfter',
  'createdBefore',
  'completedAfter',
  'completedBefore',
  'deletedAfter',
  'showDeleted',
  'includeCompletedTasks',
  'includeCompletedSubtasks',
  'includePrivateItems',
  'includeTasksWithCards',
  'showCompletedLists',
  'includeArchivedProjects',
  'projectIds',
  'tasklistIds',
  'ids',
  'tagIds',
  'matchAllTags',
  'parentTaskId',
  'searchTerm',
  'orderBy',
  'orderMode',
  'page',
  'pageSize',
  'skipCounts',
  'include',
]

export interface Within {
  readonly project?: number
  readonly tasklist?: number
}

export function getTask(world: World, id: number) {
  return { task: taskJson(world, liveTask(world, id)), included: {} }
}

export function listTasks(world: World, query: Query, within: Within = {}) {
  const matches = matcher(world, query, within)
  const found = cut(
    world,
    query,
    [...world.tasks.values()].filter((task) => matches(task)),
  )
  const orderBy = query.oneOf('orderBy', ORDERS) ?? 'duedate'
  const direction = query.oneOf('orderMode', ['asc', 'desc']) === 'desc' ? -1 : 1
  const sorted = found.toSorted((one, other) => direction * compare(orderBy, one, other) || one.id - other.id)
  const { items, meta } = pageOf(world, sorted, query)
  return { tasks: items.map((task) => taskJson(world, task)), included: included(world, query, items), meta }
}

function matcher(world: World, query: Query, within: Within): (task: Task) => boolean {
  const projects = within.project === undefined ? query.numbers('projectIds') : [within.project]
  const tasklists = within.tasklist === undefined ? query.numbers('tasklistIds') : [within.tasklist]
  const ids = query.numbers('ids')
  const tags = query.numbers('tagIds')
  const parent = query.count('parentTaskId')
  const term = query.text('searchTerm')?.toLowerCase() ?? null
  const lives = lifeFilter(world, query)
  return (task) => {
    const project = projectOf(world, task)
    if (project.archived && !query.flag('includeArchivedProjects')) return false
    if (world.tasklists.get(task.tasklistId)?.isCompleted === true && !query.flag('showCompletedLists')) return false
    if (task.isPrivate && !query.flag('includePrivateItems')) return false
    if (projects.length > 0 && !projects.includes(project.id)) return false
    if (tasklists.length > 0 && !tasklists.includes(task.tasklistId)) return false
    if (ids.length > 0 && !ids.includes(task.id)) return false
    if (parent !== null && task.parentTaskId !== parent) return false
    if (term !== null && !`${task.name}\n${task.description}`.toLowerCase().includes(term)) return false
    const tagged = (id: number): boolean => task.tagIds.includes(id)
    if (tags.length > 0 && !(query.flag('matchAllTags') ? tags.every(tagged) : tags.some(tagged))) return false
    return lives(task)
  }
}

/** Deleted tasks go by their deletion where deletedAfter is given, all others by updatedAfter and its like. */
function lifeFilter({ rules }: World, query: Query): (task: Task) => boolean {
  const { after } = query
  const [showDeleted, withCompleted] = [query.flag('showDeleted'), query.flag('includeCompletedTasks')]
  const withSubtasks = query.flag('includeCompletedSubtasks')
  const deletedAfter = query.time('deletedAfter')
  const bounds = (['updated', 'created', 'completed'] as const).map((name) => ({
    name,
    after: query.time(`${name}After`),
    before: query.time(`${name}Before`),
  }))
  const byCompletion = bounds.some(
    ({ name, ...bound }) => name === 'completed' && (bound.after ?? bound.before) !== null,
  )
  return (task) => {
    if (task.deleted !== null) {
      if (!showDeleted) return false
      if (deletedAfter !== null) return after(task.deleted.at, deletedAfter)
    }
    if (task.deleted === null && task.completed !== null && !byCompletion) {
      if (!withCompleted || (task.parentTaskId !== null && !withSubtasks)) return false
    }
    return bounds.every(({ name, after: from, before }) => {
      const at = task[name]?.at ?? null
      if (from !== null && (at === null || !after(at, from))) return false
      return before === null || (at !== null && !(rules.afterIsExclusive ? at >= before : at > before))
    })
  }
}

/** A result by updatedAfter that is too large ends six months back, without a word. */
function cut({ rules, ports }: World, query: Query, tasks: readonly Task[]): readonly Task[] {
  if (rules.largeResult === null || tasks.length <= rules.largeResult || query.text('updatedAfter') === null)
    return tasks
  return tasks.filter((task) => task.updated.at > ports.now() - SIX_MONTHS_MS)
}

function compare(orderBy: (typeof ORDERS)[number], one: Task, other: Task): number {
  const last = '9999'
  switch (orderBy) {
    case 'dateupdated':
      return one.updated.at - other.updated.at
    case 'dateadded':
      return one.created.at - other.created.at
    case 'datecompleted':
      return (one.completed?.at ?? 0) - (other.completed?.at ?? 0)
    case 'duedate':
      return (one.dueDay ?? last).localeCompare(other.dueDay ?? last)
    case 'startdate':
      return (one.startDay ?? last).localeCompare(other.startDay ?? last)
    case 'taskname':
      return one.name.localeCompare(other.name)
  }
}

export function taskJson(world: World, task: Task) {
  const relation = (type: string) => (id: number) => ({ id, type })
  const subTaskIds = [...world.tasks.values()]
    .filter(({ parentTaskId, deleted }) => parentTaskId === task.id && deleted === null)
    .map(({ id }) => id)
  const day = (text: string | null): string | null => (text === null ? null : `${text}T00:00:00Z`)
  return {
    id: task.id,
    name: task.name,
    description: task.description,
    descriptionContentType: 'text',
    priority: task.priority,
    progress: task.progress,
    startDate: day(task.startDay),
    dueDate: day(task.dueDay),
    estimateMinutes: task.estimateMinutes,
    isPrivate: task.isPrivate ? 1 : 0,
    status: statusOf(task),
    tasklistId: task.tasklistId,
    tasklist: relation('tasklists')(task.tasklistId),
    parentTaskId: task.parentTaskId ?? 0,
    parentTask: task.parentTaskId === null ? null : relation('tasks')(task.parentTaskId),
    assigneeUserIds: task.assigneeIds,
    assignees: task.assigneeIds.map(relation('users')),
    tagIds: task.tagIds,
    tags: task.tagIds.map(relation('tags')),
    subTaskIds,
    createdBy: task.created.by,
    createdAt: timeText(task.created.at),
    updatedBy: task.updated.by,
    updatedAt: timeText(task.updated.at),
    completedBy: task.completed?.by ?? null,
    completedAt: task.completed === null ? null : timeText(task.completed.at),
    deletedBy: task.deleted?.by ?? null,
    deletedAt: task.deleted === null ? null : timeText(task.deleted.at),
  }
}

export function statusOf(task: Task): 'new' | 'reopened' | 'completed' | 'deleted' {
  if (task.deleted !== null) return 'deleted'
  if (task.completed !== null) return 'completed'
  return task.reopened ? 'reopened' : 'new'
}

function included(world: World, query: Query, tasks: readonly Task[]) {
  const listed = sideloadsOf(query, SIDELOADS)
  return {
    ...listed(
      'projects',
      tasks.map((task) => projectOf(world, task).id),
      (id) => projectJson(world, id),
    ),
    ...listed(
      'tasklists',
      tasks.map(({ tasklistId }) => tasklistId),
      (id) => tasklistJson(world, id),
    ),
    ...listed(
      'users',
      tasks.flatMap(({ assigneeIds, created }) => [...assigneeIds, created.by]),
      (id) => userJson(world, id),
    ),
    ...listed(
      'tags',
      tasks.flatMap(({ tagIds }) => tagIds),
      (id) => tagJson(world, id),
    ),
  }
}
