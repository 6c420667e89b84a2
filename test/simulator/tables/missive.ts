/** An organization in Missive, and what it holds, as the documented tables have to tell it. */
import type { EmulatorPorts } from '../../../src/emulators/emulator.ts'
import type { Missive } from '../../../src/emulators/missive/missive.ts'
import type { MissiveOptions } from '../../../src/emulators/missive/options.ts'
import type { Conversation, Message, World } from '../../../src/emulators/missive/state.ts'
import { ORG, organizationOf } from '../../engine/ingest-systems.ts'
import { set, truth, type Said, type Tables } from './said.ts'

export const USERS = ['user-sync', 'user-ann']
export const TEAMS = ['team-support', 'team-sales']
export const LABELS = ['label-urgent', 'label-later']
export const ACCOUNTS = ['account-support', 'account-sales']
const [READER = ''] = USERS

export function organization(ports: EmulatorPorts, otherwise: Partial<MissiveOptions>): Missive {
  const name = (id: string): string => id.replace(/^.*-(.)/, (_, first: string) => first.toUpperCase())
  return organizationOf(ports, {
    teams: TEAMS.map((id) => ({ id, name: name(id), organization: ORG, members: USERS })),
    labels: LABELS.map((id) => ({ id, name: name(id), organization: ORG })),
    accounts: ACCOUNTS.map((id, at) => ({
      id,
      kind: 'email',
      address: `${id.replace('account-', '')}@acme.test`,
      name: name(id),
      organization: ORG,
      team: TEAMS[at] ?? '',
    })),
    ...otherwise,
  })
}

export function missiveSays(missive: Missive): Tables {
  const office = missive.state()
  const said = new Map<string, Said>()
  const say = (table: string, id: string, says: Said): void =>
    void said.set(`${table} missive ${id}`, { ...says, scope: ORG })
  for (const { id, name, email } of office.users.values()) say('people', id, { name, email })
  for (const { id, name } of office.teams.values()) say('teams', id, { name })
  for (const { id, name } of office.labels.values()) say('labels', id, { name })
  for (const each of office.conversations.values())
    if (each.mergedInto === null) say('conversations', each.id, ofConversation(office, each))
  for (const message of office.messages.values()) {
    if (message.deliveredAt === null) continue
    say('emails', message.id, ofMessage(message))
    for (const file of message.attachmentIds.flatMap((id) => office.attachments.get(id) ?? []))
      say('attachments', `${message.id}/${file.id}`, {
        email_id: message.id,
        name: file.filename,
        size: String(file.bytes.length),
      })
  }
  for (const { id, conversationId, authorId, body, task, createdAt } of office.comments.values())
    say('comments', `${conversationId}/${id}`, {
      conversation_id: conversationId,
      author_id: authorId,
      body_text: body,
      task_state: task?.state ?? '',
      created_at: at(createdAt),
    })
  return said
}

/** The state is each reader's own. */
function ofConversation(office: World, { id, teamId, labelIds, marks, activityAt, createdAt }: Conversation): Said {
  const mine = marks.get(READER)
  const latest = [...office.messages.values()]
    .filter(({ conversationId, deliveredAt }) => conversationId === id && deliveredAt !== null)
    .toSorted((one, other) => (one.deliveredAt ?? 0) - (other.deliveredAt ?? 0))
    .at(-1)
  return {
    subject: latest?.subject ?? '',
    team_id: teamId ?? '',
    assignee_ids: set([...marks].filter(([, { assigned }]) => assigned).map(([user]) => user)),
    label_ids: set(labelIds),
    closed: truth(mine?.closed === true),
    trashed: truth(mine?.trashed === true),
    active_at: at(activityAt),
    created_at: at(createdAt),
  }
}

function ofMessage(message: Message): Said {
  return {
    conversation_id: message.conversationId,
    type: message.type,
    subject: message.subject ?? '',
    from_address: message.from.address ?? '',
    from_name: message.from.name ?? '',
    to_addresses: set(message.to.map(({ address = '' }) => address)),
    body_html: message.body,
    body_text: message.body.replaceAll(/<[^>]*>/g, ''),
    message_id: message.messageId ?? '',
    author_id: message.authorId ?? '',
    sent_at: at(message.deliveredAt ?? 0),
    created_at: at(message.createdAt),
  }
}

/** In whole seconds. */
function at(ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000).toISOString()
}
