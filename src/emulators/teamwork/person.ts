/** People in Teamwork's own window, for scripts and simulations: the same functions as the HTTP methods, without limits. */
import { changeComment, createComment, deleteComment } from './comments.ts'
import { nextId, type Comment, type Project, type Task, type World } from './state.ts'
import { changeTask, completeTask, createTask, deleteTask, reopenTask, restoreTask, type TaskBody } from './tasks.ts'

type TaskFields = TaskBody['task']

export interface Person {
  addTask(tasklist: number, task: TaskFields): Task
  editTask(task: number, changes: TaskFields): Task
  complete(task: number): Task
  reopen(task: number): Task
  removeTask(task: number): void
  restore(task: number): Task
  comment(task: number, text: string): Comment
  editComment(comment: number, text: string): Comment
  removeComment(comment: number): void
  addTasklist(project: number, name: string): number
  archive(project: number, archived: boolean): Project
}

export function personOf(world: World, by: number): Person {
  if (!world.people.has(by)) throw new Error(`the emulator has no person ${by}`)
  const body = (text: string) => ({ comment: { body: text } })
  return {
    addTask: (tasklist, task) => createTask(world, by, tasklist, { task }),
    editTask: (task, changes) => changeTask(world, by, task, { task: changes }),
    complete: (task) => completeTask(world, by, task),
    reopen: (task) => reopenTask(world, by, task),
    removeTask: (task) => deleteTask(world, by, task),
    restore: (task) => restoreTask(world, by, task),
    comment: (task, text) => createComment(world, by, task, body(text)),
    editComment: (comment, text) => changeComment(world, by, comment, body(text)),
    removeComment: (comment) => deleteComment(world, by, comment),
    addTasklist(projectId, name) {
      const id = nextId(world)
      world.tasklists.set(id, { id, name, projectId })
      return id
    },
    archive(id, archived) {
      const project = world.projects.get(id)
      if (project === undefined) throw new Error(`the emulator has no project ${id}`)
      const changed = { ...project, archived, updatedAt: world.ports.now() }
      world.projects.set(id, changed)
      return changed
    },
  }
}
