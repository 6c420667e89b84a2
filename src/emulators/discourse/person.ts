/** Scripted people: they act through their browsers, by the same requests as anyone. */
import { z } from 'zod'
import type { WireResponse } from '../emulator.ts'

export type Outcome<T> =
  | ({ readonly ok: true } & T)
  | { readonly ok: false; readonly status: number; readonly errors: readonly string[] }

/** Everything a person can do; a refusal is an outcome, not an error. */
export interface Person {
  topic(fields: {
    readonly title: string
    readonly raw: string
    /** A category's id. */
    readonly category: number
  }): Outcome<{ readonly topicId: number; readonly postId: number }>
  reply(topicId: number, raw: string): Outcome<{ readonly postId: number }>
  edit(postId: number, raw: string): Outcome<{ readonly version: number }>
  retitle(topicId: number, title: string): Outcome<{ readonly title: string }>
  remove(postId: number): Outcome<object>
  removeTopic(topicId: number): Outcome<object>
  moveTopic(topicId: number, category: number): Outcome<object>
  recover(postId: number): Outcome<object>
  recoverTopic(topicId: number): Outcome<object>
  close(topicId: number, closed: boolean): Outcome<object>
}

export type Send = (method: string, path: string, body: unknown) => WireResponse

const refusal = z.object({ errors: z.array(z.string()) })
const created = z.object({ id: z.number(), topic_id: z.number() })
const edited = z.object({ post: z.object({ version: z.number() }) })
const titled = z.object({ basic_topic: z.object({ title: z.string() }) })

export function personWith(send: Send): Person {
  const done = (method: string, path: string, body: unknown): Outcome<object> =>
    outcome(send(method, path, body), () => ({}))
  return {
    topic: ({ title, raw, category }) =>
      outcome(send('POST', '/posts.json', { title, raw, category }), (body) => {
        const post = created.parse(body)
        return { topicId: post.topic_id, postId: post.id }
      }),
    reply: (topicId, raw) =>
      outcome(send('POST', '/posts.json', { topic_id: topicId, raw }), (body) => ({ postId: created.parse(body).id })),
    edit: (postId, raw) =>
      outcome(send('PUT', `/posts/${postId}.json`, { post: { raw } }), (body) => ({
        version: edited.parse(body).post.version,
      })),
    retitle: (topicId, title) =>
      outcome(send('PUT', `/t/-/${topicId}.json`, { title }), (body) => ({
        title: titled.parse(body).basic_topic.title,
      })),
    remove: (postId) => done('DELETE', `/posts/${postId}.json`, {}),
    removeTopic: (topicId) => done('DELETE', `/t/${topicId}.json`, {}),
    moveTopic: (topicId, category) => done('PUT', `/t/-/${topicId}.json`, { category_id: category }),
    recover: (postId) => done('PUT', `/posts/${postId}/recover.json`, {}),
    recoverTopic: (topicId) => done('PUT', `/t/${topicId}/recover.json`, {}),
    close: (topicId, closed) => done('PUT', `/t/${topicId}/status.json`, { status: 'closed', enabled: String(closed) }),
  }
}

function outcome<T extends object>(response: WireResponse, read: (body: unknown) => T): Outcome<T> {
  const text = String(response.body)
  if (response.status === 200) return { ok: true, ...read(text === '' ? {} : JSON.parse(text)) }
  return { ok: false, status: response.status, errors: errorsIn(text) }
}

function errorsIn(text: string): readonly string[] {
  try {
    const body = refusal.safeParse(JSON.parse(text))
    return body.success ? body.data.errors : [text]
  } catch {
    return [text]
  }
}
