/** Made-up connectors for tests of configurations: only what they declare matters. */
import { z } from 'zod'
import { defineConnector, type Configured, type Kind } from '../../src/connector/index.ts'

const writable: Pick<Kind<null>, 'create' | 'update' | 'delete'> = {
  create: () => Promise.resolve([]),
  update: (_call, { ref }) => Promise.resolve({ scope: '', ref, unread: true }),
  delete: () => Promise.resolve(),
}

export const trackerOptions = z.object({
  baseUrl: z.url().default('https://tracker.test').meta({ description: 'Where it is.' }),
  apiToken: z.string().min(8).meta({ description: 'The token.', secret: true }),
  pageSize: z.int().min(1).max(100).default(50).meta({ description: 'Items a page.' }),
})

/** Projects with tasks with comments. */
export const tracker: Configured = defineConnector({
  name: 'tracker',
  title: 'Tracker',
  config: trackerOptions,
  limits: () => ({}),
  calls: () => [{}],
  connect: () => null,
  probe: () => Promise.resolve({ actor: { ref: 'me' }, problems: [] }),
  kinds: {
    project: { ...writable, is: 'container', fields: { name: { type: 'text', required: true } } },
    task: {
      ...writable,
      in: 'project',
      fields: {
        name: { type: 'text', required: true },
        notes: { type: 'rich' },
        labels: { type: 'text', many: 'set' },
        hours: { type: 'decimal' },
        state: { type: 'text' },
        due: { type: 'date' },
        began: { type: 'instant' },
        done: { type: 'boolean' },
        owner: { type: 'person' },
        number: { type: 'decimal', written: 'never' },
      },
    },
    comment: {
      ...writable,
      in: 'project',
      siblings: 'task',
      fields: { task: { type: 'ref', to: 'task', required: true, written: 'on-create' }, text: { type: 'text' } },
    },
  },
  feeds: {},
})

/** Tables with rows; rows are the same in every table. */
export const tables: Configured = defineConnector({
  name: 'tables',
  title: 'Tables',
  config: z.object({ accessKey: z.string().min(1).meta({ secret: true, description: 'The key.' }) }),
  limits: () => ({}),
  calls: () => [{}],
  connect: () => null,
  probe: () => Promise.resolve({ actor: { ref: 'me' }, problems: [] }),
  kinds: {
    table: {
      ...writable,
      is: 'container',
      fields: { title: { type: 'text', required: true }, base: { type: 'ref', to: 'table', written: 'on-create' } },
    },
    row: {
      ...writable,
      in: 'table',
      fields: { title: { type: 'text' }, text: { type: 'text' }, tags: { type: 'text', many: 'set' } },
    },
  },
  feeds: {},
})
