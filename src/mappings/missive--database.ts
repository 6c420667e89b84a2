/**
 * Missive → the documented tables of a database. One way.
 *
 * What people meet:
 * - The body of a message stands twice: as the HTML that it is, and as the text that people read in it.
 * - A conversation in the trash is marked as `trashed`, not as deleted: it can come back, and its messages are there.
 * - Names of people, labels and teams stand in their own tables, and in views beside the ids.
 */
import type { Mapping } from './mapping.ts'
import { plainText } from './plain-text.ts'
import { rowsOf, scopeOf, type Rows } from './tables.ts'

export const SOURCE = 'missive'

export const ROWS: readonly Rows[] = [
  { kind: 'person', table: 'people', shows: { name: 'name', email: 'email' } },
  { kind: 'team', table: 'teams', shows: { name: 'name' } },
  { kind: 'label', table: 'labels', shows: { name: 'name', colour: 'colour' } },
  {
    kind: 'conversation',
    table: 'conversations',
    shows: {
      subject: 'latestSubject',
      team_id: 'team',
      colour: 'colour',
      closed: 'closed',
      trashed: 'trashed',
      junked: 'junked',
      active_at: 'activeAt',
      address: 'address',
      created_at: 'createdAt',
    },
    sets: { assignee_ids: 'assigneeIds', label_ids: 'labels' },
  },
  {
    kind: 'message',
    table: 'emails',
    shows: {
      conversation_id: 'conversation',
      type: 'type',
      subject: 'subject',
      from_address: 'from',
      from_name: 'fromName',
      preview: 'preview',
      message_id: 'messageId',
      author_id: 'authorId',
      sent_at: 'sentAt',
      created_at: 'createdAt',
    },
    sets: { to_addresses: 'to', cc_addresses: 'cc' },
    also: [plainText({ id: 'body', a: 'body', html: 'body_html', text: 'body_text' })],
  },
  {
    kind: 'attachment',
    table: 'attachments',
    shows: { email_id: 'message', name: 'name', type: 'type', size: 'size', created_at: 'createdAt' },
    files: { content: 'file' },
  },
  {
    kind: 'comment',
    table: 'comments',
    shows: {
      conversation_id: 'conversation',
      author_id: 'authorId',
      body_text: 'body',
      task_state: 'taskState',
      created_at: 'createdAt',
    },
  },
]

export const missiveDatabase: Mapping = {
  connectors: { a: 'missive', b: 'database' },
  partial: true,
  pairs: [scopeOf('organization'), ...ROWS.map((each) => rowsOf(SOURCE, each))],
}
