/** How records read as items. */
import {
  ConnectorError,
  type Call,
  type Change,
  type Item,
  type Json,
  type Person,
  type Ref,
  type Values,
} from '../../connector/index.ts'
import type { Api } from './api.ts'
import { BASE } from './config.ts'
import type { Table } from './table.ts'
import { read, UNFIT } from './values.ts'
import { collaborator, type WireRecord } from './wire.ts'

type Seen = Pick<Call<Api>, 'api' | 'actor'>

export function baseChange({ config: { base } }: Api): Change {
  return { kind: BASE, ...baseItem(base) }
}

export function baseItem(ref: Ref): Item {
  return { scope: '', ref, values: { name: ref } }
}

export function changeOf(seen: Seen, table: Table, record: WireRecord): Change {
  const item = itemOf(seen, table, record)
  return item === null
    ? { kind: table.kind, scope: seen.api.config.base, ref: record.id, unread: true }
    : { kind: table.kind, ...item }
}

/** Throws where a cell holds what its field cannot. */
export function readableItem(seen: Seen, table: Table, record: WireRecord): Item {
  const item = itemOf(seen, table, record)
  if (item !== null) return item
  const names = table.columns.filter((each) => read(each, record.fields[each.name]) === UNFIT).map(({ name }) => name)
  throw new ConnectorError(
    'rejected',
    `${names.join(', ')} of ${record.id} in ${table.name} holds what no field can hold`,
  )
}

/** Null: a cell holds what its field cannot. */
export function itemOf({ api, actor }: Seen, table: Table, { id, createdTime, fields }: WireRecord): Item | null {
  const { sync, author: authorField, edited, editor } = table.config
  const values = valuesOf(table, fields)
  if (values === null) return null
  const told = (name: string | undefined): Json => (name === undefined ? null : (fields[name] ?? null))
  const key = told(sync)
  const author = personOf(told(authorField), actor)
  const editedAt = told(edited)
  const isOwn = personOf(told(editor), actor)?.ref === actor.ref
  return {
    scope: api.config.base,
    ref: id,
    values,
    createdAt: new Date(createdTime).toISOString(),
    ...(author === null ? {} : { author }),
    ...(typeof key === 'string' && key !== '' ? { key } : {}),
    ...(typeof editedAt === 'string' && !isOwn ? { editedAt: new Date(editedAt).toISOString() } : {}),
  }
}

function valuesOf({ columns }: Table, fields: WireRecord['fields']): Values | null {
  const values: { [field: string]: Json } = {}
  for (const column of columns) {
    const value = read(column, fields[column.name])
    if (value === UNFIT) return null
    values[column.field] = value
  }
  return values
}

/** Our own user is known by the id alone where the token may not tell the e-mail, though cells do. */
function personOf(cell: Json, actor: Person): Person | null {
  const { data } = collaborator.safeParse(cell)
  if (data === undefined) return null
  const email = data.email?.toLowerCase()
  return { ref: data.id === actor.ref ? data.id : (email ?? data.id), name: data.name, email }
}
