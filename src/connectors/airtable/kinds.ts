/** A kind for each table, and the one of the base. */
import {
  ConnectorError,
  type Answers,
  type Batch,
  type Call,
  type Item,
  type Kind,
  type Kinds,
} from '../../connector/index.ts'
import { page, recordsBy, type Api } from './api.ts'
import { BASE, type Config } from './config.ts'
import { baseItem, readableItem } from './items.ts'
import { tablesOf, type Table } from './table.ts'
import { create, find, MOST_RECORDS, remove, update } from './writing.ts'

export function kindsOf(config: Config): Kinds<Api> {
  return { [BASE]: base, ...Object.fromEntries(tablesOf(config).map((table) => [table.kind, kindOf(table, config)])) }
}

const base: Kind<Api> = {
  is: 'container',
  fields: { name: { type: 'text', required: true, written: 'never' } },
  blind: { delete: 'a base that is out of reach fails, and is no deleted one' },
  async get({ api }, ref) {
    if (ref !== api.config.base) throw new ConnectorError('missing', `this connection is to ${api.config.base}`)
    for (const table of api.tables) await page(api, table, { pageSize: 1 })
    return baseItem(ref)
  },
}

function kindOf(table: Table, { changes }: Config): Kind<Api> {
  const { under, match, sync } = table.config
  const many: Required<Pick<Batch<Api>, 'create' | 'update' | 'delete'>> = {
    create: (call, intents) => create(call, table, intents),
    update: (call, intents) => update(call, table, intents),
    delete: (call, intents) => remove(call, table, intents),
  }
  const making: Partial<Kind<Api>> =
    sync === undefined
      ? {}
      : {
          create: async (call, intent) => single(await many.create(call, [intent])),
          find: (call, intent) => find(call, table, intent),
        }
  return {
    in: BASE,
    fields: Object.fromEntries(table.columns.map(({ field, declared }) => [field, declared])),
    ...(under === undefined ? {} : { under }),
    ...(match === undefined ? {} : { match }),
    ...(changes === 'poll' ? { blind: { delete: 'no list tells of it: the next listing notices' } } : {}),
    compares: { update: 'connector', delete: 'connector' },
    get: (call, ref) => get(call, table, ref),
    ...making,
    update: async (call, intent) => single(await many.update(call, [intent])),
    delete: async (call, intent) => void single(await many.delete(call, [intent])),
    batch: {
      most: MOST_RECORDS,
      update: many.update,
      delete: many.delete,
      ...(sync === undefined ? {} : { create: many.create }),
    },
  }
}

async function get(call: Call<Api>, table: Table, ref: string): Promise<Item> {
  const record = (await recordsBy(call.api, table, [ref])).get(ref)
  if (record === undefined) throw new ConnectorError('missing', `${table.name} has no record ${ref}`)
  return readableItem(call, table, record)
}

function single<Done>([answer]: Answers<Done>): Done {
  if (answer instanceof ConnectorError) throw answer
  if (answer === undefined) throw new ConnectorError('unavailable', 'Airtable did not say what became of it')
  return answer
}
