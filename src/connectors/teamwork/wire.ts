/** The answers of Teamwork, as far as they are read. */
import { z } from 'zod'
import { TOLD } from '../../connector/index.ts'

/** As Teamwork writes instants; they come out with milliseconds. Its first version writes '' for none. */
const instant = z.string().transform((text, context) => {
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return new Date(at).toISOString()
  context.addIssue({ code: 'custom', message: 'not an instant' })
  return z.NEVER
})
const perhapsInstant = z.preprocess((value) => (value === '' ? null : value), instant.nullish())

/** An id is a number in version 3, and text in version 1. */
const id = z.union([z.int(), z.string()]).transform(String)
/** None is null, 0 or ''. */
const perhapsId = id.nullish().transform((value) => (value === '0' || value === '' ? null : (value ?? null)))
const ids = z.array(id).nullish()

const meta = z.object({ page: z.object({ hasMore: z.boolean() }) })

export const me = z.object({
  person: z.object({ id, 'first-name': z.string().default(''), 'last-name': z.string().default('') }),
})

const project = z
  .object({
    id,
    name: z.string(),
    description: z.string().nullish(),
    status: z.string().nullish(),
    createdAt: perhapsInstant,
    updatedAt: perhapsInstant,
  })
  .and(TOLD)
export type WireProject = z.infer<typeof project>
export const projectsPage = z.object({ projects: z.array(project), meta })
export const oneProject = z.object({ project })

const person = z
  .object({
    id,
    firstName: z.string().nullish(),
    lastName: z.string().nullish(),
    email: z.string().nullish(),
    title: z.string().nullish(),
    isAdmin: z.boolean().nullish(),
  })
  .and(TOLD)
export type WirePerson = z.infer<typeof person>
export const peoplePage = z.object({ people: z.array(person), meta })
export const onePerson = z.object({ person })

const tag = z.object({ id, name: z.string(), color: z.string().nullish() }).and(TOLD)
export type WireTag = z.infer<typeof tag>
export const tagsPage = z.object({ tags: z.array(tag), meta })
export const oneTag = z.object({ tag })

/** Version 1 and the lists that version 3 brings along. */
export const tasklist = z
  .object({
    id,
    name: z.string(),
    projectId: perhapsId,
    /** Told by version 1 alone. */
    complete: z.boolean().nullish(),
  })
  .and(TOLD)
export type WireTasklist = z.infer<typeof tasklist>
export const tasklists = z.object({ tasklists: z.array(tasklist) })

export const task = z
  .object({
    id,
    name: z.string(),
    description: z.string().nullish(),
    priority: z.string().nullish(),
    progress: z.number().nullish(),
    startDate: perhapsInstant,
    dueDate: perhapsInstant,
    estimateMinutes: z.number().nullish(),
    status: z.string(),
    tasklistId: id,
    parentTaskId: perhapsId,
    assigneeUserIds: ids,
    tagIds: ids,
    createdBy: perhapsId,
    createdAt: perhapsInstant,
    updatedBy: perhapsId,
    updatedAt: perhapsInstant,
    completedBy: perhapsId,
    completedAt: perhapsInstant,
    deletedAt: perhapsInstant,
  })
  .and(TOLD)
export type WireTask = z.infer<typeof task>
export const oneTask = z.object({ task })
export const tasksPage = z.object({
  tasks: z.array(task),
  included: z.object({ tasklists: z.record(z.string(), tasklist).nullish() }).nullish(),
  meta,
})
export type TasksPage = z.infer<typeof tasksPage>

/** As lists of version 3 show it. */
const comment = z
  .object({
    id,
    body: z.string(),
    objectType: z.string(),
    objectId: id,
    projectId: perhapsId,
    postedBy: perhapsId,
    postedDateTime: perhapsInstant,
    dateLastEdited: perhapsInstant,
    deleted: z.boolean().nullish(),
  })
  .and(TOLD)
export type WireComment = z.infer<typeof comment>
export const commentsPage = z.object({ comments: z.array(comment), meta })

/** As version 1 shows one. */
export const oneComment = z.object({
  comment: z
    .object({
      id,
      body: z.string(),
      type: z.string(),
      'commentable-id': id,
      'project-id': perhapsId,
      'author-id': perhapsId,
      datetime: perhapsInstant,
    })
    .and(TOLD)
    .transform((each): WireComment => ({
      id: each.id,
      body: each.body,
      objectType: each.type,
      objectId: each['commentable-id'],
      projectId: each['project-id'],
      postedBy: each['author-id'],
      postedDateTime: each.datetime,
      dateLastEdited: null,
      deleted: false,
      told: each.told,
    })),
})
export const madeComment = z.object({ id })

const entry = z
  .object({
    id,
    description: z.string().nullish(),
    billable: z.boolean().nullish(),
    minutes: z.number(),
    timeLogged: perhapsInstant,
    userId: perhapsId,
    taskId: perhapsId,
    projectId: perhapsId,
    tagIds: ids,
    loggedBy: perhapsId,
    createdAt: perhapsInstant,
    updatedAt: perhapsInstant,
    deleted: z.boolean().nullish(),
    deletedAt: perhapsInstant,
  })
  .and(TOLD)
export type WireEntry = z.infer<typeof entry>
export const entriesPage = z.object({ timelogs: z.array(entry), meta })
export const oneEntry = z.object({ timelog: entry })

export const madeWebhook = z.object({ id })
export const webhooks = z.object({ webhooks: z.array(z.object({ id, url: z.string() })) })

/** A refusal in words: of version 3, or of version 1. */
export const refusal = z.union([
  z
    .object({ errors: z.array(z.object({ title: z.string().nullish(), detail: z.string().nullish() })).min(1) })
    .transform(({ errors }) => errors.map(({ title, detail }) => detail || title || 'refused').join('; ')),
  z.object({ MESSAGE: z.string().min(1) }).transform(({ MESSAGE }) => MESSAGE),
])
