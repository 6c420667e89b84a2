/** Cells as they are read: in the form of records, and in that of webhooks, which tells more of options, links and people. */
import { attachmentJson, idsOf } from './attachments.ts'
import { compile, primitiveJson, type Context, type Primitive } from './formula.ts'
import {
  tableOf,
  textCell,
  timeText,
  type Base,
  type Cell,
  type Field,
  type Row,
  type Table,
  type World,
} from './state.ts'

/** `v1`: as records tell cells. `v2`: as webhooks do. */
export type Form = 'v1' | 'v2'

/** By name or by id; empty cells are left out. */
export function cellsJson(world: World, base: Base, table: Table, row: Row, by: 'name' | 'id', form: Form = 'v1') {
  const entries = table.fields.flatMap((field) => {
    const value = cellJson(world, base, table, row, field, form)
    return value === null ? [] : [[field[by], value] as const]
  })
  return Object.fromEntries(entries)
}

export function recordJson(world: World, base: Base, table: Table, row: Row, by: 'name' | 'id') {
  return { id: row.id, createdTime: timeText(row.createdAt), fields: cellsJson(world, base, table, row, by) }
}

/** Null where the cell is empty. */
export function cellJson(world: World, base: Base, table: Table, row: Row, field: Field, form: Form): unknown {
  switch (field.type) {
    case 'createdTime':
      return timeText(row.createdAt)
    case 'lastModifiedTime':
      return timeText(row.modifiedAt)
    case 'createdBy':
      return personJson(world, base, row.createdBy, form)
    case 'lastModifiedBy':
      return personJson(world, base, row.modifiedBy, form)
    case 'autoNumber':
      return row.number
    case 'formula':
      return formulaJson(world, base, table, row, field)
    case 'count': {
      const link = table.fields.find(({ id }) => id === field.options?.recordLinkFieldId)
      return link === undefined ? 0 : idsOf(row.cells.get(link.id)).length
    }
    case 'multipleLookupValues':
      return lookupJson(world, base, table, row, field, form)
    default: {
      const cell = row.cells.get(field.id)
      return cell === undefined ? null : storedJson(world, base, field, cell, form)
    }
  }
}

function storedJson(world: World, base: Base, field: Field, cell: Cell, form: Form): unknown {
  const choice = (id: string): unknown => {
    const found = field.options?.choices?.find((each) => each.id === id)
    return form === 'v2' ? found : (found?.name ?? '')
  }
  switch (field.type) {
    case 'singleSelect':
      return choice(idOf(cell))
    case 'multipleSelects':
      return idsOf(cell).map((id) => choice(id))
    case 'multipleRecordLinks':
      return form === 'v1' ? cell : idsOf(cell).map((id) => ({ id, name: nameOf(base, field, id) }))
    case 'multipleAttachments':
      return idsOf(cell).map((id) => attachmentJson(world, id))
    case 'singleCollaborator':
      return personJson(world, base, idOf(cell), form)
    case 'multipleCollaborators':
      return idsOf(cell).map((id) => personJson(world, base, id, form))
    default:
      return cell
  }
}

function nameOf(base: Base, field: Field, id: string): string {
  const linked = base.tables.get(field.options?.linkedTableId ?? '')
  const row = linked?.rows.get(id)
  return linked === undefined || row === undefined ? '' : textCell(row, linked.primaryFieldId)
}

function personJson(world: World, base: Base, id: string, form: Form) {
  const user = world.users.get(id)
  if (user === undefined) return null
  const { name, email } = user
  return { id, email, name, ...(form === 'v2' ? { permissionLevel: base.permissions?.[id] ?? 'create' } : {}) }
}

function lookupJson(world: World, base: Base, table: Table, row: Row, field: Field, form: Form): unknown {
  const { recordLinkFieldId = '', fieldIdInLinkedTable = '' } = field.options ?? {}
  const link = table.fields.find(({ id }) => id === recordLinkFieldId)
  const ids = idsOf(row.cells.get(recordLinkFieldId))
  if (link === undefined || ids.length === 0) return null
  const linked = tableOf(base, link.options?.linkedTableId ?? '')
  const looked = linked.fields.find(({ id }) => id === fieldIdInLinkedTable)
  const valuesOf = (id: string): readonly unknown[] => {
    const other = linked.rows.get(id)
    const value =
      other === undefined || looked === undefined ? null : cellJson(world, base, linked, other, looked, form)
    return value === null ? [] : Array.isArray(value) ? value : [value]
  }
  if (form === 'v1') return ids.flatMap(valuesOf)
  return { linkedRecordIds: ids, valuesByLinkedRecordId: Object.fromEntries(ids.map((id) => [id, valuesOf(id)])) }
}

/** A formula that cannot be worked out is an empty cell. */
function formulaJson(world: World, base: Base, table: Table, row: Row, field: Field): unknown {
  try {
    const run = compile(field.options?.formula ?? '', (name) => table.fields.some((each) => isCalled(each, name)))
    return primitiveJson(run(contextOf(world, base, table, row)))
  } catch {
    return null
  }
}

export function isCalled({ id, name }: Field, idOrName: string): boolean {
  return id === idOrName || name === idOrName
}

/** What formulas see of a record. */
export function contextOf(world: World, base: Base, table: Table, row: Row): Context {
  return {
    recordId: row.id,
    createdAt: row.createdAt,
    modifiedAt: row.modifiedAt,
    now: world.ports.now(),
    valueOf(name) {
      const field = table.fields.find((each) => isCalled(each, name))
      if (field === undefined) return null
      const isTime = ['date', 'dateTime', 'createdTime', 'lastModifiedTime'].includes(field.type)
      const value = cellJson(world, base, table, row, field, field.type === 'multipleRecordLinks' ? 'v2' : 'v1')
      return isTime && typeof value === 'string' ? new Date(value) : primitiveOf(value)
    },
  }
}

function primitiveOf(value: unknown): Primitive {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) return value.map((each: unknown) => primitiveOf(each) ?? '').join(', ')
  for (const name of ['name', 'text', 'filename'])
    for (const [key, inner] of Object.entries(value)) if (key === name && typeof inner === 'string') return inner
  return null
}

function idOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : ''
}
