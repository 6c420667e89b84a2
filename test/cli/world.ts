/** The real binary on a folder of its own, with emulated systems on loopback. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { createDiscourse, type Discourse } from '../../src/emulators/discourse/discourse.ts'
import type { DiscourseOptions } from '../../src/emulators/discourse/options.ts'
import type { Emulator, WireRequest, WireResponse } from '../../src/emulators/emulator.ts'
import { createGoogleChat, type GoogleChat } from '../../src/emulators/google-chat/google-chat.ts'
import { realPorts, serve } from '../../src/emulators/serve.ts'

const BIN = fileURLToPath(new URL('../../bin/lockstep.mjs', import.meta.url))
export const SPACE = 'spaces/AAAATeam'
export const SECRETS = {
  client: 'a-client-secret-nobody-may-see',
  refresh: 'a-refresh-token-nobody-may-see',
  key: 'an-api-key-nobody-may-see',
  webhook: 'a-webhook-secret-nobody-may-see',
}

/** What `run` says on its stderr once it is ready. */
export const READY = /"running; Ctrl-C ends it"/

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Running {
  readonly child: ChildProcess
  /** Types a line. */
  types(line: string): void
  out(): string
  err(): string
  /** Resolves when what was written to stderr matches. */
  says(pattern: RegExp): Promise<string>
  ended: Promise<Ran>
}

/** Looks at a request before its system does: an answer of its own, or null. */
export type Meddle = (request: WireRequest) => WireResponse | null

export interface World {
  readonly folder: string
  readonly chat: GoogleChat
  readonly forum: Discourse
  /** Answers in the place of the systems from now on. */
  meddle(chat: Meddle | null, forum: Meddle | null): void
  /** Writes the configuration; `edit` changes its text. */
  configure(edit?: (text: string) => string): void
  run(...args: string[]): Promise<Ran>
  start(...args: string[]): Running
}

/** How the systems differ from what they are in other tests. */
export interface WorldOptions {
  readonly chat?: Partial<Parameters<typeof createGoogleChat>[1]>
  readonly forum?: DiscourseOptions
}

export async function worldOf(t: TestContext, options: WorldOptions = {}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-cli-'))
  const chat = createGoogleChat(realPorts(), {
    users: [
      { id: '100', displayName: 'Sync Bot', email: 'sync@acme.test' },
      { id: '101', displayName: 'Ann Lee', email: 'ann@acme.test' },
    ],
    spaces: [{ id: 'AAAATeam', displayName: 'Team', members: ['100', '101'] }],
    clients: [{ id: 'client', secret: SECRETS.client }],
    refreshTokens: [{ token: SECRETS.refresh, user: '100', client: 'client' }],
    consentingUser: '100',
    ...options.chat,
  })
  const forum = createDiscourse(realPorts(), {
    users: [
      { username: 'sync_bot', admin: true, trustLevel: 4 },
      { username: 'cyd', name: 'Cyd Fox', trustLevel: 2 },
    ],
    categories: [{ name: 'Team' }],
    apiKeys: [{ key: SECRETS.key }],
    webhookDelay: [0, 0],
    settings: {
      max_admin_api_reqs_per_minute: 6000,
      max_reqs_per_ip_per_minute: 6000,
      max_reqs_per_ip_per_10_seconds: 6000,
    },
    ...options.forum,
  })
  let meddles: { chat: Meddle | null; forum: Meddle | null } = { chat: null, forum: null }
  const served = {
    chat: await serve(meddled(chat, () => meddles.chat)),
    forum: await serve(meddled(forum, () => meddles.forum)),
  }
  const children = new Set<ChildProcess>()
  t.after(async () => {
    for (const child of children) child.kill('SIGKILL')
    await Promise.all([served.chat.close(), served.forum.close()])
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  })
  const start = (...args: string[]): Running => startBinary(folder, args, children)
  const world: World = {
    folder,
    chat,
    forum,
    meddle: (ofChat, ofForum) => (meddles = { chat: ofChat, forum: ofForum }),
    configure: (edit = (text) => text) =>
      writeFileSync(join(folder, 'lockstep.yaml'), edit(configText(served.chat.url, served.forum.url))),
    run: (...args) => start(...args).ended,
    start,
  }
  world.configure()
  return world
}

function meddled(emulator: Emulator, meddle: () => Meddle | null): Emulator {
  return { name: emulator.name, handle: (request) => meddle()?.(request) ?? emulator.handle(request) }
}

function configText(chat: string, forum: string): string {
  return `connections:
  chat:
    connector: google-chat
    client_id: client
    client_secret: ${SECRETS.client}
    refresh_token: ${SECRETS.refresh}
    base_url: ${chat}
    token_url: ${chat}/token
    authorization_url: ${chat}/o/oauth2/v2/auth
    tokeninfo_url: ${chat}/tokeninfo
    revocation_url: ${chat}/revoke
  forum:
    connector: discourse
    base_url: ${forum}
    api_username: sync_bot
    api_key: ${SECRETS.key}
    requests_per_minute: 6000
    address_per_minute: 6000
    address_burst: 6000
    webhook_secret: ${SECRETS.webhook}
listen:
  webhooks: 127.0.0.1:0
  control: 127.0.0.1:0
flows:
  team:
    between: [chat, forum]
    scopes: [[${SPACE}, 2]]
`
}

function startBinary(folder: string, args: readonly string[], children: Set<ChildProcess>): Running {
  const child = spawn(process.execPath, [BIN, ...args], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] })
  children.add(child)
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const ended = new Promise<Ran>((resolve) => child.on('close', (code) => resolve({ code, out, err })))
  return {
    child,
    types: (line) => void child.stdin.write(`${line}\n`),
    out: () => out,
    err: () => err,
    ended,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(err)) resolve(err)
        }
        child.stderr.on('data', look)
        child.on('close', () => reject(new Error(`it ended without saying ${String(pattern)}:\n${out}\n${err}`)))
        look()
      }),
  }
}

/** Looks again and again until `test` holds, for up to ten seconds. */
export async function until(what: string, test: () => boolean | Promise<boolean>, patienceMs = 10_000): Promise<void> {
  const end = Date.now() + patienceMs
  while (!(await test())) {
    if (Date.now() > end) throw new Error(`it did not come to pass: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const Reported = z.object({ error: z.object({ code: z.string(), message: z.string() }).exactOptional() }).loose()

/** Stdout as the one JSON object that it has to be. */
export function json(ran: Ran): z.infer<typeof Reported> & { readonly [name: string]: unknown } {
  return Reported.parse(JSON.parse(ran.out))
}

/** Throws where anything that was written holds a secret. */
export function assertSecretsKept({ out, err }: Pick<Ran, 'out' | 'err'>): void {
  for (const secret of Object.values(SECRETS))
    if (out.includes(secret) || err.includes(secret)) throw new Error(`a secret was written:\n${out}\n${err}`)
}

/** The posts that people see in the forum. */
export function postsIn({ forum }: World): string[] {
  const state = forum.state()
  return [...state.topics.values()]
    .filter((topic) => !topic.definition)
    .flatMap((topic) => state.postsOf(topic.id))
    .map((post) => post.raw)
}
