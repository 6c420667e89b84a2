/** What a made-up system answers the engine: its API, with lagging reads, tombstones, cursors, conditional writes and rights. */
import { BOT, EMPTIED, refuse, type Answer, type Ask, type One } from './ask.ts'
import { Board, type KindName, type Person, type Stored } from './board.ts'
import type { Chance } from './chance.ts'
import type { Attached } from './depot.ts'
import { openFile, uploadFile } from './file-calls.ts'
import { Omissions } from './omissions.ts'
import { madeBefore, refusalOf } from './refusals.ts'
import type { Sent, Watch } from './watch.ts'
import type { Place, Shape } from './shape.ts'

/** What a page of the feed covered, for the oracle on cursors. */
export interface Handed {
  readonly from: number
  readonly refs: readonly string[]
}

/** A read of one item: when, which moment it showed, and when its answer reached the engine. */
interface Got {
  readonly at: number
  readonly view: number
  readonly arrivedAt: number
}

export type Systems = { readonly [place in Place]: System }

export class System {
  readonly board: Board
  readonly shape: Shape
  readonly handed = new Map<string, Handed[]>()
  /** Listings answer an empty and complete page. */
  emptyListings = false
  readonly omissions: Omissions
  private readonly chance: Chance
  private readonly now: () => number
  private readonly skewMs: number
  private readonly gets = new Map<string, Got[]>()
  private readonly feedViews: (readonly [arrivedAt: number, view: number])[] = []
  watch: Watch | null = null

  constructor(board: Board, chance: Chance, now: () => number, skewMs: number) {
    this.board = board
    this.shape = board.shape
    this.skewMs = skewMs
    this.chance = chance
    this.now = now
    this.omissions = new Omissions(board)
  }

  handle(ask: Ask, sentAt: number): Answer {
    const { op, kind = 'post', ref = '' } = ask
    if (ask.many !== undefined) return this.handleMany(ask.many, sentAt)
    if (op === 'me') return { status: 200, body: { person: BOT } }
    if (op === 'people') return { status: 200, body: { people: this.watch?.directory(this.shape.side) ?? [] } }
    if (op === 'get') return this.show(kind, ref)
    if (op === 'list') return this.list(ask)
    if (op === 'changes') return this.changes(ask)
    if (op === 'find') return this.find(kind, ask.key ?? '')
    if (op === 'open') return openFile(this.board, ref)
    if (op === 'upload') return uploadFile(this.board, ask, () => this.watch?.uploaded())
    const refused = refusalOf(this.board, ask)
    if (refused !== null) return refused
    if (op === 'create') return this.create(kind, ask)
    const known = this.board.get(kind, ref)
    if (known === null) return refuse(404, `no ${kind} ${ref}`)
    const sent = this.sentOf(kind, ref, sentAt)
    if (op === 'delete') return this.remove(known, sent)
    return op === 'empty' ? this.empty(known, sent) : this.update(known, ask, sent)
  }

  /** One answer for each, or one for all where one is refused and that is how this system is. */
  private handleMany(many: readonly One[], sentAt: number): Answer {
    const refused = many.flatMap((each) => refusalOf(this.board, each) ?? [])[0]
    if (refused !== undefined && this.shape.batch?.refused === 'with all') return refused
    return { status: 200, body: { answers: many.map((each) => this.handle(each, sentAt)) } }
  }

  private filesBy(refs: readonly string[] | undefined, known: readonly Attached[]): readonly Attached[] {
    return (refs ?? []).flatMap((ref) => known.find((each) => each.ref === ref) ?? this.board.depot.sent(ref) ?? [])
  }

  /** The time as this system's own clock shows it. */
  clock(): number {
    return this.now() + this.skewMs
  }

  private view(): number {
    const { lagMs } = this.shape
    return lagMs === 0 || this.chance.chance(0.5) ? this.now() : this.now() - this.chance.int(lagMs + 1)
  }

  /** The guard read is the last that had been answered when the write was sent, however late that takes effect. */
  private sentOf(kind: KindName, ref: string, at: number): Sent {
    const got = this.gets.get(`${kind} ${ref}`)?.findLast((each) => each.arrivedAt <= at)
    const feed = Math.max(0, ...this.feedViews.map(([arrivedAt, view]) => (arrivedAt <= at ? view : 0)))
    return { at, guarded: got !== undefined && at - got.at <= 5000 ? got.view : null, feed }
  }

