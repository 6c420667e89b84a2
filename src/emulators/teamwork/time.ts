/** Time entries, which v3 calls timelogs: logged on a task or a project, listed, changed, thrown away and restored. */
import { z } from 'zod'
import { badRequest, notFound } from './answers.ts'
import { projectJson, tagJson, userJson } from './directories.ts'
import { pageOf } from './paging.ts'
import { timeHappening } from './payloads.ts'
import type { Query } from './query.ts'
import { sideloadsOf } from './sideloads.ts'
import { taskJson } from './tasks-read.ts'
import { liveTask, nextId, projectOf, stamp, timeText, type EventName, type TimeEntry, type World } from './state.ts'

const ORDERS = ['date', 'dateupdated', 'project', 'task', 'user'] as const
const SIDELOADS = ['projects', 'tags', 'tasks', 'users']

/** Parameters that the emulator gives a meaning. */
export const TIME_QUERY = [
  'updatedAfter',
  'startDate',
  'endDate',
  'showDeleted',
  'includeArchivedProjects',
  'billableType',
  'projectId',
  'projectIds',
  'tasklistId',
  'assignedToUserIds',
  'tagIds',
  'matchAllTags',
  'orderBy',
  'orderMode',
  'page',
  'pageSize',
  'include',
]

const DAY = z.iso.date().nullish()
const TIME = z
  .string()
  .regex(/^\d\d:\d\d(:\d\d)?$/)
  .nullish()
const BODY = z.strictObject({
  timelog: z.strictObject({
    description: z.string().nullish(),
    date: DAY,
    time: TIME,
    isUTC: z.boolean().optional(),
    hours: z.int().nonnegative().optional(),
    minutes: z.int().nonnegative().optional(),
    isBillable: z.boolean().optional(),
    userId: z.int().nullish(),
    tagIds: z.array(z.int()).nullish(),
  }),
})

export type TimeBody = z.input<typeof BODY>

/** Where it is logged: on a task, or on a project alone. */
export type Logged = { readonly task: number } | { readonly project: number }

export function createTime(world: World, by: number, on: Logged, value: unknown): TimeEntry {
  const body = parse(value)
  if (!body.date) throw badRequest('timelog.date: a time entry needs a date')
  const taskId = 'task' in on ? liveTask(world, on.task).id : null
  const projectId = 'task' in on ? projectOf(world, liveTask(world, on.task)).id : on.project
  if (!world.projects.has(projectId)) throw notFound()
  const made = stamp(world, by)
  const entry: TimeEntry = {
    id: nextId(world),
    taskId,
    projectId,
    userId: by,
    description: '',
    minutes: 0,
    loggedAt: 0,
    isBillable: false,
    tagIds: [],
    created: made,
    updated: null,
    deleted: null,
  }
  const whole = { ...entry, ...changesOf(world, by, body, entry) }
  if (whole.minutes === 0) throw badRequest('timelog.minutes: a time entry needs hours or minutes')
  return keep(world, by, 'TIME.CREATED', whole)
}

/** What is not named, or null, stays as it is. */
export function changeTime(world: World, by: number, id: number, value: unknown): TimeEntry {
  const before = liveTime(world, id)
  const after = { ...before, ...changesOf(world, by, parse(value), before), updated: stamp(world, by) }
  return keep(world, by, 'TIME.UPDATED', after)
}

export function deleteTime(world: World, by: number, id: number): void {
  const before = liveTime(world, id)
  const deleted = stamp(world, by)
  const updated = world.rules.deletionUpdates ? { updated: deleted } : {}
  keep(world, by, 'TIME.DELETED', { ...before, deleted, ...updated })
}

export function restoreTime(world: World, by: number, id: number): TimeEntry {
  const before = world.timeEntries.get(id)
  if (before === undefined || before.deleted === null) throw notFound()
  return keep(world, by, 'TIME.UPDATED', { ...before, deleted: null, updated: stamp(world, by) })
}

export function liveTime(world: World, id: number): TimeEntry {
  const entry = world.timeEntries.get(id)
  if (entry === undefined || entry.deleted !== null) throw notFound()
  return entry
}

/** By the day that they are logged on, oldest first, unless asked otherwise. */
export function listTime(world: World, query: Query, within: Partial<{ task: number; project: number }> = {}) {
  const { task, project } = within
  if (task !== undefined) liveTask(world, task)
  if (project !== undefined && !world.projects.has(project)) throw notFound()
  const found = [...world.timeEntries.values()].filter(matcher(world, query, task, project))
  const orderBy = query.oneOf('orderBy', ORDERS) ?? 'date'
  const direction = query.oneOf('orderMode', ['asc', 'desc']) === 'desc' ? -1 : 1
  const key = (entry: TimeEntry): number => keyOf(orderBy, entry)
  const sorted = found.toSorted((one, other) => direction * (key(one) - key(other)) || one.id - other.id)
  const { items, meta } = pageOf(world, sorted, query)
  return { timelogs: items.map((entry) => timeJson(world, entry)), included: included(world, query, items), meta }
}

