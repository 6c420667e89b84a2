/** Two real systems over HTTP that say the same, made by hand: no engine takes part. The judge is held against it. */
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { KEYS } from '../../demo/protocol.ts'
import { verdict, type CaseQuestion, type Verdict } from '../../demo/judge/case.ts'
import { createDiscourse, type Discourse } from '../../src/emulators/discourse/discourse.ts'
import { createGoogleChat, type GoogleChat } from '../../src/emulators/google-chat/google-chat.ts'
import { realPorts, serve } from '../../src/emulators/serve.ts'

export interface HandMade {
  readonly chat: GoogleChat
  readonly forum: Discourse
  /** What a person says in Chat, in the thread that the topic stands for. */
  readonly head: string
  readonly topic: number
  /** The forum's copy of Ann's "ok". */
  readonly okCopy: number
  /** What the judge says about the two as they are now. */
  judged(excused?: CaseQuestion['excused']): Promise<{ code: number | null; verdict: Verdict }>
}

export const ANN = '101'
export const BOT = '100'
export const SPACE = 'spaces/AAAATeam'

/** Chat: Ann "Hello", Ann "ok", Ann "ok". Discourse: Cyd answers, copied into the thread. */
export async function handMade(after: (end: () => Promise<void>) => void): Promise<HandMade> {
  const ports = realPorts()
  const chat = createGoogleChat(ports, {
    users: [
      { id: BOT, displayName: 'Lockstep', email: 'bot@acme.test' },
      { id: ANN, displayName: 'Ann Lee', email: 'ann@acme.test' },
    ],
    spaces: [{ id: 'AAAATeam', displayName: 'Team', members: [BOT, ANN] }],
    clients: [{ id: KEYS.judgeClientId, secret: KEYS.judgeClientSecret }],
    refreshTokens: [{ token: KEYS.judgeRefreshToken, user: BOT, client: KEYS.judgeClientId }],
  })
  const forum = createDiscourse(ports, {
    users: [
      { username: 'lockstep', admin: true },
      { username: 'admin', admin: true },
      { username: 'cyd', name: 'Cyd Fox', trustLevel: 3 },
    ],
    categories: [{ name: 'Team' }],
    apiKeys: [{ key: KEYS.judgeApiKey, username: 'admin' }],
    limits: false,
    validations: false,
  })
  const served = { chat: await serve(chat), forum: await serve(forum) }
  after(async () => {
    await served.chat.close()
    await served.forum.close()
  })
  const category = [...forum.state().categories.values()].find(({ name }) => name === 'Team')?.id ?? 0
  const head = chat.as(ANN).post(SPACE, 'Hello, *all*').name
  for (const word of ['ok', 'ok']) chat.as(ANN).post(SPACE, word, { thread: head })
  const opened = made(
    forum.as('lockstep').topic({ title: 'Hello, *all*', raw: '**Ann Lee** in Google Chat:\n\nHello, *all*', category }),
  )
  const topic = opened.topicId
  const okCopy = made(forum.as('lockstep').reply(topic, '**Ann Lee** in Google Chat:\n\nok')).postId
  made(forum.as('lockstep').reply(topic, '**Ann Lee** in Google Chat:\n\nok'))
  made(forum.as('cyd').reply(topic, 'Welcome from the forum, Ann!'))
  chat.as(BOT).post(SPACE, '*Cyd Fox*: Welcome from the forum, Ann!', { thread: head })
  const asked = (excused: CaseQuestion['excused']): CaseQuestion => ({
    chat: {
      url: served.chat.url,
      clientId: KEYS.judgeClientId,
      clientSecret: KEYS.judgeClientSecret,
      refreshToken: KEYS.judgeRefreshToken,
      engine: `users/${BOT}`,
    },
    forum: { url: served.forum.url, apiKey: KEYS.judgeApiKey, apiUsername: 'admin', engine: 'lockstep' },
    excused,
    emptied: ['(deleted)'],
  })
  return { chat, forum, head, topic, okCopy, judged: (excused = []) => judged(asked(excused)) }
}

/** As the demo does it: a process of its own. */
async function judged(asked: CaseQuestion): Promise<{ code: number | null; verdict: Verdict }> {
  const script = fileURLToPath(new URL('../../demo/judge.ts', import.meta.url))
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(asked))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const answer = await text(child.stdout)
  return { code: await ended, verdict: verdict.parse(JSON.parse(answer)) }
}

export function made<T extends { readonly ok: boolean }>(outcome: T): Extract<T, { readonly ok: true }> {
  if (!isOk(outcome)) throw new Error(JSON.stringify(outcome))
  return outcome
}

function isOk<T extends { readonly ok: boolean }>(outcome: T): outcome is Extract<T, { readonly ok: true }> {
  return outcome.ok
}