  private show(kind: KindName, ref: string): Answer {
    const view = this.view()
    const at = this.now()
    const name = `${kind} ${ref}`
    const arrives = (): void =>
      void this.gets.set(name, [...(this.gets.get(name) ?? []), { at, view, arrivedAt: this.now() }])
    const item = this.board.at(kind, ref, view)
    if (item === 'never') return refuse(404, `no ${kind} ${ref}`)
    if (item === 'deleted')
      return this.shape.listsDeleted && !this.board.forgotten.has(`${kind} ${ref}`)
        ? { status: 200, body: { gone: this.tombstone(kind, ref, 'deleted') } }
        : refuse(404, `no ${kind} ${ref}`)
    return { status: 200, body: { item }, arrives }
  }

  private tombstone(kind: KindName, ref: string, gone: 'deleted' | 'moved'): unknown {
    return { kind, ref, room: this.board.lastKnown(kind, ref)?.room ?? '', gone }
  }

  private list({ room = '', kinds = [], cursor }: Ask): Answer {
    if (room !== '' && this.board.get('room', room) === null) return refuse(404, `no room ${room}`)
    if (this.emptyListings) return this.listNothing(kinds, room, (cursor ?? 0) === 0)
    const view = this.view()
    const rows = [...this.board.rows.values()].filter(
      (row) => row.seq > (cursor ?? 0) && kinds.includes(row.kind) && (row.kind === 'room') === (room === ''),
    )
    const page: unknown[] = []
    let next = cursor ?? 0
    for (const row of rows) {
      if (page.length >= this.shape.pageSize) return { status: 200, body: { page, next, more: true } }
      next = row.seq
      const item = this.board.at(row.kind, row.ref, view)
      if (item === 'never') continue
      if (item !== 'deleted' && (room === '' || item.room === room)) page.push({ item })
      const was = this.board.lastKnown(row.kind, row.ref)?.room
      const told = this.shape.listsDeleted && !this.board.forgotten.has(`${row.kind} ${row.ref}`)
      if (item === 'deleted' && told && was === room) page.push({ gone: this.tombstone(row.kind, row.ref, 'deleted') })
    }
    return { status: 200, body: { page, next, more: false } }
  }

  private listNothing(kinds: readonly KindName[], room: string, isWhole: boolean): Answer {
    const left = kinds.flatMap((kind) => this.board.living(kind)).filter((item) => item.room === room)
    this.omissions.note(this.now(), left, isWhole)
    return { status: 200, body: { page: [], next: 0, more: false } }
  }

  private changes({ rooms = [], kinds = [], cursor }: Ask): Answer {
    const view = this.view()
    const upTo = this.board.log.findLastIndex((entry) => entry.at <= view) + 1
    const first = this.board.firstCursor
    if (cursor == null) return { status: 200, body: { page: [], next: first + upTo, more: false } }
    if (cursor < first) return refuse(410, 'this cursor is too old')
    const from = cursor - first
    const page = new Map<string, unknown>()
    const refs: string[] = []
    let next = from
    for (const entry of this.board.log.slice(from, Math.max(from, upTo))) {
      if (page.size >= this.shape.pageSize) break
      next = entry.seq
      if (!kinds.includes(entry.kind)) continue
      const shown = this.changed(entry.kind, entry.ref, entry.rooms, rooms, view)
      if (shown === null) continue
      page.set(`${entry.kind} ${entry.ref}`, shown)
      refs.push(`${entry.kind} ${entry.ref}`)
    }
    const name = `${kinds.join()} ${first + next}`
    this.handed.set(name, [...(this.handed.get(name) ?? []), { from: cursor, refs }])
    const shownUpTo = next >= upTo && kinds.includes('post') ? view : 0
    const arrives = (): void => void this.feedViews.push([this.now(), shownUpTo])
    return { status: 200, body: { page: [...page.values()], next: first + next, more: next < upTo }, arrives }
  }

  /** An event shows its item as it is now, or that it is gone from the rooms that were asked for. */
  private changed(
    kind: KindName,
    ref: string,
    was: readonly string[],
    rooms: readonly string[],
    view: number,
  ): unknown {
    if (kind !== 'room' && !was.some((room) => rooms.includes(room))) return null
    const item = this.board.at(kind, ref, view)
    if (item === 'never' || this.board.forgotten.has(`${kind} ${ref}`)) return null
    if (item === 'deleted') return { gone: this.tombstone(kind, ref, 'deleted') }
    if (kind === 'room' || rooms.includes(item.room)) return { item }
    return { gone: { kind, ref, room: was.find((room) => rooms.includes(room)) ?? '', gone: 'moved' } }
  }

