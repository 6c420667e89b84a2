/** People on both sides, who write, answer, edit, delete, move and rename. */
import type { One } from './ask.ts'
import { actOnFiles, enclosed, FILE_DEEDS, isFileDeed } from './attachments.ts'
import type { Person, Stored } from './board.ts'
import { CALENDAR, changeCalendar, isOfCalendar } from './calendar.ts'
import { between, type Chance } from './chance.ts'
import { ASIDE } from './flow.ts'
import { DECISIONS } from './desk.ts'
import type { Hooks } from './hooks.ts'
import { aboutOf, tokenIn, type Ledger } from './ledger.ts'
import { moveThread, roomsMovedTo } from './moves.ts'
import { actOnPeople, addressed, isPeopleDeed, noteNamed, PEOPLE_DEEDS } from './people.ts'
import { PEOPLE } from './persons.ts'
import type { Place } from './shape.ts'
import type { System, Systems } from './system.ts'
import type { Trace } from './trace.ts'
import type { Watch } from './watch.ts'

export const DEEDS = [
  'thread',
  'reply',
  'edit',
  /** Whoever wrote there just now, also the engine: an edit on its heels. */
  'edit-latest',
  'delete',
  'delete-thread',
  'rename',
  'retitle',
  'move',
  'room',
  'delete-room',
  'purge',
  /** Few answers of each room, many together. */
  'thin-out',
  /** Somebody on either side edits the same post at once. */
  'clash',
  /** One edits what somebody on the other side deletes. */
  'contest',
  /** One answers where somebody on the other side deletes the thread. */
  'answer-too-late',
  /** A post is put aside, or brought back. */
  'aside',
  /** What the engine made last is edited. */
  'edit-copy',
  /** An import, or a change to many: much of one sort at one moment. */
  'flood',
  'delete-copy',
  ...CALENDAR,
  /** What a correction tells about, or what it tells, is edited once more. */
  'edit-told',
  /** An answer with files. */
  'enclose',
  ...FILE_DEEDS,
  ...PEOPLE_DEEDS,
  ...DECISIONS,
] as const
export type Deed = (typeof DEEDS)[number]

export interface UserOptions {
  readonly systems: Systems
  /** Those between which flows run. */
  readonly places: readonly Place[]
  readonly ledger: Ledger
  readonly watch: Watch
  readonly trace: Trace
  /** Rooms that are found while running begin on this side; null: there are none. */
  readonly roomsFrom: Place | null
  readonly hooks: Pick<Hooks, 'looksUntil'>
}

export class Users {
  private readonly options: UserOptions
  /** Each deed draws from its own: leaving one out changes nothing about the others. */
  private chance: Chance
  /** When edits that meet were typed: that shifts nothing of what is done. */
  private typing: Chance

  constructor(options: UserOptions, chance: Chance) {
    this.options = options
    this.chance = chance
    this.typing = chance
  }

  /** One deed of somebody; it may find nothing to do. */
  act(deed: Deed, side: Place, chance: Chance, typing: Chance): void {
    this.chance = chance
    this.typing = typing
    const { systems } = this.options
    const system = systems[side]
    if (deed === 'thread') this.thread(system, side)
    else if (deed === 'rename') this.rewrite(system, side, this.any(system.board.living('room')))
    else if (deed === 'room' && side === this.options.roomsFrom)
      this.room(system, side, chance.chance(0.2) ? 'private' : 'room')
    else if (deed === 'delete-room') this.deleteRoom(system, side)
    else if (deed === 'clash' || deed === 'contest' || deed === 'answer-too-late') this.together(deed, side)
    else if (deed === 'edit-told') this.editTold(side)
    else if (isOfCalendar(deed)) changeCalendar(deed, side, this, this.options, chance)
    else if (deed === 'aside') this.aside(system, side)
    else if (isFileDeed(deed)) actOnFiles(this.options, deed, side, chance)
    else if (isPeopleDeed(deed)) actOnPeople(this.options, deed, side, chance)
    else if (deed === 'move') this.move(system, side)
    else if (deed === 'purge')
      this.purge(system, side, [3, 30], () => system.board.living('post').filter((each) => !each.emptied))
    else if (deed === 'thin-out')
      for (const { ref } of system.board.living('room'))
        this.purge(system, side, [4, 6], () => system.board.answersIn(ref))
    else if (deed === 'flood') this.flood(system, side)
    else if (deed === 'retitle') this.retitle(system, side)
    else if (deed === 'delete-thread') this.deleteThread(system, side, this.any(system.board.living('thread')))
    else this.withPost(deed, system, side)
  }

