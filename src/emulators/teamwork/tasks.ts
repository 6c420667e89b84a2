/** Tasks as they are written: made, changed, completed, reopened, thrown away and restored. */
import { z } from 'zod'
import { badRequest, leftOut, notFound } from './answers.ts'
import { taskHappening } from './payloads.ts'
import { liveTask, nextId, stamp, type EventName, type Task, type World } from './state.ts'

const anything = z.unknown().optional()
const ids = z.array(z.int()).nullish()
const DAY = z.iso.date().nullish()

const TASK = z.strictObject({
  name: z.string().optional(),
  description: z.string().nullish(),
  priority: z.enum(['low', 'medium', 'high', '', 'none']).nullish(),
  progress: z.int().min(0).max(99).optional(),
  startAt: DAY,
  dueAt: DAY,
  estimatedMinutes: z.int().nonnegative().optional(),
  tasklistId: z.int().optional(),
  parentTaskId: z.int().optional(),
  assignees: z.strictObject({ userIds: ids, companyIds: ids, teamIds: ids }).nullish(),
  tagIds: ids,
  private: z.boolean().optional(),
  status: anything,
  customFields: anything,
  reminders: anything,
  repeatOptions: anything,
})
const BODY = z.strictObject({
  task: TASK,
  taskOptions: z
    .strictObject({
      notify: z.boolean().optional(),
      fireWebhook: z.boolean().optional(),
      logActivity: z.boolean().optional(),
      checkInvalidusers: z.boolean().optional(),
    })
    .optional(),
  attachments: anything,
  predecessors: z.array(z.unknown()).optional(),
  tags: anything,
  card: anything,
})

export type TaskBody = z.input<typeof BODY>
type Parsed = z.output<typeof BODY>

export function createTask(world: World, by: number, tasklistId: number, value: unknown): Task {
  const body = parse(value)
  const tasklist = world.tasklists.get(tasklistId)
  if (tasklist === undefined || tasklist.isDeleted) throw notFound()
  const made = stamp(world, by)
  const fresh: Task = {
    id: nextId(world),
    name: '',
    description: '',
    priority: null,
    progress: 0,
    startDay: null,
    dueDay: null,
    estimateMinutes: 0,
    tasklistId,
    parentTaskId: null,
    assigneeIds: [],
    tagIds: [],
    isPrivate: false,
    created: made,
    updated: made,
    completed: null,
    reopened: false,
    deleted: null,
  }
  return keep(world, by, 'TASK.CREATED', { ...fresh, ...changesOf(world, body, fresh) }, body)
}

/** What is not named stays as it is, whether it is put or patched. */
export function changeTask(world: World, by: number, id: number, value: unknown): Task {
  const before = liveTask(world, id)
  const body = parse(value)
  const task = { ...before, ...changesOf(world, body, before), updated: stamp(world, by) }
  return keep(world, by, task.tasklistId === before.tasklistId ? 'TASK.UPDATED' : 'TASK.MOVED', task, body)
}

export function completeTask(world: World, by: number, id: number): Task {
  const before = liveTask(world, id)
  if (before.completed !== null) return before
  const completed = stamp(world, by)
  return keep(world, by, 'TASK.COMPLETED', { ...before, completed, updated: completed })
}

export function reopenTask(world: World, by: number, id: number): Task {
  const before = liveTask(world, id)
  if (before.completed === null) return before
  return keep(world, by, 'TASK.REOPENED', { ...before, completed: null, reopened: true, updated: stamp(world, by) })
}

/** Subtasks go with their parent. */
export function deleteTask(world: World, by: number, id: number): void {
  const before = liveTask(world, id)
  const deleted = stamp(world, by)
  const updated = world.rules.deletionUpdates ? { updated: deleted } : {}
  keep(world, by, 'TASK.DELETED', { ...before, deleted, ...updated })
  for (const task of world.tasks.values())
    if (task.parentTaskId === id && task.deleted === null) deleteTask(world, by, task.id)
}

export function restoreTask(world: World, by: number, id: number): Task {
  const before = world.tasks.get(id)
  if (before === undefined || before.deleted === null) throw notFound()
  return keep(world, by, 'TASK.UPDATED', { ...before, deleted: null, updated: stamp(world, by) })
}

function parse(value: unknown): Parsed {
  const parsed = BODY.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw badRequest(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
  }
  const { task, attachments, predecessors, tags, card } = parsed.data
  if (attachments !== undefined || card !== undefined || tags !== undefined)
    throw leftOut('attachments, cards and new tags')
  if ((predecessors ?? []).length > 0) throw leftOut('predecessors')
  for (const name of ['status', 'customFields', 'reminders', 'repeatOptions'] as const)
    if (task[name] !== undefined) throw leftOut(`${name} of tasks`)
  return parsed.data
}

function changesOf(world: World, { task: body }: Parsed, before: Task): Partial<Task> {
  const { name, description, priority, progress, startAt, dueAt, tasklistId, parentTaskId, assignees, tagIds } = body
  if ((name ?? before.name).trim() === '') throw badRequest('task.name: a task needs a name')
  if (tasklistId !== undefined && world.tasklists.get(tasklistId)?.isDeleted !== false)
    throw badRequest('task.tasklistId: not found')
  if (parentTaskId !== undefined && parentTaskId !== 0) liveTask(world, parentTaskId)
  if ((assignees?.companyIds ?? []).length + (assignees?.teamIds ?? []).length > 0)
    throw leftOut('companies and teams as assignees')
  const unknownUser = (assignees?.userIds ?? []).find((id) => !world.people.has(id))
  if (unknownUser !== undefined) throw badRequest(`task.assignees.userIds: ${unknownUser} is unknown`)
  const unknownTag = (tagIds ?? []).find((id) => !world.tags.has(id))
  if (unknownTag !== undefined) throw badRequest(`task.tagIds: ${unknownTag} is unknown`)
  const startDay = startAt === undefined ? before.startDay : startAt
  const dueDay = dueAt === undefined ? before.dueDay : dueAt
  if (startDay !== null && dueDay !== null && startDay > dueDay)
    throw badRequest('task.startAt: it is after task.dueAt')
  return {
    startDay,
    dueDay,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description: description ?? '' }),
    ...(priority === undefined ? {} : { priority: priority === '' || priority === 'none' ? null : priority }),
    ...(progress === undefined ? {} : { progress }),
    ...(body.estimatedMinutes === undefined ? {} : { estimateMinutes: body.estimatedMinutes }),
    ...(tasklistId === undefined ? {} : { tasklistId }),
    ...(parentTaskId === undefined ? {} : { parentTaskId: parentTaskId === 0 ? null : parentTaskId }),
    ...(assignees === undefined ? {} : { assigneeIds: assignees?.userIds ?? [] }),
    ...(tagIds === undefined ? {} : { tagIds: tagIds ?? [] }),
    ...(body.private === undefined ? {} : { isPrivate: body.private }),
  }
}

function keep(world: World, by: number, event: EventName, task: Task, body?: Parsed): Task {
  world.tasks.set(task.id, task)
  if (body?.taskOptions?.notify === true && task.assigneeIds.length > 0)
    world.notified.push({ at: world.ports.now(), task: task.id, to: task.assigneeIds })
  if (body?.taskOptions?.fireWebhook !== false) world.happened(taskHappening(world, event, by, task))
  return task
}
