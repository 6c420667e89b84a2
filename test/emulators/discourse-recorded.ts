/** Replays recorded requests and tells where the emulated answers differ from the recorded ones. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { WireResponse } from '../../src/emulators/emulator.ts'
import type { Discourse } from '../../src/emulators/discourse/discourse.ts'
import { ask, bodyOf, forumOf, START, World, type Sent } from './discourse-world.ts'

const request = z.object({
  method: z.string(),
  path: z.string(),
  as: z.string().nullish(),
  key: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
})

const recorded = z.object({
  label: z.string(),
  request,
  status: z.number(),
  headers: z.record(z.string(), z.string()).optional(),
  body: z.unknown().optional(),
})

/** A request which the recording leaves out and the next ones need; `learn` names the recorded ids it stands for. */
const prepared = z.object({
  prepare: request,
  at: z.string().optional(),
  /** Whether its webhooks were recorded with those of the next step. */
  joins: z.boolean().optional(),
  learn: z.object({ post: z.number().optional(), topic: z.number().optional(), category: z.number().optional() }),
})

const scenario = z.object({
  title: z.string(),
  settings: z.record(z.string(), z.unknown()),
  steps: z.array(z.union([recorded, prepared])),
})

export interface Difference {
  readonly label: string
  readonly path: string
  readonly recorded: string
  readonly emulated: string
}

type Kind = 'post' | 'topic' | 'category'

/** Recorded ids by kind, and what they are here. */
class Ids {
  readonly #known = new Map<string, number>()

  learn(kind: Kind, recordedId: number, id: number): void {
    this.#known.set(`${kind} ${recordedId}`, id)
  }

  /** Topics which are longer or shorter here than they were. */
  readonly prepared = new Set<number>()

  of(kind: Kind, recordedId: number): number {
    return this.#known.get(`${kind} ${recordedId}`) ?? recordedId
  }
}

