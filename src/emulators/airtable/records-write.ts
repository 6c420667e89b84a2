/** Records as they are written: ten at a time, all of them or none. */
import { z } from 'zod'
import { idsOf, uploadOf } from './attachments.ts'
import { invalid, unprocessable } from './answers.ts'
import { cellOf, COMPUTED } from './cells.ts'
import { cellJson, recordJson } from './cell-views.ts'
import { keepRow } from './links.ts'
import { rowOf } from './records-read.ts'
import { fieldOf, newRow, tableOf, transact, type Actor, type Base, type Field, type Row, type World } from './state.ts'

const MOST_RECORDS = 10
const cells = z.record(z.string(), z.unknown())
const OPTIONS = { typecast: z.boolean().optional(), returnFieldsByFieldId: z.boolean().optional() }
const CREATE = z.union([
  z.strictObject({ fields: cells, ...OPTIONS }),
  z.strictObject({ records: z.array(z.strictObject({ fields: cells })), ...OPTIONS }),
])
const UPDATE = z.strictObject({
  records: z.array(z.strictObject({ id: z.string().optional(), fields: cells })),
  performUpsert: z.strictObject({ fieldsToMergeOn: z.array(z.string()).min(1).max(3) }).optional(),
  ...OPTIONS,
})
const UPDATE_ONE = z.strictObject({ fields: cells, ...OPTIONS })

type Cells = z.output<typeof cells>

export interface Place {
  readonly world: World
  readonly base: string
  /** By id or name. */
  readonly table: string
  readonly actor: Actor
}

/** Answers a record where a single one was given, else a list. */
export function createRecords({ world, base, table, actor }: Place, value: unknown) {
  const body = read(CREATE, value)
  const given = 'records' in body && body.records !== undefined ? body.records : null
  const wanted = given ?? [{ fields: 'fields' in body ? body.fields : {} }]
  countRecords(wanted)
  const made = transact(world, base, actor, (draft) =>
    wanted.map(({ fields }) => insert(world, actor, draft, table, fields, body.typecast === true)),
  )
  const records = toldRecords(world, base, table, made, body.returnFieldsByFieldId)
  return given === null ? (records[0] ?? {}) : { records }
}

/** `isPut`: cells that are not named are emptied. */
export function updateRecords({ world, base, table, actor }: Place, value: unknown, isPut: boolean) {
  const { records, performUpsert, typecast = false, returnFieldsByFieldId } = read(UPDATE, value)
  countRecords(records)
  const created: string[] = []
  const updated: string[] = []
  const ids = transact(world, base, actor, (draft) =>
    records.map(({ id, fields }) => {
      const target =
        id ?? (performUpsert === undefined ? null : matchOf(world, draft, table, performUpsert.fieldsToMergeOn, fields))
      if (target === null && performUpsert === undefined) throw invalid('records: an "id" is missing')
      if (target === null) {
        const made = insert(world, actor, draft, table, fields, typecast)
        created.push(made)
        return made
      }
      const row = tableOf(draft, table).rows.get(target)
      if (row === undefined)
        throw unprocessable('ROW_DOES_NOT_EXIST', `Record ID ${target} does not exist in this table`)
      change(world, actor, draft, table, row, fields, typecast, isPut)
      updated.push(target)
      return target
    }),
  )
  const told = { records: toldRecords(world, base, table, ids, returnFieldsByFieldId) }
  return performUpsert === undefined ? told : { ...told, createdRecords: created, updatedRecords: updated }
}

export function updateRecord({ world, base, table, actor }: Place, id: string, value: unknown, isPut: boolean) {
  const { fields, typecast = false, returnFieldsByFieldId } = read(UPDATE_ONE, value)
  transact(world, base, actor, (draft) =>
    change(world, actor, draft, table, rowOf(world, tableOf(draft, table), id), fields, typecast, isPut),
  )
  return toldRecords(world, base, table, [id], returnFieldsByFieldId)[0] ?? {}
}

export function deleteRecords({ world, base, table, actor }: Place, ids: readonly string[]) {
  if (ids.length === 0 || ids.length > MOST_RECORDS) throw tooMany()
  transact(world, base, actor, (draft) => {
    for (const id of ids) {
      const found = tableOf(draft, table)
      const row = found.rows.get(id)
      if (row === undefined) throw unprocessable('ROW_DOES_NOT_EXIST', `Record ID ${id} does not exist in this table`)
      keepRow(world, actor, draft, found, row, null)
    }
  })
  return { records: ids.map((id) => ({ id, deleted: true })) }
}

export function deleteRecord({ world, base, table, actor }: Place, id: string) {
  transact(world, base, actor, (draft) => {
    const found = tableOf(draft, table)
    keepRow(world, actor, draft, found, rowOf(world, found, id), null)
  })
  return { id, deleted: true }
}

