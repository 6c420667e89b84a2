/** Links of records stand on both sides: what one record links to links back, where the other table has a field for it. */
import { idsOf } from './attachments.ts'
import { tableOf, type Actor, type Base, type Field, type Row, type Table, type World } from './state.ts'

/** Keeps a row, or takes it away, with everything that links to it. `before` null: it is new. `after` null: it goes. */
export function keepRow(
  world: World,
  actor: Actor,
  base: Base,
  table: Table,
  before: Row | null,
  after: Row | null,
): void {
  const id = after?.id ?? before?.id ?? ''
  if (after === null) table.rows.delete(id)
  else table.rows.set(id, after)
  for (const field of table.fields) {
    if (field.type !== 'multipleRecordLinks') continue
    const [old, now] = [idsOf(before?.cells.get(field.id)), idsOf(after?.cells.get(field.id))]
    for (const other of now) if (!old.includes(other)) mirror(world, actor, base, field, other, (ids) => [...ids, id])
    for (const other of old)
      if (!now.includes(other)) mirror(world, actor, base, field, other, (ids) => ids.filter((each) => each !== id))
  }
}

function mirror(
  world: World,
  actor: Actor,
  base: Base,
  { options }: Field,
  otherId: string,
  change: (ids: readonly string[]) => readonly string[],
): void {
  const { inverseLinkFieldId, linkedTableId = '' } = options ?? {}
  const linked = tableOf(base, linkedTableId)
  const row = linked.rows.get(otherId)
  if (inverseLinkFieldId === undefined || row === undefined) return
  const ids = [...new Set(change(idsOf(row.cells.get(inverseLinkFieldId))))]
  const cells = new Map(row.cells)
  if (ids.length === 0) cells.delete(inverseLinkFieldId)
  else cells.set(inverseLinkFieldId, ids)
  linked.rows.set(otherId, { ...row, cells, modifiedAt: world.ports.now(), modifiedBy: actor.user })
}
