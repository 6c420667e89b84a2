/** Projects and task lists as they are written, by v1. */
import { z } from 'zod'
import { badRequest, notFound } from './answers.ts'
import { projectHappening, tasklistHappening } from './payloads.ts'
import { nextId, type EventName, type Project, type Tasklist, type World } from './state.ts'
import { deleteTask } from './tasks.ts'

const PROJECT = z.strictObject({
  project: z.strictObject({
    name: z.string().optional(),
    description: z.string().optional(),
    status: z.enum(['active', 'inactive']).optional(),
  }),
})
const TASKLIST = z.strictObject({ 'todo-list': z.strictObject({ name: z.string().optional() }) })

export function createProject(world: World, by: number, value: unknown): Project {
  const { name, description = '' } = parse(PROJECT, value).project
  if ((name ?? '').trim() === '') throw badRequest('project.name: a project needs a name')
  const now = world.ports.now()
  const project = { id: nextId(world), name: name ?? '', description, archived: false, createdAt: now, updatedAt: now }
  return keepProject(world, by, 'PROJECT.CREATED', project)
}

/** An inactive project is an archived one. */
export function changeProject(world: World, by: number, id: number, value: unknown): Project {
  const before = world.projects.get(id)
  if (before === undefined) throw notFound()
  const { name = before.name, description = before.description, status } = parse(PROJECT, value).project
  if (name.trim() === '') throw badRequest('project.name: a project needs a name')
  const archived = status === undefined ? before.archived : status === 'inactive'
  const project = { ...before, name, description, archived, updatedAt: world.ports.now() }
  return keepProject(world, by, 'PROJECT.UPDATED', project)
}

export function createTasklist(world: World, by: number, projectId: number, value: unknown): Tasklist {
  if (!world.projects.has(projectId)) throw notFound()
  const { name = '' } = parse(TASKLIST, value)['todo-list']
  if (name.trim() === '') throw badRequest('todo-list.name: a task list needs a name')
  const fresh = { id: nextId(world), name, projectId, isCompleted: false, isDeleted: false }
  return keepTasklist(world, by, 'TASKLIST.CREATED', fresh)
}

export function changeTasklist(world: World, by: number, id: number, value: unknown): Tasklist {
  const before = liveTasklist(world, id)
  const { name = before.name } = parse(TASKLIST, value)['todo-list']
  if (name.trim() === '') throw badRequest('todo-list.name: a task list needs a name')
  return keepTasklist(world, by, 'TASKLIST.UPDATED', { ...before, name })
}

/** In Teamwork's own window alone: no version of the API does it. */
export function completeTasklist(world: World, by: number, id: number, isCompleted: boolean): Tasklist {
  return keepTasklist(world, by, 'TASKLIST.UPDATED', { ...liveTasklist(world, id), isCompleted })
}

/** Its tasks go with it. */
export function deleteTasklist(world: World, by: number, id: number): void {
  const before = liveTasklist(world, id)
  for (const task of world.tasks.values())
    if (task.tasklistId === id && world.tasks.get(task.id)?.deleted === null) deleteTask(world, by, task.id)
  keepTasklist(world, by, 'TASKLIST.DELETED', { ...before, isDeleted: true })
}

export function liveTasklist(world: World, id: number): Tasklist {
  const tasklist = world.tasklists.get(id)
  if (tasklist === undefined || tasklist.isDeleted) throw notFound()
  return tasklist
}

function keepProject(world: World, by: number, event: EventName, project: Project): Project {
  world.projects.set(project.id, project)
  world.happened(projectHappening(world, event, by, project.id))
  return project
}

function keepTasklist(world: World, by: number, event: EventName, tasklist: Tasklist): Tasklist {
  world.tasklists.set(tasklist.id, tasklist)
  world.happened(tasklistHappening(world, event, by, tasklist.id))
  return tasklist
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw badRequest(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}
