/** Which of the two systems' real limits hold in the demo, in one place, and the words that say so on the screen. */
import type { DiscourseOptions, SiteSettings } from '../src/emulators/discourse/options.ts'
import type { GoogleChatOptions } from '../src/emulators/google-chat/options.ts'

/** Raised as a forum's owner may raise them: the waits of people, who are quick here, and the limits of calls. */
export const LIMITS: Partial<SiteSettings> = {
  max_admin_api_reqs_per_minute: 6000,
  max_reqs_per_ip_per_minute: 12_000,
  max_reqs_per_ip_per_10_seconds: 4000,
  rate_limit_create_post: 0,
  rate_limit_create_topic: 0,
  max_post_deletions_per_minute: 60,
  max_post_deletions_per_day: 500,
  max_edits_per_day: 500,
  max_consecutive_replies: 0,
  unique_posts_mins: 0,
}

export interface DemoSwitches {
  readonly chat: Partial<GoogleChatOptions>
  readonly forum: Partial<DiscourseOptions>
  readonly latencyMs: number
}

/** `paced`: for people who watch. */
export function switchesOf(paced: boolean): DemoSwitches {
  return {
    chat: { quotas: true, managersMayDelete: true, eventLagMs: 0, readLagMs: 0 },
    forum: { limits: true, validations: true, webhookDelay: paced ? [100, 800] : [5, 60], webhookDisorder: true },
    latencyMs: paced ? 25 : 3,
  }
}

/** What the screen says about it. */
export const WORDS = [
  'Google Chat: its real quotas hold (60 writes a minute and space, …).',
  'Discourse:   its rules for texts hold; its limits of calls are raised from',
  '             60 a minute to 6000, and people need not wait between posts.',
  '             Webhooks overtake each other, as real ones do.',
] as const

/** The same for Lockstep's configuration. */
export const CALLS = {
  perMinute: LIMITS.max_admin_api_reqs_per_minute ?? 60,
  addressPerMinute: LIMITS.max_reqs_per_ip_per_minute ?? 200,
  addressBurst: LIMITS.max_reqs_per_ip_per_10_seconds ?? 50,
} as const
