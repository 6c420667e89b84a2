/** The people, categories and topics which a forum starts with; no rule, limit or webhook applies to them. */
import { insertCategory } from './categories.ts'
import { insertPost, insertTopic } from './insert.ts'
import type { DiscourseOptions, SeededReply, SeededTopic } from './options.ts'
import type { Site } from './site.ts'
import type { User } from './state.ts'
import { seedUser } from './users.ts'

export function seed(site: Site, options: DiscourseOptions): void {
  const system = seedUser(site, { username: 'system', admin: true, moderator: true, trustLevel: 4 }, -1)
  for (const user of options.users ?? [])
    seedUser(site, { ...user, trustLevel: user.trustLevel ?? defaultLevel(site, user) })
  const ids = new Map<string, number>()
  for (const category of options.categories ?? []) {
    const parent = category.parent === undefined ? null : ids.get(category.parent)
    if (parent === undefined) throw new Error(`no category ${category.parent} is seeded before ${category.name}`)
    const made = insertCategory(site, system, {
      name: category.name,
      parentId: parent,
      slug: '',
      color: category.color ?? '0088CC',
      textColor: category.textColor ?? 'FFFFFF',
      description: category.description ?? null,
      readRestricted: category.readRestricted ?? false,
    })
    if (!ids.has(category.name)) ids.set(category.name, made.id)
  }
  for (const topic of options.history ?? []) seedTopic(site, topic, ids)
}

/** Administrators are made with the highest trust, as the command for it does. */
function defaultLevel(site: Site, user: { readonly admin?: boolean }): number {
  return user.admin === true ? 4 : site.settings.default_trust_level
}

function seedTopic(site: Site, fields: SeededTopic, categories: ReadonlyMap<string, number>): void {
  const author = personOf(site, fields.username)
  const categoryId = fields.category === undefined ? [...categories.values()][0] : categories.get(fields.category)
  if (categoryId === undefined) throw new Error(`no category ${fields.category ?? ''} is seeded`)
  const topic = insertTopic(site, {
    id: site.store.nextId('topic'),
    title: fields.title,
    userId: author.id,
    categoryId,
    createdAt: fields.createdAt,
    externalId: fields.externalId ?? null,
    pinned: fields.pinned === true ? 'globally' : 'no',
  })
  seedPost(site, topic.id, fields)
  for (const reply of fields.replies ?? []) seedPost(site, topic.id, reply)
  const kept = site.store.topics.get(topic.id)
  if (fields.closed === true && kept !== undefined) site.store.topics.put({ ...kept, closed: true })
}

function seedPost(site: Site, topicId: number, fields: SeededReply): void {
  const { raw, createdAt } = fields
  const userId = personOf(site, fields.username).id
  const post = insertPost(site, { id: site.store.nextId('post'), topicId, userId, raw, createdAt })
  site.store.putPost({ ...post, updatedAt: createdAt })
}

function personOf(site: Site, username: string): User {
  const user = site.store.userNamed(username)
  if (user === undefined) throw new Error(`no person ${username} is seeded`)
  return user
}
