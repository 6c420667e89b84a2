/** The state of a made-up system: rooms, threads, posts, each with its history, and a log of what changed. */
import { Depot, type Attached } from './depot.ts'
import type { Shape } from './shape.ts'

/** Parents before children. A series has exceptions, each at one of its times: its slot. */
export const KINDS = ['room', 'thread', 'post', 'series', 'exception'] as const
export type KindName = (typeof KINDS)[number]

export function isKind(text: string): text is KindName {
  return KINDS.some((kind) => kind === text)
}

export interface Person {
  readonly ref: string
  readonly name: string
}

/** One item as it stood at some moment. */
export interface Stored {
  readonly kind: KindName
  readonly ref: string
  /** '' for a room itself. */
  readonly room: string
  /** Of a post its thread, of an exception its series. */
  readonly thread: string | null
  /** Of an exception: at which of the times of its series. */
  readonly slot: string | null
  /** A name, a title, or a body. */
  readonly text: string
  readonly version: number
  readonly author: Person
  readonly createdAt: number
  readonly editedAt: number | null
  readonly key: string | null
  readonly emptied: boolean
  readonly files: readonly Attached[]
  /** Refs of people. */
  readonly who: readonly string[]
}

export interface Row {
  readonly ref: string
  readonly kind: KindName
  readonly seq: number
  readonly history: { readonly at: number; readonly item: Stored | null }[]
}

interface Entry {
  readonly seq: number
  readonly at: number
  readonly kind: KindName
  readonly ref: string
  /** Where it was and where it is. */
  readonly rooms: readonly string[]
}

export class Board {
  readonly shape: Shape
  readonly rows = new Map<string, Row>()
  readonly log: Entry[] = []
  readonly depot = new Depot()
  /** What is gone without a tombstone. */
  readonly forgotten = new Set<string>()
  /** The cursor before the first entry of the log: raised when all cursors that were given out expire. */
  firstCursor = 0
  /** The engine's credential was taken back: nobody is known here. */
  revoked = false
  /** How often changes were asked for. */
  pulls = 0
  private made = 0
  private changes = 0
  private readonly now: () => number
  private readonly changed: (kind: KindName, ref: string, room: string) => void

  constructor(shape: Shape, now: () => number, changed: (kind: KindName, ref: string, room: string) => void) {
    this.shape = shape
    this.now = now
    this.changed = changed
  }

  newRef(kind: KindName): string {
    this.made += 1
    return this.shape.refs === 'number' ? String(this.made) : `${kind.charAt(0).toUpperCase()}${this.made}`
  }

  nextVersion(): number {
    return this.changes + 1
  }

  get(kind: KindName, ref: string): Stored | null {
    return this.rows.get(`${kind} ${ref}`)?.history.at(-1)?.item ?? null
  }

  /** What was there at a moment; 'never' where there was nothing yet. */
  at(kind: KindName, ref: string, moment: number): Stored | 'deleted' | 'never' {
    const row = this.rows.get(`${kind} ${ref}`)
    const past = row?.history.findLast((each) => each.at <= moment)
    if (past === undefined) return 'never'
    return past.item ?? 'deleted'
  }

  /** The state before a deletion, for what a tombstone needs to tell. */
  lastKnown(kind: KindName, ref: string): Stored | null {
    return this.rows.get(`${kind} ${ref}`)?.history.findLast((each) => each.item !== null)?.item ?? null
  }

  put(item: Omit<Stored, 'version'>): Stored {
    this.changes += 1
    const stored: Stored = { ...item, version: this.changes }
    const name = `${item.kind} ${item.ref}`
    const row = this.rows.get(name)
    const before = row?.history.at(-1)?.item ?? null
    if (row === undefined)
      this.rows.set(name, {
        ref: item.ref,
        kind: item.kind,
        seq: this.changes,
        history: [{ at: this.now(), item: stored }],
      })
    else row.history.push({ at: this.now(), item: stored })
    this.note(stored, before === null || before.room === stored.room ? [stored.room] : [before.room, stored.room])
    return stored
  }

  remove(kind: KindName, ref: string): void {
    const row = this.rows.get(`${kind} ${ref}`)
    const before = row?.history.at(-1)?.item ?? null
    if (row === undefined || before === null) return
    this.changes += 1
    row.history.push({ at: this.now(), item: null })
    this.note(before, [before.room])
  }

  /** It is gone, and nothing tells of it. */
  forget(kind: KindName, ref: string): void {
    const row = this.rows.get(`${kind} ${ref}`)
    if (row === undefined || this.get(kind, ref) === null) return
    this.changes += 1
    this.forgotten.add(`${kind} ${ref}`)
    row.history.push({ at: this.now(), item: null })
  }

  private note(item: Stored, rooms: readonly string[]): void {
    this.log.push({ seq: this.log.length + 1, at: this.now(), kind: item.kind, ref: item.ref, rooms })
    this.changed(item.kind, item.ref, item.room)
  }

  living(kind: KindName): Stored[] {
    const found: Stored[] = []
    for (const row of this.rows.values()) {
      const item = row.kind === kind ? (row.history.at(-1)?.item ?? null) : null
      if (item !== null) found.push(item)
    }
    return found
  }

  /** The living exceptions of a series. */
  exceptionsOf(series: string): Stored[] {
    return this.living('exception').filter(({ thread }) => thread === series)
  }

  /** The living posts of a thread in order of making. */
  postsOf(thread: string): Stored[] {
    return this.living('post').filter((post) => post.thread === thread)
  }

  /** What stands in a room behind the first post of each thread. */
  answersIn(room: string): Stored[] {
    const threads = this.living('thread').filter((each) => each.room === room)
    return threads.flatMap(({ ref }) => this.postsOf(ref).slice(1)).filter((each) => !each.emptied)
  }

  /** Those that were in it and are deleted, as they were last. */
  pastPostsOf(thread: string): Stored[] {
    return [...this.rows.values()].flatMap(({ kind, ref }) => {
      const last = kind === 'post' && this.get('post', ref) === null ? this.lastKnown('post', ref) : null
      return last?.thread === thread ? [last] : []
    })
  }

  madeAt(kind: KindName, ref: string): number {
    return this.rows.get(`${kind} ${ref}`)?.history[0]?.at ?? 0
  }

  changedAt(kind: KindName, ref: string): number {
    return this.rows.get(`${kind} ${ref}`)?.history.at(-1)?.at ?? 0
  }

  /** Whether a person changed a part of it: the engine's writes leave the edit time alone. */
  isTouched(kind: KindName, ref: string, part: (item: Stored) => readonly string[]): boolean {
    const stood = (this.rows.get(`${kind} ${ref}`)?.history ?? []).flatMap(({ item }) => item ?? [])
    return stood.some((item, index) => {
      const before = stood[index - 1]
      if (before === undefined || before.editedAt === item.editedAt) return false
      return part(before).join() !== part(item).join()
    })
  }

  seqOf(kind: KindName, ref: string): number {
    return this.rows.get(`${kind} ${ref}`)?.seq ?? 0
  }
}
