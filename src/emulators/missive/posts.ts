/** Posts: what an integration says in a conversation. They are made and deleted, and never edited. */
import { z } from 'zod'
import { badRequest, forbidden, leftOut, notFound } from './answers.ts'
import { checkHandling, findOrStart, handle, PLACING } from './handling.ts'
import { readBody } from './query.ts'
import { freshId, mayRead, type Post, type World } from './state.ts'

/** Longer texts are cut. */
const LONGEST_TEXT = 8000

const FIELD = z.strictObject({
  title: z.string().optional(),
  value: z.string().optional(),
  short: z.boolean().optional(),
})
const BLOCK = z.strictObject({
  color: z.string().optional(),
  pretext: z.string().optional(),
  author_name: z.string().optional(),
  author_link: z.string().optional(),
  author_icon: z.string().optional(),
  title: z.string().optional(),
  title_link: z.string().optional(),
  image_url: z.string().optional(),
  text: z.string().optional(),
  markdown: z.string().optional(),
  timestamp: z.int().optional(),
  footer: z.string().optional(),
  footer_icon: z.string().optional(),
  fields: z.array(FIELD).optional(),
  base64_data: z.string().optional(),
  filename: z.string().optional(),
})
const POST = z.strictObject({
  posts: z.strictObject({
    text: z.string().optional(),
    markdown: z.string().optional(),
    attachments: z.array(BLOCK).optional(),
    notification: z.strictObject({ title: z.string(), body: z.string() }).optional(),
    username: z.string().optional(),
    username_icon: z.string().optional(),
    conversation_icon: z.string().optional(),
    ...PLACING,
  }),
})

export function createPost(world: World, by: string, value: unknown) {
  const { posts: body } = readBody(POST, value)
  const { text, markdown, attachments = [] } = body
  if ((text ?? '') === '' && (markdown ?? '') === '' && attachments.length === 0)
    throw badRequest("Either 'text', 'markdown' or 'attachments' is required")
  if (attachments.some(({ base64_data }) => base64_data !== undefined)) throw leftOut('files of posts')
  const { conversation_subject: subject, conversation_color: color, ...fields } = body
  const handling = { ...fields, subject, color }
  checkHandling(world, handling)
  const conversation = findOrStart(world, by, body)
  const post: Post = {
    id: freshId(world),
    conversationId: conversation.id,
    text: text?.slice(0, LONGEST_TEXT) ?? null,
    markdown: markdown?.slice(0, LONGEST_TEXT) ?? null,
    username: body.username ?? world.users.get(by)?.name ?? '',
    usernameIcon: body.username_icon ?? null,
    notification: body.notification ?? null,
    attachments,
    references: body.references ?? [],
    createdAt: world.ports.now(),
  }
  const { postsReopen } = world.rules
  const reopen = postsReopen ? body.reopen !== true && body.close !== true : body.reopen === true
  handle(world, conversation, { ...handling, reopen }, true)
  world.posts.set(post.id, post)
  return { posts: { id: post.id, conversation: conversation.id } }
}

/** In a conversation of an organization its admins and owners may, and nobody else. */
export function deletePost(world: World, by: string, id: string): void {
  const post = world.posts.get(id)
  const conversation = world.conversations.get(post?.conversationId ?? '')
  if (post === undefined || conversation === undefined || !mayRead(conversation, by)) throw notFound('Post not found')
  const { organizationId } = conversation
  if (organizationId !== null && world.users.get(by)?.organizations[organizationId] === 'member')
    throw forbidden('Only owners and admins of the organization delete posts')
  world.posts.delete(id)
}