export function recordedFile(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../recorded/discourse/${name}.json`, import.meta.url), 'utf8'))
}

export interface Replayed {
  readonly differences: readonly Difference[]
  /** What webhooks each step sent, by its label. */
  readonly deliveries: ReadonlyMap<string, readonly Sent[]>
}

export function replay(name: string): Replayed {
  const { settings, steps } = scenario.parse(recordedFile(name))
  const world = new World()
  const history = name === 'categories' ? activity : []
  // These two make their categories themselves.
  const room = name !== 'categories' && name !== 'reading'
  const forum = forumOf(world, { settings, history, webhookDelay: [0, 0] }, room)
  if (name !== 'webhooks') addHook(forum)
  const deliveries = new Map<string, readonly Sent[]>()
  const ids = new Ids()
  const differences: Difference[] = []
  for (const step of steps) {
    if ('prepare' in step) {
      world.now = step.at === undefined ? world.now + 250 : Date.parse(step.at)
      const response = send(forum, ids, step.prepare)
      if (response.status !== 200) throw new Error(`${name}: preparing failed: ${String(response.body)}`)
      if (step.learn.topic !== undefined) ids.prepared.add(step.learn.topic)
      world.settle()
      if (step.joins !== true) world.sent.splice(0)
      const { post, category } = step.learn
      if (post !== undefined) learn(ids, { id: post, topic_id: step.learn.topic }, bodyOf(response))
      if (category !== undefined) learn(ids, { category: { id: category } }, bodyOf(response))
      continue
    }
    world.now = Math.max(world.now + 50, timeOf(step.body) ?? 0)
    const response = send(forum, ids, step.request)
    const body = bodyOf(response)
    world.settle()
    deliveries.set(step.label, world.sent.splice(0))
    learn(ids, step.body, body)
    const compare = comparison(step.label, differences)
    compare('status', step.status, response.status)
    for (const [header, value] of Object.entries(step.headers ?? {}))
      compareHeader(compare, header, value, response.headers[header])
    compareBodies(
      (path, expected, actual) => {
        if (path.endsWith('post_number') && isIn(ids.prepared, step.body)) return
        compare(path, expected, actual)
      },
      'body',
      step.body,
      body,
    )
  }
  return { differences, deliveries }
}

function addHook(forum: Discourse): void {
  const hook = { payload_url: 'http://127.0.0.1:53999/hook', secret: 'probe-webhook-secret', wildcard_web_hook: true }
  const body = { web_hook: { ...hook, content_type: 1, active: true, web_hook_event_type_ids: [2] } }
  const { status } = ask(forum, { method: 'POST', path: '/admin/api/web_hooks.json', as: 'boss', body })
  if (status !== 200) throw new Error('the hook was refused')
}

/** Busy categories stand first in the list. */
const activity = ['Staff', 'Staff', 'General'].map((category, index) => ({
  title: `An older topic of the forum, number ${index}`,
  raw: 'Text of an older topic',
  username: 'sync_bot',
  createdAt: START - 60_000,
  category,
}))

function isIn(topics: ReadonlySet<number>, body: unknown): boolean {
  const inTopic = z.object({ topic_id: z.number() })
  const found = z.union([inTopic, z.object({ post: inTopic }).transform((it) => it.post)]).safeParse(body)
  return found.success && topics.has(found.data.topic_id)
}

function timeOf(body: unknown): number | null {
  const dated = z.object({ updated_at: z.string() })
  const found = z.union([dated, z.object({ post: dated }).transform((it) => it.post)]).safeParse(body)
  return found.success ? Date.parse(found.data.updated_at) : null
}

function send(forum: Discourse, ids: Ids, sent: z.infer<typeof request>): WireResponse {
  const keys: Record<string, string | null> = { none: null, other: 'no-such-key', 'single-user': 'single-user-key' }
  const key = sent.key === undefined ? 'all-users-key' : (keys[sent.key] ?? null)
  return ask(forum, {
    method: sent.method,
    path: mapPath(ids, sent.path),
    as: sent.as ?? undefined,
    key,
    body: mapBody(ids, sent.body),
    headers: sent.headers ?? {},
  })
}

function mapPath(ids: Ids, path: string): string {
  return path
    .replace(/^(\/posts\/)(\d+)/, (_, start: string, id: string) => start + ids.of('post', Number(id)))
    .replace(
      /^(\/(?:t|t\/-|t\/x|raw|posts\/by_number)\/)(\d+)/,
      (_, start: string, id: string) => start + ids.of('topic', Number(id)),
    )
    .replace(/(post_ids\[\]=)(\d+)/g, (_, start: string, id: string) => start + ids.of('post', Number(id)))
    .replace(/(before=)(\d+)/, (_, start: string, id: string) => start + ids.of('post', Number(id)))
    .replace(
      /(topic_ids=)([\d,]+)/,
      (_, start: string, all: string) =>
        start +
        all
          .split(',')
          .map((id) => ids.of('topic', Number(id)))
          .join(','),
    )
    .replace(
      /^(\/categories\/|\/c\/[a-z-]+\/|\/c\/)(\d+)/,
      (_, start: string, id: string) => start + ids.of('category', Number(id)),
    )
}

const KINDS: Readonly<Record<string, Kind>> = {
  topic_id: 'topic',
  destination_topic_id: 'topic',
  category: 'category',
  category_id: 'category',
  parent_category_id: 'category',
  post_ids: 'post',
}

function mapBody(ids: Ids, body: unknown): unknown {
  const fields = z.record(z.string(), z.unknown()).safeParse(body)
  if (!fields.success) return body
  return Object.fromEntries(
    Object.entries(fields.data).map(([name, value]) => {
      const kind = KINDS[name]
      if (kind === undefined) return [name, value]
      if (typeof value === 'number') return [name, ids.of(kind, value)]
      const many = z.array(z.number()).safeParse(value)
      return [name, many.success ? many.data.map((id) => ids.of(kind, id)) : value]
    }),
  )
}

const madePost = z.object({ id: z.number(), topic_id: z.number().optional() })
const madeCategory = z.object({ category: z.object({ id: z.number() }) })

function learn(ids: Ids, recordedBody: unknown, body: unknown): void {
  const [post, ours] = [madePost.safeParse(recordedBody), madePost.safeParse(body)]
  if (post.success && ours.success) {
    ids.learn('post', post.data.id, ours.data.id)
    if (post.data.topic_id !== undefined && ours.data.topic_id !== undefined)
      ids.learn('topic', post.data.topic_id, ours.data.topic_id)
  }
  const [category, our] = [madeCategory.safeParse(recordedBody), madeCategory.safeParse(body)]
  if (category.success && our.success) ids.learn('category', category.data.category.id, our.data.category.id)
}

type Compare = (path: string, recorded: unknown, emulated: unknown) => void

function comparison(label: string, differences: Difference[]): Compare {
  return (path, expected, actual) => {
    if (expected === actual) return
    differences.push({ label, path, recorded: String(expected), emulated: String(actual) })
  }
}

function compareHeader(compare: Compare, header: string, expected: string, actual: string | undefined): void {
  const exact = ['content-type', 'discourse-rate-limit-error-code', 'x-discourse-username', 'x-discourse-route']
  if (exact.includes(header)) compare(`headers.${header}`, expected, actual)
  else compare(`headers.${header}`, shape(expected), shape(actual))
}

/** Numbers aside. */
function shape(value: string | undefined): string | undefined {
  return value?.replace(/\d+/g, '0').replace(/(minute|hour)s/, '$1')
}

/** Fields whose values must agree, not only their types. */
const TELLING = new Set([
  'action',
  'action_code',
  'admin',
  'archived',
  'archetype',
  'can_delete',
  'can_edit',
  'can_recover',
  'closed',
  'current_version',
  'edit_reason',
  'error',
  'error_type',
  'highest_post_number',
  'moderator',
  'name',
  'post_number',
  'post_type',
  'posts_count',
  'raw',
  'slug',
  'staff',
  'status',
  'success',
  'title',
  'topic_slug',
  'topic_title',
  'user_deleted',
  'username',
  'version',
  'version_count',
  'visible',
  'pinned',
  'has_deleted',
  'yours',
])

function compareBodies(compare: Compare, path: string, expected: unknown, actual: unknown, field = ''): void {
  if (typeof expected === 'string' && expected.startsWith('… ')) return
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return compare(`${path} kind`, 'array', kindOf(actual))
    const whole = !expected.some((item) => typeof item === 'string' && item.startsWith('… '))
    if (whole) compare(`${path} length`, expected.length, actual.length)
    expected.forEach((item: unknown, index) => {
      if (index < actual.length) compareBodies(compare, `${path}[${index}]`, item, actual[index], field)
    })
    return
  }
  const fields = z.record(z.string(), z.unknown()).safeParse(expected)
  if (fields.success) {
    const others = z.record(z.string(), z.unknown()).safeParse(actual)
    if (!others.success) return compare(`${path} kind`, 'object', kindOf(actual))
    for (const [name, value] of Object.entries(fields.data)) {
      if (!(name in others.data)) compare(`${path}.${name}`, 'present', 'absent')
      else compareBodies(compare, `${path}.${name}`, value, others.data[name], name)
    }
    return
  }
  compareValues(compare, path, expected, actual, field)
}

function compareValues(compare: Compare, path: string, expected: unknown, actual: unknown, field: string): void {
  // Texts cut short in the recording.
  if (typeof expected === 'string' && expected.endsWith('characters]')) return compare(path, 'string', typeof actual)
  if (field === 'errors' || (path === 'body' && typeof expected === 'string')) {
    const same = String(actual).includes('ait ') || String(actual).includes('edits in') || path === 'body'
    return same ? compare(path, shape(String(expected)), shape(String(actual))) : compare(path, expected, actual)
  }
  if (TELLING.has(field)) return compare(path, expected, actual)
  if (kindOf(expected) !== kindOf(actual)) compare(`${path} kind`, kindOf(expected), kindOf(actual))
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}