function matcher(
  world: World,
  query: Query,
  task: number | undefined,
  project: number | undefined,
): (entry: TimeEntry) => boolean {
  const updatedAfter = query.time('updatedAfter')
  const [from, to] = [query.day('startDate'), query.day('endDate')]
  const projects = project === undefined ? [...query.numbers('projectIds'), ...query.numbers('projectId')] : [project]
  const tasklist = query.count('tasklistId')
  const users = query.numbers('assignedToUserIds')
  const tags = query.numbers('tagIds')
  const billable = query.oneOf('billableType', ['all', 'billable', 'non-billable']) ?? 'all'
  return (entry) => {
    if (entry.deleted !== null && !query.flag('showDeleted')) return false
    const own = world.projects.get(projectIdOf(world, entry))
    if (own?.archived === true && !query.flag('includeArchivedProjects')) return false
    if (task !== undefined && entry.taskId !== task) return false
    if (projects.length > 0 && !projects.includes(projectIdOf(world, entry))) return false
    if (tasklist !== null && world.tasks.get(entry.taskId ?? 0)?.tasklistId !== tasklist) return false
    if (users.length > 0 && !users.includes(entry.userId)) return false
    if (billable !== 'all' && entry.isBillable !== (billable === 'billable')) return false
    const tagged = (id: number): boolean => entry.tagIds.includes(id)
    if (tags.length > 0 && !(query.flag('matchAllTags') ? tags.every(tagged) : tags.some(tagged))) return false
    const day = timeText(entry.loggedAt).slice(0, 10)
    if ((from !== null && day < from) || (to !== null && day > to)) return false
    return updatedAfter === null || query.after((entry.updated ?? entry.created).at, updatedAfter)
  }
}

function keyOf(orderBy: (typeof ORDERS)[number], entry: TimeEntry): number {
  switch (orderBy) {
    case 'date':
      return entry.loggedAt
    case 'dateupdated':
      return (entry.updated ?? entry.created).at
    case 'project':
      return entry.projectId
    case 'task':
      return entry.taskId ?? 0
    case 'user':
      return entry.userId
  }
}

/** An entry goes where its task goes. */
function projectIdOf(world: World, { taskId, projectId }: TimeEntry): number {
  const task = taskId === null ? undefined : world.tasks.get(taskId)
  return task === undefined ? projectId : projectOf(world, task).id
}

export function timeJson(world: World, entry: TimeEntry) {
  const relation = (type: string) => (id: number) => ({ id, type })
  const projectId = projectIdOf(world, entry)
  const at = (time: { readonly at: number } | null): string | null => (time === null ? null : timeText(time.at))
  return {
    id: entry.id,
    description: entry.description,
    billable: entry.isBillable,
    minutes: entry.minutes,
    timeLogged: timeText(entry.loggedAt),
    userId: entry.userId,
    user: relation('users')(entry.userId),
    taskId: entry.taskId ?? 0,
    task: entry.taskId === null ? null : relation('tasks')(entry.taskId),
    projectId,
    project: relation('projects')(projectId),
    tagIds: entry.tagIds,
    tags: entry.tagIds.map(relation('tags')),
    loggedBy: entry.created.by,
    createdAt: timeText(entry.created.at),
    updatedBy: entry.updated?.by ?? null,
    updatedAt: at(entry.updated),
    deleted: entry.deleted !== null,
    deletedBy: entry.deleted?.by ?? null,
    deletedAt: at(entry.deleted),
  }
}

function included(world: World, query: Query, entries: readonly TimeEntry[]) {
  const listed = sideloadsOf(query, SIDELOADS)
  const tasks = entries
    .flatMap(({ taskId }) => world.tasks.get(taskId ?? 0) ?? [])
    .filter(({ deleted }) => deleted === null)
  return {
    ...listed(
      'projects',
      entries.map((entry) => projectIdOf(world, entry)),
      (id) => projectJson(world, id),
    ),
    ...listed(
      'users',
      entries.map(({ userId }) => userId),
      (id) => userJson(world, id),
    ),
    ...listed(
      'tags',
      entries.flatMap(({ tagIds }) => tagIds),
      (id) => tagJson(world, id),
    ),
    ...listed(
      'tasks',
      tasks.map(({ id }) => id),
      (id) => taskJson(world, liveTask(world, id)),
    ),
  }
}

function parse(value: unknown): z.output<typeof BODY>['timelog'] {
  const parsed = BODY.safeParse(value)
  if (parsed.success) return parsed.data.timelog
  const [issue] = parsed.error.issues
  throw badRequest(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}

/** Hours and minutes add up. A time that is not UTC is one of the zone of who writes. */
function changesOf(
  world: World,
  by: number,
  body: z.output<typeof BODY>['timelog'],
  before: TimeEntry,
): Partial<TimeEntry> {
  const { description, date, time, hours = 0, minutes = 0, isBillable, userId, tagIds } = body
  const logged = new Date(before.loggedAt).toISOString()
  const offset = body.isUTC === true ? 0 : (world.people.get(by)?.utcOffsetMinutes ?? 0)
  const loggedAt = Date.parse(`${date ?? logged.slice(0, 10)}T${time ?? logged.slice(11, 16)}Z`) - offset * 60_000
  if (userId != null && !world.people.has(userId)) throw badRequest(`timelog.userId: ${userId} is unknown`)
  const unknownTag = (tagIds ?? []).find((id) => !world.tags.has(id))
  if (unknownTag !== undefined) throw badRequest(`timelog.tagIds: ${unknownTag} is unknown`)
  return {
    ...(description == null ? {} : { description }),
    ...(date == null && time == null ? {} : { loggedAt }),
    ...(hours + minutes === 0 ? {} : { minutes: hours * 60 + minutes }),
    ...(isBillable === undefined ? {} : { isBillable }),
    ...(userId == null ? {} : { userId }),
    ...(tagIds == null ? {} : { tagIds }),
  }
}

function keep(world: World, by: number, event: EventName, entry: TimeEntry): TimeEntry {
  world.timeEntries.set(entry.id, entry)
  world.happened(timeHappening(world, event, by, entry))
  return entry
}
