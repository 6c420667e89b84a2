/** People in Teamwork's own window, for scripts and simulations: the same functions as the HTTP methods, without limits. */
import { changeComment, createComment, deleteComment } from './comments.ts'
import {
  changeProject,
  changeTasklist,
  completeTasklist,
  createProject,
  createTasklist,
  deleteTasklist,
} from './containers.ts'
import type { Comment, Project, Task, Tasklist, TimeEntry, World } from './state.ts'
import { changeTask, completeTask, createTask, deleteTask, reopenTask, restoreTask, type TaskBody } from './tasks.ts'
import { changeTime, createTime, deleteTime, restoreTime, type Logged, type TimeBody } from './time.ts'

type TaskFields = TaskBody['task']
type TimeFields = TimeBody['timelog']

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
  logTime(on: Logged, entry: TimeFields): TimeEntry
  editTime(entry: number, changes: TimeFields): TimeEntry
  removeTime(entry: number): void
  restoreTime(entry: number): TimeEntry
  addProject(name: string): Project
  renameProject(project: number, name: string): Project
  archive(project: number, archived: boolean): Project
  addTasklist(project: number, name: string): Tasklist
  renameTasklist(tasklist: number, name: string): Tasklist
  completeTasklist(tasklist: number, completed: boolean): Tasklist
  removeTasklist(tasklist: number): void
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
    logTime: (on, timelog) => createTime(world, by, on, { timelog }),
    editTime: (entry, timelog) => changeTime(world, by, entry, { timelog }),
    removeTime: (entry) => deleteTime(world, by, entry),
    restoreTime: (entry) => restoreTime(world, by, entry),
    addProject: (name) => createProject(world, by, { project: { name } }),
    renameProject: (project, name) => changeProject(world, by, project, { project: { name } }),
    archive: (project, archived) =>
      changeProject(world, by, project, { project: { status: archived ? 'inactive' : 'active' } }),
    addTasklist: (project, name) => createTasklist(world, by, project, { 'todo-list': { name } }),
    renameTasklist: (tasklist, name) => changeTasklist(world, by, tasklist, { 'todo-list': { name } }),
    completeTasklist: (tasklist, completed) => completeTasklist(world, by, tasklist, completed),
    removeTasklist: (tasklist) => deleteTasklist(world, by, tasklist),
  }
}
