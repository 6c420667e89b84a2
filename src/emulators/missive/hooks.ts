/** Rules that send what happened to an address: made by hand, or by the API, which makes some kinds of them. */
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { badRequest, forbidden, notFound } from './answers.ts'
import { readBody } from './query.ts'
import { freshId, HOOK_TYPES, mayRead, messagesIn, type Happening, type RuleType, type World } from './state.ts'
import { commentJson, conversationJson, messageJson } from './views.ts'

/** An address has this long to answer. */
const TIMEOUT_MS = 15_000

export interface Rule {
  readonly id: string
  readonly type: RuleType
  readonly description: string
  readonly url: string
  /** Whose it is, where it is nobody's organization's. */
  readonly user: string
  readonly organizationId: string | null
  readonly secret: string | null
  /** False until its address has answered a first request. */
  readonly works: boolean
  readonly contains?: string | undefined
  readonly startsWith?: string | undefined
  readonly endsWith?: string | undefined
  readonly isTask?: boolean | undefined
  readonly author?: string | undefined
  readonly mention?: string | undefined
  readonly from?: string | undefined
  readonly subjectContains?: string | undefined
}

export interface Sent {
  readonly rule: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly at: number
  /** Null while there is no answer, or when there was none. */
  readonly answer: number | null
}

export interface Hooks {
  readonly rules: Map<string, Rule>
  readonly sent: Sent[]
  happened(world: World, happening: Happening): void
  /** Asks the address for a first answer. */
  validate(world: World, rule: Rule): void
}

export function createHooks(): Hooks {
  const rules = new Map<string, Rule>()
  const sent: Sent[] = []
  const send = (world: World, rule: Rule, body: string, answered: (answer: number | null) => void): void => {
    const secret = rules.get(rule.id)?.secret ?? null
    const headers = {
      'Content-Type': 'application/json',
      'User-Agent': 'Missive (emulated)',
      ...(secret === null
        ? {}
        : {
            'X-Hook-Signature': `${world.rules.signaturePrefix}${createHmac('sha256', secret).update(body).digest('hex')}`,
          }),
    }
    const at = world.ports.now()
    const index = sent.push({ rule: rule.id, url: rule.url, headers, body, at, answer: null }) - 1
    void world.ports.deliver({ url: rule.url, headers, body }).then((status) => {
      const answer = world.ports.now() - at > TIMEOUT_MS ? null : status
      const told = sent[index]
      if (told !== undefined) sent[index] = { ...told, answer }
      answered(answer)
    })
  }
  const attempt = (world: World, rule: Rule, body: string, tries: number): void => {
    if (!rules.has(rule.id)) return
    send(world, rule, body, (answer) => {
      const minutes = world.rules.hookRetries[tries]
      if (isOk(answer) || minutes === undefined) return
      world.ports.after(minutes * 60_000, () => attempt(world, rule, body, tries + 1))
    })
  }
  return {
    rules,
    sent,
    happened(world, happening) {
      for (const rule of rules.values()) {
        if (!rule.works || !isMeant(rule, happening)) continue
        if (world.rules.hookLoss > 0 && world.ports.random() < world.rules.hookLoss) continue
        // What it says is fixed now and leaves later.
        const body = JSON.stringify(payloadOf(world, rule, happening))
        world.ports.after(soon(world), () => attempt(world, rule, body, 0))
        if (world.rules.hookDuplication > 0 && world.ports.random() < world.rules.hookDuplication)
          world.ports.after(soon(world), () => attempt(world, rule, body, world.rules.hookRetries.length))
      }
    },
    validate(world, rule) {
      send(world, rule, JSON.stringify({ rule: ruleJson(rule) }), (answer) => {
        if (!rules.has(rule.id)) return
        if (isOk(answer)) rules.set(rule.id, { ...rule, works: true })
        else rules.delete(rule.id)
      })
    },
  }
}

function isOk(answer: number | null): boolean {
  return answer !== null && answer >= 200 && answer < 300
}

function soon({ ports, rules }: World): number {
  const [shortest, longest] = rules.hookDelay
  return Math.round(shortest + ports.random() * (longest - shortest))
}

