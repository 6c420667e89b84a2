/** What tasks refer to: projects, task lists, people and tags. */
import { z } from 'zod'
import { badRequest, notFound } from './answers.ts'
import { pageOf } from './paging.ts'
import type { Query } from './query.ts'
import { nextId, timeText, type Tag, type Tasklist, type World } from './state.ts'

export function projectJson(world: World, id: number) {
  const project = world.projects.get(id)
  if (project === undefined) throw notFound()
  return {
    id,
    name: project.name,
    description: project.description,
    status: project.archived ? 'archived' : 'active',
    createdAt: timeText(project.createdAt),
    updatedAt: timeText(project.updatedAt),
  }
}

export function listProjects(world: World, query: Query) {
  const updatedAfter = query.time('updatedAfter')
  const found = [...world.projects.values()]
    .filter(({ archived }) => !archived || query.flag('includeArchivedProjects'))
    .filter(({ updatedAt }) => updatedAfter === null || query.after(updatedAt, updatedAfter))
    .toSorted((one, other) => one.name.localeCompare(other.name) || one.id - other.id)
  const { items, meta } = pageOf(world, found, query)
  return { projects: items.map(({ id }) => projectJson(world, id)), included: {}, meta }
}

export function tasklistJson(world: World, id: number) {
  const tasklist = world.tasklists.get(id)
  if (tasklist === undefined) throw notFound()
  const { name, projectId } = tasklist
  return { id, name, projectId, project: { id: projectId, type: 'projects' } }
}

const OLD_PAGE_SIZE = 250

/** As v1 tells them: ids are text, active ones unless it is asked for others, and its headers tell which page it is. */
export function oldTasklists(world: World, projectId: number, query: Query) {
  const project = world.projects.get(projectId)
  if (project === undefined) throw notFound()
  const status = query.oneOf('status', ['all', 'active', 'completed']) ?? 'active'
  const found = [...world.tasklists.values()].filter(
    (tasklist) =>
      tasklist.projectId === projectId &&
      !tasklist.isDeleted &&
      (status === 'all' || tasklist.isCompleted === (status === 'completed')),
  )
  const [page, size] = [query.count('page') ?? 1, Math.min(OLD_PAGE_SIZE, world.rules.mostPageSize)]
  if (page < 1) throw badRequest('page begins at 1')
  const tasklists = found
    .slice((page - 1) * size, page * size)
    .map((tasklist) => oldTasklist(world, project.name, tasklist))
  const headers = {
    'x-page': String(page),
    'x-pages': String(Math.max(1, Math.ceil(found.length / size))),
    'x-records': String(found.length),
  }
  return { tasklists, headers }
}

function oldTasklist(world: World, projectName: string, { id, name, projectId, isCompleted }: Tasklist) {
  return {
    id: String(id),
    name,
    description: '',
    projectId: String(projectId),
    projectName,
    private: false,
    complete: isCompleted,
    status: isCompleted ? 'completed' : 'new',
    'milestone-id': '',
    'uncompleted-count': [...world.tasks.values()].filter(
      (task) => task.tasklistId === id && task.completed === null && task.deleted === null,
    ).length,
  }
}

export function userJson(world: World, id: number) {
  const person = world.people.get(id)
  if (person === undefined) throw notFound()
  const { firstName, lastName, email, isAdmin = false } = person
  return { id, firstName, lastName, email, isAdmin, title: '', type: 'account' }
}

export function listPeople(world: World, query: Query) {
  const ids = query.numbers('ids')
  const found = [...world.people.keys()].filter((id) => ids.length === 0 || ids.includes(id))
  const { items, meta } = pageOf(world, found, query)
  return { people: items.map((id) => userJson(world, id)), included: {}, meta }
}

/** As v1 tells whose key it is. */
export function oldPerson(world: World, id: number) {
  const { firstName, lastName, email, isAdmin } = userJson(world, id)
  return {
    id: String(id),
    'first-name': firstName,
    'last-name': lastName,
    'email-address': email,
    administrator: isAdmin,
  }
}

export function tagJson(world: World, id: number): Tag {
  const tag = world.tags.get(id)
  if (tag === undefined) throw notFound()
  return tag
}

const STANDARD_TAGS = 500

export function listTags(world: World, query: Query) {
  const term = query.text('searchTerm')?.toLowerCase() ?? ''
  const found = [...world.tags.values()]
    .filter(({ name }) => name.toLowerCase().includes(term))
    .toSorted((one, other) => one.name.localeCompare(other.name))
  const { items, meta } = pageOf(world, found, query, STANDARD_TAGS)
  return { tags: items, meta }
}

const TAG = z.strictObject({ tag: z.strictObject({ name: z.string().min(1), color: z.string().optional() }) })

export function createTag(world: World, value: unknown): Tag {
  const parsed = TAG.safeParse(value)
  if (!parsed.success) throw badRequest('tag.name: a tag needs a name')
  const { name, color = '#9e6957' } = parsed.data.tag
  if ([...world.tags.values()].some((tag) => tag.name.toLowerCase() === name.toLowerCase()))
    throw badRequest('tag.name: there is one of this name')
  const tag = { id: nextId(world), name, color }
  world.tags.set(tag.id, tag)
  return tag
}
