/** Limits of calls and of posting, with the answers of Discourse 3.1.0.beta4. Time is counted in whole seconds. */
import { json } from '../emulator.ts'
import { plain, Refused } from './answers.ts'
import type { SiteSettings } from './options.ts'
import { isStaff, type User } from './state.ts'

const DAY = 86_400

const SLOW_DOWN = 'You’ve performed this action too many times. Please wait {} before trying again.'
const FIRST_DAY =
  'We appreciate your enthusiasm! That said, for the safety of our community, you’ve reached the maximum number of '

interface Bucket {
  readonly key: string
  readonly max: number
  readonly seconds: number
  /** The refusal's text; `{}` is the time to wait. */
  readonly text: string
}

export class Limits {
  readonly #now: () => number
  readonly #settings: SiteSettings
  readonly #enabled: boolean
  readonly #uses = new Map<string, number[]>()

  constructor(now: () => number, settings: SiteSettings, enabled: boolean) {
    this.#now = now
    this.#settings = settings
    this.#enabled = enabled
  }

  /** By address, or by person for browsers of people above trust level 0; refused calls count as well. */
  call(subject: string, kind: 'ip' | 'id'): void {
    const buckets = [
      { max: this.#settings.max_reqs_per_ip_per_10_seconds, seconds: 10 },
      { max: this.#settings.max_reqs_per_ip_per_minute, seconds: 60 },
    ]
    for (const { max, seconds } of buckets) {
      const bucket: Bucket = { key: `${kind}${seconds} ${subject}`, max, seconds, text: '' }
      const wait = this.#wait(bucket)
      this.#use(bucket)
      if (wait === null) continue
      const code = `${kind}_${seconds}_secs_limit`
      const who = kind === 'ip' ? 'this IP address' : 'this user'
      const text = `Slow down, too many requests from ${who}.\nPlease retry again in ${wait} seconds.\nError code: ${code}.\n`
      const headers = { 'retry-after': String(wait), 'discourse-rate-limit-error-code': code }
      const answer = plain(429, text)
      throw new Refused({ ...answer, headers: { ...answer.headers, ...headers } }, true)
    }
  }

  /** One bucket for all keys of the site. */
  apiCall(): void {
    const max = this.#settings.max_admin_api_reqs_per_minute
    const bucket = { key: 'admin_api_min', max, seconds: 60, text: SLOW_DOWN }
    const wait = this.#wait(bucket)
    if (wait !== null) throw limited(bucket, wait, 'admin_api_key_rate_limit')
    this.#use(bucket)
  }

  /** Called once the topic has its id, which a refusal wastes. */
  newTopic(user: User): () => void {
    const { rate_limit_new_user_create_topic: slow, rate_limit_create_topic: fast } = this.#settings
    const wait = 'You’re creating topics a bit too quickly. Please wait {} before trying again.'
    const day = this.#onFirstDay(user)
      ? {
          key: `first-day-topics ${user.id}`,
          max: this.#settings.max_topics_in_first_day,
          seconds: DAY,
          text: `${FIRST_DAY}topics a new user can create on their first day. Please wait {} and you’ll be able to create more new topics.`,
        }
      : {
          key: `topics-per-day ${user.id}`,
          max: this.#settings.max_topics_per_day,
          seconds: DAY,
          text: 'You’ve reached the maximum number of new topics today. You can create more new topics in {}.',
        }
    const each = {
      key: `create_topic ${user.id}`,
      max: 1,
      seconds: this.#isNew(user) ? slow : fast,
      text: wait,
    }
    return this.#check(user, [each, day])
  }

  /** Called once the post has its id, which a refusal wastes. */
  newPost(user: User, reply: boolean): () => void {
    const { rate_limit_new_user_create_post: slow, rate_limit_create_post: fast } = this.#settings
    const each = {
      key: `create_post ${user.id}`,
      max: 1,
      seconds: this.#isNew(user) ? slow : fast,
      text: 'You’re replying a bit too quickly. Please wait {} before trying again.',
    }
    const day = {
      key: `first-day-replies ${user.id}`,
      max: this.#settings.max_replies_in_first_day,
      seconds: DAY,
      text: `${FIRST_DAY}replies a new user can create on their first day. Please wait {} and you’ll be able to create more replies.`,
    }
    return this.#check(user, reply && this.#onFirstDay(user) ? [each, day] : [each])
  }

  /** For edits which make a version; an author's own delete is one. */
  edit(user: User): void {
    const factor = [1, 1, 1.5, 2, 3][user.trustLevel] ?? 1
    this.#check(user, [
      {
        key: `edit-post ${user.id}`,
        max: Math.floor(this.#settings.max_edits_per_day * factor),
        seconds: DAY,
        text: 'You’ve reached the maximum number of daily edits. You can submit more edits in {}.',
      },
    ])()
  }

  /** Deletes and recoveries of own posts share it. */
  remove(user: User): void {
    this.#check(user, [
      {
        key: `delete_post_per_min ${user.id}`,
        max: this.#settings.max_post_deletions_per_minute,
        seconds: 60,
        text: SLOW_DOWN,
      },
      {
        key: `delete_post_per_day ${user.id}`,
        max: this.#settings.max_post_deletions_per_day,
        seconds: DAY,
        text: SLOW_DOWN,
      },
    ])()
  }

  #isNew(user: User): boolean {
    const young = this.#now() - user.createdAt < DAY * 1000
    return !isStaff(user) && user.trustLevel < 2 && (young || user.trustLevel === 0)
  }

  #onFirstDay(user: User): boolean {
    if (isStaff(user) || user.trustLevel >= 2) return false
    return user.trustLevel === 0 || user.firstPostAt === null || this.#now() - user.firstPostAt <= DAY * 1000
  }

  /** Refuses, or answers what counts the use: a refusal further on must not use anything up. */
  #check(user: User, buckets: readonly Bucket[]): () => void {
    if (isStaff(user)) return () => undefined
    for (const bucket of buckets) {
      const wait = this.#wait(bucket)
      if (wait !== null) throw limited(bucket, wait)
    }
    return () => {
      for (const bucket of buckets) this.#use(bucket)
    }
  }

  #wait(bucket: Bucket): number | null {
    if (!this.#enabled || bucket.seconds === 0) return null
    const uses = this.#uses.get(bucket.key) ?? []
    if (uses.length < bucket.max) return null
    const age = Math.floor(this.#now() / 1000) - (uses[0] ?? 0)
    return age >= bucket.seconds ? null : bucket.seconds - age
  }

  #use(bucket: Bucket): void {
    if (!this.#enabled || bucket.seconds === 0) return
    const uses = [...(this.#uses.get(bucket.key) ?? []), Math.floor(this.#now() / 1000)]
    this.#uses.set(bucket.key, uses.slice(-Math.max(bucket.max, 1)))
  }
}

function limited(bucket: Bucket, wait: number, code?: string): Refused {
  const left = timeLeft(wait)
  const headers: Record<string, string> = { 'retry-after': String(wait) }
  if (code !== undefined) headers['discourse-rate-limit-error-code'] = code
  const body = {
    errors: [bucket.text.replace('{}', left)],
    error_type: 'rate_limit',
    extras: { wait_seconds: wait, time_left: left },
  }
  return new Refused(json(429, body, headers), code !== undefined)
}

function timeLeft(seconds: number): string {
  if (seconds <= 3) return 'a few seconds'
  if (seconds < 60) return `${seconds} seconds`
  if (seconds < 3600) return counted(Math.floor(seconds / 60), 'minute')
  return counted(Math.floor(seconds / 3600), 'hour')
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
