/** What Teamwork holds, as the documented tables have to tell it. */
import type { Task, World as Site } from '../../../src/emulators/teamwork/state.ts'
import type { Teamwork } from '../../../src/emulators/teamwork/teamwork.ts'

/** By column; '' where there is nothing. Sets are one text. */
export type Said = { readonly [column: string]: string }

/** By table, source and id. */
export type Tables = ReadonlyMap<string, Said>

export function teamworkSays(teamwork: Teamwork): Tables {
  const site = teamwork.state()
  const said = new Map<string, Said>()
  const say = (table: string, id: number, says: Said): void => void said.set(`${table} teamwork ${id}`, says)
  const alive = <T extends { readonly deleted: unknown }>(all: ReadonlyMap<number, T>): readonly T[] =>
    [...all.values()].filter(({ deleted }) => deleted === null)
  for (const { id, name, archived } of site.projects.values())
    say('projects', id, { scope: 'site', name, status: archived ? 'archived' : 'active' })
  for (const { id, firstName, lastName, email } of site.people.values())
    say('people', id, { scope: 'site', name: `${firstName} ${lastName}`, email })
  for (const { id, name, color } of site.tags.values()) say('tags', id, { scope: 'site', name, colour: color })
  for (const { id, name, projectId, isDeleted } of site.tasklists.values())
    if (!isDeleted) say('task_lists', id, { scope: String(projectId), name })
  for (const task of alive(site.tasks)) say('tasks', task.id, ofTask(site, task))
  for (const { id, taskId, body, posted } of alive(site.comments)) {
    const task = site.tasks.get(taskId)
    if (task?.deleted === null)
      say('comments', id, {
        scope: projectOf(site, task),
        task_id: String(taskId),
        author_id: String(posted.by),
        body_text: body,
        created_at: at(posted),
      })
  }
  for (const { id, taskId, projectId, userId, minutes, description, isBillable, updated } of alive(site.timeEntries)) {
    const task = taskId === null ? undefined : site.tasks.get(taskId)
    say('time_entries', id, {
      scope: task === undefined ? String(projectId) : projectOf(site, task),
      task_id: text(taskId),
      person_id: String(userId),
      minutes: String(minutes),
      description,
      billable: truth(isBillable),
      updated_at: at(updated),
    })
  }
  return said
}

function ofTask(site: Site, task: Task): Said {
  return {
    scope: projectOf(site, task),
    task_list_id: String(task.tasklistId),
    parent_id: text(task.parentTaskId),
    name: task.name,
    description: task.description,
    completed: truth(task.completed !== null),
    completed_at: at(task.completed),
    completed_by_id: text(task.completed?.by ?? null),
    priority: task.priority ?? '',
    due_on: task.dueDay ?? '',
    estimate_minutes: task.estimateMinutes === 0 ? '' : String(task.estimateMinutes),
    assignee_ids: set(task.assigneeIds.map(String)),
    tag_ids: set(task.tagIds.map(String)),
    created_by_id: String(task.created.by),
    created_at: at(task.created),
    updated_at: at(task.updated),
  }
}

function projectOf({ tasklists }: Site, { tasklistId }: Task): string {
  return String(tasklists.get(tasklistId)?.projectId)
}

/** In whole seconds. */
function at(stamp: { readonly at: number } | null): string {
  return stamp === null ? '' : new Date(Math.floor(stamp.at / 1000) * 1000).toISOString()
}

function text(value: number | null): string {
  return value === null ? '' : String(value)
}

export function truth(value: boolean): string {
  return value ? 'yes' : 'no'
}

export function set(all: readonly string[]): string {
  return all.toSorted().join(', ')
}
