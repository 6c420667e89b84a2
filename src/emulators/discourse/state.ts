/** The forum's records. Records never change in place, so that a reader may hold an older state. */

export interface User {
  readonly id: number
  readonly username: string
  readonly name: string
  readonly email: string
  readonly admin: boolean
  readonly moderator: boolean
  readonly trustLevel: number
  readonly createdAt: number
  readonly active: boolean
  readonly silencedTill: number | null
  readonly suspendedTill: number | null
  readonly firstPostAt: number | null
  readonly postCount: number
}

export interface Category {
  readonly id: number
  readonly name: string
  readonly slug: string
  readonly color: string
  readonly textColor: string
  readonly parentId: number | null
  readonly position: number
  readonly description: string | null
  /** The "About" topic which holds the description. */
  readonly topicId: number
  readonly readRestricted: boolean
}

export interface Topic {
  readonly id: number
  readonly title: string
  readonly slug: string
  readonly userId: number
  /** Null for private messages. */
  readonly categoryId: number | null
  readonly archetype: 'regular' | 'private_message'
  readonly allowedUserIds: readonly number[]
  readonly externalId: string | null
  readonly createdAt: number
  readonly bumpedAt: number
  readonly lastPostedAt: number | null
  readonly lastPosterId: number
  readonly postsCount: number
  readonly highestPostNumber: number
  readonly closed: boolean
  readonly archived: boolean
  readonly visible: boolean
  readonly pinned: 'no' | 'category' | 'globally'
  readonly deletedAt: number | null
  readonly deletedById: number | null
  /** Whether this is the "About" topic of its category. */
  readonly definition: boolean
}

export const postTypes = { regular: 1, smallAction: 3, whisper: 4 } as const

export interface Revision {
  /** The version this revision made, from 2. */
  readonly number: number
  readonly at: number
  readonly userId: number
  readonly reason: string | null
  readonly before: string
  readonly after: string
}

export interface Post {
  readonly id: number
  readonly topicId: number
  readonly userId: number
  readonly postNumber: number
  readonly postType: number
  readonly actionCode: string | null
  readonly replyTo: number | null
  readonly raw: string
  readonly cooked: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly version: number
  readonly lastVersionAt: number
  /** The text which the grace period compares with. */
  readonly lastVersionRaw: string
  readonly lastEditorId: number
  readonly editReason: string | null
  readonly userDeleted: boolean
  /** Flagged by the community until it is edited: its text is for staff and its author. */
  readonly hidden: boolean
  readonly deletedAt: number | null
  readonly deletedById: number | null
  readonly revisions: readonly Revision[]
}

/** Rows of one kind, now or at an earlier time. */
export interface Rows<T> {
  get(id: number): T | undefined
  values(): Iterable<T>
}

/** What reads are answered from. */
export interface Reader {
  readonly users: Rows<User>
  readonly categories: Rows<Category>
  readonly topics: Rows<Topic>
  readonly posts: Rows<Post>
  /** By post number. */
  postsOf(topicId: number): readonly Post[]
}

/** Rows by id, which remember what changed in the last `keepMs`. */
export class Table<T extends { readonly id: number }> implements Rows<T> {
  readonly #rows = new Map<number, T>()
  #undo: { readonly at: number; readonly id: number; readonly before: T | undefined }[] = []
  readonly #now: () => number
  readonly #keepMs: number

  constructor(now: () => number, keepMs: number) {
    this.#now = now
    this.#keepMs = keepMs
  }

  get(id: number): T | undefined {
    return this.#rows.get(id)
  }

  values(): Iterable<T> {
    return this.#rows.values()
  }

  put(row: T): void {
    this.#remember(row.id)
    this.#rows.set(row.id, row)
  }

  remove(id: number): void {
    this.#remember(id)
    this.#rows.delete(id)
  }

  asOf(at: number): Rows<T> {
    const changed = new Map<number, T | undefined>()
    for (const entry of this.#undo.toReversed()) {
      if (entry.at <= at) break
      changed.set(entry.id, entry.before)
    }
    if (changed.size === 0) return this
    const rows = this.#rows
    return {
      get: (id) => (changed.has(id) ? changed.get(id) : rows.get(id)),
      values: () => older(rows, changed),
    }
  }

  #remember(id: number): void {
    if (this.#keepMs === 0) return
    const now = this.#now()
    this.#undo.push({ at: now, id, before: this.#rows.get(id) })
    if ((this.#undo[0]?.at ?? now) < now - 2 * this.#keepMs)
      this.#undo = this.#undo.filter((entry) => entry.at >= now - this.#keepMs)
  }
}

function* older<T>(rows: ReadonlyMap<number, T>, changed: ReadonlyMap<number, T | undefined>): Iterable<T> {
  for (const [id, row] of rows) if (!changed.has(id)) yield row
  for (const before of changed.values()) if (before !== undefined) yield before
}

export class Store implements Reader {
  readonly users: Table<User>
  readonly categories: Table<Category>
  readonly topics: Table<Topic>
  readonly posts: Table<Post>
  readonly #postIds = new Map<number, Set<number>>()
  readonly #usernames = new Map<string, number>()
  readonly #last = { user: 0, category: 1, topic: 0, post: 0 }

  constructor(now: () => number, keepMs: number) {
    this.users = new Table(now, keepMs)
    this.categories = new Table(now, keepMs)
    this.topics = new Table(now, keepMs)
    this.posts = new Table(now, keepMs)
  }

  /** Ids are used up even when what they were taken for is refused after all, as database sequences are. */
  nextId(kind: 'user' | 'category' | 'topic' | 'post'): number {
    return ++this.#last[kind]
  }

  lastId(kind: 'user' | 'category' | 'topic' | 'post'): number {
    return this.#last[kind]
  }

  putUser(user: User): void {
    this.users.put(user)
    this.#usernames.set(user.username.toLowerCase(), user.id)
  }

  /** In any case of letters. */
  userNamed(username: string): User | undefined {
    const id = this.#usernames.get(username.toLowerCase())
    return id === undefined ? undefined : this.users.get(id)
  }

  putPost(post: Post): void {
    this.posts.put(post)
    const ids = this.#postIds.get(post.topicId)
    if (ids === undefined) this.#postIds.set(post.topicId, new Set([post.id]))
    else ids.add(post.id)
  }

  postsOf(topicId: number): readonly Post[] {
    return this.#postsIn(this.posts, topicId)
  }

  asOf(at: number): Reader {
    const posts = this.posts.asOf(at)
    return {
      users: this.users,
      categories: this.categories.asOf(at),
      topics: this.topics.asOf(at),
      posts,
      postsOf: (topicId) => this.#postsIn(posts, topicId),
    }
  }

  #postsIn(posts: Rows<Post>, topicId: number): readonly Post[] {
    const found: Post[] = []
    for (const id of this.#postIds.get(topicId) ?? []) {
      const post = posts.get(id)
      if (post?.topicId === topicId) found.push(post)
    }
    return found.sort((a, b) => a.postNumber - b.postNumber || a.id - b.id)
  }
}

export function isStaff(user: User): boolean {
  return user.admin || user.moderator
}

/** The first post of a topic, deleted or not. */
export function firstPost(reader: Reader, topicId: number): Post | undefined {
  return reader.postsOf(topicId)[0]
}

export function iso(at: number): string {
  return new Date(at).toISOString()
}

export function isoOrNull(at: number | null): string | null {
  return at === null ? null : iso(at)
}
