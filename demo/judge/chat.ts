/** Reads a whole Google Chat through its HTTP API. */
import { z } from 'zod'
import { plain, type CaseQuestion, type Conversation, type Places, type Text } from './case.ts'

const token = z.object({ access_token: z.string() })
const spaces = z.object({
  spaces: z
    .array(z.object({ name: z.string(), displayName: z.string().default(''), spaceType: z.string().default('SPACE') }))
    .default([]),
  nextPageToken: z.string().optional(),
})
const message = z.object({
  name: z.string(),
  sender: z.object({ name: z.string(), displayName: z.string().optional() }).optional(),
  text: z.string().optional(),
  formattedText: z.string().optional(),
  deleteTime: z.string().optional(),
  thread: z.object({ name: z.string() }).optional(),
})
const messages = z.object({ messages: z.array(message).default([]), nextPageToken: z.string().optional() })

type Get = (path: string, query: Readonly<Record<string, string>>) => Promise<unknown>

export async function readChat({ chat, emptied }: CaseQuestion): Promise<Places> {
  const get = await signIn(chat)
  const places = new Map<string, readonly Conversation[]>()
  const listed = await pages(get, '/v1/spaces', {}, spaces)
  for (const { name, displayName, spaceType } of listed.flatMap((page) => page.spaces)) {
    if (spaceType !== 'SPACE') continue
    const found = await pages(get, `/v1/${name}/messages`, { orderBy: 'createTime ASC' }, messages)
    const threads = new Map<string, Text[]>()
    for (const each of found.flatMap((page) => page.messages)) {
      if (each.deleteTime !== undefined) continue
      const engine = each.sender?.name === chat.engine
      const text = plain(each.formattedText ?? each.text ?? '')
      if (engine && emptied.includes(text)) continue
      const thread = each.thread?.name ?? each.name
      const author = each.sender?.displayName ?? ''
      threads.set(thread, [...(threads.get(thread) ?? []), { ref: each.name, engine, author, text }])
    }
    places.set(
      displayName,
      [...threads].map(([ref, texts]) => ({ ref, texts })),
    )
  }
  return places
}

async function signIn(chat: CaseQuestion['chat']): Promise<Get> {
  const { clientId: client_id, clientSecret: client_secret, refreshToken: refresh_token } = chat
  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id, client_secret, refresh_token })
  const answer = await fetch(new URL('/token', chat.url), { method: 'POST', body })
  if (!answer.ok) throw new Error(`Chat gave no token: ${answer.status} ${await answer.text()}`)
  const { access_token } = token.parse(await answer.json())
  return async (path, query) => {
    const url = new URL(path, chat.url)
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
    const response = await fetch(url, { headers: { authorization: `Bearer ${access_token}` } })
    if (!response.ok) throw new Error(`Chat refused ${url.pathname}: ${response.status} ${await response.text()}`)
    return response.json()
  }
}

async function pages<T extends { nextPageToken?: string | undefined }>(
  get: Get,
  path: string,
  query: Readonly<Record<string, string>>,
  shape: z.ZodType<T>,
): Promise<T[]> {
  const found: T[] = []
  let next: string | undefined
  do {
    const page = shape.parse(
      await get(path, { pageSize: '1000', ...query, ...(next === undefined ? {} : { pageToken: next }) }),
    )
    found.push(page)
    next = page.nextPageToken
  } while (next !== undefined && next !== '')
  return found
}
