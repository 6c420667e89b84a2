/**
 * The truth of a run: every user edit writes a token whose parent is the token that the user saw. The engine only moves
 * tokens, so what it may and may not do with an item is a question about this graph.
 */
import type { Board, Stored } from './board.ts'
import type { Place } from './shape.ts'
import { WhoIsWho } from './who-is-who.ts'

export interface Violation {
  readonly property: string
  readonly what: string
  readonly at: number
}

interface Token {
  readonly root: number
  /** The kind of item in which it was written. */
  readonly kind: string
  readonly parent: number | null
  /** Where somebody wrote it. */
  readonly side: Place
  /** When it was written. */
  readonly at: number
}

export class Ledger {
  readonly tokens = new Map<number, Token>()
  /** By side and ref of a post: the token of its creation. */
  readonly roots = new Map<string, number>()
  /** By the root of a series and one of its times: the token of the first exception there. Whatever stands there is that one. */
  readonly slots = new Map<string, number>()
  readonly violations: Violation[] = []
  /** Tokens that a system without conditional writes lost between the guard read and the write. */
  readonly forgiven = new Set<number>()
  /** What an operator let go, by root: what becomes of it is as they want it. */
  readonly allowed = new Set<number>()
  /** Of each root, what deleters saw, by the side on which they deleted. */
  readonly deletions = new Map<number, { readonly side: Place; readonly seen: number }[]>()
  /** Texts that gave way to others in a conflict, by side and text that the engine wrote there. */
  private readonly overruled = new Map<string, number[]>()
  /** By root: where the engine deleted it. */
  readonly removals = new Map<number, Set<Place>>()
  /**
   * Of each root, what it showed as it left: moved to where the flow does not reach, or older than is kept. `of`: it left
   * this account alone.
   */
  readonly leaves = new Map<number, { readonly side: Place; readonly seen: number; readonly of: Place | null }[]>()
  /** Where each root was moved to another room, and no field tells so: its counterparts go, and are made again elsewhere. */
  readonly moves = new Map<number, Place[]>()
  /** How often a thread went since the engine removed its only post, by side and root. */
  readonly ended = new Map<string, number>()
  /** What was in rooms that somebody deleted: the other side's room stays. */
  readonly seen = new Set<number>()
  /** What the engine wrote, by side and item. */
  readonly written = new Map<string, { readonly side: Place; readonly root: number; times: number }>()
  /** The marks that the engine put and took, by item. */
  readonly marks = new Map<string, { readonly root: number; times: number }>()
  /** Of which items somebody deleted the correction, by side and root. */
  readonly uncorrected = new Set<string>()
  /** What people did, by side and root. */
  readonly done = new Map<string, number>()
  /** What was made or uploaded, and no answer may have told the engine, by side and token. */
  readonly unanswered = new Map<string, number>()
  readonly people = new WhoIsWho()
  readonly userChanges = new Map<string, number>()
  engineWrites = 0
  effectiveWrites = 0
  private last = 0
  private readonly now: () => number

  constructor(now: () => number) {
    this.now = now
  }

  time(): number {
    return this.now()
  }

  fail(property: string, what: string): void {
    if (this.violations.length < 20) this.violations.push({ property, what, at: this.now() })
  }

  /** A user's new text; `seen`: the token that it replaces; `one`: the root of the thing that it is, though made anew. */
  token(seen: number | null, kind: string, side: Place, one?: number): number {
    this.last += 1
    const parent = seen === null ? undefined : this.tokens.get(seen)
    this.tokens.set(this.last, { root: parent?.root ?? one ?? this.last, parent: seen, kind, side, at: this.now() })
    return this.last
  }

  /** Two items that somebody joined by hand are one from then on; each keeps its name until one is renamed. */
  join(one: number, two: number): void {
    const joined = this.tokens.get(two)
    if (joined !== undefined) this.tokens.set(two, { ...joined, root: one, parent: null, at: this.now() })
    for (const [name, root] of this.roots) if (root === two) this.roots.set(name, one)
    this.forgiven.add(one).add(two)
  }

  rootOf(token: number | null): number | null {
    return token === null ? null : (this.tokens.get(token)?.root ?? null)
  }

  /** The first text of what shows this one. */
  originOf(token: number | null): Token | undefined {
    const known = token === null ? undefined : this.tokens.get(token)
    return known === undefined || known.parent === null ? known : this.originOf(known.parent)
  }

  /** Whether `old` is `token` itself or one that it grew from. */
  isIn(old: number, token: number | null): boolean {
    for (let each = token; each !== null; each = this.tokens.get(each)?.parent ?? null) if (each === old) return true
    return false
  }

