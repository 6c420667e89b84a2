/** Records as they are written: up to ten in a call, all of them or none, and never a cell that is not named. */
import {
  ConnectorError,
  sameValue,
  type Answers,
  type Call,
  type Create,
  type Delete,
  type Item,
  type Json,
  type Made,
  type Unread,
  type Update,
  type Values,
} from '../../connector/index.ts'
import { page, pathOf, quoted, recordsBy, type Api } from './api.ts'
import { sentIn, type Sent } from './files.ts'
import { changeOf, itemOf } from './items.ts'
import type { Table } from './table.ts'
import { written } from './values.ts'
import { records, type WireRecord } from './wire.ts'

export const MOST_RECORDS = 10

/** Made by the sync id: a request that comes twice finds what it has made. */
export async function create(call: Call<Api>, table: Table, intents: readonly Create[]): Promise<Answers<Made>> {
  const syncId = syncIdOf(table)
  const sent = await filesSent(
    call,
    table,
    intents.map(({ values }) => values),
  )
  const wanted = intents.map(({ key, values }) => ({ fields: { ...cellsOf(table, values, sent), [syncId]: key } }))
  const stored = await send(call, table, wanted, { performUpsert: { fieldsToMergeOn: [syncId] } })
  return intents.map(({ key }) => {
    const made = stored.find(({ fields }) => fields[syncId] === key)
    return made === undefined ? unanswered(key) : [changeOf(call, table, made)]
  })
}

/** Several with one sync id, as when somebody copied a record, are told: which one it is, nobody knows. */
export async function find(call: Call<Api>, table: Table, { key }: Create): Promise<Made | null> {
  const { records: found } = await page(call.api, table, { formula: `{${syncIdOf(table)}}=${quoted(key)}` })
  if (found.length > 1)
    throw new ConnectorError(
      'rejected',
      `${found.map(({ id }) => id).join(', ')} in ${table.name} have the same sync id: empty it in all but one`,
    )
  return found[0] === undefined ? null : [changeOf(call, table, found[0])]
}

/** Read just before, all of them in one call. */
export async function update(
  call: Call<Api>,
  table: Table,
  intents: readonly Update[],
): Promise<Answers<Item | Unread>> {
  const there = await lookedAt(call, table, intents)
  const good = intents.filter((_, at) => there[at] === null)
  const sent = await filesSent(
    call,
    table,
    good.map(({ changed }) => changed),
  )
  const wanted = good.map(({ ref, changed }) => ({ id: ref, fields: cellsOf(table, changed, sent) }))
  const stored = new Map((wanted.length === 0 ? [] : await send(call, table, wanted)).map((each) => [each.id, each]))
  return intents.map((intent, at) => {
    const failed = there[at] ?? null
    const now = stored.get(intent.ref)
    return failed ?? (now === undefined ? unanswered(intent.ref) : answered(call, table, intent, now))
  })
}

/** A field that was taken away meanwhile reads as an empty one in an answer, and is refused to a read. */
function answered(call: Call<Api>, table: Table, { ref, changed, base }: Update, now: WireRecord): Item | Unread {
  const item = itemOf(call, table, now)
  const isWhole = table.columns.every(
    ({ field }) => field in changed || (base.values[field] ?? null) === null || (item?.values[field] ?? null) !== null,
  )
  // What was written is nobody's edit.
  return item === null || !isWhole ? { scope: call.scope, ref, unread: true } : { ...item, editedAt: undefined }
}

export async function remove(call: Call<Api>, table: Table, intents: readonly Delete[]): Promise<Answers<null>> {
  const there = await lookedAt(call, table, intents)
  const ids = intents.filter((_, at) => there[at] === null).map(({ ref }) => ref)
  if (ids.length > 0) await call.api.client.delete(pathOf(call.api, table), { query: { records: ids } })
  return there
}

/** Null: it is as it was last seen, in what may be written. */
async function lookedAt(
  call: Call<Api>,
  table: Table,
  intents: readonly { readonly ref: string; readonly base: Item }[],
): Promise<readonly (ConnectorError | null)[]> {
  const found = await recordsBy(
    call.api,
    table,
    intents.map(({ ref }) => ref),
  )
  return intents.map(({ ref, base }) => {
    const record = found.get(ref)
    if (record === undefined) return new ConnectorError('missing', `${table.name} has no record ${ref}`)
    const now = itemOf(call, table, record)
    const isSame = table.columns.every(
      ({ field, declared: { written: may } }) => may === 'never' || sameValue(now?.values[field], base.values[field]),
    )
    return now !== null && isSame ? null : new ConnectorError('stale', `${ref} in ${table.name} was changed meanwhile`)
  })
}

interface Wanted {
  readonly id?: string
  readonly fields: Readonly<Record<string, Json>>
}

async function send({ api }: Call<Api>, table: Table, wanted: readonly Wanted[], also: object = {}) {
  const body = { records: wanted, typecast: false, returnFieldsByFieldId: table.byId, ...also }
  return (await api.client.patch(pathOf(api, table), { body, as: records })).records
}

function filesSent({ api }: Call<Api>, { columns }: Table, all: readonly Values[]): Promise<Sent> {
  const fields = columns.filter(({ declared }) => declared.type === 'file').map(({ field }) => field)
  return sentIn(
    api,
    all.flatMap((values) => fields.map((field) => values[field] ?? null)),
  )
}

function cellsOf({ columns }: Table, values: Values, sent: Sent): Record<string, Json> {
  const cells: Record<string, Json> = {}
  for (const column of columns) {
    const value = values[column.field]
    if (value !== undefined) cells[column.name] = written(column, value, sent)
  }
  return cells
}

function unanswered(what: string): ConnectorError {
  return new ConnectorError('unavailable', `Airtable did not say what became of ${what}`)
}

function syncIdOf({ config, name }: Table): string {
  if (config.sync === undefined) throw new ConnectorError('rejected', `${name} has no \`sync\``)
  return config.sync
}
