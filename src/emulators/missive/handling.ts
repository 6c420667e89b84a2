/** What posts, drafts, messages and PATCH do to a conversation beside what they say in it. */
import { z } from 'zod'
import { badRequest, forbidden } from './answers.ts'
import {
  freshId,
  keep,
  marked,
  mayRead,
  messagesIn,
  entriesIn,
  conversationOf,
  UNMARKED,
  type Conversation,
  type Marks,
  type World,
} from './state.ts'

const ids = z.array(z.string()).optional()
const flag = z.boolean().optional()
const text = z.string().optional()

/** Fields that all of them take. */
export const HANDLING = {
  organization: text,
  team: text,
  force_team: flag,
  add_users: ids,
  add_assignees: ids,
  remove_assignees: ids,
  add_shared_labels: ids,
  remove_shared_labels: ids,
  add_to_inbox: flag,
  add_to_team_inbox: flag,
  close: flag,
  reopen: flag,
}
const handling = z.object(HANDLING)
export type Handling = z.output<typeof handling> & {
  readonly subject?: string | undefined
  readonly color?: string | undefined
}

/** Fields of what is put into a conversation, found or new. */
export const PLACING = {
  ...HANDLING,
  conversation: text,
  references: ids,
  conversation_subject: text,
  conversation_color: text,
}

type Placing = Handling & {
  readonly conversation?: string | undefined
  readonly references?: readonly string[] | undefined
  readonly conversation_subject?: string | undefined
  readonly conversation_color?: string | undefined
}