  private find(kind: KindName, key: string): Answer {
    const view = this.view()
    for (const row of this.board.rows.values()) {
      const item = row.kind === kind ? this.board.at(kind, row.ref, view) : 'never'
      if (typeof item === 'object' && item.key === key) return this.tellMade(this.madeWith(item, view))
    }
    return { status: 200, body: { made: null } }
  }

  /** A thread comes with the post that was made with it, as both stood at that moment; not with what somebody wrote since. */
  private madeWith(item: Stored, view: number): Stored[] {
    if (item.kind !== 'thread') return [item]
    const posts = [...this.board.rows.values()].filter(({ kind }) => kind === 'post')
    const first = posts.find(({ ref }) => this.board.lastKnown('post', ref)?.thread === item.ref)
    const head = first === undefined ? 'never' : this.board.at('post', first.ref, view)
    return typeof head === 'object' ? [item, head] : [item]
  }

  private create(kind: KindName, ask: Ask): Answer {
    const { room = '', key, headKey } = ask
    const before = this.board.get(kind, madeBefore(this.board, kind, key) ?? '')
    if (before !== null) return this.tellMade(this.madeWith(before, this.now()))
    const stored = this.shape.keys === 'none' ? null : (key ?? null)
    if (kind === 'room') return this.tellMade([this.made(this.addRoom(ask.text ?? '', BOT, stored))])
    if (kind === 'thread') {
      const title = ask.text ?? ''
      const thread = this.addThread(room, title, BOT, stored)
      const head = this.addPost(
        room,
        thread.ref,
        ask.headText ?? '',
        BOT,
        this.shape.keys === 'none' ? null : (headKey ?? null),
        this.filesBy(ask.headFiles, []),
        ask.headWho,
      )
      this.made(thread)
      this.made(head)
      return this.tellMade([this.board.get('thread', thread.ref) ?? thread, head])
    }
    const thread = ask.thread ?? ''
    if (kind === 'series') return this.tellMade([this.made(this.addSeries(room, ask.text ?? '', BOT, stored))])
    if (kind === 'exception') {
      const where = this.board.get('series', thread)?.room ?? room
      return this.tellMade([this.made(this.addException(where, thread, ask.slot ?? '', ask.text ?? '', BOT, stored))])
    }
    const where = this.board.get('thread', thread)?.room ?? room
    const post = this.addPost(where, thread, ask.text ?? '', BOT, stored, this.filesBy(ask.files, []), ask.who)
    return this.tellMade([this.made(post, room)])
  }

  private tellMade(items: readonly Stored[]): Answer {
    const told = items.map(({ kind, ref, room }) => ({ kind, ref, room }))
    return { status: 200, body: { made: this.shape.answers === 'id' ? told : items } }
  }

  /** `room`: where the engine asked for it. */
  private made(item: Stored, room = item.room): Stored {
    this.watch?.created(this.shape.side, item, room)
    return item
  }

  addRoom(text: string, author: Person, key: string | null): Stored {
    return this.add('room', this.board.newRef('room'), '', null, text, author, key)
  }

  addThread(room: string, title: string, author: Person, key: string | null): Stored {
    return this.add('thread', this.board.newRef('thread'), room, null, title, author, key)
  }

  addPost(
    room: string,
    thread: string,
    text: string,
    author: Person,
    key: string | null,
    files: readonly Attached[] = [],
    who: readonly string[] = [],
  ): Stored {
    const post = this.add('post', this.board.newRef('post'), room, thread, text, author, key, {
      slot: null,
      files,
      who,
    })
    this.board.depot.place(files)
    this.retitle(thread)
    return post
  }

  addSeries(room: string, title: string, author: Person, key: string | null): Stored {
    return this.add('series', this.board.newRef('series'), room, null, title, author, key)
  }

  addException(room: string, series: string, slot: string, text: string, author: Person, key: string | null): Stored {
    return this.add('exception', this.board.newRef('exception'), room, series, text, author, key, {
      slot,
      files: [],
      who: [],
    })
  }

