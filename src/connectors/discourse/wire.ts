/** The answers of Discourse, as far as they are read. Instants come out in one form, with milliseconds. */
import { z } from 'zod'

const instant = z.string().transform((text, context) => {
  const at = Date.parse(text)
  if (!Number.isNaN(at)) return new Date(at).toISOString()
  context.addIssue({ code: 'custom', message: 'not an instant' })
  return z.NEVER
})

const flag = z.boolean().nullish()

export const post = z.object({
  id: z.int(),
  /** Null when the user is deleted. */
  username: z.string().nullish(),
  name: z.string().nullish(),
  created_at: instant,
  updated_at: instant,
  /** Left out by lists that are not asked for it, and of hidden posts for those who are not staff. */
  raw: z.string().optional(),
  post_number: z.int(),
  /** 1 regular, 2 moderator action, 3 small action, 4 whisper. */
  post_type: z.int(),
  topic_id: z.int(),
  /** Both only in the list of the latest posts. */
  topic_title: z.string().optional(),
  category_id: z.int().nullish(),
  version: z.int().optional(),
  can_edit: flag,
  can_delete: flag,
  staff: flag,
  deleted_at: instant.nullish(),
  user_deleted: flag,
  edit_reason: z.string().nullish(),
})
export type Post = z.infer<typeof post>

export const latestPosts = z.object({ latest_posts: z.array(post) })
export const editedPost = z.object({ post })
export const postsOfTopic = z.object({ post_stream: z.object({ posts: z.array(post) }) })

/** A post, or a post that waits for a moderator and has no id. */
export const createdPost = z.union([post, z.object({ action: z.literal('enqueued') })])

const person = z.object({ username: z.string(), name: z.string().nullish() })

export const topic = z.object({
  id: z.int(),
  title: z.string(),
  category_id: z.int().nullish(),
  archetype: z.string().optional(),
  created_at: instant,
  closed: flag,
  archived: flag,
  deleted_at: instant.nullish(),
  external_id: z.string().nullish(),
  visible: flag,
  /** Of 10,000 posts and more the ids (`stream`) are not told, but the last one. */
  post_stream: z.object({
    posts: z.array(post),
    stream: z.array(z.int()).optional(),
    lastId: z.int().nullish(),
  }),
  /** The flags stand here only where they are true. */
  details: z
    .object({ created_by: person.nullish(), can_edit: flag, can_delete: flag, can_create_post: flag })
    .optional(),
})
export type Topic = z.infer<typeof topic>

export const editedTopic = z.object({ basic_topic: z.object({ title: z.string() }) })

export const listedTopic = z.object({
  id: z.int(),
  title: z.string(),
  category_id: z.int().nullish(),
  archetype: z.string().optional(),
  created_at: instant,
  bumped_at: instant.nullish(),
  visible: flag,
  posters: z.array(z.object({ user_id: z.int().nullish() })).default([]),
})
export type ListedTopic = z.infer<typeof listedTopic>

export const topicList = z.object({
  users: z.array(person.extend({ id: z.int() })).default([]),
  topic_list: z.object({ topics: z.array(listedTopic) }),
})
export type TopicList = z.infer<typeof topicList>

export const redirect = z.object({ location: z.string() })

export const category = z.object({
  id: z.int(),
  name: z.string(),
  slug: z.string().nullish(),
  parent_category_id: z.int().nullish(),
  topic_count: z.int().nullish(),
  /** Of the topic that describes the category: `/t/slug/19`. */
  topic_url: z.string().nullish(),
  /** 1 all, 2 reply and see, 3 see. */
  permission: z.int().nullish(),
  can_edit: flag,
})
export type Category = z.infer<typeof category>

export const shownCategory = z.object({ category })

export const categoryList = z.object({
  category_list: z.object({
    categories: z.array(
      category.extend({
        get subcategory_list() {
          return z.array(nestedCategory).nullish()
        },
      }),
    ),
  }),
})

const nestedCategory = category.extend({ subcategory_list: z.array(category).nullish() })

export const session = z.object({
  current_user: person.extend({ admin: flag, moderator: flag }),
})

/** A refusal in words. */
export const refusal = z.union([
  z.object({ errors: z.array(z.string()) }).transform(({ errors }) => errors.join(' ')),
  z.array(z.string()).transform((errors) => errors.join(' ')),
  z.object({ error: z.string() }).transform(({ error }) => error),
  z.object({ message: z.string() }).transform(({ message }) => message),
])

/** What webhooks are trusted for: which item to look at. */
export const postEvent = z.object({
  post: z.object({
    id: z.int(),
    post_type: z.int(),
    topic_archetype: z.string().optional(),
    category_id: z.int().nullish(),
  }),
})
export const topicEvent = z.object({
  topic: z.object({ id: z.int(), archetype: z.string().optional(), category_id: z.int().nullish() }),
})
export const categoryEvent = z.object({ category: z.object({ id: z.int() }) })