function isMeant(rule: Rule, { type, conversation, message, comment }: Happening): boolean {
  if (rule.type !== type) return false
  const reaches =
    rule.organizationId === null
      ? mayRead(conversation, rule.user)
      : conversation.organizationId === rule.organizationId
  if (!reaches) return false
  const text = comment?.body ?? message?.body ?? ''
  if (rule.contains !== undefined && !text.includes(rule.contains)) return false
  if (rule.startsWith !== undefined && !text.startsWith(rule.startsWith)) return false
  if (rule.endsWith !== undefined && !text.endsWith(rule.endsWith)) return false
  if (rule.from !== undefined && message?.from.address !== rule.from) return false
  if (rule.subjectContains !== undefined && message?.subject?.includes(rule.subjectContains) !== true) return false
  if (comment === undefined) return true
  if (rule.isTask === true && comment.task === null) return false
  if (rule.author !== undefined && comment.authorId !== rule.author) return false
  return rule.mention === undefined || comment.mentions.some(({ id }) => id === rule.mention)
}

const ruleJson = ({ id, description, type }: Rule) => ({ id, description, type })

function payloadOf(world: World, rule: Rule, { conversation, message, comment }: Happening) {
  const latest = messagesIn(world, conversation.id).at(-1)
  return {
    rule: ruleJson(rule),
    conversation: conversationJson(world, conversation, null),
    ...(latest === undefined ? {} : { latest_message: messageJson(world, latest) }),
    ...(message === undefined ? {} : { message: messageJson(world, message) }),
    ...(comment === undefined ? {} : { comment: commentJson(world, comment) }),
  }
}

const HOOK = z.strictObject({
  hooks: z.strictObject({
    type: z.enum(HOOK_TYPES),
    url: z.url({ protocol: /^https?$/ }),
    organization: z.string().nullish(),
    content_contains: z.string().optional(),
    content_starts_with: z.string().optional(),
    content_ends_with: z.string().optional(),
    is_task: z.boolean().optional(),
    author: z.string().optional(),
    mention: z.string().optional(),
    from_eq: z.string().optional(),
    subject_contains: z.string().optional(),
  }),
})

/** A rule with a webhook. For an organization its owners and admins make one; each user for themselves. */
export function createHook(world: World, hooks: Hooks, by: string, value: unknown) {
  const { hooks: body } = readBody(HOOK, value)
  const foreign = ['is_task', 'author', 'mention'] as const
  const mails = ['from_eq', 'subject_contains'] as const
  const misfit = (
    body.type === 'new_comment' ? mails : body.type === 'incoming_email' ? foreign : [...foreign, ...mails]
  ).find((name) => body[name] !== undefined)
  if (misfit !== undefined) throw badRequest(`'${misfit}' does not go with ${body.type}`)
  const rule: Rule = {
    id: freshId(world),
    type: body.type,
    description: `Webhook: ${body.type}`,
    url: body.url,
    user: by,
    organizationId: body.organization ?? null,
    secret: world.rules.hookSecret,
    works: !world.rules.hooksAreValidated,
    contains: body.content_contains,
    startsWith: body.content_starts_with,
    endsWith: body.content_ends_with,
    isTask: body.is_task,
    author: body.author,
    mention: body.mention,
    from: body.from_eq,
    subjectContains: body.subject_contains,
  }
  keepRule(world, hooks, rule)
  return { hooks: { id: rule.id } }
}

export function keepRule(world: World, hooks: Hooks, rule: Rule): void {
  mayRule(world, rule.user, rule.organizationId)
  hooks.rules.set(rule.id, rule)
  if (!rule.works) hooks.validate(world, rule)
}

export function deleteHook(world: World, hooks: Hooks, by: string, id: string): void {
  const rule = hooks.rules.get(id)
  if (rule === undefined) throw notFound('Hook not found')
  if (rule.organizationId === null && rule.user !== by) throw notFound('Hook not found')
  mayRule(world, by, rule.organizationId)
  hooks.rules.delete(id)
}

function mayRule(world: World, user: string, organizationId: string | null): void {
  if (organizationId === null) return
  const role = world.users.get(user)?.organizations[organizationId]
  if (role === undefined) throw notFound('Organization not found')
  if (role === 'member') throw forbidden('Only owners and admins of the organization make rules')
}