  private withPost(deed: Deed, system: System, side: Place): void {
    const posts = system.board.living('post').filter((each) => !each.emptied)
    const latest = posts.reduce<Stored | null>(
      (best, each) => (each.version > (best?.version ?? 0) ? each : best),
      null,
    )
    const copies = posts.filter((each) => each.author.ref === 'bot' && aboutOf(each.text) === null)
    const post = this.chosen(deed, { posts, latest, copies })
    if (post === null) return
    if (deed === 'reply' || deed === 'enclose') this.reply(system, side, post, deed === 'enclose')
    else if (deed === 'edit' || deed === 'edit-latest' || deed === 'edit-copy') this.edit(system, side, post)
    else if (deed === 'delete' || deed === 'delete-copy') this.delete(system, side, post)
  }

  private chosen(
    deed: Deed,
    { posts, latest, copies }: { posts: readonly Stored[]; latest: Stored | null; copies: readonly Stored[] },
  ): Stored | null {
    if (deed === 'edit-latest') return latest
    if (deed === 'edit-copy') return copies.at(-1) ?? null
    return this.any(deed === 'delete-copy' ? copies : posts)
  }

  private editTold(side: Place): void {
    const { systems, ledger } = this.options
    const far = this.far(side)
    const correction = this.any(systems[side].board.living('post').filter(({ text }) => aboutOf(text) !== null))
    const root = correction === null ? null : ledger.rootOf(aboutOf(correction.text))
    const at = this.chance.chance(0.7) ? far : side
    const item = systems[at].board
      .living('post')
      .find(
        (each) => !each.emptied && aboutOf(each.text) === null && ledger.roots.get(`${at} post ${each.ref}`) === root,
      )
    if (item !== undefined) this.edit(systems[at], at, item)
  }

  /** Something on each side about one post that stands on both. */
  private together(deed: 'clash' | 'contest' | 'answer-too-late', side: Place): void {
    const { systems, ledger } = this.options
    const far = this.far(side)
    const living = (at: Place): Stored[] => systems[at].board.living('post').filter((each) => !each.emptied)
    const rootOf = (at: Place, { ref }: Stored): number | undefined => ledger.roots.get(`${at} post ${ref}`)
    const there = new Map(living(far).map((each) => [rootOf(far, each), each]))
    const here = this.any(living(side).filter((each) => there.has(rootOf(side, each) ?? -1)))
    const twin = here === null ? undefined : there.get(rootOf(side, here))
    if (here === null || twin === undefined) return
    if (deed === 'answer-too-late') {
      this.deleteThread(systems[side], side, systems[side].board.get('thread', here.thread ?? ''))
      this.reply(systems[far], far, twin)
      return
    }
    // One of the two was typed long before it was sent, where somebody was offline.
    const agoMs = deed === 'clash' && this.typing.chance(0.6) ? between(this.typing, 3, 12) * 60_000 : 0
    const isFirst = this.typing.chance(0.5)
    this.edit(systems[side], side, here, isFirst ? agoMs : 0)
    if (deed === 'clash') this.edit(systems[far], far, twin, isFirst ? 0 : agoMs)
    else this.delete(systems[far], far, twin)
  }

  /** Somebody acts on what the engine writes at this moment: on what it is made from, or on what is there. */
  meet(side: Place, ask: One, chance: Chance): void {
    this.chance = chance
    const { systems, ledger } = this.options
    const far = this.far(side)
    const known = ask.ref === undefined ? null : systems[side].board.get(ask.kind ?? 'post', ask.ref)
    const target = known?.kind === 'post' && !known.emptied && aboutOf(known.text) === null ? known : null
    const root =
      known === null
        ? ledger.rootOf(tokenIn(ask.headText ?? ask.text ?? ''))
        : (ledger.roots.get(`${side} ${known.kind} ${known.ref}`) ?? null)
    const source = systems[far].board
      .living('post')
      .find((each) => !each.emptied && ledger.roots.get(`${far} post ${each.ref}`) === root)
    // What stands in line behind it, too.
    const later = this.any(this.answersTo(far, source).filter(({ author }) => author.ref !== 'bot'))
    if (target !== null && (source === undefined || chance.chance(0.5))) this.edit(systems[side], side, target)
    else if (later !== null && chance.chance(0.5)) this.edit(systems[far], far, later)
    else if (source !== undefined && chance.chance(0.2)) this.delete(systems[far], far, source)
    else if (source !== undefined) this.edit(systems[far], far, source)
  }

