/** Categories: list, show, create, update, delete. */
import { json, type WireResponse } from '../emulator.ts'
import { invalidAccess, missingParameter, notFound, unprocessable } from './answers.ts'
import { categoryEvent } from './events.ts'
import { insertPost, insertTopic } from './insert.ts'
import { flag, integer, text } from './params.ts'
import { canSeeCategory, idAt, someone, type Call, type Site } from './site.ts'
import { isStaff, type Category, type Reader, type User } from './state.ts'
import { categorySlug, topicSlug } from './titles.ts'
import { cannotDeleteReason, categoryView, childrenOf, listedCategory } from './views-categories.ts'

export function listCategories(call: Call): WireResponse {
  const { reader } = call
  const viewer = call.actor.user
  const parent = integer(call.params, 'parent_category_id') ?? null
  const children = flag(call.params, 'include_subcategories')
  const shown = childrenOf(reader, parent).filter((category) => canSeeCategory(viewer, category))
  return json(200, {
    category_list: {
      can_create_category: viewer !== null && isStaff(viewer),
      can_create_topic: viewer !== null,
      categories: shown.map((category) => listedCategory(reader, viewer, category, children)),
    },
  })
}

/** What a browser starts with: here only all categories in one list, sub-categories beside their parents. */
export function siteInfo(call: Call): WireResponse {
  const { reader } = call
  const viewer = call.actor.user
  const seen = [...reader.categories.values()].filter((category) => canSeeCategory(viewer, category))
  return json(200, {
    default_archetype: 'regular',
    post_types: { regular: 1, moderator_action: 2, small_action: 3, whisper: 4 },
    trust_levels: { newuser: 0, basic: 1, member: 2, regular: 3, leader: 4 },
    uncategorized_category_id: 1,
    categories: seen
      .sort((a, b) => a.position - b.position || a.id - b.id)
      .map((category) => listedCategory(reader, viewer, category, false)),
  })
}

export function showCategory(call: Call): WireResponse {
  const category = call.reader.categories.get(idAt(call))
  if (category === undefined || !canSeeCategory(call.actor.user, category)) throw notFound()
  return json(200, { category: categoryView(call.reader, category, true) })
}

export function createCategory(call: Call): WireResponse {
  const { site } = call
  const user = someone(call)
  if (!user.admin) throw invalidAccess()
  const name = requiredName(call)
  const parentId = integer(call.params, 'parent_category_id') ?? null
  if (parentId !== null && site.store.categories.get(parentId) === undefined)
    throw unprocessable(['Parent category is invalid'])
  const given = text(call.params, 'slug') ?? ''
  const errors = [...nameErrors(site, name, parentId, null)]
  if (given !== '' && slugTaken(site.store, given, parentId, null)) errors.push('Slug is already in use')
  if (errors.length > 0) throw unprocessable(errors)
  const category = insertCategory(site, user, {
    name,
    parentId,
    slug: given,
    color: text(call.params, 'color') ?? '0088CC',
    textColor: text(call.params, 'text_color') ?? 'FFFFFF',
    description: null,
    readRestricted: false,
  })
  categoryEvent(site, 'category_created', category)
  return json(200, { category: categoryView(site.store, category, false) })
}

function requiredName(call: Call): string {
  const name = text(call.params, 'name') ?? ''
  if (name === '') throw missingParameter('name')
  return name.trim()
}

function nameErrors(site: Site, name: string, parentId: number | null, except: number | null): string[] {
  const errors: string[] = []
  const same = (category: Category): boolean =>
    category.id !== except && category.parentId === parentId && category.name.toLowerCase() === name.toLowerCase()
  if ([...site.store.categories.values()].some(same)) errors.push('Category Name has already been taken')
  if ([...name].length > site.settings.max_category_name)
    errors.push(`Category Name is too long (maximum is ${site.settings.max_category_name} characters)`)
  return errors
}

function slugTaken(reader: Reader, slug: string, parentId: number | null, except: number | null): boolean {
  return [...reader.categories.values()].some(
    (category) => category.id !== except && category.parentId === parentId && category.slug === slug,
  )
}

export type NewCategory = Omit<Category, 'id' | 'position' | 'topicId'>

/** With its "About" topic, which sends no webhook. */
export function insertCategory(site: Site, user: User, fields: NewCategory): Category {
  const { store } = site
  const id = store.nextId('category')
  const made = fields.slug === '' ? categorySlug(fields.name) : fields.slug
  // Another name with the slug of a sibling gets none.
  const slug = slugTaken(store, made, fields.parentId, null) ? '' : made
  const positions = [...store.categories.values()].map((category) => category.position)
  const topicId = store.nextId('topic')
  const category: Category = { ...fields, id, slug, topicId, position: Math.max(0, ...positions) + 1 }
  store.categories.put(category)
  const createdAt = site.ports.now()
  const title = `About the ${fields.name} category`
  insertTopic(site, {
    id: topicId,
    title,
    userId: user.id,
    categoryId: id,
    createdAt,
    definition: true,
    pinned: 'category',
  })
  const raw = fields.description ?? 'A description of this category is still to be written.'
  insertPost(site, { id: store.nextId('post'), topicId, userId: user.id, raw, createdAt })
  return category
}

/** A new name leaves the slug; the "About" topic follows. */
export function updateCategory(call: Call): WireResponse {
  const { site } = call
  const user = someone(call)
  const category = site.store.categories.get(idAt(call))
  if (category === undefined) throw notFound()
  if (!user.admin) throw invalidAccess()
  const name = requiredName(call)
  const parentId = integer(call.params, 'parent_category_id') ?? category.parentId
  const slug = text(call.params, 'slug') ?? category.slug
  const errors = nameErrors(site, name, parentId, category.id)
  if (slug !== '' && slugTaken(site.store, slug, parentId, category.id)) errors.push('Slug is already in use')
  if (errors.length > 0) throw unprocessable(errors)
  const next: Category = {
    ...category,
    name,
    parentId,
    slug,
    color: text(call.params, 'color') ?? category.color,
    textColor: text(call.params, 'text_color') ?? category.textColor,
  }
  site.store.categories.put(next)
  const about = site.store.topics.get(category.topicId)
  const title = `About the ${name} category`
  if (name !== category.name && about !== undefined) site.store.topics.put({ ...about, title, slug: topicSlug(title) })
  categoryEvent(site, 'category_updated', next)
  if (name !== category.name) categoryEvent(site, 'category_updated', next)
  return json(200, { success: 'OK', category: categoryView(site.store, next, false) })
}

export function deleteCategory(call: Call): WireResponse {
  const { site } = call
  const user = someone(call)
  const category = site.store.categories.get(idAt(call))
  if (category === undefined) throw notFound()
  if (!user.admin || cannotDeleteReason(site.store, category) !== null) throw invalidAccess()
  site.store.categories.remove(category.id)
  const about = site.store.topics.get(category.topicId)
  if (about !== undefined) site.store.topics.put({ ...about, deletedAt: site.ports.now(), deletedById: user.id })
  categoryEvent(site, 'category_destroyed', category)
  return json(200, { success: 'OK' })
}
