/** Rules for titles and texts, with the words and the order in which Discourse 3.1.0.beta4 complains. */
import type { SiteSettings } from './options.ts'
import { isStaff, type User } from './state.ts'

/** How many different characters; one outside ASCII counts once for each of its different bytes. */
export function entropy(text: string): number {
  const seen = new Set<string>()
  for (const char of text.trim())
    if (char.charCodeAt(0) < 128) seen.add(char)
    else for (const byte of Buffer.from(char)) seen.add(byte.toString(16).padStart(3, '='))
  return seen.size
}

function pronounceable(text: string): boolean {
  return /[^\s\p{P}\p{S}\d_]/u.test(text)
}

function shouting(text: string): boolean {
  return text !== text.toLowerCase() && text === text.toUpperCase()
}

/** The length that counts: without comments, each emoji and each run of dots or commas as one character. */
function countedLength(raw: string): number {
  return raw
    .replace(/<!--.*?-->/g, '')
    .replace(/:\w+(?::\w+)?:/g, 'X')
    .replace(/\.{2,}/g, '…')
    .replace(/,{2,}/g, ',')
    .trim().length
}

export interface TitleContext {
  readonly settings: SiteSettings
  readonly privateMessage: boolean
  /** Whether another live topic has this title, in any case. */
  readonly taken: (title: string) => boolean
}

export function titleErrors(title: string, context: TitleContext): string[] {
  const { settings } = context
  const errors: string[] = []
  const minimum = context.privateMessage ? 2 : settings.min_topic_title_length
  const length = [...title].length
  if (title.trim() === '') errors.push("Title can't be blank")
  if (length < minimum) errors.push(`Title is too short (minimum is ${minimum} characters)`)
  if (length > settings.max_topic_title_length)
    errors.push(`Title is too long (maximum is ${settings.max_topic_title_length} characters)`)
  if (context.privateMessage) return errors
  const quality = titleQuality(title, settings)
  if (quality !== null) errors.push(`Title ${quality}`)
  const emojis = title.match(/\p{Extended_Pictographic}|:\w+:/gu)?.length ?? 0
  if (emojis > settings.max_emojis_in_title)
    errors.push(`Title can't have more than ${settings.max_emojis_in_title} emoji`)
  if (title !== '' && !settings.allow_duplicate_topic_titles && context.taken(title))
    errors.push('Title has already been used')
  return errors
}

function titleQuality(title: string, settings: SiteSettings): string | null {
  const minimum =
    settings.min_topic_title_length > settings.title_min_entropy
      ? settings.title_min_entropy
      : Math.floor(settings.min_topic_title_length * 0.7)
  if (entropy(title) < minimum) return 'seems unclear, most of the words contain the same letters over and over?'
  if (title.split(/\s|\/|-|\.|:/).some((word) => word.length > settings.title_max_word_length))
    return 'seems unclear, one or more words is very long?'
  if (!settings.allow_uppercase_posts && shouting(title)) return 'seems unclear, did you mean to enter it in ALL CAPS?'
  return pronounceable(title) ? null : 'seems unclear, is it a complete sentence?'
}

export function externalIdErrors(externalId: string, taken: boolean): string[] {
  const errors: string[] = []
  if (taken) errors.push('External has already been taken')
  if (externalId.length > 50) errors.push('External is too long (maximum is 50 characters)')
  if (!/^[\w-]+$/.test(externalId)) errors.push('External is invalid')
  return errors
}

export interface BodyContext {
  readonly settings: SiteSettings
  readonly author: User
  readonly first: boolean
  readonly privateMessage: boolean
  /** Whether the author posted this very text a moment ago. */
  readonly repeated: boolean
  /** How many posts the author has in the topic; null where the limit on them does not hold. */
  readonly ownPostsInTopic: number | null
  /** Whether the author wrote the topic's last posts and may not add another. */
  readonly consecutive: boolean
}

export function bodyErrors(raw: string, context: BodyContext): string[] {
  const { settings } = context
  const errors: string[] = []
  const minimum = context.first
    ? settings.min_first_post_length
    : context.privateMessage
      ? settings.min_personal_message_post_length
      : settings.min_post_length
  const length = [...raw].length
  if (length > settings.max_post_length)
    errors.push(`Body is limited to ${settings.max_post_length} characters; you entered ${length}.`)
  else if (countedLength(raw) < minimum) errors.push(`Body is too short (minimum is ${minimum} characters)`)
  if (!meaningful(raw, settings, context.privateMessage)) errors.push('Body seems unclear, is it a complete sentence?')
  if (context.repeated) errors.push('Body is too similar to what you recently posted')
  if (context.ownPostsInTopic !== null && context.ownPostsInTopic >= settings.newuser_max_replies_per_topic)
    errors.push(
      `We're sorry, but new users are temporarily limited to ${settings.newuser_max_replies_per_topic} replies in the same topic.`,
    )
  errors.push(...newcomerErrors(raw, context))
  if (context.consecutive)
    errors.push(
      `No more than ${settings.max_consecutive_replies} consecutive replies are allowed. Please edit your previous reply, or wait for someone to reply to you.`,
    )
  return errors
}

function meaningful(raw: string, settings: SiteSettings, privateMessage: boolean): boolean {
  const share = settings.min_personal_message_post_length / settings.min_post_length
  const minimum = privateMessage
    ? Math.floor(settings.body_min_entropy * share)
    : settings.body_min_entropy > settings.min_post_length
      ? Math.floor(settings.min_post_length * 0.7)
      : settings.body_min_entropy
  if (raw.trim() === '' || entropy(raw) < minimum || !pronounceable(raw)) return false
  return settings.allow_uppercase_posts || !shouting(raw)
}

function newcomerErrors(raw: string, context: BodyContext): string[] {
  const { settings, author } = context
  if (isStaff(author)) return []
  const newcomer = author.trustLevel === 0
  const errors: string[] = []
  const mentions = new Set(raw.match(/(?<![\w/])@[\w.-]*\w/g) ?? []).size
  if (newcomer && mentions > settings.newuser_max_mentions_per_post)
    errors.push(`Sorry, new users can only mention ${settings.newuser_max_mentions_per_post} users in a post.`)
  else if (mentions > settings.max_mentions_per_post)
    errors.push(`Sorry, you can only mention ${settings.max_mentions_per_post} users in a post.`)
  if (!newcomer) return errors
  const images = raw.match(/!\[[^\]]*\]\([^)]*\)|<img\b/g)?.length ?? 0
  if (images > settings.newuser_max_embedded_media)
    errors.push('Sorry, new users can only put one embedded media item in a post.')
  const links = raw.replace(/!\[[^\]]*\]\([^)]*\)/g, '').match(/https?:\/\/\S+/g)?.length ?? 0
  if (links > settings.newuser_max_links)
    errors.push(`Sorry, new users can only put ${settings.newuser_max_links} links in a post.`)
  return errors
}