  /** The posts after one of its thread. */
  private answersTo(side: Place, post: Stored | undefined): readonly Stored[] {
    if (post === undefined || post.thread === null) return []
    const all = this.options.systems[side].board.postsOf(post.thread).filter((each) => !each.emptied)
    return all.slice(all.findIndex(({ ref }) => ref === post.ref) + 1)
  }

  /** Another system. */
  far(side: Place): Place {
    const others = this.options.places.filter((each) => each !== side)
    const [first = side] = others
    return others.length > 1 ? this.chance.pick(others) : first
  }

  any<T>(from: readonly T[]): T | null {
    return from.length === 0 ? null : this.chance.pick(from)
  }

  author(side: Place): Person {
    return this.chance.pick(PEOPLE[side])
  }

  /** `one`: the root of the thing that it is, though made anew. */
  fresh(side: Place, kind: string, put: (token: number) => Stored, one?: number): Stored {
    const { ledger, watch } = this.options
    const token = ledger.token(null, kind, side, one)
    const item = put(token)
    ledger.roots.set(`${side} ${kind} ${item.ref}`, one ?? token)
    noteNamed(ledger, side, item)
    ledger.noteUserChange(`${kind} created`, side, token)
    watch.show(side, item)
    this.say(side, 'creates', item)
    return item
  }

  private say(side: Place, what: string, item: Stored): void {
    this.options.trace.tell(`somebody at ${side} ${what} ${item.kind} ${item.ref} ${item.text}`)
  }

  room(system: System, side: Place, name: string): Stored {
    return this.fresh(side, 'room', (token) => system.addRoom(`${name} t${token}`, this.author(side), null))
  }

  thread(system: System, side: Place, room?: string): void {
    const where = room ?? this.any(system.board.living('room'))?.ref
    if (where === undefined) return
    const who = this.author(side)
    const thread = this.fresh(side, 'thread', (token) => system.addThread(where, `About t${token}`, who, null))
    this.post(system, side, where, thread.ref, () => who)
  }

  private post(system: System, side: Place, room: string, thread: string, who: () => Person, always = false): void {
    this.fresh(side, 'post', (token) => {
      const [words, author] = [this.words(token), who()]
      const files = enclosed(this.options, side, this.chance, always)
      return system.addPost(room, thread, words, author, null, files, addressed(this.options, side, this.chance))
    })
  }

  private words(token: number): string {
    const { chance } = this
    return chance.chance(0.2) ? `ok\nt${token}` : `t${token}`
  }

  private reply(system: System, side: Place, to: Stored, always = false): void {
    const { thread, room } = to
    if (thread === null) return
    this.post(system, side, room, thread, () => this.author(side), always)
  }

  private mayEdit(system: System, post: Stored): boolean {
    return system.shape.edits === 'all' || post.author.ref !== 'bot'
  }

  private edit(system: System, side: Place, post: Stored, agoMs = 0): void {
    if (this.mayEdit(system, post)) this.rewrite(system, side, post, undefined, agoMs)
  }

  /** A post that others stand behind stays where it is. */
  private aside(system: System, side: Place): void {
    const posts = system.board.living('post').filter((each) => !each.emptied && this.mayEdit(system, each))
    const post = this.any(posts.filter((each) => system.board.postsOf(each.thread ?? '')[0]?.ref !== each.ref))
    if (post === null) return
    const goes = !post.text.endsWith(ASIDE)
    this.rewrite(system, side, post, (text) => (goes ? text + ASIDE : text.slice(0, -ASIDE.length)))
  }

  /** Replaces the token that is seen by a new one; what else stands in the text mostly stays. */
  rewrite(system: System, side: Place, item: Stored | null, change?: (text: string) => string, agoMs = 0): void {
    const { ledger, watch } = this.options
    const seen = item === null || aboutOf(item.text) !== null ? null : tokenIn(item.text)
    if (item === null || seen === null) return
    const token = ledger.token(seen, item.kind, side)
    const at = item.text.lastIndexOf(`t${seen}`)
    const plain = change === undefined && item.kind === 'post' && this.chance.chance(0.1)
    const next = plain ? `t${token}` : `${item.text.slice(0, at)}t${token}${item.text.slice(at + `t${seen}`.length)}`
    const text = change === undefined ? next : change(next)
    const stored = system.board.put({ ...item, text, editedAt: Math.max(item.createdAt, system.clock() - agoMs) })
    ledger.noteUserChange(`${item.kind} edited`, side, token)
    // Whoever rewrites what is put aside leaves it there. Of a copy it is what that stands for which leaves.
    if (text.endsWith(ASIDE)) for (const place of this.options.places) ledger.noteLeave(place, token)
    watch.show(side, stored)
    this.say(side, 'edits', stored)
    if (item.thread !== null) system.retitle(item.thread)
  }

