/**
 * Decides whether two systems say the same. Each text of a person has exactly one copy in the counterpart of its
 * thread or topic, in the same order as the other texts from its side; there is nothing else. Pure.
 */
import type { CaseQuestion, Conversation, Places, Problem, System, Text, Verdict } from './case.ts'
import { copyIn, keyOfCopy, keyOfOriginal, nameKey } from './copies.ts'

const SYSTEMS = ['chat', 'forum'] as const
const OTHER = { chat: 'forum', forum: 'chat' } as const

/** A text at its place. */
interface Found {
  readonly system: System
  readonly place: string
  readonly conversation: string
  /** Which pair of conversations it belongs to. */
  readonly pair: number
  readonly item: Text
  readonly key: string
}

type Lists = { -readonly [name in Exclude<keyof Verdict, 'ok' | 'items'>]: Problem[] }

/** A thread and its topic; either may be missing. */
type Pair = { readonly place: string } & { readonly [system in System]: Conversation | null }

export function compare(chat: Places, forum: Places, excused: CaseQuestion['excused']): Verdict {
  const lists: Lists = { duplicates: [], echoes: [], lost: [], stale: [], misplaced: [], disordered: [], excused: [] }
  const missing: Found[] = []
  const extra: Found[] = []
  const originals = new Set<string>()
  let items = 0
  const places = [...new Set([...chat.keys(), ...forum.keys()])]
  const pairs = places.flatMap((place) => pairUp(place, chat.get(place) ?? [], forum.get(place) ?? []))
  pairs.forEach((pair, number) => {
    for (const from of SYSTEMS) {
      const side = weigh(pair, number, from)
      missing.push(...side.missing)
      extra.push(...side.extra)
      items += side.matched
      for (const key of side.keys) originals.add(`${from} ${key}`)
      if (side.disorder !== null) lists.disordered.push(side.disorder)
    }
  })
  explain({ missing, extra, originals, lists }, excused)
  const { excused: excuses, ...problems } = lists
  return { ok: Object.values(problems).every((list) => list.length === 0), items, ...problems, excused: excuses }
}

/** Threads and topics that share the most belong together. */
function pairUp(place: string, threads: readonly Conversation[], topics: readonly Conversation[]): Pair[] {
  const scored = threads.flatMap((chat) =>
    topics.flatMap((forum) => {
      const score = shared(chat, 'chat', forum) + shared(forum, 'forum', chat)
      return score === 0 ? [] : [{ chat, forum, score }]
    }),
  )
  scored.sort((one, other) => other.score - one.score)
  const taken = new Set<Conversation>()
  const pairs: Pair[] = []
  for (const { chat, forum } of scored) {
    if (taken.has(chat) || taken.has(forum)) continue
    taken.add(chat).add(forum)
    pairs.push({ place, chat, forum })
  }
  for (const chat of threads) if (!taken.has(chat)) pairs.push({ place, chat, forum: null })
  for (const forum of topics) if (!taken.has(forum)) pairs.push({ place, chat: null, forum })
  return pairs
}

function shared(origin: Conversation, from: System, other: Conversation): number {
  const wanted = counted(origin.texts.filter(({ engine }) => !engine).map(keyOfOriginal))
  const there = counted(copiesIn(other, OTHER[from]).map(({ key }) => key))
  let sum = 0
  for (const [key, count] of wanted) sum += Math.min(count, there.get(key) ?? 0)
  return sum
}

function copiesIn(conversation: Conversation | null, system: System): { item: Text; key: string }[] {
  return (conversation?.texts ?? [])
    .filter(({ engine }) => engine)
    .map((item) => ({ item, key: keyOfCopy(system, item) ?? `\n${item.text}` }))
}

