/** The kinds of Missive, and what is said of them. */
import { rawField as raw, type Field, type Kind } from '../../connector/index.ts'
import type { Api } from './api.ts'
import { getLabel, getOrganization, getPerson, getTeam } from './directory.ts'
import { getAttachment, getComment, getConversation, getMessage, getPost } from './reading.ts'
import { createPost, deletePost, updateConversation } from './writing.ts'

const text: Field = { type: 'text', written: 'never' }
const texts: Field = { type: 'text', many: 'set', written: 'never' }
const told: Field = { type: 'boolean', required: true, written: 'never' }
const instant: Field = { type: 'instant', written: 'never' }
const name: Field = { type: 'text', required: true, written: 'never' }

const organization: Kind<Api> = {
  fields: { id: name, name, raw },
  is: 'container',
  match: ['name'],
  blind: { delete: 'an organization that this user left is seen when all are listed again' },
  get: getOrganization,
}

const STATES =
  'closing, labels, assignees, teams and the trash do not count as activity: they are seen of the fifty conversations that were active last, by the webhooks of rules made by hand (not the trash), and by the next listing'

const conversation: Kind<Api> = {
  fields: {
    id: name,
    subject: { type: 'text' },
    latestSubject: text,
    team: { type: 'ref', to: 'team' },
    assignees: { type: 'person', many: 'set' },
    assigneeIds: texts,
    labels: { type: 'text', many: 'set' },
    colour: { type: 'text' },
    closed: { type: 'boolean', required: true },
    trashed: told,
    junked: told,
    activeAt: instant,
    address: text,
    createdAt: instant,
    raw,
  },
  in: 'organization',
  takes: ['message', 'comment', 'post'],
  blind: {
    create: 'a mail that came in long after it was sent may count as old activity: it is seen by webhook',
    update: STATES,
    delete: 'what is deleted for good, or merged, is told nowhere',
    move: 'a conversation that leaves its organization is told nowhere',
  },
  get: getConversation,
  update: updateConversation,
}

const parent: Field = { type: 'ref', to: 'conversation', required: true, written: 'never' }

const message: Kind<Api> = {
  fields: {
    id: name,
    conversation: parent,
    subject: text,
    body: text,
    preview: text,
    type: text,
    from: text,
    fromName: text,
    to: texts,
    cc: texts,
    sentAt: instant,
    messageId: text,
    authorId: text,
    createdAt: instant,
    files: { type: 'file', many: 'list', written: 'never' },
    raw,
  },
  in: 'organization',
  under: 'conversation',
  takes: ['attachment'],
  blind: {
    create: 'a message that came in long after it was sent stands among old ones: it is seen by webhook',
    update: 'a message that was changed is told nowhere',
    delete: 'a message that was deleted is told nowhere',
  },
  get: getMessage,
}

const attachment: Kind<Api> = {
  fields: {
    id: name,
    message: { type: 'ref', to: 'message', required: true, written: 'never' },
    name,
    type: text,
    size: { type: 'decimal', written: 'never' },
    file: { type: 'file', required: true, written: 'never' },
    createdAt: instant,
    raw,
  },
  in: 'organization',
  under: 'message',
  blind: { create: 'it is seen with its message', delete: 'it goes with its message' },
  get: getAttachment,
}

const comment: Kind<Api> = {
  fields: {
    id: name,
    conversation: parent,
    body: text,
    authorId: text,
    createdAt: instant,
    taskState: text,
    file: { type: 'file', written: 'never' },
    raw,
  },
  in: 'organization',
  under: 'conversation',
  blind: {
    update: 'an edit and a task that is done are seen while the conversation is active, and by the next listing',
    delete: 'a comment that was removed is told nowhere',
  },
  get: getComment,
}

const post: Kind<Api> = {
  fields: {
    id: name,
    conversation: { type: 'ref', to: 'conversation', written: 'on-create' },
    text: { type: 'text', required: true, written: 'on-create' },
    username: text,
    createdAt: instant,
    raw,
  },
  in: 'organization',
  under: 'conversation',
  blind: { update: 'posts are never edited', delete: 'a post that was deleted is told nowhere' },
  get: getPost,
  create: createPost,
  delete: deletePost,
}

const person: Kind<Api> = {
  fields: { id: name, name, email: text, raw },
  in: 'organization',
  match: ['id'],
  blind: { delete: 'who has left is seen when everybody is listed again' },
  get: getPerson,
}

const team: Kind<Api> = {
  fields: { id: name, name, raw },
  in: 'organization',
  match: ['name'],
  blind: { delete: 'a deleted team is seen when all are listed again' },
  get: getTeam,
}

const label: Kind<Api> = {
  fields: { id: name, name, colour: text, raw },
  in: 'organization',
  match: ['id'],
  blind: { delete: 'a deleted label is seen when all are listed again' },
  get: getLabel,
}

export const kinds = { organization, conversation, message, attachment, comment, post, person, team, label }
