/** PUT /posts/{id}.json and the revisions which it leaves. */
import { json, type WireResponse } from '../emulator.ts'
import {
  editConflict,
  frameworkError,
  invalidAccess,
  missingParameter,
  notFound,
  tooOld,
  unprocessable,
} from './answers.ts'
import { postEvent } from './events.ts'
import { nested, text } from './params.ts'
import { canEditPost } from './permissions.ts'
import { keep, revised } from './revise.ts'
import { draftSequence, editTimeExpired, idAt, someone, type Call, type Site } from './site.ts'
import { isStaff, iso, postTypes, type Post, type Revision, type User } from './state.ts'
import { stored } from './texts.ts'
import { changeTopic, type TopicChange } from './topics-edit.ts'
import { bodyErrors } from './validation.ts'
import { avatar, postView, userOf } from './views-posts.ts'
import { visiblePost } from './posts-read.ts'

export function editPost(call: Call): WireResponse {
  const { site } = call
  const user = someone(call)
  const sent = nested(call.params, 'post')
  if (sent === undefined) throw missingParameter('post')
  const post = site.store.posts.get(idAt(call))
  if (post === undefined || (post.deletedAt !== null && !isStaff(user))) throw notFound()
  if (!canEditPost(site, site.store, user, post)) {
    if (post.userId === user.id && editTimeExpired(site, user, post)) throw tooOld()
    throw invalidAccess()
  }
  // A compare-and-swap on the exact text; an empty one counts as not given.
  const old = text(sent, 'raw_old')
  if (old !== undefined && old.trim() !== '' && old !== post.raw) throw editConflict()
  const topic = site.store.topics.get(post.topicId)
  // In a deleted topic an author runs into an internal error (measured on 3.1.0.beta4).
  if (topic?.deletedAt != null && !isStaff(user)) throw frameworkError(500)
  const change = topicChangeOf(call, post)
  const kept = reviseText(site, user, post, stored(text(sent, 'raw') ?? ''), text(sent, 'edit_reason') ?? null, change)
  const sequence = draftSequence(site, user, post.topicId, kept !== post)
  const now = site.store.posts.get(post.id) ?? post
  return json(200, { post: postView(site, site.store, user, now, { raw: true, draftSequence: sequence }) })
}

function topicChangeOf(call: Call, post: Post): TopicChange {
  if (post.postNumber !== 1) return {}
  const title = text(call.params, 'title')
  return title === undefined ? {} : { title }
}

/** Checks, stores and announces; answers the post as it is then. */
function reviseText(site: Site, user: User, post: Post, raw: string, reason: string | null, change: TopicChange): Post {
  const newReason = reason !== null && reason !== '' && reason !== post.editReason
  const changed = raw !== post.raw || newReason
  const revision = revised(site, user, post, { raw, reason })
  if (changed || raw === '') refuseText(site, user, post, raw, revision.post.version)
  if (changed && revision.versioned) site.limits.edit(user)
  const topicChanged = changeTopic(site, user, post, change, () => {
    if (changed) keep(site, revision, true)
  })
  if (!changed && !topicChanged) return post
  // With a change of the topic only the topic's own event goes out, without any text.
  if (!topicChanged && site.store.topics.get(post.topicId)?.deletedAt == null)
    postEvent(site, 'post_edited', revision.post)
  return revision.post
}

/** A refused text still goes out in a webhook, with the old date and perhaps a raised version. */
function refuseText(site: Site, user: User, post: Post, raw: string, version: number): void {
  if (!site.switches.validations || post.postType === postTypes.smallAction) return
  const topic = site.store.topics.get(post.topicId)
  const errors = bodyErrors(raw, {
    settings: site.settings,
    author: user,
    first: post.postNumber === 1,
    privateMessage: topic?.archetype === 'private_message',
    repeated: false,
    ownPostsInTopic: null,
    consecutive: false,
  })
  if (errors.length === 0) return
  if (topic?.deletedAt == null) postEvent(site, 'post_edited', { ...post, raw, version })
  throw unprocessable(errors)
}

export function revisions(call: Call): WireResponse {
  const post = visiblePost(call, idAt(call))
  const wanted = call.at['revision']
  const number = wanted === 'latest' ? post.revisions.at(-1)?.number : Number(wanted)
  const revision = post.revisions.find((one) => one.number === number)
  if (revision === undefined) throw notFound()
  return json(200, revisionView(call, post, revision))
}

function revisionView(call: Call, post: Post, revision: Revision): unknown {
  const numbers = post.revisions.map((one) => one.number)
  const index = numbers.indexOf(revision.number)
  const editor = userOf(call.reader, revision.userId)
  const before = `<del>${revision.before}</del>`
  const after = `<ins>${revision.after}</ins>`
  return {
    created_at: iso(revision.at),
    post_id: post.id,
    previous_hidden: false,
    current_hidden: false,
    first_revision: numbers[0] ?? null,
    previous_revision: numbers[index - 1] ?? null,
    current_revision: revision.number,
    next_revision: numbers[index + 1] ?? null,
    last_revision: numbers.at(-1) ?? null,
    current_version: revision.number,
    version_count: post.revisions.length + 1,
    username: editor.username,
    display_username: editor.username,
    avatar_template: avatar(editor.username),
    edit_reason: revision.reason,
    body_changes: {
      inline: `<div class="inline-diff">${before}${after}</div>`,
      side_by_side: `<div class="revision-content">${before}</div><div class="revision-content">${after}</div>`,
      side_by_side_markdown: `<table class="markdown"><tr><td>${before}</td><td>${after}</td></tr></table>`,
    },
    title_changes: null,
    user_changes: null,
    wiki: false,
    can_edit: call.actor.user !== null && canEditPost(call.site, call.reader, call.actor.user, post),
  }
}
