/** Categories as Discourse 3.1.0.beta4 writes them. */
import { canSeeCategory } from './site.ts'
import { isStaff, type Category, type Reader, type User } from './state.ts'
import { escapeHtml } from './titles.ts'
import type { View } from './views-posts.ts'

const CONSTANTS: View = {
  topic_template: null,
  sort_order: null,
  sort_ascending: null,
  show_subcategory_list: false,
  num_featured_topics: 3,
  default_view: null,
  subcategory_list_style: 'rows_with_featured_topics',
  default_top_period: 'all',
  default_list_filter: 'all',
  minimum_required_tags: 0,
  navigate_to_first_post_after_read: false,
  uploaded_logo: null,
  uploaded_logo_dark: null,
  uploaded_background: null,
}

const WHOLE: View = {
  custom_fields: {},
  allowed_tags: [],
  allowed_tag_groups: [],
  allow_global_tags: false,
  read_only_banner: null,
  form_template_ids: [],
  auto_close_hours: null,
  auto_close_based_on_last_post: false,
  email_in: null,
  email_in_allow_strangers: false,
  mailinglist_mirror: false,
  all_topics_wiki: false,
  allow_unlimited_owner_edits_on_first_post: false,
  allow_badges: true,
  topic_featured_link_allowed: true,
  search_priority: 0,
  default_slow_mode_seconds: null,
  required_tag_groups: [],
}

const EVERYONE: readonly View[] = [{ permission_type: 1, group_name: 'everyone' }]

const SETTING: View = {
  auto_bump_cooldown_days: 1,
  num_auto_bump_daily: null,
  require_reply_approval: null,
  require_topic_approval: null,
}

export function childrenOf(reader: Reader, parentId: number | null): Category[] {
  return byActivity(
    reader,
    [...reader.categories.values()].filter((category) => category.parentId === parentId),
  )
}

/** Busy ones first, as where categories have no fixed positions. */
export function byActivity(reader: Reader, categories: readonly Category[]): Category[] {
  const topics = new Map<number, number>()
  for (const topic of reader.topics.values())
    if (topic.categoryId !== null && topic.deletedAt === null && !topic.definition)
      topics.set(topic.categoryId, (topics.get(topic.categoryId) ?? 0) + 1)
  const count = (category: Category): number => topics.get(category.id) ?? 0
  return categories.toSorted((a, b) => count(b) - count(a) || a.id - b.id)
}

function base(reader: Reader, category: Category): View {
  const topics = [...reader.topics.values()].filter(
    (topic) => topic.categoryId === category.id && topic.deletedAt === null && !topic.definition,
  )
  const about = reader.topics.get(category.topicId)
  const { description } = category
  return {
    id: category.id,
    name: category.name,
    color: category.color,
    text_color: category.textColor,
    slug: category.slug,
    topic_count: topics.length,
    post_count: topics.reduce((sum, topic) => sum + topic.postsCount, 0),
    position: category.position,
    description: description === null ? null : `<p>${escapeHtml(description)}</p>`,
    description_text: description,
    description_excerpt: description,
    topic_url: about === undefined ? null : `/t/${about.slug}/${about.id}`,
    read_restricted: category.readRestricted,
    ...(category.parentId === null ? {} : { parent_category_id: category.parentId }),
    ...CONSTANTS,
  }
}

/** Alone, after a write or in `show`. */
export function categoryView(reader: Reader, category: Category, shown: boolean): View {
  return {
    ...base(reader, category),
    permission: shown ? 1 : null,
    notification_level: 1,
    can_edit: true,
    has_children: null,
    ...WHOLE,
    available_groups: [],
    group_permissions: EVERYONE,
    ...fate(reader, category),
    ...(shown ? {} : { category_setting: SETTING }),
  }
}

export function categoryPayload(reader: Reader, category: Category): View {
  return {
    ...base(reader, category),
    permission: null,
    has_children: null,
    ...WHOLE,
    group_permissions: EVERYONE,
    ...fate(reader, category),
    category_setting: SETTING,
  }
}

function fate(reader: Reader, category: Category): View {
  const reason = cannotDeleteReason(reader, category)
  return reason === null ? { can_delete: true } : { cannot_delete_reason: reason }
}

/** Why a category cannot go; null: it can. */
export function cannotDeleteReason(reader: Reader, category: Category): string | null {
  if (childrenOf(reader, category.id).length > 0) return "Can't delete this category because it has sub-categories."
  for (const topic of reader.topics.values())
    if (topic.categoryId === category.id && topic.deletedAt === null && !topic.definition)
      return "Can't delete this category because it has topics."
  return null
}

/** In a list; `children` adds the list of sub-categories which `include_subcategories` asks for. */
export function listedCategory(reader: Reader, viewer: User | null, category: Category, children: boolean): View {
  const staff = viewer !== null && isStaff(viewer)
  const below = childrenOf(reader, category.id).filter((child) => canSeeCategory(viewer, child))
  const view = base(reader, category)
  const count = view['topic_count']
  return {
    ...view,
    permission: viewer === null ? null : 1,
    notification_level: 1,
    ...(staff ? { can_edit: true } : {}),
    has_children: below.length > 0,
    topics_day: 0,
    topics_week: 0,
    topics_month: 0,
    topics_year: 0,
    topics_all_time: count,
    subcategory_ids: below.map((child) => child.id),
    ...(children && below.length > 0
      ? { subcategory_list: below.map((child) => listedCategory(reader, viewer, child, false)) }
      : {}),
  }
}