  private retitle(system: System, side: Place): void {
    if (system.shape.threads === 'headed') this.rewrite(system, side, this.any(system.board.living('thread')))
  }

  private delete(system: System, side: Place, post: Stored): void {
    const posts = post.thread === null ? [] : system.board.postsOf(post.thread)
    const heads = system.shape.threads === 'headed' && posts[0]?.ref === post.ref
    if (!heads) {
      this.erase(system, side, post)
      // Nothing but what is empty is left in it.
      const thread = system.board.get('thread', post.thread ?? '')
      const left = posts.filter((each) => each.ref !== post.ref)
      if (thread !== null && left.length > 0 && left.every((each) => each.emptied)) this.noteDeletion(side, thread)
    } else if (post.thread !== null) this.deleteThread(system, side, system.board.get('thread', post.thread))
  }

  erase(system: System, side: Place, item: Stored): void {
    this.noteDeletion(side, item)
    this.say(side, 'deletes', item)
    system.erase(item)
  }

  noteDeletion(side: Place, item: Stored): void {
    const { ledger, hooks } = this.options
    const about = aboutOf(item.text)
    const token = about === null ? tokenIn(item.text) : null
    ledger.noteDeletion(side, token)
    this.noteFiles(side, item)
    // Where no tombstone tells, what is about as old as is kept once it is looked at may as well have been too old.
    const { retentionMin } = this.options.systems[side].shape
    const age = this.options.systems[side].clock() + hooks.looksUntil(side) - ledger.time() - item.createdAt
    if (retentionMin !== null && age > (retentionMin - 5) * 60_000) ledger.noteLeave(side, token)
    ledger.noteUserChange(`${item.kind} deleted`, side, token)
    if (about !== null) ledger.uncorrected.add(`${side} ${ledger.rootOf(about) ?? ''}`)
  }

  private noteFiles(side: Place, { files }: Stored): void {
    const { ledger, systems } = this.options
    for (const { ref } of files) ledger.noteSeen(systems[side].board.depot.tokenOf(ref))
  }

  deleteThread(system: System, side: Place, thread: Stored | null): void {
    if (thread === null) return
    const posts = system.board.postsOf(thread.ref)
    if (system.shape.threads === 'implicit') {
      for (const post of posts) this.erase(system, side, post)
      return
    }
    for (const post of posts) this.noteDeletion(side, post)
    this.erase(system, side, thread)
  }

  /** With all that is in it, of which nothing tells: nothing that was moved there, whose end only an audit finds. One room stays. */
  private deleteRoom(system: System, side: Place): void {
    const { ledger } = this.options
    const rooms = system.board.living('room')
    const receiving = roomsMovedTo(system.board)
    const room = rooms.length < 2 ? null : this.any(rooms.filter(({ ref }) => !receiving.has(ref)))
    if (room === null) return
    this.say(side, 'deletes', room)
    ledger.noteUserChange('room deleted', side, tokenIn(room.text))
    for (const kind of ['exception', 'series', 'post', 'thread'] as const)
      for (const item of system.board.living(kind).filter((each) => each.room === room.ref)) {
        ledger.noteSeen(tokenIn(item.text))
        this.noteFiles(side, item)
        system.board.forget(kind, item.ref)
      }
    ledger.noteSeen(tokenIn(room.text))
    system.board.remove('room', room.ref)
  }

  private move(system: System, side: Place): void {
    const thread = this.any(system.board.living('thread'))
    const room = this.any(system.board.living('room').filter((each) => each.ref !== thread?.room))
    if (!system.shape.moves || thread === null || room === null) return
    this.say(side, `moves to ${room.ref}`, thread)
    moveThread(this.options, side, thread, room)
  }

  private flood(system: System, side: Place): void {
    const what = this.chance.pick(['thread', 'edit', 'retitle', 'delete'] as const)
    for (let left = between(this.chance, 2, what === 'delete' ? 4 : 12); left > 0; left -= 1)
      if (what === 'thread') this.thread(system, side)
      else if (what === 'retitle') this.retitle(system, side)
      else this.withPost(what, system, side)
  }

  /** Somebody cleans up: so many single deletes. */
  private purge(system: System, side: Place, most: readonly [number, number], posts: () => readonly Stored[]): void {
    for (let left = between(this.chance, ...most); left > 0; left -= 1) {
      const post = this.any(posts())
      if (post !== null) this.delete(system, side, post)
    }
  }
}