const COLOR = /^(#[0-9a-f]{3}([0-9a-f]{3})?|good|warning|danger)$/i
const WITH_ORGANIZATION = ['add_users', 'add_assignees', 'remove_assignees'] as const

/** The named conversation; else the first of the user's that one of the references leads to; else a new one of the user's. */
export function findOrStart(world: World, by: string, placing: Placing): Conversation {
  const { conversation, references = [], organization } = placing
  const found =
    conversation === undefined
      ? referred(
          world,
          references,
          (each) => mayRead(each, by) && (organization ?? each.organizationId) === each.organizationId,
        )
      : conversationOf(world, by, conversation)
  if (found !== null && !mayRead(found, by)) throw forbidden('Guests say nothing')
  return found ?? start(world, [by], organization ?? null)
}

export function start(world: World, readers: readonly string[], organizationId: string | null): Conversation {
  const now = world.ports.now()
  const conversation: Conversation = {
    id: freshId(world),
    subject: null,
    color: null,
    organizationId,
    teamId: null,
    inTeamInbox: false,
    labelIds: [],
    marks: new Map(readers.map((user) => [user, UNMARKED])),
    guestIds: [],
    createdAt: now,
    activityAt: now,
    mergedInto: null,
  }
  world.conversations.set(conversation.id, conversation)
  return conversation
}

/** Of several conversations that the references lead to, the oldest. Chevrons do not count. */
export function referred(
  world: World,
  references: readonly string[],
  isMeant: (conversation: Conversation) => boolean = () => true,
): Conversation | null {
  if (references.length === 0) return null
  const wanted = new Set(references.map(bare))
  for (const conversation of world.conversations.values()) {
    if (conversation.mergedInto !== null || !isMeant(conversation)) continue
    const known = [
      ...messagesIn(world, conversation.id).flatMap(({ messageId, externalId, inReplyTo, references: more }) => [
        messageId ?? '',
        externalId ?? '',
        ...inReplyTo,
        ...more,
      ]),
      ...entriesIn(world.posts, conversation.id).flatMap((post) => post.references),
    ]
    if (known.some((reference) => wanted.has(bare(reference)))) return conversation
  }
  return null
}

function bare(reference: string): string {
  return reference.replaceAll(/[<>]/g, '')
}

/** What was checked before. `isActive`: something was said as well. */
export function handle(world: World, conversation: Conversation, fields: Handling, isActive: boolean): Conversation {
  const { team, subject, color } = fields
  const setsTeam = team !== undefined && (conversation.teamId === null || fields.force_team === true)
  const organizationId = conversation.organizationId ?? fields.organization ?? null
  const labelIds = [...new Set([...conversation.labelIds, ...(fields.add_shared_labels ?? [])])].filter(
    (id) => fields.remove_shared_labels?.includes(id) !== true,
  )
  const changed = {
    ...conversation,
    organizationId,
    labelIds,
    ...(subject === undefined ? {} : { subject }),
    ...(color === undefined ? {} : { color }),
    ...(setsTeam ? { teamId: team, inTeamInbox: true } : {}),
    ...(fields.add_to_team_inbox === true ? { inTeamInbox: true } : {}),
    marks: marksAfter(conversation, fields, setsTeam ? (world.teams.get(team)?.members ?? []) : []),
  }
  const kept = keep(world, changed, isActive || world.rules.statesMoveActivity)
  tellChanges(world, conversation, kept)
  return kept
}

/** Without changes: what was said alone. */
export function touch(world: World, conversation: Conversation): Conversation {
  return keep(world, conversation, true)
}

function marksAfter(
  conversation: Conversation,
  fields: Handling,
  members: readonly string[],
): ReadonlyMap<string, Marks> {
  const { add_users = [], add_assignees = [], remove_assignees = [] } = fields
  const marks = new Map(conversation.marks)
  for (const user of [...members, ...add_users, ...add_assignees]) marks.set(user, marks.get(user) ?? UNMARKED)
  const set = (changes: Partial<Marks>, users: Iterable<string>): void => {
    for (const user of users) marks.set(user, { ...(marks.get(user) ?? UNMARKED), ...changes })
  }
  set({ assigned: true }, add_assignees)
  set(
    { assigned: false },
    remove_assignees.filter((user) => marks.has(user)),
  )
  const everybody = [...marks.keys()]
  if (fields.add_to_inbox === true || fields.add_to_team_inbox === true)
    set({ closed: false, archived: false, snoozed: false }, everybody)
  if (fields.close === true) set({ closed: true }, everybody)
  if (fields.reopen === true) set({ closed: false }, everybody)
  return marks
}

/** Throws before anything was changed. `more`: further fields that need an organization. */
export function checkHandling(world: World, fields: Handling, more: readonly (keyof Handling)[] = []): void {
  const needing = [...WITH_ORGANIZATION, ...more].find((name) => fields[name] !== undefined)
  if (needing !== undefined && fields.organization === undefined)
    throw badRequest(`'organization' is required with '${needing}'`)
  if (fields.organization !== undefined && !world.organizations.has(fields.organization))
    throw badRequest(`'organization' ${fields.organization} is unknown`)
  if (fields.add_to_team_inbox === true && fields.team === undefined)
    throw badRequest("'team' is required with 'add_to_team_inbox'")
  if (fields.team !== undefined && !world.teams.has(fields.team)) throw badRequest(`'team' ${fields.team} is unknown`)
  if (fields.color !== undefined && !COLOR.test(fields.color)) throw badRequest(`'color' ${fields.color} is no color`)
  for (const name of ['add_users', 'add_assignees', 'remove_assignees'] as const)
    for (const user of fields[name] ?? [])
      if (!world.users.has(user)) throw badRequest(`'${name}': the user ${user} is unknown`)
  for (const label of [...(fields.add_shared_labels ?? []), ...(fields.remove_shared_labels ?? [])])
    if (!world.labels.has(label)) throw badRequest(`the shared label ${label} is unknown`)
}

function tellChanges(world: World, before: Conversation, conversation: Conversation): void {
  if (before.labelIds.join() !== conversation.labelIds.join()) world.happened({ type: 'label_change', conversation })
  if (before.teamId !== conversation.teamId) world.happened({ type: 'team_change', conversation })
  if (assigneesOf(before).join() !== assigneesOf(conversation).join())
    world.happened({ type: 'conversation_assignee_change', conversation })
  if (isClosed(before) !== isClosed(conversation))
    world.happened({ type: isClosed(conversation) ? 'conversation_closed' : 'conversation_reopened', conversation })
}

function assigneesOf({ marks }: Conversation): string[] {
  return [...marks].filter(([, { assigned }]) => assigned).map(([user]) => user)
}

/** Closed for everybody who reads it. */
export function isClosed({ marks }: Conversation): boolean {
  return marks.size > 0 && [...marks.values()].every(({ closed }) => closed)
}

/** What comes in brings a conversation back to its inbox, but not out of spam. */
export function broughtBack(conversation: Conversation): Conversation {
  return {
    ...conversation,
    marks: marked(conversation, { closed: false, archived: false, snoozed: false, trashed: false }),
  }
}

/** As a person does it by hand in the window, told like every change. */
export function change(world: World, before: Conversation, changes: Partial<Conversation>): Conversation {
  const kept = keep(world, { ...before, ...changes }, world.rules.statesMoveActivity)
  tellChanges(world, before, kept)
  return kept
}
