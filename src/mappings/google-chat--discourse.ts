/**
 * Google Chat ↔ Discourse: space ↔ category, thread ↔ topic, message ↔ post.
 *
 * What people meet:
 * - A copied text begins with its author. In Discourse that is a paragraph of its own, so that a list, a quote or a code
 *   block below it stays one; in Chat it stands in front of the text, as in a conversation.
 * - A thread has no title. A topic gets the first line of its thread's first message, once; after that its title is
 *   Discourse's own. A topic born in Discourse shows its title above its first message in Chat, once.
 * - Two people of the same name look alike here and stay two: who wrote an item is kept by ref, not by name.
 * - Deleting a message, a thread or a topic deletes its counterpart, within the brake. Deleting a whole space or
 *   category waits for a person. What leaves stays on the other side.
 */
import type { Json } from '../connector/values.ts'
import { other, type KindFacts, type Lens, type Origin, type Pair, type Side, type Words } from '../core/flow.ts'
import { cut, direct } from './direct.ts'
import type { Mapping } from './mapping.ts'
import { reference } from './reference.ts'
import { signed } from './signed.ts'
import { title, titleOf } from './title.ts'

/** Discourse takes no longer name of a category; Chat takes 128. */
const CATEGORY_NAME = 50
/** Discourse takes no longer title. */
const TITLE = { max: 255, untitled: '(no text)' }
const AUTHOR_NAME = 100

export const googleChatDiscourse: Mapping = {
  connectors: { a: 'google-chat', b: 'discourse' },
  pairs: [
    {
      id: 'space-category',
      kinds: { a: 'space', b: 'category' },
      lenses: () => [direct({ id: 'name', a: 'name', b: 'name', max: CATEGORY_NAME })],
      onDelete: { a: 'hold', b: 'hold' },
      onLeave: { a: 'keep', b: 'keep' },
      match: ['name'],
    },
    {
      id: 'thread-topic',
      kinds: { a: 'thread', b: 'topic' },
      lenses: (kinds) => [
        ...container(kinds),
        title({ id: 'title', a: 'subject', b: 'title', way: 'on create a→b', ...TITLE }),
      ],
      onDelete: { a: 'delete', b: 'delete' },
      onLeave: { a: 'keep', b: 'keep' },
      match: ['title'],
    },
    {
      id: 'message-post',
      kinds: { a: 'message', b: 'post' },
      lenses: () => [
        reference({ id: 'thread', a: 'thread', b: 'topic', to: { a: 'thread', b: 'topic' } }),
        signed({ id: 'text', a: 'text', b: 'raw', attribution: ATTRIBUTION, mark: MARK }),
      ],
      onDelete: { a: 'delete', b: 'delete' },
      onLeave: { a: 'keep', b: 'keep' },
      match: ['text'],
      words: { lens: 'text', field: { a: 'text', b: 'raw' }, opening, rest },
    },
  ],
}

/** A topic may move to another category; where its thread cannot follow, that is shown as a difference that stays. */
function container(kinds: Pair['kinds']): readonly Lens[] {
  const a = scopeOf(kinds.a)
  const b = scopeOf(kinds.b)
  if (a === null || b === null) return []
  return [reference({ id: 'space', a: a.field, b: b.field, to: { a: a.kind, b: b.kind } })]
}

function scopeOf(facts: KindFacts): { field: string; kind: string } | null {
  if (facts.scopeField === null) return null
  const kind = facts.fields[facts.scopeField]?.to
  return kind === undefined ? null : { field: facts.scopeField, kind }
}

/** It says where from, and so is never shorter than what Discourse takes as a body, even in an edit. */
function attributionInDiscourse({ author }: Origin): string {
  return author === null ? '' : `**${inMarkdown(shownName(author))}** in Google Chat:\n\n`
}

function attributionInChat({ author, parent }: Origin): string {
  const topic = parent?.['title']
  const heading = typeof topic === 'string' ? `*${inChat(titleOf(topic, TITLE))}*\n` : ''
  return heading + (author === null ? '' : `*${inChat(shownName(author))}*: `)
}

const ATTRIBUTION = { a: attributionInChat, b: attributionInDiscourse }
/** Follows the author; in Discourse that line names the system already. */
const MARK = { a: 'edited here, not in Discourse', b: 'edited here, not there' }

const SYSTEM = { a: 'Google Chat', b: 'Discourse' } as const
/** So much of a text is quoted to say which one is meant. */
const QUOTED = 60

/** Of a correction: whose text it is about, and how that begins. */
function opening(side: Side, { author, values }: Parameters<Words['opening']>[1]): string {
  const quoted = titleOf(values[side === 'a' ? 'text' : 'raw'], { max: QUOTED, untitled: '…' })
  const name = author === null ? 'Somebody' : shownName(author)
  const [who, what] =
    side === 'a' ? [`*${inChat(name)}*`, inChat(quoted)] : [`**${inMarkdown(name)}**`, inMarkdown(quoted)]
  return `${who} wrote “${what}”. In ${SYSTEM[other(side)]} this was `
}

function rest(side: Side, now: Json): string {
  if (typeof now !== 'string') return 'deleted.'
  return `edited and now reads:${side === 'a' ? '\n' : '\n\n'}${now}`
}

/** The name, or the last part of the ref where there is none: "users/123" is shown as "123". */
function shownName(author: { readonly ref: string; readonly name?: string | undefined }): string {
  const last = author.ref.split('/').at(-1) ?? ''
  const names = [author.name ?? '', last, author.ref].map((each) => cut(oneLine(each), AUTHOR_NAME))
  return names.find((each) => /[^\p{Z}\p{C}@]/u.test(each)) ?? 'someone'
}

function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

/** A name is shown as it is written: it makes no markup, and notifies nobody. */
function inMarkdown(name: string): string {
  return name.replace(/(?<!\w)@/g, '').replace(/[\\`*_[\]<>~|#]/g, '\\$&')
}

/** Chat has no escapes: the signs that would end the bold text or make a mention are replaced by ones that look alike. */
function inChat(text: string): string {
  return oneLine(text).replaceAll('*', '∗').replaceAll('`', '´').replaceAll('<', '‹').replaceAll('>', '›')
}
