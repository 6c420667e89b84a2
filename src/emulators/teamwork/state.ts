/** The state of an emulated Teamwork site. */
import type { EmulatorPorts } from '../emulator.ts'
import { notFound } from './answers.ts'
import type { PersonSeed, Rules } from './options.ts'

export interface Project {
  readonly id: number
  readonly name: string
  readonly description: string
  readonly archived: boolean
  readonly createdAt: number
  readonly updatedAt: number
}

export interface Tasklist {
  readonly id: number
  readonly name: string
  readonly projectId: number
  readonly isCompleted: boolean
  readonly isDeleted: boolean
}

export interface Tag {
  readonly id: number
  readonly name: string
  readonly color: string
}

export interface Stamp {
  readonly at: number
  readonly by: number
}

export interface Task {
  readonly id: number
  readonly name: string
  readonly description: string
  readonly priority: 'low' | 'medium' | 'high' | null
  readonly progress: number
  /** Days, as `2026-03-01`. */
  readonly startDay: string | null
  readonly dueDay: string | null
  readonly estimateMinutes: number
  readonly tasklistId: number
  readonly parentTaskId: number | null
  readonly assigneeIds: readonly number[]
  readonly tagIds: readonly number[]
  readonly isPrivate: boolean
  readonly created: Stamp
  readonly updated: Stamp
  readonly completed: Stamp | null
  readonly reopened: boolean
  readonly deleted: Stamp | null
}

export interface Comment {
  readonly id: number
  readonly taskId: number
  readonly body: string
  readonly contentType: 'TEXT' | 'HTML'
  readonly posted: Stamp
  readonly edited: Stamp | null
  readonly deleted: Stamp | null
}

export interface TimeEntry {
  readonly id: number
  readonly taskId: number | null
  /** Where it was logged; a task takes its entries along. */
  readonly projectId: number
  /** Whose time it is. */
  readonly userId: number
  readonly description: string
  readonly minutes: number
  readonly loggedAt: number
  readonly isBillable: boolean
  readonly tagIds: readonly number[]
  readonly created: Stamp
  readonly updated: Stamp | null
  readonly deleted: Stamp | null
}

export type EventName =
  | `TASK.${'CREATED' | 'UPDATED' | 'COMPLETED' | 'REOPENED' | 'MOVED' | 'DELETED'}`
  | `COMMENT.${'CREATED' | 'UPDATED' | 'DELETED'}`
  | `TASKLIST.${'CREATED' | 'UPDATED' | 'DELETED'}`
  | `PROJECT.${'CREATED' | 'UPDATED'}`
  | `TIME.${'CREATED' | 'UPDATED' | 'DELETED'}`

export type Part = Readonly<Record<string, string | number | boolean | readonly number[]>>

/** A change that webhooks may tell. */
export interface Happening {
  readonly event: EventName
  readonly by: number
  readonly objectId: number
  readonly projectId: number
  /** The object and its relatives. */
  readonly parts: Readonly<Record<string, Part>>
}

export interface World {
  readonly ports: EmulatorPorts
  readonly rules: Rules
  readonly accountId: number
  readonly people: ReadonlyMap<number, PersonSeed>
  readonly projects: Map<number, Project>
  readonly tasklists: Map<number, Tasklist>
  readonly tags: Map<number, Tag>
  readonly tasks: Map<number, Task>
  readonly comments: Map<number, Comment>
  readonly timeEntries: Map<number, TimeEntry>
  /** Who was told of a new or changed task by mail. */
  readonly notified: { readonly at: number; readonly task: number; readonly to: readonly number[] }[]
  happened(happening: Happening): void
  lastId: number
}

export function nextId(world: World): number {
  world.lastId += 1
  return world.lastId
}

export function stamp(world: World, by: number): Stamp {
  return { at: world.ports.now(), by }
}

/** A task that is not in the trashcan. */
export function liveTask(world: World, id: number): Task {
  const task = world.tasks.get(id)
  if (task === undefined || task.deleted !== null) throw notFound()
  return task
}

export function projectOf(world: World, task: Task): Project {
  const tasklist = world.tasklists.get(task.tasklistId)
  const project = world.projects.get(tasklist?.projectId ?? 0)
  if (project === undefined) throw notFound()
  return project
}

/** RFC 3339 in whole seconds. */
export function timeText(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
}
