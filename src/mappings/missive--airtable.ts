/**
 * Missive → tables of a base of Airtable. One way.
 *
 * What people meet:
 * - A table of the configuration that is called as a documented one gets its rows, and each of its fields that is called as a
 *   column its values; what has another name is never touched.
 * - Links lead from mails and comments to their conversations, and from attachments to their mails, where there are fields
 *   for them.
 * - What is deleted in Missive is deleted in the base; what is thrown away is `trashed`, and stays.
 */
import type { Mapping } from './mapping.ts'
import { ROWS, SOURCE } from './missive--database.ts'
import { baseOf, recordsOf, type Links } from './records.ts'

const LINKS: { readonly [table: string]: Links } = {
  emails: { conversation: { a: 'conversation', to: ['conversation', 'conversations'] } },
  comments: { conversation: { a: 'conversation', to: ['conversation', 'conversations'] } },
  attachments: { email: { a: 'message', to: ['message', 'emails'] } },
}

export const missiveAirtable: Mapping = {
  connectors: { a: 'missive', b: 'airtable' },
  partial: true,
  pairs: [baseOf('organization'), ...ROWS.map((each) => recordsOf(SOURCE, each, LINKS[each.table]))],
}
