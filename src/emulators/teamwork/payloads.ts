/** What a webhook tells of a change: the object and its relatives, as they are at that moment. */
import {
  projectOf,
  timeText,
  type Comment,
  type EventName,
  type Happening,
  type Part,
  type Task,
  type TimeEntry,
  type World,
} from './state.ts'
import { statusOf } from './tasks-read.ts'

export function taskHappening(world: World, event: EventName, by: number, task: Task): Happening {
  const project = projectOf(world, task)
  return {
    event,
    by,
    objectId: task.id,
    projectId: project.id,
    parts: {
      task: {
        id: task.id,
        name: task.name,
        description: task.description,
        priority: task.priority ?? '',
        progress: task.progress,
        status: statusOf(task),
        startDate: task.startDay ?? '',
        dueDate: task.dueDay ?? '',
        parentId: task.parentTaskId ?? 0,
        taskListId: task.tasklistId,
        projectId: project.id,
        assignedUserIds: task.assigneeIds,
        tags: task.tagIds,
        dateCreated: timeText(task.created.at),
        dateUpdated: timeText(task.updated.at),
      },
      taskList: tasklistPart(world, task.tasklistId),
      project: projectPart(world, project.id),
      eventCreator: creatorPart(world, by),
    },
  }
}

export function commentHappening(world: World, event: EventName, by: number, comment: Comment, task: Task): Happening {
  const projectId = projectOf(world, task).id
  return {
    event,
    by,
    objectId: comment.id,
    projectId,
    parts: {
      comment: {
        id: comment.id,
        body: comment.body,
        contentType: comment.contentType,
        dateCreated: timeText(comment.posted.at),
        dateUpdated: timeText((comment.edited ?? comment.posted).at),
        objectId: comment.taskId,
        objectType: 'task',
        projectId,
        userId: comment.posted.by,
      },
      eventCreator: creatorPart(world, by),
    },
  }
}

export function timeHappening(world: World, event: EventName, by: number, entry: TimeEntry): Happening {
  const { id, projectId } = entry
  return {
    event,
    by,
    objectId: id,
    projectId,
    parts: {
      timelog: {
        id,
        description: entry.description,
        minutes: entry.minutes,
        isBillable: entry.isBillable,
        dateLogged: timeText(entry.loggedAt),
        taskId: entry.taskId ?? 0,
        projectId,
        userId: entry.userId,
        tags: entry.tagIds,
        dateCreated: timeText(entry.created.at),
        dateUpdated: timeText((entry.updated ?? entry.created).at),
      },
      project: projectPart(world, projectId),
      eventCreator: creatorPart(world, by),
    },
  }
}

export function tasklistHappening(world: World, event: EventName, by: number, id: number): Happening {
  const projectId = world.tasklists.get(id)?.projectId ?? 0
  return {
    event,
    by,
    objectId: id,
    projectId,
    parts: {
      taskList: tasklistPart(world, id),
      project: projectPart(world, projectId),
      eventCreator: creatorPart(world, by),
    },
  }
}

export function projectHappening(world: World, event: EventName, by: number, id: number): Happening {
  const parts = { project: projectPart(world, id), eventCreator: creatorPart(world, by) }
  return { event, by, objectId: id, projectId: id, parts }
}

function tasklistPart(world: World, id: number): Part {
  const tasklist = world.tasklists.get(id)
  return { id, name: tasklist?.name ?? '', projectId: tasklist?.projectId ?? 0 }
}

function projectPart(world: World, id: number): Part {
  const project = world.projects.get(id)
  return { id, name: project?.name ?? '', status: project?.archived === true ? 'archived' : 'active' }
}

function creatorPart(world: World, id: number): Part {
  const person = world.people.get(id)
  return { id, firstName: person?.firstName ?? '', lastName: person?.lastName ?? '', avatar: '' }
}