  private add(
    kind: KindName,
    ref: string,
    room: string,
    thread: string | null,
    text: string,
    author: Person,
    key: string | null,
    rest: Pick<Stored, 'slot' | 'files' | 'who'> = { slot: null, files: [], who: [] },
  ): Stored {
    return this.board.put({
      kind,
      ref,
      room,
      thread,
      text,
      author,
      key,
      createdAt: this.clock(),
      editedAt: null,
      emptied: false,
      ...rest,
    })
  }

  /** A thread without an API of its own is called by the first line of its first living post, and ends with the last. */
  retitle(ref: string): void {
    if (this.shape.threads !== 'implicit') return
    const thread = this.board.get('thread', ref)
    if (thread === null) return
    const first = this.board.postsOf(ref)[0]
    if (first === undefined) this.board.remove('thread', ref)
    else {
      const text = first.text.split('\n').find((line) => line.trim() !== '') ?? ''
      if (text !== thread.text) this.board.put({ ...thread, text })
    }
  }

  private update(known: Stored, ask: Ask, sent: Sent): Answer {
    if (ask.text !== undefined) this.watch?.updated(this.shape.side, known, ask.text, sent)
    const files = ask.files === undefined ? known.files : this.filesBy(ask.files, known.files)
    if (ask.files !== undefined) this.watch?.attached(this.shape.side, known, files, sent, ask.text === undefined)
    this.board.depot.place(files)
    const who = ask.who ?? known.who
    if (ask.who !== undefined)
      this.watch?.naming(this.shape.side, known, { ...known, who }, sent, ask.text ?? ask.files)
    const item = this.write(known, {
      text: ask.text ?? known.text,
      room: ask.room ?? known.room,
      files,
      who,
    })
    this.watch?.show(this.shape.side, item)
    return { status: 200, body: this.shape.answers === 'whole' ? { item } : { ref: item.ref } }
  }

  /** What is older than is kept vanishes; whatever the clocks say, it is older. */
  expire(gone: (post: Stored) => void): void {
    const { retentionMin } = this.shape
    if (retentionMin === null) return
    for (const post of this.board.living('post')) {
      if (this.clock() - post.createdAt < (retentionMin + 5) * 60_000) continue
      this.board.forget('post', post.ref)
      gone(post)
      if (post.thread !== null && this.board.postsOf(post.thread).length === 0) this.board.forget('thread', post.thread)
    }
  }

  /** The engine's edits leave the edit time of users alone. */
  private write(known: Stored, change: Partial<Stored>): Stored {
    const item = this.board.put({ ...known, ...change })
    if (item.kind === 'thread' && item.room !== known.room)
      for (const post of this.board.postsOf(item.ref)) this.board.put({ ...post, room: item.room })
    if (item.thread !== null) this.retitle(item.thread)
    return item
  }

  private empty(known: Stored, sent: Sent): Answer {
    this.watch?.removed(this.shape.side, known, sent, false)
    const item = this.write(known, { text: EMPTIED, emptied: true, files: [], who: [] })
    return { status: 200, body: this.shape.answers === 'whole' ? { item } : { ref: item.ref } }
  }

  private remove(known: Stored, sent: Sent): Answer {
    const { side, threads } = this.shape
    if (known.kind === 'post' && threads === 'headed' && known.thread !== null) {
      const posts = this.board.postsOf(known.thread)
      this.watch?.removed(side, known, sent, false)
      if (posts[0]?.ref === known.ref) {
        this.watch?.ended(side, known.thread, this.sentOf('thread', known.thread, sent.at))
        this.board.remove('thread', known.thread)
      }
    } else {
      this.watch?.removed(side, known, sent, false)
      if (known.kind === 'thread')
        for (const post of this.board.postsOf(known.ref)) this.watch?.removed(side, post, sent, true)
      for (const each of this.board.exceptionsOf(known.ref)) this.watch?.removed(side, each, sent, true)
    }
    this.erase(known)
    return { status: 200, body: {} }
  }

  /** A deleted thread takes its posts along, a series its exceptions. */
  erase(known: Stored): void {
    for (const { ref } of this.board.exceptionsOf(known.ref)) this.board.remove('exception', ref)
    if (known.kind === 'thread') for (const post of this.board.postsOf(known.ref)) this.board.remove('post', post.ref)
    this.board.remove(known.kind, known.ref)
    if (known.thread !== null) this.retitle(known.thread)
  }
}
