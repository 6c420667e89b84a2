/** People in Teamwork. */
import type { Person } from '../../../src/emulators/teamwork/person.ts'
import type { Teamwork } from '../../../src/emulators/teamwork/teamwork.ts'
import type { Task, TimeEntry } from '../../../src/emulators/teamwork/state.ts'
import { ANN, SYNC } from '../../engine/ingest-systems.ts'
import type { Chance } from '../chance.ts'
import type { Deed } from './scenario.ts'

/** `n`: of the next text. Answers what was done; null: there was nothing to do it to. */
export function inTeamwork(teamwork: Teamwork, deed: Deed, n: number, chance: Chance): string | null {
  const person = teamwork.as(chance.pick([ANN, SYNC]))
  return new Worker(teamwork, person, chance, n).does(deed)
}

class Worker {
  private readonly teamwork: Teamwork
  private readonly person: Person
  private readonly chance: Chance
  private readonly text: string

  constructor(teamwork: Teamwork, person: Person, chance: Chance, n: number) {
    this.teamwork = teamwork
    this.person = person
    this.chance = chance
    this.text = `t${n}`
  }

  does(deed: Deed): string | null {
    switch (deed) {
      case 'add':
        return this.add()
      case 'edit':
        return this.toTask((task) => this.edit(task))
      case 'close':
        return this.toTask((task) => this.close(task))
      case 'comment':
        return this.toTask((task) => `comment ${this.person.comment(task.id, this.text).id} on task ${task.id}`)
      case 'change-comment':
      case 'delete-comment':
        return this.toComment(deed)
      case 'move':
        return this.toTask((task) => this.move(task))
      case 'delete':
        return this.toTask((task) => this.remove(task))
      case 'restore':
        return this.restore()
      case 'time':
        return this.time()
      case 'list':
        return this.list()
      case 'join':
        return this.toTask((task) => this.join(task))
      case 'sweep':
        return this.sweep()
    }
  }

  private one<T>(all: readonly T[], does: (one: T) => string | null): string | null {
    return all.length === 0 ? null : does(this.chance.pick(all))
  }

  private get lists() {
    return [...this.teamwork.state().tasklists.values()].filter(({ isDeleted }) => !isDeleted)
  }

  private get tasks(): readonly Task[] {
    return [...this.teamwork.state().tasks.values()].filter(({ deleted }) => deleted === null)
  }

  private toTask(does: (task: Task) => string | null): string | null {
    return this.one(this.tasks, does)
  }

  private get tags(): readonly number[] {
    return [...this.teamwork.state().tags.keys()].filter(() => this.chance.chance(0.5))
  }

  private get people(): readonly number[] {
    return [ANN, SYNC].filter(() => this.chance.chance(0.5))
  }

  private get day(): string {
    return `2026-12-${String(10 + this.chance.int(20))}`
  }

  private add(): string | null {
    return this.one(this.lists, ({ id }) => {
      const task = this.person.addTask(id, {
        name: `Task ${this.text}`,
        ...(this.chance.chance(0.5) ? { description: `About ${this.text}` } : {}),
        assignees: { userIds: [...this.people] },
        tagIds: [...this.tags],
      })
      return `task ${task.id} in list ${id}: ${this.text}`
    })
  }

  private edit({ id }: Task): string {
    const changes = this.chance.pick([
      { name: `Task ${this.text}` },
      { name: `Task ${this.text}` },
      { description: this.chance.pick([`About ${this.text}`, null]) },
      { assignees: { userIds: [...this.people] } },
      { tagIds: [...this.tags] },
      { dueAt: this.chance.pick([this.day, null]) },
      { priority: this.chance.pick(['low', 'high', null] as const) },
      { estimatedMinutes: this.chance.int(3) * 30 },
    ])
    this.person.editTask(id, changes)
    return `task ${id} gets ${JSON.stringify(changes)}`
  }

  private close({ id, completed }: Task): string {
    if (completed === null) this.person.complete(id)
    else this.person.reopen(id)
    return `task ${id} is ${completed === null ? 'done' : 'open again'}`
  }

  private toComment(deed: 'change-comment' | 'delete-comment'): string | null {
    const { comments, tasks } = this.teamwork.state()
    const there = [...comments.values()].filter(
      ({ deleted, taskId }) => deleted === null && tasks.get(taskId)?.deleted === null,
    )
    return this.one(there, ({ id }) => {
      if (deed === 'delete-comment') this.person.removeComment(id)
      else this.person.editComment(id, this.text)
      return `comment ${id} ${deed === 'delete-comment' ? 'is deleted' : `says ${this.text}`}`
    })
  }

