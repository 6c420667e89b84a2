/** What an emulated Discourse is set up with. Defaults are those of Discourse 3.1.0.beta4 as measured, unless said otherwise. */

export interface SeededUser {
  readonly username: string
  readonly name?: string
  readonly email?: string
  readonly admin?: boolean
  readonly moderator?: boolean
  /** 0 to 4; absent: `default_trust_level`. */
  readonly trustLevel?: number
  /** Milliseconds since 1970; absent: the start of the emulator, which makes the person a new user for a day. */
  readonly createdAt?: number
}

export interface SeededCategory {
  readonly name: string
  /** The name of a category seeded before. */
  readonly parent?: string
  readonly color?: string
  readonly textColor?: string
  readonly description?: string
  /** Seen by staff only. */
  readonly readRestricted?: boolean
}

export interface SeededReply {
  readonly username: string
  readonly raw: string
  readonly createdAt: number
}

export interface SeededTopic extends SeededReply {
  readonly title: string
  /** A category's name; absent: the first one. */
  readonly category?: string
  readonly externalId?: string
  readonly closed?: boolean
  readonly pinned?: boolean
  readonly replies?: readonly SeededReply[]
}

export interface ApiKey {
  readonly key: string
  /** The one person the key acts as; absent: an all-users key, which needs `Api-Username`. */
  readonly username?: string
}

export interface SiteSettings {
  readonly default_trust_level: number
  readonly min_post_length: number
  readonly min_first_post_length: number
  readonly min_personal_message_post_length: number
  readonly max_post_length: number
  readonly min_topic_title_length: number
  readonly max_topic_title_length: number
  readonly title_max_word_length: number
  readonly body_min_entropy: number
  readonly title_min_entropy: number
  readonly max_emojis_in_title: number
  readonly allow_duplicate_topic_titles: boolean
  readonly allow_uncategorized_topics: boolean
  readonly allow_uppercase_posts: boolean
  readonly title_prettify: boolean
  readonly unique_posts_mins: number
  readonly max_consecutive_replies: number
  readonly newuser_max_replies_per_topic: number
  readonly newuser_max_links: number
  readonly newuser_max_mentions_per_post: number
  readonly max_mentions_per_post: number
  readonly newuser_max_embedded_media: number
  readonly editing_grace_period: number
  readonly editing_grace_period_max_diff: number
  readonly editing_grace_period_max_diff_high_trust: number
  readonly post_edit_time_limit: number
  readonly tl2_post_edit_time_limit: number
  readonly rate_limit_create_post: number
  readonly rate_limit_create_topic: number
  readonly rate_limit_new_user_create_post: number
  readonly rate_limit_new_user_create_topic: number
  readonly max_topics_in_first_day: number
  readonly max_replies_in_first_day: number
  readonly max_topics_per_day: number
  readonly max_edits_per_day: number
  readonly max_post_deletions_per_minute: number
  readonly max_post_deletions_per_day: number
  readonly max_admin_api_reqs_per_minute: number
  readonly max_reqs_per_ip_per_minute: number
  readonly max_reqs_per_ip_per_10_seconds: number
  /** Hours. */
  readonly delete_removed_posts_after: number
  readonly max_category_name: number
  /** Off, a whisper becomes an ordinary post (measured on 3.1.0.beta4). */
  readonly enable_whispers: boolean
  /** New users' posts held for review until they have this many. */
  readonly approve_post_count: number
  /** People below this trust level are held for review. */
  readonly approve_unless_trust_level: number
  /** Empty on a real new forum; here loopback is let through, because emulators deliver to loopback. */
  readonly allowed_internal_hosts: readonly string[]
}

export const defaultSettings: SiteSettings = {
  default_trust_level: 0,
  min_post_length: 20,
  min_first_post_length: 20,
  min_personal_message_post_length: 10,
  max_post_length: 32000,
  min_topic_title_length: 15,
  max_topic_title_length: 255,
  title_max_word_length: 30,
  body_min_entropy: 7,
  title_min_entropy: 10,
  max_emojis_in_title: 1,
  allow_duplicate_topic_titles: false,
  allow_uncategorized_topics: false,
  allow_uppercase_posts: false,
  title_prettify: true,
  unique_posts_mins: 5,
  max_consecutive_replies: 3,
  newuser_max_replies_per_topic: 3,
  newuser_max_links: 2,
  newuser_max_mentions_per_post: 2,
  max_mentions_per_post: 10,
  newuser_max_embedded_media: 1,
  editing_grace_period: 300,
  editing_grace_period_max_diff: 100,
  editing_grace_period_max_diff_high_trust: 400,
  post_edit_time_limit: 1440,
  tl2_post_edit_time_limit: 43200,
  rate_limit_create_post: 5,
  rate_limit_create_topic: 15,
  rate_limit_new_user_create_post: 30,
  rate_limit_new_user_create_topic: 120,
  max_topics_in_first_day: 3,
  max_replies_in_first_day: 10,
  max_topics_per_day: 20,
  max_edits_per_day: 30,
  max_post_deletions_per_minute: 2,
  max_post_deletions_per_day: 10,
  max_admin_api_reqs_per_minute: 60,
  max_reqs_per_ip_per_minute: 200,
  max_reqs_per_ip_per_10_seconds: 50,
  delete_removed_posts_after: 24,
  max_category_name: 50,
  enable_whispers: false,
  approve_post_count: 0,
  approve_unless_trust_level: 0,
  allowed_internal_hosts: ['localhost', '127.0.0.1', '[::1]'],
}

/** Each switch defaults to what a real Discourse does. */
export interface Switches {
  /** A topic of so many posts does not tell their ids. */
  readonly megaTopicPosts: number
  /** Limits of calls and of posting. */
  readonly limits: boolean
  /** Rules for texts and titles. */
  readonly validations: boolean
  /** Reads may answer with state up to this old, each by its own draw. */
  readonly readLagMs: number
  /** Shortest and longest time from an event to its webhook, in milliseconds. */
  readonly webhookDelay: readonly [number, number]
  /** Each webhook draws its own delay, so that they overtake each other; off: they keep their order. */
  readonly webhookDisorder: boolean
  /** The share of webhooks which never leave, 0 to 1. */
  readonly webhookLoss: number
  /** The share of webhooks which are sent twice with one Event-Id, as a redelivery by hand does. */
  readonly webhookDuplication: number
  /** `retry_web_hook_events`: failed webhooks are tried again after 1, 5, 25 and 125 minutes. */
  readonly retries: boolean
  /** Ids of webhook event types: one a type as in 3.1, or one an event as in newer versions. */
  readonly webhookEventTypes: 'per-type' | 'per-event'
  /** Whether authors are refused the deletion of posts older than the edit time limit. */
  readonly ownDeleteTimeLimit: boolean
}

export const defaultSwitches: Switches = {
  megaTopicPosts: 10_000,
  limits: true,
  validations: true,
  readLagMs: 0,
  webhookDelay: [200, 2000],
  webhookDisorder: true,
  webhookLoss: 0,
  webhookDuplication: 0,
  retries: false,
  webhookEventTypes: 'per-type',
  ownDeleteTimeLimit: true,
}

export interface DiscourseOptions extends Partial<Switches> {
  /** The forum's own idea of its address; webhooks and redirects carry it. */
  readonly baseUrl?: string
  readonly users?: readonly SeededUser[]
  readonly categories?: readonly SeededCategory[]
  readonly history?: readonly SeededTopic[]
  readonly apiKeys?: readonly ApiKey[]
  readonly settings?: Partial<SiteSettings>
}
