/** A user in Airtable's own window, for scripts and simulations: without limits, and told to webhooks as the window's. */
import { cellsJson } from './cell-views.ts'
import { deleteRecords, insert, updateRecord } from './records-write.ts'
import { addField, addTable, changeField, changeTable, type NewField } from './schema.ts'
import { fieldOf, keepTable, tableOf, transact, type Actor, type Source, type World } from './state.ts'

type Cells = Readonly<Record<string, unknown>>

export interface Person {
  /** Answers the record's id. Tables by id or name. */
  add(table: string, fields: Cells): string
  edit(table: string, record: string, fields: Cells): void
  remove(table: string, records: readonly string[]): void
  /** What stands in a table, in the order in which it was made: cells by the names of their fields. */
  records(table: string): readonly { readonly id: string; readonly fields: Cells }[]
  addField(table: string, field: NewField): string
  renameField(table: string, field: string, name: string): void
  removeField(table: string, field: string): void
  addTable(name: string, fields: readonly NewField[]): string
  renameTable(table: string, name: string): void
  removeTable(table: string): void
}

export function personOf(world: World, user: string, base: string, source: Source): Person {
  if (!world.users.has(user)) throw new Error(`the emulator has no user ${user}`)
  const actor: Actor = { user, source }
  return {
    add: (table, fields) =>
      transact(world, base, actor, (draft) => insert(world, actor, draft, table, { ...fields }, false)),
    edit: (table, record, fields) => void updateRecord({ world, base, table, actor }, record, { fields }, false),
    remove: (table, records) => void deleteRecords({ world, base, table, actor }, records),
    records(table) {
      const whole = baseIn(world, base)
      const found = tableOf(whole, table)
      return [...found.rows.values()].map((row) => ({
        id: row.id,
        fields: cellsJson(world, whole, found, row, 'name'),
      }))
    },
    addField: (table, field) =>
      transact(world, base, actor, (draft) => addField(world, draft, tableOf(draft, table).id, field).id),
    renameField: (table, field, name) => {
      const found = tableIn(world, base, table)
      changeField(world, base, found.id, fieldOf(found, field).id, actor, { name })
    },
    removeField: (table, field) =>
      transact(world, base, actor, (draft) => {
        const found = tableOf(draft, table)
        const { id } = fieldOf(found, field)
        keepTable(draft, { ...found, fields: found.fields.filter((each) => each.id !== id) })
      }),
    addTable: (name, fields) => transact(world, base, actor, (draft) => addTable(world, draft, { name, fields }).id),
    renameTable: (table, name) => void changeTable(world, base, tableIn(world, base, table).id, actor, { name }),
    removeTable: (table) => transact(world, base, actor, (draft) => void draft.tables.delete(tableOf(draft, table).id)),
  }
}

function tableIn(world: World, baseId: string, table: string) {
  return tableOf(baseIn(world, baseId), table)
}

function baseIn({ bases }: World, id: string) {
  const base = bases.get(id)
  if (base === undefined) throw new Error(`the emulator has no base ${id}`)
  return base
}