/** The bytes of a file, added to those of a cell. */
export function uploadAttachment(
  { world, base, actor }: Omit<Place, 'table'>,
  id: string,
  fieldName: string,
  value: unknown,
) {
  const told = transact(world, base, actor, (draft) => {
    const table = [...draft.tables.values()].find(({ rows }) => rows.has(id))
    const row = rowOf(world, table ?? { ...emptyTable }, id)
    if (table === undefined) throw invalid()
    const field = fieldOf(table, fieldName)
    if (field.type !== 'multipleAttachments') throw invalid(`Field "${field.name}" holds no attachments`)
    const ids = [...idsOf(row.cells.get(field.id)), uploadOf(world, value).id]
    const after = { ...row, cells: new Map(row.cells).set(field.id, ids), ...touched(world, actor) }
    keepRow(world, actor, draft, table, row, after)
    return { row: after, field, table: table.id, draft }
  })
  const { row, field, draft } = told
  const whole = recordJson(world, draft, tableOf(draft, told.table), row, 'id')
  return { ...whole, fields: { [field.id]: whole.fields[field.id] } }
}

const emptyTable = { id: '', name: '', primaryFieldId: '', viewId: '', fields: [], rows: new Map<string, Row>() }

export function insert(
  world: World,
  actor: Actor,
  draft: Base,
  table: string,
  fields: Cells,
  typecast: boolean,
): string {
  const row = newRow(world, actor, tableOf(draft, table).id, new Map())
  const filled = { ...row, cells: cellsAfter(world, actor, draft, table, row, fields, typecast) }
  keepRow(world, actor, draft, tableOf(draft, table), null, filled)
  return row.id
}

function change(
  world: World,
  actor: Actor,
  draft: Base,
  table: string,
  row: Row,
  fields: Cells,
  typecast: boolean,
  isPut: boolean,
): void {
  const kept = isPut ? { ...row, cells: new Map() } : row
  const after = {
    ...row,
    cells: cellsAfter(world, actor, draft, table, kept, fields, typecast),
    ...touched(world, actor),
  }
  // Typecasting may have made the table anew, and records of it.
  keepRow(world, actor, draft, tableOf(draft, table), row, after)
}

function touched({ ports }: World, { user }: Actor): Pick<Row, 'modifiedAt' | 'modifiedBy'> {
  return { modifiedAt: ports.now(), modifiedBy: user }
}

function cellsAfter(
  world: World,
  actor: Actor,
  draft: Base,
  table: string,
  row: Row,
  fields: Cells,
  typecast: boolean,
): Row['cells'] {
  const after = new Map(row.cells)
  for (const [name, value] of Object.entries(fields)) {
    const field = fieldOf(tableOf(draft, table), name)
    const cell = cellOf({ world, base: draft, tableId: tableOf(draft, table).id, actor, typecast }, field, value)
    if (cell === null) after.delete(field.id)
    else after.set(field.id, cell)
  }
  return after
}

const MERGEABLE = new Set(['number', 'singleLineText', 'multilineText', 'singleSelect', 'multipleSelects', 'date'])

/** The one record with the same values; null where there is none. Several are a mistake. */
function matchOf(world: World, draft: Base, tableName: string, names: readonly string[], given: Cells): string | null {
  const table = tableOf(draft, tableName)
  const fields = names.map((name) => fieldOf(table, name))
  const misfit = fields.find(({ type }) => !MERGEABLE.has(type) || COMPUTED.has(type))
  if (misfit !== undefined) throw invalid(`fieldsToMergeOn: the field "${misfit.name}" cannot be merged on`)
  const wantedOf = (field: Field): string => JSON.stringify(given[field.name] ?? given[field.id] ?? null)
  const found = [...table.rows.values()].filter((row) =>
    fields.every((field) => JSON.stringify(cellJson(world, draft, table, row, field, 'v1')) === wantedOf(field)),
  )
  if (found.length > 1) throw invalid(`fieldsToMergeOn: ${found.length} records match`)
  return found[0]?.id ?? null
}

function toldRecords(world: World, baseId: string, tableName: string, ids: readonly string[], byId = false) {
  const base = world.bases.get(baseId)
  if (base === undefined) return []
  const table = tableOf(base, tableName)
  return ids.map((id) => recordJson(world, base, table, rowOf(world, table, id), byId ? 'id' : 'name'))
}

function countRecords(records: readonly unknown[]): void {
  if (records.length === 0 || records.length > MOST_RECORDS) throw tooMany()
}

function tooMany(): Error {
  return unprocessable('INVALID_RECORDS', `You must provide an array of up to ${MOST_RECORDS} records`)
}

function read<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw invalid()
}
