/** What Teamwork and Missive say, read by their HTTP APIs as anybody could. */
import { z } from 'zod'
import { JUDGE } from './question.ts'

/** An item, and what its row has to say. */
export interface Said {
  readonly key: string
  readonly says: Readonly<Record<string, string | number | boolean | readonly string[] | null>>
}

const id = z.union([z.string(), z.number()]).transform(String)
const maybeId = id.nullish().transform((value) => (value === '0' || value === '' ? null : (value ?? null)))
const words = z
  .string()
  .nullish()
  .transform((value) => value || null)
const ids = z
  .array(id)
  .nullish()
  .transform((value) => (value && value.length > 0 ? value.toSorted() : null))

async function read<T>(url: URL, authorization: string, as: z.ZodType<T>): Promise<T> {
  const response = await fetch(url, { headers: { authorization } })
  if (!response.ok) throw new Error(`${url.pathname} answers ${response.status}: ${await response.text()}`)
  return as.parse(await response.json())
}

const task = z.object({
  id,
  name: z.string(),
  description: words,
  status: z.string(),
  dueDate: words,
  tasklistId: id,
  assigneeUserIds: ids,
  tagIds: ids,
})
const comment = z.object({ id, body: z.string(), objectId: id, postedBy: maybeId })
const entry = z.object({ id, taskId: maybeId, userId: maybeId, minutes: z.number(), description: words })
const person = z.object({ id, firstName: z.string(), lastName: z.string(), email: words })
const tag = z.object({ id, name: z.string() })
/** What a list leaves out unless it is asked. */
const WHOLE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  tasks: {
    includeCompletedTasks: 'true',
    showCompletedLists: 'true',
    includeArchivedProjects: 'true',
    include: 'tasklists',
  },
  comments: { includeArchivedProjects: 'true' },
  time: { includeArchivedProjects: 'true' },
}
const tasklists = z.object({ tasklists: z.record(z.string(), z.object({ projectId: id })).optional() })

export async function itemsOfTeamwork(base: string): Promise<Said[]> {
  const authorization = `Basic ${Buffer.from(`${JUDGE.teamwork}:x`).toString('base64')}`
  const scopes = new Map<string, string>()
  const all = async <T>(name: string, member: string, row: z.ZodType<T>): Promise<T[]> => {
    const found: T[] = []
    const page = z.looseObject({
      meta: z.object({ page: z.object({ hasMore: z.boolean() }) }),
      included: tasklists.optional(),
    })
    for (let number = 1, more = true; more; number += 1) {
      const url = new URL(`/projects/api/v3/${name}.json`, base)
      url.search = new URLSearchParams({
        page: String(number),
        pageSize: '100',
        ...WHOLE[name],
      }).toString()
      const answer = await read(url, authorization, page)
      found.push(...z.array(row).parse(answer[member]))
      for (const [list, { projectId }] of Object.entries(answer.included?.tasklists ?? {})) scopes.set(list, projectId)
      more = answer.meta.page.hasMore
    }
    return found
  }
  const said = (table: string, key: string, says: Said['says']): Said => ({ key: `teamwork ${table} ${key}`, says })
  return [
    ...(await all('tasks', 'tasks', task)).map((each) =>
      said('tasks', each.id, {
        name: each.name,
        description: each.description,
        task_list_id: each.tasklistId,
        scope: scopes.get(each.tasklistId) ?? null,
        due_on: each.dueDate?.slice(0, 10) ?? null,
        completed: each.status === 'completed',
        assignee_ids: each.assigneeUserIds,
        tag_ids: each.tagIds,
      }),
    ),
    ...(await all('comments', 'comments', comment)).map((each) =>
      said('comments', each.id, {
        task_id: each.objectId,
        conversation_id: null,
        author_id: each.postedBy,
        body_text: each.body,
      }),
    ),
    ...(await all('time', 'timelogs', entry)).map((each) =>
      said('time_entries', each.id, {
        task_id: each.taskId,
        person_id: each.userId,
        description: each.description,
        minutes: each.minutes,
      }),
    ),
    ...(await all('people', 'people', person)).map((each) =>
      said('people', each.id, { name: `${each.firstName} ${each.lastName}`, email: each.email }),
    ),
    ...(await all('tags', 'tags', tag)).map((each) => said('tags', each.id, { name: each.name })),
  ]
}

