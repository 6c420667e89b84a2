/** Changes of a post's text and when they make a version, as measured on Discourse 3.1.0.beta4. */
import type { Site } from './site.ts'
import { isStaff, type Post, type Topic, type User } from './state.ts'
import { cook, differsByMoreThan } from './texts.ts'

export interface Change {
  readonly raw?: string
  readonly reason?: string | null
  /** A version whatever the grace period says. */
  readonly force?: boolean
  readonly userDeleted?: boolean
}

/** What a change would make of the post; the store is untouched. `versioned` tells whether it makes a version. */
export function revised(site: Site, editor: User, post: Post, change: Change): { post: Post; versioned: boolean } {
  const now = site.ports.now()
  const raw = change.raw ?? post.raw
  const newReason = change.reason != null && change.reason !== '' && change.reason !== post.editReason
  const versioned =
    change.force === true || newReason || post.lastEditorId !== editor.id || !inGrace(site, editor, post, raw, now)
  const version = versioned ? post.version + 1 : post.version
  const reason = newReason ? (change.reason ?? null) : versioned ? null : post.editReason
  const next: Post = {
    ...post,
    raw,
    cooked: change.raw === undefined ? post.cooked : cook(raw),
    updatedAt: now,
    version,
    lastEditorId: editor.id,
    editReason: reason,
    lastVersionAt: versioned ? now : post.lastVersionAt,
    lastVersionRaw: versioned ? raw : post.lastVersionRaw,
    userDeleted: change.userDeleted ?? post.userDeleted,
    hidden: change.raw === undefined && post.hidden,
    revisions: versioned
      ? [...post.revisions, { number: version, at: now, userId: editor.id, reason, before: post.raw, after: raw }]
      : post.revisions.map((one, index) => (index === post.revisions.length - 1 ? { ...one, after: raw } : one)),
  }
  return { post: next, versioned }
}

function inGrace(site: Site, editor: User, post: Post, raw: string, now: number): boolean {
  const { settings } = site
  if (now - post.lastVersionAt > settings.editing_grace_period * 1000) return false
  const trusted = isStaff(editor) || editor.trustLevel > 1
  const limit = trusted ? settings.editing_grace_period_max_diff_high_trust : settings.editing_grace_period_max_diff
  return raw === post.lastVersionRaw || !differsByMoreThan(post.lastVersionRaw, raw, limit)
}

/** Stores a revised post; a version of the topic's last post bumps the topic. */
export function keep(site: Site, revision: { readonly post: Post; readonly versioned: boolean }, bump: boolean): void {
  const { store } = site
  store.putPost(revision.post)
  if (!revision.versioned || !bump) return
  const topic: Topic | undefined = store.topics.get(revision.post.topicId)
  const last = store
    .postsOf(revision.post.topicId)
    .filter((post) => post.deletedAt === null)
    .at(-1)
  if (topic !== undefined && last?.id === revision.post.id) store.topics.put({ ...topic, bumpedAt: site.ports.now() })
}