function counted(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

/** Holds the texts of people on one side against the copies on the other. */
function weigh(pair: Pair, number: number, from: System) {
  const to = OTHER[from]
  const found = (system: System, item: Text, key: string): Found => {
    const conversation = pair[system]?.ref ?? ''
    return { system, place: pair.place, conversation, pair: number, item, key }
  }
  const originals = (pair[from]?.texts ?? [])
    .filter(({ engine }) => !engine)
    .map((item) => ({ item, key: keyOfOriginal(item) }))
  const copies = copiesIn(pair[to], to)
  const here = kept(originals, counted(copies.map(({ key }) => key)))
  const there = kept(copies, counted(originals.map(({ key }) => key)))
  const wrong = here.kept.findIndex(({ key }, index) => there.kept[index]?.key !== key)
  const first = here.kept[wrong]
  return {
    missing: here.left.map(({ item, key }) => found(from, item, key)),
    extra: there.left.map(({ item, key }) => found(to, item, key)),
    matched: here.kept.length,
    keys: originals.map(({ key }) => key),
    disorder:
      first === undefined
        ? null
        : problem(found(from, first.item, first.key), 'from here on, its copies stand in another order'),
  }
}

/** As many of each as the other side has, the earliest ones. */
function kept<T extends { readonly key: string }>(all: readonly T[], allowed: Map<string, number>) {
  const result: { kept: T[]; left: T[] } = { kept: [], left: [] }
  for (const each of all) {
    const more = allowed.get(each.key) ?? 0
    allowed.set(each.key, more - 1)
    if (more > 0) result.kept.push(each)
    else result.left.push(each)
  }
  return result
}

interface Unexplained {
  readonly missing: readonly Found[]
  readonly extra: readonly Found[]
  /** `system key` of all texts of people. */
  readonly originals: ReadonlySet<string>
  readonly lists: Lists
}

function explain({ missing, extra, originals, lists }: Unexplained, excused: CaseQuestion['excused']): void {
  const left = new Set(extra)
  const excuses = new Set(excused.map(({ kind, ref }) => `${kind} ${ref}`))
  for (const each of missing) {
    const elsewhere = take(left, (copy) => copy.key === each.key && copy.system !== each.system)
    if (elsewhere !== null) lists.misplaced.push(problem(elsewhere, 'it belongs to another thread'))
    else if (isExcused(each, excuses)) {
      lists.excused.push(problem(each, 'the engine says that the two sides differ here'))
      takeCopyOf(each, left)
    } else lists.lost.push(problem(each, 'it has no copy on the other side'))
  }
  for (const copy of left) {
    if (isEcho(copy, originals)) lists.echoes.push(problem(copy, 'a copy of a copy'))
    else if (originals.has(`${OTHER[copy.system]} ${copy.key}`))
      lists.duplicates.push(problem(copy, 'copied more than once'))
    else if (isExcused(copy, excuses))
      lists.excused.push(problem(copy, 'the engine says that the two sides differ here'))
    else lists.stale.push(problem(copy, 'nobody on the other side says this (any more)'))
  }
}

function take(from: Set<Found>, fits: (found: Found) => boolean): Found | null {
  for (const each of from) {
    if (!fits(each)) continue
    from.delete(each)
    return each
  }
  return null
}

function isExcused({ system, item, conversation }: Found, excuses: ReadonlySet<string>): boolean {
  const [text, whole] = system === 'chat' ? ['message', 'thread'] : ['post', 'topic']
  return excuses.has(`${text} ${item.ref}`) || excuses.has(`${whole} ${conversation}`)
}

/** Of a text that differs: in its thread's topic, else, where the two share nothing any more, in the same place. */
function takeCopyOf(original: Found, left: Set<Found>): void {
  const fits = (copy: Found): boolean => copy.system !== original.system && sameAuthor(copy, original)
  const near = take(left, (copy) => copy.pair === original.pair && fits(copy))
  if (near === null) take(left, (copy) => copy.place === original.place && fits(copy))
}

/** A copy whose text was edited by somebody else still names its author. */
function sameAuthor(copy: Found, original: Found): boolean {
  return copyIn(copy.system, copy.item.text)?.author === nameKey(original.item.author)
}

/** It names an author of its own side, or what it copies names an author already. */
function isEcho({ system, item, key }: Found, originals: ReadonlySet<string>): boolean {
  const copy = copyIn(system, item.text)
  if (copy === null) return false
  if (copyIn('chat', copy.text) !== null || copyIn('forum', copy.text) !== null) return true
  return originals.has(`${system} ${key}`) && !originals.has(`${OTHER[system]} ${key}`)
}

function problem({ system, place, item }: Found, why: string): Problem {
  return { system, place, ref: item.ref, text: item.text.slice(0, 200), why }
}