const reader = z.object({
  id: z.string(),
  me: z.boolean().nullish(),
  closed: z.boolean().nullish(),
  trashed: z.boolean().nullish(),
})
const conversation = z.object({
  id: z.string(),
  last_activity_at: z.number(),
  latest_message_subject: words,
  team: z.object({ id: z.string() }).nullish(),
  shared_labels: z.array(z.object({ id: z.string() })).nullish(),
  assignees: z.array(z.object({ id: z.string() })).nullish(),
  users: z.array(reader).nullish(),
})
const place = z.object({ name: words, address: words })
const message = z.object({
  id: z.string(),
  subject: words,
  body: words,
  from_field: place.nullish(),
  to_fields: z.array(place).nullish(),
  attachments: z.array(z.object({ id: z.string(), filename: z.string(), size: z.number() })).nullish(),
})
const note = z.object({
  id: z.string(),
  created_at: z.number(),
  body: words,
  author: z.object({ id: z.string() }).nullish(),
})
const user = z.object({ id: z.string(), name: z.string(), email: words })

export async function itemsOfMissive(base: string): Promise<Said[]> {
  const ask = async <T>(path: string, query: Readonly<Record<string, string>>, as: z.ZodType<T>): Promise<T> => {
    const url = new URL(`${base}/v1${path}`)
    url.search = new URLSearchParams(query).toString()
    return await read(url, `Bearer ${JUDGE.missive}`, as)
  }
  const found: Said[] = []
  const say = (table: string, key: string, says: Said['says']): void =>
    void found.push({ key: `missive ${table} ${key}`, says })
  const list = z.object({ conversations: z.array(conversation) })
  const conversations = new Map<string, z.infer<typeof conversation>>()
  for (const box of ['all', 'trashed'])
    for (let until = 0, before = -1; conversations.size !== before;) {
      before = conversations.size
      const query = { [box]: 'true', limit: '50', ...(until === 0 ? {} : { until: String(until) }) }
      for (const each of (await ask('/conversations', query, list)).conversations) {
        conversations.set(each.id, each)
        until = until === 0 ? each.last_activity_at : Math.min(until, each.last_activity_at)
      }
    }
  for (const each of conversations.values()) {
    const mine = each.users?.find(({ me, id: reads }) => me === true || reads === 'judge')
    say('conversations', each.id, {
      subject: each.latest_message_subject,
      team_id: each.team?.id ?? null,
      trashed: mine?.trashed ?? false,
      closed: mine?.closed ?? false,
      label_ids: named(each.shared_labels?.map((label) => label.id)),
      assignee_ids: named(each.assignees?.map((one) => one.id)),
    })
    const mails = z.object({ messages: z.array(z.object({ id: z.string() })) })
    for (const { id: mail } of (await ask(`/conversations/${each.id}/messages`, { limit: '10' }, mails)).messages) {
      const { messages } = await ask(`/messages/${mail}`, {}, z.object({ messages: message }))
      say('emails', mail, {
        conversation_id: each.id,
        subject: messages.subject,
        from_address: messages.from_field?.address ?? null,
        body_html: messages.body,
        to_addresses: named(messages.to_fields?.map(({ address, name }) => address ?? name ?? '')),
      })
      for (const file of messages.attachments ?? [])
        say('attachments', `${mail}/${file.id}`, { email_id: mail, name: file.filename, size: file.size })
    }
    const notes = z.object({ comments: z.array(note) })
    for (const one of (await ask(`/conversations/${each.id}/comments`, { limit: '10' }, notes)).comments)
      say('comments', `${each.id}/${one.id}`, {
        task_id: null,
        conversation_id: each.id,
        author_id: one.author?.id ?? null,
        body_text: one.body,
      })
  }
  const { users } = await ask('/users', { limit: '200' }, z.object({ users: z.array(user) }))
  for (const each of users) say('people', each.id, { name: each.name, email: each.email })
  return found
}

function named(all: readonly string[] | null | undefined): readonly string[] | null {
  return all && all.length > 0 ? all.toSorted() : null
}
