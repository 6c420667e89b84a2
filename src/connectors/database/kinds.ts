/** A kind for each table, and the one of those whose rows they are. */
import {
  ConnectorError,
  failedAs,
  requiredText,
  type Answers,
  type Call,
  type Create,
  type Delete,
  type Item,
  type Json,
  type Kind,
  type Kinds,
  type Made,
  type Tombstone,
  type Unread,
  type Update,
} from '../../connector/index.ts'
import { rowsOf, run, type DatabaseApi } from './api.ts'
import { ALL, OWNER, ROWS_IN_A_WRITE, type DatabaseConfig } from './config.ts'
import { tableName, quoted, valuesFor, type Became, type Writing } from './dialect.ts'
import { withTypes } from './refusing.ts'
import { changeOf, one, scopeOf, unfitIn } from './rows.ts'
import { keyIn, tablesOf, uniqueOf, type Table } from './table.ts'
import { uuidOf } from './uuid.ts'

/** A statement ends after 15 seconds; whatever becomes of it is known soon after. */
const SETTLE_S = 30

export function kindsOf(config: DatabaseConfig): Kinds<DatabaseApi> {
  const rows = tablesOf(config).map((table) => [table.kind, kindOf(table, config)] as const)
  return { [OWNER]: owner, ...Object.fromEntries(rows) }
}

/** Someone whose rows these are: a value of the owner's column, whether or not there are rows of it. */
const owner: Kind<DatabaseApi> = {
  is: 'container',
  fields: { name: { type: 'text', required: true, written: 'on-create' } },
  idempotent: true,
  blind: { create: 'no change tells of an owner without rows', delete: 'an owner is a value, and cannot be deleted' },
  async get({ api }, ref) {
    const { words } = api.dialect
    const values = valuesFor(words)
    const reads = api.tables
      .filter((table) => (table.owner === null) === (ref === ALL))
      .map(({ name, owner: column }) => {
        const where = column === null ? '' : ` WHERE ${words.holds(`t.${quoted(column)}`, values.add(ref))}`
        return `EXISTS (SELECT 1 FROM ${tableName(name)} t${where})`
      })
    if (reads.length === 0) throw new ConnectorError('missing', `no table has rows of ${ref}`)
    await rowsOf(api, {
      text: `SELECT ${reads.map((each, at) => `${each} AS "r${at}"`).join(', ')}`,
      values: values.list,
    })
    return ownerNamed(ref)
  },
  // It is there once it has rows.
  create: (_, { values }) => Promise.resolve([{ kind: OWNER, ...ownerNamed(requiredText(values, 'name')) }]),
}

function ownerNamed(ref: string): Item {
  return { scope: '', ref, values: { name: ref } }
}

function kindOf(table: Table, config: DatabaseConfig): Kind<DatabaseApi> {
  const { under, match, takes } = table.config
  const unique = uniqueOf(table.config)
  const isPolled = config.capture !== 'triggers'
  const scopeField = table.columns.find(
    ({ column, declared }) => column === table.owner && declared.to === OWNER,
  )?.field
  const batch: Required<NonNullable<Kind<DatabaseApi>['batch']>> = {
    most: ROWS_IN_A_WRITE,
    create: (call, intents) => create(call, table, intents),
    update: (call, intents) => update(call, table, intents),
    delete: (call, intents) => remove(call, table, intents),
  }
  return {
    in: OWNER,
    fields: Object.fromEntries(table.columns.map(({ field, declared }) => [field, declared])),
    ...(scopeField === undefined ? {} : { scopeField }),
    ...(under === undefined ? {} : { under }),
    ...(unique.length === 0 ? {} : { unique }),
    ...(match === undefined ? {} : { match }),
    ...(takes.length === 0 ? {} : { takes }),
    ...(table.keys === 'uuid' ? { idempotent: true as const } : {}),
    ...(isPolled ? { blind: config.capture === 'off' ? UNSEEN : blindOf(table) } : {}),
    compares: { update: 'system', delete: 'system' },
    settle: SETTLE_S,
    get: (call, ref) => get(call, table, ref),
    create: async (call, intent) => single(await batch.create(call, [intent])),
    ...(isPolled && table.keys === 'database' ? {} : { find: (call, intent) => find(call, table, intent) }),
    update: async (call, intent) => single(await batch.update(call, [intent])),
    delete: async (call, intent) => void single(await batch.delete(call, [intent])),
    batch,
  }
}

const LISTED = 'what others write is noticed by the next listing'
const UNSEEN = { create: LISTED, update: LISTED, delete: LISTED, move: LISTED }

function blindOf({ updated, deleted }: Table): NonNullable<Kind<unknown>['blind']> {
  const gone = 'a row that is no more tells nothing: the next listing notices'
  const late = 'what a long transaction commits after the overlap is noticed by the next listing'
  const moved = 'a row of another owner now is noticed by the next listing'
  return {
    move: moved,
    ...(deleted !== null && updated !== null ? {} : { delete: gone }),
    ...(updated === null ? {} : { create: late, update: late }),
  }
}

function single<Done>([answer]: Answers<Done>): Done {
  if (answer instanceof ConnectorError) throw answer
  if (answer === undefined) throw new ConnectorError('unavailable', 'the database did not say what became of it')
  return answer
}