  private move({ id, tasklistId }: Task): string | null {
    return this.one(
      this.lists.filter((list) => list.id !== tasklistId),
      (list) => {
        this.person.editTask(id, { tasklistId: list.id })
        return `task ${id} goes to list ${list.id} of project ${list.projectId}`
      },
    )
  }

  private remove({ id }: Task): string {
    this.person.removeTask(id)
    return `task ${id} is deleted`
  }

  private restore(): string | null {
    const lists = new Set(this.lists.map(({ id }) => id))
    const gone = [...this.teamwork.state().tasks.values()].filter(
      ({ deleted, tasklistId }) => deleted !== null && lists.has(tasklistId),
    )
    return this.one(gone, ({ id }) => {
      this.person.restore(id)
      return `task ${id} is back`
    })
  }

  private time(): string | null {
    const entries = [...this.teamwork.state().timeEntries.values()]
    const there = entries.filter(({ deleted }) => deleted === null)
    const gone = entries.filter(({ deleted }) => deleted !== null)
    const minutes = 5 + this.chance.int(90)
    const date = '2026-11-01'
    switch (this.chance.pick(['log', 'log', 'log', 'edit', 'delete', 'restore'] as const)) {
      case 'log':
        return this.toTask((task) => {
          const entry = this.person.logTime({ task: task.id }, { date, time: '09:00:00', isUTC: true, minutes })
          return `${minutes} minutes on task ${task.id}: entry ${entry.id}`
        })
      case 'edit':
        return this.one(there, ({ id }: TimeEntry) => {
          this.person.editTime(id, { minutes, description: this.text })
          return `entry ${id}: ${minutes} minutes`
        })
      case 'delete':
        return this.one(there, ({ id }) => {
          this.person.removeTime(id)
          return `entry ${id} is deleted`
        })
      case 'restore':
        return this.one(gone, ({ id }) => {
          this.person.restoreTime(id)
          return `entry ${id} is back`
        })
    }
  }

  private list(): string | null {
    const { projects } = this.teamwork.state()
    const project = this.chance.pick([...projects.keys()])
    switch (this.chance.pick(['add', 'rename', 'delete', 'project', 'rename project', 'archive'] as const)) {
      case 'add':
        return `list ${this.person.addTasklist(project, `List ${this.text}`).id} in project ${project}`
      case 'rename':
        return this.one(this.lists, ({ id }) => {
          this.person.renameTasklist(id, `List ${this.text}`)
          return `list ${id} is called ${this.text}`
        })
      case 'delete':
        return this.lists.length < 3
          ? null
          : this.one(this.lists, ({ id }) => {
              this.person.removeTasklist(id)
              return `list ${id} is deleted with its tasks`
            })
      case 'project': {
        const { id } = this.person.addProject(`Project ${this.text}`)
        return `project ${id} with list ${this.person.addTasklist(id, `List ${this.text}`).id}`
      }
      case 'archive': {
        const { archived = false } = projects.get(project) ?? {}
        this.person.archive(project, !archived)
        return `project ${project} is ${archived ? 'active again' : 'archived'}`
      }
      case 'rename project':
        this.person.renameProject(project, `Project ${this.text}`)
        return `project ${project} is called ${this.text}`
    }
  }

  private sweep(): string | null {
    const { tasks } = this
    const does = this.chance.pick(['add', 'tag', 'tag', 'complete', 'move'] as const)
    return this.one(this.lists, (list) => {
      if (does === 'add')
        for (let at = 0; at < 12; at += 1) this.person.addTask(list.id, { name: `Task ${this.text} No. ${at}` })
      else for (const each of tasks) this.sweeps(does, each, list.id)
      return `${does} of all tasks: ${tasks.map(({ id }) => id).join()}`
    })
  }

  private sweeps(does: 'tag' | 'complete' | 'move', { id, tagIds }: Task, tasklistId: number): void {
    const tags = tagIds.length === 0 ? [...this.teamwork.state().tags.keys()] : []
    if (does === 'tag') this.person.editTask(id, { tagIds: tags })
    else if (does === 'complete') this.person.complete(id)
    else this.person.editTask(id, { tasklistId })
  }

  /** Of one level, so that no task is under itself. */
  private join(task: Task): string | null {
    const { tasks } = this
    if (task.parentTaskId !== null) {
      this.person.editTask(task.id, { parentTaskId: 0 })
      return `task ${task.id} stands on its own`
    }
    if (tasks.some(({ parentTaskId }) => parentTaskId === task.id)) return null
    return this.one(
      tasks.filter(
        ({ id, parentTaskId, tasklistId }) => id !== task.id && parentTaskId === null && tasklistId === task.tasklistId,
      ),
      ({ id }) => {
        this.person.editTask(task.id, { parentTaskId: id })
        return `task ${task.id} is under task ${id}`
      },
    )
  }
}
