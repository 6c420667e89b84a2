/** The kinds of Teamwork, and what is said of them. */
import { rawField as raw, type Field, type Fields, type Kind } from '../../connector/index.ts'
import type { Api } from './api.ts'
import { getListedProject, getPerson, getProject, getTag } from './directory.ts'
import { getEntry } from './streams.ts'
import { getTask, getTasklist } from './tasks.ts'
import {
  createComment,
  createTask,
  deleteComment,
  deleteTask,
  getComment,
  updateComment,
  updateTask,
} from './writing.ts'

const NEVER = 'never'

/** Its own ref, for tables that are joined by it. */
const id: Field = { type: 'text', required: true, written: NEVER }
/** It repeats the scope. */
const projectOf: Field = { type: 'ref', to: 'project', written: NEVER }
const moment: Field = { type: 'instant', written: NEVER }

const projectFields: Fields = {
  id,
  name: { type: 'text', required: true, written: NEVER },
  description: { type: 'text', written: NEVER },
  status: { type: 'text', written: NEVER },
  createdAt: moment,
  raw,
}

const project: Kind<Api> = {
  fields: projectFields,
  is: 'container',
  match: ['name'],
  get: getProject,
}

/** A project as one of the things of its site, beside people and tags: the container itself is no item of a scope. */
const listedProject: Kind<Api> = {
  fields: projectFields,
  in: 'project',
  match: ['id'],
  blind: { delete: 'a deleted project is seen when all are listed again' },
  get: getListedProject,
}

const tasklist: Kind<Api> = {
  fields: { id, project: projectOf, name: { type: 'text', required: true, written: NEVER }, raw },
  in: 'project',
  scopeField: 'project',
  takes: ['task'],
  match: ['name'],
  blind: {
    create: 'a list that holds no task yet is seen by webhook',
    update: 'a new name is seen by webhook, or with the next change of a task in the list',
    delete: 'a deleted list is seen by webhook; its tasks are seen at once',
  },
  get: getTasklist,
}

const taskFields: Fields = {
  id,
  project: projectOf,
  tasklist: { type: 'ref', to: 'tasklist', required: true },
  parent: { type: 'ref', to: 'task' },
  name: { type: 'text', required: true },
  description: { type: 'text' },
  completed: { type: 'boolean', required: true },
  completedAt: { type: 'instant', written: NEVER },
  completedBy: { type: 'text', written: NEVER },
  priority: { type: 'text' },
  progress: { type: 'decimal' },
  start: { type: 'date' },
  due: { type: 'date' },
  estimate: { type: 'decimal' },
  assignees: { type: 'person', many: 'set' },
  assigneeIds: { type: 'text', many: 'set', written: NEVER },
  tags: { type: 'text', many: 'set' },
  createdAt: moment,
  createdById: { type: 'text', written: NEVER },
  updatedAt: moment,
  raw,
}

const task: Kind<Api> = {
  fields: taskFields,
  in: 'project',
  scopeField: 'project',
  under: 'tasklist',
  takes: ['comment'],
  match: ['name'],
  sample: { name: 'A task' },
  blind: { move: 'a move to a project that is not synced is seen by webhook' },
  get: getTask,
  create: createTask,
  update: updateTask,
  delete: deleteTask,
}

const comment: Kind<Api> = {
  fields: {
    id,
    project: projectOf,
    task: { type: 'ref', to: 'task', required: true, written: 'on-create' },
    body: { type: 'text', required: true },
    authorId: { type: 'text', written: NEVER },
    createdAt: moment,
    raw,
  },
  in: 'project',
  scopeField: 'project',
  under: 'task',
  blind: { delete: 'a deleted comment is in no list: it is seen by webhook' },
  get: getComment,
  create: createComment,
  update: updateComment,
  delete: deleteComment,
}

const time: Kind<Api> = {
  fields: {
    id,
    project: projectOf,
    task: { type: 'ref', to: 'task', written: NEVER },
    person: { type: 'person', written: NEVER },
    personId: { type: 'text', written: NEVER },
    began: { type: 'instant', written: NEVER },
    minutes: { type: 'decimal', required: true, written: NEVER },
    description: { type: 'text', written: NEVER },
    billable: { type: 'boolean', required: true, written: NEVER },
    tags: { type: 'text', many: 'set', written: NEVER },
    createdAt: moment,
    updatedAt: moment,
    raw,
  },
  in: 'project',
  scopeField: 'project',
  blind: { delete: 'lists by time of change leave deleted entries out: a deletion is seen by webhook' },
  get: getEntry,
}

const person: Kind<Api> = {
  fields: {
    id: { type: 'text', required: true, written: NEVER },
    name: { type: 'text', required: true, written: NEVER },
    email: { type: 'text', written: NEVER },
    title: { type: 'text', written: NEVER },
    administrator: { type: 'boolean', written: NEVER },
    raw,
  },
  in: 'project',
  match: ['id'],
  blind: { delete: 'who has left is seen when everybody is listed again' },
  get: getPerson,
}

const tag: Kind<Api> = {
  fields: {
    id: { type: 'text', required: true, written: NEVER },
    name: { type: 'text', required: true, written: NEVER },
    colour: { type: 'text', written: NEVER },
    raw,
  },
  in: 'project',
  match: ['id'],
  blind: { delete: 'a deleted tag is seen when all are listed again' },
  get: getTag,
}

export const kinds = { project, listedProject, tasklist, task, comment, time, person, tag }