/** The same for all: what the system gives `get` it gives to any read of a row. */
async function get({ api }: Call<DatabaseApi>, table: Table, ref: string): Promise<Item | Tombstone> {
  const { words } = api.dialect
  const key = keyIn(table, ref)
  const [row] = key === null ? [] : await rowsOf(api, one(words, table, key))
  if (row === undefined) throw new ConnectorError('missing', `${table.name} has no row ${ref}`)
  const change = changeOf(words, table, row)
  if ('unread' in change)
    throw new ConnectorError(
      'rejected',
      `${unfitIn(words, table, row).join(', ')} of row ${ref} of ${table.name} holds what no field can hold`,
    )
  return change
}

/** One call for all of them. */
async function write<Done>(
  { api }: Call<DatabaseApi>,
  table: Table,
  writing: (table: Table) => Writing<Became>,
  answer: (became: Became) => Done | ConnectorError,
): Promise<Answers<Done>> {
  return await withTypes(api, [table], async ([one = table]) => (await outcomes(api, writing(one))).map(answer))
}

async function outcomes(
  api: DatabaseApi,
  { statements, answers, instead }: Writing<Became>,
): Promise<readonly Became[]> {
  try {
    return answers(await run(api, statements))
  } catch (error) {
    if (instead === undefined || !failedAs(error, 'rejected')) throw error
    return await outcomes(api, instead())
  }
}

async function create(call: Call<DatabaseApi>, table: Table, intents: readonly Create[]): Promise<Answers<Made>> {
  const { dialect, config, runtime } = call.api
  const made = config.capture === 'triggers' ? dialect.noted(config.captureSchema).made : null
  const making = { scope: call.scope, made, now: nowOf(runtime.clock.now()) }
  const answers = await write<Made>(
    call,
    table,
    (of) => dialect.create(of, intents, making),
    (became) => {
      if (became.is === 'done') return [became.change]
      return table.unique.length > 0
        ? new ConnectorError('stale', `something stands in its place in ${table.name}`)
        : new ConnectorError('key-taken', `this row of ${table.name} was made before`)
    },
  ).catch((error: unknown) => {
    // What is refused is refused for all of them, and then each is tried alone.
    if (intents.length === 1 && failedAs(error, 'rejected')) return [error]
    throw error
  })
  const settled: (Made | ConnectorError)[] = []
  for (const [at, intent] of intents.entries()) {
    const answer = answers[at] ?? new ConnectorError('unavailable', 'the database did not say what became of it')
    settled.push(answer instanceof ConnectorError ? ((await strayed(call, table, intent, answer)) ?? answer) : answer)
  }
  return settled
}

/** A row is not made where its parent is gone, or another owner's row by now: null where that was not it. */
async function strayed(
  { api, scope }: Call<DatabaseApi>,
  table: Table,
  intent: Create,
  { failure }: ConnectorError,
): Promise<ConnectorError | null> {
  if (table.parent === null) return null
  const { field, kind } = table.parent
  const parent = api.tables.find((each) => each.kind === kind)
  const key = parent === undefined ? null : keyIn(parent, requiredText(intent.values, field))
  if (parent === undefined || key === null) return null
  const [row] = await rowsOf(api, one(api.dialect.words, parent, key))
  if (row === undefined ? failure !== 'rejected' : scopeOf(parent, row) === scope) return null
  return new ConnectorError(
    'missing',
    `the row of ${parent.name} that it is under is not there any more, or not of ${scope}`,
  )
}

async function find(call: Call<DatabaseApi>, table: Table, intent: Create): Promise<Made | null> {
  const { api, scope } = call
  const { words, noted, find: finding } = api.dialect
  const shown = async (statement: ReturnType<typeof one>): Promise<Made | null> => {
    const [row] = await rowsOf(api, statement)
    return row === undefined ? null : [changeOf(words, table, row, scope)]
  }
  if (api.config.capture === 'triggers') {
    const { made } = noted(api.config.captureSchema)
    const found = await withTypes(api, [table], ([of = table]) => shown(finding(of, intent.key, made)))
    if (found !== null || table.keys === 'database') return found
  }
  const key =
    table.keys === 'uuid'
      ? [uuidOf(intent.key)]
      : table.key.map((column) =>
          keyPart(intent.values[table.columns.find((each) => each.column === column)?.field ?? ''] ?? ''),
        )
  return await shown(one(words, table, key))
}

async function update(
  call: Call<DatabaseApi>,
  table: Table,
  intents: readonly Update[],
): Promise<Answers<Item | Unread>> {
  const { dialect, runtime } = call.api
  const writing = (of: Table) => dialect.update(of, call.scope, intents, nowOf(runtime.clock.now()))
  return await write<Item | Unread>(call, table, writing, (became) => {
    if (became.is !== 'done') return lost(table, became)
    const { kind: _kind, ...rest } = became.change
    // A row that a filter lets through no more is read again, and told so.
    return 'gone' in rest ? { scope: rest.scope, ref: rest.ref, unread: true } : rest
  })
}

async function remove(call: Call<DatabaseApi>, table: Table, intents: readonly Delete[]): Promise<Answers<null>> {
  const { dialect, runtime } = call.api
  const writing = (of: Table) => dialect.remove(of, call.scope, intents, nowOf(runtime.clock.now()))
  return await write<null>(call, table, writing, (became) => (became.is === 'done' ? null : lost(table, became)))
}

function lost(table: Table, became: Became): ConnectorError {
  return became.is === 'missing'
    ? new ConnectorError('missing', `the row of ${table.name} is not there any more`)
    : new ConnectorError('stale', `the row of ${table.name} was changed meanwhile`)
}

function nowOf(ms: number): string {
  return new Date(ms).toISOString()
}

/** Of a key that a field gives. */
function keyPart(value: Json): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
