/**
 * What a webhook's list tells of a transaction: the differences between a base before and after, through the webhook's
 * filters.
 */
import { cellJson, cellsJson } from './cell-views.ts'
import { COMPUTED } from './cells.ts'
import { timeText, type Base, type Field, type Row, type Table, type Transaction, type World } from './state.ts'
import type { Specification } from './specification.ts'

type Found = Record<string, unknown>

/** Null: nothing that the webhook watches. */
export function payloadOf(world: World, { filters, includes }: Specification, transaction: Transaction): object | null {
  const { before, after, actor } = transaction
  if (filters.fromSources !== undefined && !filters.fromSources.includes(actor.source)) return null
  const watches = (type: 'tableData' | 'tableFields' | 'tableMetadata'): boolean => filters.dataTypes.includes(type)
  const isIn = (table: Table): boolean =>
    filters.recordChangeScope === undefined || filters.recordChangeScope === table.id
  const changes = filters.changeTypes ?? ['add', 'update', 'remove']
  const changed: Found = {}
  for (const table of after.tables.values()) {
    const old = before.tables.get(table.id)
    if (old === undefined || old === table || !isIn(table)) continue
    const found = {
      ...(watches('tableData') ? rowChanges(world, { before, after, old, table, filters, includes, changes }) : {}),
      ...(watches('tableFields') ? fieldChanges(old, table, filters, includes, changes) : {}),
      ...(watches('tableMetadata') && changes.includes('update') ? metadataChanges(old, table) : {}),
    }
    if (Object.keys(found).length > 0) changed[table.id] = found
  }
  const made = [...after.tables.values()].filter((table) => !before.tables.has(table.id) && isIn(table))
  const gone = [...before.tables.values()].filter((table) => !after.tables.has(table.id) && isIn(table))
  const told = {
    ...(Object.keys(changed).length > 0 ? { changedTablesById: changed } : {}),
    ...(watches('tableMetadata') && changes.includes('add') && made.length > 0
      ? { createdTablesById: Object.fromEntries(made.map((table) => [table.id, tableMade(world, after, table)])) }
      : {}),
    ...(watches('tableMetadata') && changes.includes('remove') && gone.length > 0
      ? { destroyedTableIds: gone.map(({ id }) => id) }
      : {}),
  }
  return Object.keys(told).length === 0 ? null : { ...headOf(world, transaction), ...told }
}

/** The webhook watches something that is not there any more. */
export function brokenPayload(world: World, transaction: Transaction): object {
  return { ...headOf(world, transaction), error: true, code: 'INVALID_FILTERS' }
}

function headOf(world: World, { number, at, actor, after }: Transaction) {
  const user = world.users.get(actor.user)
  const permissionLevel = after.permissions?.[actor.user] ?? 'create'
  return {
    timestamp: timeText(at),
    baseTransactionNumber: number,
    payloadFormat: 'v0',
    actionMetadata: {
      source: actor.source,
      ...(user === undefined
        ? {}
        : { sourceMetadata: { user: { id: user.id, email: user.email, name: user.name, permissionLevel } } }),
    },
  }
}

interface Sides extends Specification {
  readonly before: Base
  readonly after: Base
  readonly old: Table
  readonly table: Table
  readonly changes: readonly string[]
}

function rowChanges(world: World, sides: Sides): Found {
  const { after, old, table, changes } = sides
  const created: Found = {}
  const changed: Found = {}
  for (const row of table.rows.values()) {
    const was = old.rows.get(row.id)
    if (was === undefined) {
      if (changes.includes('add'))
        created[row.id] = {
          createdTime: timeText(row.createdAt),
          cellValuesByFieldId: cellsJson(world, after, table, row, 'id', 'v2'),
        }
    } else if (was !== row && changes.includes('update')) {
      const told = rowChange(world, sides, was, row)
      if (told !== null) changed[row.id] = told
    }
  }
  const destroyed = changes.includes('remove') ? [...old.rows.keys()].filter((id) => !table.rows.has(id)) : []
  return {
    ...(Object.keys(created).length > 0 ? { createdRecordsById: created } : {}),
    ...(Object.keys(changed).length > 0 ? { changedRecordsById: changed } : {}),
    ...(destroyed.length > 0 ? { destroyedRecordIds: destroyed } : {}),
  }
}

