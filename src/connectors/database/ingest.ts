/** The documented tables: what Teamwork and Missive hold, for people who query. Columns are only ever added. */
import { INGESTED, OWNER, tableConfig, type DatabaseConfig, type Ingested, type TableConfig } from './config.ts'

export type IngestType = 'text' | 'set' | 'decimal' | 'boolean' | 'date' | 'instant' | 'file' | 'json'

type Columns = { readonly [column: string]: IngestType }

/** Of each row: what it is, and what became of it. The scope is the project, the organization, or `site`. */
export const KEY = ['source', 'id'] as const
export const SCOPE = 'scope'
export const DELETED = 'deleted_at'
export const SYNCED = 'synced_at'

export const COLUMNS: { readonly [table in Ingested]: Columns } = {
  projects: { name: 'text', description: 'text', status: 'text', created_at: 'instant' },
  task_lists: { name: 'text' },
  tasks: {
    task_list_id: 'text',
    parent_id: 'text',
    name: 'text',
    description: 'text',
    completed: 'boolean',
    completed_at: 'instant',
    completed_by_id: 'text',
    priority: 'text',
    progress: 'decimal',
    start_on: 'date',
    due_on: 'date',
    estimate_minutes: 'decimal',
    assignee_ids: 'set',
    tag_ids: 'set',
    created_at: 'instant',
    created_by_id: 'text',
    updated_at: 'instant',
  },
  comments: {
    task_id: 'text',
    conversation_id: 'text',
    author_id: 'text',
    body_text: 'text',
    task_state: 'text',
    created_at: 'instant',
  },
  time_entries: {
    task_id: 'text',
    person_id: 'text',
    began_at: 'instant',
    minutes: 'decimal',
    description: 'text',
    billable: 'boolean',
    tag_ids: 'set',
    created_at: 'instant',
    updated_at: 'instant',
  },
  people: { name: 'text', email: 'text', title: 'text', administrator: 'boolean' },
  tags: { name: 'text', colour: 'text' },
  conversations: {
    subject: 'text',
    team_id: 'text',
    assignee_ids: 'set',
    label_ids: 'set',
    colour: 'text',
    closed: 'boolean',
    trashed: 'boolean',
    junked: 'boolean',
    active_at: 'instant',
    address: 'text',
    created_at: 'instant',
  },
  emails: {
    conversation_id: 'text',
    type: 'text',
    subject: 'text',
    from_address: 'text',
    from_name: 'text',
    to_addresses: 'set',
    cc_addresses: 'set',
    body_html: 'text',
    body_text: 'text',
    preview: 'text',
    message_id: 'text',
    author_id: 'text',
    sent_at: 'instant',
    created_at: 'instant',
  },
  attachments: {
    email_id: 'text',
    name: 'text',
    type: 'text',
    size: 'decimal',
    content: 'file',
    created_at: 'instant',
  },
  labels: { name: 'text', colour: 'text' },
  teams: { name: 'text' },
}

/** Those that this configuration has and does not describe itself. */
export function ingested({ ingest, tables }: Pick<DatabaseConfig, 'ingest' | 'tables'>): readonly Ingested[] {
  if (ingest === undefined) return []
  return INGESTED.filter((name) => (ingest.only ?? INGESTED).includes(name) && tables[name] === undefined)
}

/** What the API told of a row, where that is asked for. */
const RAW: Columns = { raw: 'json' }

/** Without `files` nothing keeps the bytes of attachments. */
export function columnsOf(name: Ingested, { files, ingest }: Pick<DatabaseConfig, 'files' | 'ingest'>): Columns {
  const all = Object.entries({ ...COLUMNS[name], ...(ingest?.raw === true ? RAW : {}) })
  return Object.fromEntries(files === undefined ? all.filter(([, type]) => type !== 'file') : all)
}

export function inSchema(name: string, { ingest }: Pick<DatabaseConfig, 'ingest'>): string {
  return ingest?.schema === undefined ? name : `${ingest.schema}.${name}`
}

export function ingestTables(config: DatabaseConfig): { readonly [kind: string]: TableConfig } {
  return Object.fromEntries(
    ingested(config).map((name) => [
      name,
      tableConfig.parse({
        table: inSchema(name, config),
        key: [...KEY],
        keys: 'given',
        owner: SCOPE,
        columns: {
          source: { type: 'text', required: true },
          id: { type: 'text', required: true },
          [SCOPE]: { type: 'ref', to: OWNER },
          ...Object.fromEntries(
            Object.entries(columnsOf(name, config)).map(([column, type]) => [
              column,
              type === 'set' ? { type: 'text', many: 'set' } : type,
            ]),
          ),
        },
        deleted: DELETED,
        updated: SYNCED,
      }),
    ]),
  )
}