  noteDeletion(side: Place, token: number | null): void {
    const root = this.rootOf(token)
    if (root === null || token === null) return
    const known = this.deletions.get(root) ?? []
    known.push({ side, seen: token })
    this.deletions.set(root, known)
  }

  /** The engine wrote one text over another that it did not grow from. */
  noteOverruled(side: Place, old: number, by: number): void {
    const name = `${side} t${by}`
    if (!this.isIn(old, by)) this.overruled.set(name, [...(this.overruled.get(name) ?? []), old])
  }

  hasOverruled(side: Place, old: number, by: number): boolean {
    return this.overruled.get(`${side} t${by}`)?.includes(old) === true
  }

  /** What gave way at a side to what somebody saw there. */
  overruledBy(side: Place, seen: number): readonly number[] {
    const found: number[] = []
    for (let each: number | null = seen; each !== null; each = this.tokens.get(each)?.parent ?? null)
      found.push(...(this.overruled.get(`${side} t${each}`) ?? []))
    return found
  }

  /** The engine deleted it there. */
  noteRemoval(side: Place, root: number): void {
    this.removals.set(root, (this.removals.get(root) ?? new Set()).add(side))
  }

  noteLeave(side: Place, token: number | null, of: Place | null = null): void {
    const root = this.rootOf(token)
    if (root !== null && token !== null)
      this.leaves.set(root, [...(this.leaves.get(root) ?? []), { side, seen: token, of }])
  }

  /** Of those, what left the flow that ends in this system. */
  leavesOf(root: number, end: Place): readonly { readonly side: Place; readonly seen: number }[] {
    return (this.leaves.get(root) ?? []).filter(({ of }) => of === null || of === end)
  }

  /** How often something was made there without an answer, and left before it was asked about. */
  unaskedOf(side: Place, root: number): number {
    const left = this.leavesOf(root, side).filter((each) => each.side === side).length
    const made = [...this.unanswered].filter(
      ([name]) => name.startsWith(`${side} `) && this.rootOf(Number(name.slice(2))) === root,
    )
    return Math.min(
      left,
      made.reduce((sum, [, times]) => sum + times, 0),
    )
  }

  noteMove(side: Place, token: number | null): void {
    const root = this.rootOf(token)
    if (root !== null) this.moves.set(root, [...(this.moves.get(root) ?? []), side])
  }

  noteEnd(side: Place, root: number | undefined): void {
    const name = `${side} ${root ?? ''}`
    this.ended.set(name, (this.ended.get(name) ?? 0) + 1)
  }

  noteSeen(token: number | null): void {
    if (token !== null) this.seen.add(token)
  }

  noteUserChange(what: string, side: Place, token: number | null): void {
    this.userChanges.set(what, (this.userChanges.get(what) ?? 0) + 1)
    this.noteDone(side, token)
  }

  noteDone(side: Place, token: number | null): void {
    const name = `${side} ${this.rootOf(token) ?? ''}`
    this.done.set(name, (this.done.get(name) ?? 0) + 1)
  }

  noteWrite(side: Place, kind: string, root: number | null | undefined): void {
    if (root == null) return
    const name = `the ${kind} t${root} at ${side}`
    const known = this.written.get(name) ?? { side, root, times: 0 }
    known.times += 1
    this.written.set(name, known)
  }

  noteMark(name: string, root: number | undefined): void {
    if (root === undefined) return
    const known = this.marks.get(name) ?? { root, times: 0 }
    known.times += 1
    this.marks.set(name, known)
  }

  get changesByUsers(): number {
    let sum = 0
    for (const count of this.userChanges.values()) sum += count
    return sum
  }
}

/** The token of the item that a correction is about; null: it is none. */
export function aboutOf(text: string): number | null {
  const found = /^about t(\d+): /.exec(text)
  return found === null ? null : Number(found[1])
}

/** The token that a text carries: the last one, since an attribution or a heading stands before it. */
export function tokenIn(text: string): number | null {
  const found = text.match(/\bt\d+\b/g)?.at(-1)
  return found === undefined ? null : Number(found.slice(1))
}

/** Of the thread or series that takes it along; of a thread whose title tells none, its posts. */
export function rootsOfParent(board: Board, ledger: Ledger, { kind, thread }: Stored): readonly number[] {
  const parent = kind === 'post' ? 'thread' : 'series'
  const own = ledger.rootOf(tokenIn(board.get(parent, thread ?? '')?.text ?? ''))
  if (own !== null || kind !== 'post' || thread === null) return own === null ? [] : [own]
  const posts = [...board.postsOf(thread), ...board.pastPostsOf(thread)]
  return posts.flatMap(({ ref }) => ledger.roots.get(`${board.shape.side} post ${ref}`) ?? [])
}
