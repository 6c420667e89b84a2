/** What Teamwork answers, as items of the engine. An empty text and an empty set are null. */
import {
  rawOf,
  type Change,
  type Item,
  type Person,
  type Ref,
  type Tombstone,
  type Unread,
} from '../../connector/index.ts'
import type { Api } from './api.ts'
import type { WireComment, WireEntry, WirePerson, WireProject, WireTag, WireTask, WireTasklist } from './wire.ts'

/** The scope of what belongs to no project: the people and tags of the site. */
export const SITE = 'site'

export const isProject = (scope: Ref): boolean => scope !== '' && scope !== SITE

export function projectItem({ config }: Api, project: WireProject): Item {
  const { id, name, description, status, createdAt } = project
  const values = {
    id,
    name,
    description: filled(description),
    status: filled(status),
    createdAt: createdAt ?? null,
    ...rawOf(config, project),
  }
  return { scope: '', ref: id, values, createdAt: createdAt ?? undefined }
}

export function listedProjectItem(api: Api, project: WireProject): Item {
  return { ...projectItem(api, project), scope: SITE }
}

export function siteItem(baseUrl: string): Item {
  return { scope: '', ref: SITE, values: { id: SITE, name: new URL(baseUrl).host } }
}

export function personItem({ config }: Api, person: WirePerson): Item {
  const { id, firstName, lastName, email, title, isAdmin } = person
  const name = [firstName, lastName].filter((part) => part).join(' ')
  const values = {
    id,
    name: name || id,
    email: filled(email),
    title: filled(title),
    administrator: isAdmin ?? null,
    ...rawOf(config, person),
  }
  return { scope: SITE, ref: id, values }
}

export function tagItem({ config }: Api, tag: WireTag): Item {
  const { id, name, color } = tag
  return { scope: SITE, ref: id, values: { id, name, colour: filled(color), ...rawOf(config, tag) } }
}

export function tasklistItem({ config }: Api, tasklist: WireTasklist, scope: Ref): Item {
  const { id, name } = tasklist
  return { scope, ref: id, values: { id, project: scope, name, ...rawOf(config, tasklist) } }
}

export function taskItem({ config }: Api, task: WireTask, scope: Ref, actor: Person): Item | Tombstone {
  const place = { scope, ref: task.id }
  if (task.status === 'deleted' || task.deletedAt) return { ...place, gone: 'deleted' }
  return {
    ...place,
    values: {
      id: task.id,
      project: scope,
      tasklist: task.tasklistId,
      parent: task.parentTaskId,
      name: task.name,
      description: filled(task.description),
      completed: task.status === 'completed',
      completedAt: task.completedAt ?? null,
      completedBy: task.completedBy,
      priority: task.priority === 'none' ? null : filled(task.priority),
      progress: String(task.progress ?? 0),
      start: dayOf(task.startDate),
      due: dayOf(task.dueDate),
      estimate: task.estimateMinutes ? String(task.estimateMinutes) : null,
      assignees: setOf(task.assigneeUserIds),
      assigneeIds: setOf(task.assigneeUserIds),
      tags: setOf(task.tagIds),
      createdAt: task.createdAt ?? null,
      createdById: task.createdBy,
      updatedAt: task.updatedAt ?? null,
      ...rawOf(config, task),
    },
    author: authorOf(task.createdBy),
    createdAt: task.createdAt ?? undefined,
    editedAt: editedAt(task, actor),
  }
}

/** A comment on a task; null: one on something else, which is no item. */
export function commentItem({ config }: Api, comment: WireComment): Item | Tombstone | null {
  if (comment.objectType !== 'task' || comment.projectId === null) return null
  const place = { scope: comment.projectId, ref: comment.id }
  if (comment.deleted === true) return { ...place, gone: 'deleted' }
  return {
    ...place,
    values: {
      id: comment.id,
      project: comment.projectId,
      task: comment.objectId,
      body: comment.body,
      authorId: comment.postedBy,
      createdAt: comment.postedDateTime ?? null,
      ...rawOf(config, comment),
    },
    author: authorOf(comment.postedBy),
    createdAt: comment.postedDateTime ?? undefined,
  }
}

export function entryItem({ config }: Api, entry: WireEntry): Item | Tombstone | null {
  if (entry.projectId === null) return null
  const place = { scope: entry.projectId, ref: entry.id }
  if (entry.deleted === true || entry.deletedAt) return { ...place, gone: 'deleted' }
  return {
    ...place,
    values: {
      id: entry.id,
      project: entry.projectId,
      task: entry.taskId,
      person: entry.userId,
      personId: entry.userId,
      began: entry.timeLogged ?? null,
      minutes: String(entry.minutes),
      description: filled(entry.description),
      billable: entry.billable ?? false,
      tags: setOf(entry.tagIds),
      createdAt: entry.createdAt ?? null,
      updatedAt: entry.updatedAt ?? null,
      ...rawOf(config, entry),
    },
    author: authorOf(entry.loggedBy ?? entry.userId),
    createdAt: entry.createdAt ?? undefined,
  }
}

export function changeOf<T extends Item | Tombstone | Unread>(kind: string, item: T): { readonly kind: string } & T {
  return { kind, ...item }
}

export function changesOf(kind: string, items: readonly (Item | Tombstone | null)[]): readonly Change[] {
  return items.flatMap((item) => (item === null ? [] : [changeOf(kind, item)]))
}

function editedAt({ createdAt, updatedAt, updatedBy }: WireTask, { ref }: Person): string | undefined {
  if (!updatedAt || updatedBy === null || updatedBy === ref || updatedAt === createdAt) return undefined
  return updatedAt
}

function authorOf(id: string | null): Person | undefined {
  return id === null ? undefined : { ref: id }
}

function dayOf(instant: string | null | undefined): string | null {
  return instant?.slice(0, 10) ?? null
}

function setOf(ids: readonly string[] | null | undefined): readonly string[] | null {
  return ids && ids.length > 0 ? ids.toSorted() : null
}

function filled(text: string | null | undefined): string | null {
  return text || null
}
