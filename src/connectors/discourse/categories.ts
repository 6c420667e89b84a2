/** Categories: the containers of topics. */
import {
  type Call,
  type Create,
  type Item,
  type Made,
  type Page,
  type Unread,
  type Update,
  requiredText,
  textOf,
  type Ref,
} from '../../connector/index.ts'
import { readTopic, type Api } from './api.ts'
import { changeOf, categoryOf } from './items.ts'
import { categoryList, shownCategory, type Category } from './wire.ts'

/** How far the site's clock may be behind ours. */
const CLOCKS_MS = 10 * 60_000

export async function readCategories(api: Api): Promise<readonly Category[]> {
  const answer = await api.client.get('/categories.json', {
    query: { include_subcategories: true },
    as: categoryList,
  })
  return answer.category_list.categories.flatMap((top) => [
    top,
    ...(top.subcategory_list ?? []).flatMap((below) => [below, ...(below.subcategory_list ?? [])]),
  ])
}

export async function readCategory(api: Api, ref: Ref): Promise<Category> {
  const answer = await api.client.get(`/c/${encodeURIComponent(ref)}/show.json`, { as: shownCategory })
  return answer.category
}

/** The topic that describes a category: made and kept by Discourse itself, and no item. */
export function aboutOf(category: Category): number | null {
  const id = /\/(\d+)$/.exec(category.topic_url ?? '')?.[1]
  return id === undefined ? null : Number(id)
}

export async function getCategory(call: Call<Api>, ref: Ref): Promise<Item> {
  return categoryOf(await readCategory(call.api, ref))
}

export async function createCategory(call: Call<Api>, intent: Create): Promise<Made> {
  const parent = textOf(intent.values, 'parent')
  const answer = await call.api.client.post('/categories.json', {
    body: {
      name: requiredText(intent.values, 'name'),
      ...(parent === null ? {} : { parent_category_id: Number(parent) }),
      permissions: Object.fromEntries(call.api.config.categoryReaders.map((group) => [group, 1])),
    },
    as: shownCategory,
  })
  return [changeOf('category', categoryOf(answer.category))]
}

/** Names are unique under one parent, so that at most one fits; its own topic tells who made it, and when. */
export async function findCategory(call: Call<Api>, intent: Create): Promise<Made | null> {
  const name = requiredText(intent.values, 'name').toLowerCase()
  const parent = textOf(intent.values, 'parent')
  const found = (await readCategories(call.api)).find(
    (category) =>
      category.name.toLowerCase() === name &&
      (category.parent_category_id ? String(category.parent_category_id) : null) === parent,
  )
  const about = found === undefined ? null : aboutOf(found)
  if (found === undefined || about === null) return null
  const topic = await readTopic(call.api, about)
  const mine = topic.details?.created_by?.username.toLowerCase() === call.actor.ref.toLowerCase()
  const recent = Date.parse(topic.created_at) >= intent.since - CLOCKS_MS
  return mine && recent ? [changeOf('category', categoryOf(found))] : null
}

export async function updateCategory(call: Call<Api>, intent: Update): Promise<Item | Unread> {
  const answer = await call.api.client.put(`/categories/${encodeURIComponent(intent.ref)}.json`, {
    body: { name: requiredText(intent.changed, 'name') },
    as: shownCategory,
  })
  return categoryOf(answer.category)
}

/** One call tells all, and no call tells less. */
export async function* allCategories(call: Call<Api>): AsyncGenerator<Page & { readonly complete: true }> {
  const categories = await readCategories(call.api)
  yield {
    changes: categories.map((category) => changeOf('category', categoryOf(category))),
    cursor: 'all',
    complete: true,
  }
}