/** Fields that somebody wrote; what is computed is not told. An emptied cell is null. */
function rowChange(world: World, sides: Sides, was: Row, row: Row): object | null {
  const { before, after, old, table, filters, includes } = sides
  const watched = filters.watchDataInFieldIds
  const stored = table.fields.filter(({ type }) => !COMPUTED.has(type))
  const differs = ({ id }: Field): boolean => JSON.stringify(was.cells.get(id)) !== JSON.stringify(row.cells.get(id))
  const touched = stored.filter((field) => differs(field) && (watched === undefined || watched.includes(field.id)))
  if (touched.length === 0) return null
  const values = (base: Base, of: Table, from: Row, fields: readonly Field[]) => ({
    cellValuesByFieldId: Object.fromEntries(
      fields.map((field) => [
        field.id,
        cellJson(world, base, of, from, of.fields.find(({ id }) => id === field.id) ?? field, 'v2'),
      ]),
    ),
  })
  const beside = includes?.includeCellValuesInFieldIds
  const unchanged = stored.filter(
    (field) =>
      !touched.includes(field) &&
      !differs(field) &&
      row.cells.has(field.id) &&
      (beside === 'all' || beside?.includes(field.id)),
  )
  return {
    current: values(after, table, row, touched),
    ...(includes?.includePreviousCellValues === true ? { previous: values(before, old, was, touched) } : {}),
    ...(beside === undefined ? {} : { unchanged: values(after, table, row, unchanged) }),
  }
}

function fieldChanges(
  old: Table,
  table: Table,
  { watchSchemasOfFieldIds: watched }: Specification['filters'],
  includes: Specification['includes'],
  changes: readonly string[],
): Found {
  const told = ({ name, type }: Field) => ({ name, type })
  const wasOf = (id: string): Field | undefined => old.fields.find((field) => field.id === id)
  const created = table.fields.filter(({ id }) => wasOf(id) === undefined)
  const destroyed = old.fields.filter(({ id }) => table.fields.every((field) => field.id !== id))
  const changed = table.fields.filter((field) => {
    const was = wasOf(field.id)
    return was !== undefined && was !== field && (watched === undefined || watched.includes(field.id))
  })
  return {
    ...(changes.includes('add') && created.length > 0
      ? { createdFieldsById: Object.fromEntries(created.map((field) => [field.id, told(field)])) }
      : {}),
    ...(changes.includes('update') && changed.length > 0
      ? {
          changedFieldsById: Object.fromEntries(
            changed.map((field) => {
              const was = wasOf(field.id) ?? field
              const previous = includes?.includePreviousFieldDefinitions === true ? { previous: told(was) } : {}
              return [field.id, { current: told(field), ...previous }]
            }),
          ),
        }
      : {}),
    ...(changes.includes('remove') && destroyed.length > 0 ? { destroyedFieldIds: destroyed.map(({ id }) => id) } : {}),
  }
}

function metadataChanges(old: Table, table: Table): Found {
  if (old.name === table.name && old.description === table.description) return {}
  const told = ({ name, description }: Table) => ({ name, description: description ?? null })
  return { changedMetadata: { current: told(table), previous: told(old) } }
}

function tableMade(world: World, base: Base, table: Table) {
  return {
    metadata: { name: table.name, description: table.description ?? null },
    fieldsById: Object.fromEntries(table.fields.map(({ id, name, type }) => [id, { name, type }])),
    recordsById: Object.fromEntries(
      [...table.rows.values()].map((row) => [
        row.id,
        { createdTime: timeText(row.createdAt), cellValuesByFieldId: cellsJson(world, base, table, row, 'id', 'v2') },
      ]),
    ),
  }
}
