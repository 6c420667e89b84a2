/** Comments on tasks: listed by v3, written by v1. */
import { z } from 'zod'
import { badRequest, leftOut, notFound } from './answers.ts'
import { pageOf } from './paging.ts'
import { commentHappening } from './payloads.ts'
import type { Query } from './query.ts'
import { liveTask, nextId, projectOf, stamp, timeText, type Comment, type World } from './state.ts'

const COMMENT = z.strictObject({
  body: z.string(),
  'content-type': z.string().optional(),
  notify: z.unknown().optional(),
  isprivate: z.boolean().optional(),
  pendingFileAttachments: z.string().optional(),
})
const BODY = z.strictObject({ comment: COMMENT })

export type CommentBody = z.input<typeof BODY>

export function createComment(world: World, by: number, taskId: number, value: unknown): Comment {
  const task = liveTask(world, taskId)
  const comment: Comment = {
    id: nextId(world),
    taskId,
    ...parse(value),
    posted: stamp(world, by),
    edited: null,
    deleted: null,
  }
  return keep(world, by, 'COMMENT.CREATED', comment, task.id)
}

export function changeComment(world: World, by: number, id: number, value: unknown): Comment {
  const before = liveComment(world, id)
  return keep(world, by, 'COMMENT.UPDATED', { ...before, ...parse(value), edited: stamp(world, by) }, before.taskId)
}

export function deleteComment(world: World, by: number, id: number): void {
  const before = liveComment(world, id)
  keep(world, by, 'COMMENT.DELETED', { ...before, deleted: stamp(world, by) }, before.taskId)
}

export function liveComment(world: World, id: number): Comment {
  const comment = world.comments.get(id)
  if (comment === undefined || comment.deleted !== null) throw notFound()
  return comment
}

export function listComments(world: World, query: Query) {
  const { after } = query
  const updatedAfter = query.time('updatedAfter') ?? query.time('updatedAfterDate')
  const projects = query.numbers('projectIds')
  const objects = query.numbers('objectIds')
  const type = query.text('objectType') ?? query.text('objectTypes')
  if (type !== null && type !== 'task') throw leftOut(`comments on a ${type}`)
  const order = query.oneOf('orderBy', ['all', 'date', 'project', 'user', 'type'])
  if (order !== null && order !== 'date' && order !== 'all') throw leftOut(`the order by ${order}`)
  if (query.text('include') !== null) throw leftOut('sideloads of comments')
  const found = [...world.comments.values()].filter((comment) => {
    const task = world.tasks.get(comment.taskId)
    if (task === undefined || task.deleted !== null || comment.deleted !== null) return false
    const project = projectOf(world, task)
    if (project.archived && !query.flag('includeArchivedProjects')) return false
    if (projects.length > 0 && !projects.includes(project.id)) return false
    if (objects.length > 0 && !objects.includes(comment.taskId)) return false
    return updatedAfter === null || after((comment.edited ?? comment.posted).at, updatedAfter)
  })
  const direction = query.oneOf('orderMode', ['asc', 'desc']) === 'desc' ? -1 : 1
  const sorted = found.toSorted((one, other) => direction * (one.posted.at - other.posted.at || one.id - other.id))
  const { items, meta } = pageOf(world, sorted, query)
  return { comments: items.map((comment) => commentJson(world, comment)), included: {}, meta }
}

function commentJson(world: World, comment: Comment) {
  const task = world.tasks.get(comment.taskId)
  const projectId = task === undefined ? 0 : projectOf(world, task).id
  return {
    id: comment.id,
    body: comment.body,
    contentType: comment.contentType,
    objectType: 'task',
    objectId: comment.taskId,
    object: { id: comment.taskId, type: 'tasks' },
    projectId,
    project: { id: projectId, type: 'projects' },
    postedBy: comment.posted.by,
    postedByUserId: comment.posted.by,
    postedDateTime: timeText(comment.posted.at),
    deleted: comment.deleted !== null,
    fileIds: [],
    ...(comment.edited === null
      ? {}
      : {
          dateLastEdited: timeText(comment.edited.at),
          lastEditedBy: comment.edited.by,
          lastEditedByUserId: comment.edited.by,
        }),
  }
}

/** As v1 tells one comment: everything is text. */
export function oldCommentJson(world: World, comment: Comment) {
  const author = world.people.get(comment.posted.by)
  const task = world.tasks.get(comment.taskId)
  return {
    id: String(comment.id),
    body: comment.body,
    'content-type': comment.contentType,
    datetime: timeText(comment.posted.at),
    'last-changed-on': comment.edited === null ? '' : timeText(comment.edited.at),
    'author-id': String(comment.posted.by),
    'author-firstname': author?.firstName ?? '',
    'author-lastname': author?.lastName ?? '',
    'commentable-id': String(comment.taskId),
    commentable_type: 'todo_items',
    'item-name': task?.name ?? '',
    'project-id': String(task === undefined ? 0 : projectOf(world, task).id),
    type: 'task',
  }
}

function parse(value: unknown): Pick<Comment, 'body' | 'contentType'> {
  const parsed = BODY.safeParse(value)
  if (!parsed.success) throw badRequest(`comment: ${parsed.error.issues[0]?.message ?? ''}`)
  const { body, 'content-type': type, pendingFileAttachments } = parsed.data.comment
  if (body.trim() === '') throw badRequest('comment.body: a comment needs a text')
  if (pendingFileAttachments) throw leftOut('files of comments')
  return { body, contentType: type?.toUpperCase() === 'HTML' ? 'HTML' : 'TEXT' }
}

function keep(
  world: World,
  by: number,
  event: 'COMMENT.CREATED' | 'COMMENT.UPDATED' | 'COMMENT.DELETED',
  comment: Comment,
  taskId: number,
): Comment {
  world.comments.set(comment.id, comment)
  const task = world.tasks.get(taskId)
  if (task !== undefined) world.happened(commentHappening(world, event, by, comment, task))
  return comment
}
