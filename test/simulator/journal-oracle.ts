/** S21: the journal is true: each write names its item, and an update what stood there before it and after it. */
import { z } from 'zod'
import { SIDES, type Side } from '../../src/core/flow.ts'
import { KINDS, type KindName } from './board.ts'
import { lensOf } from './linked.ts'
import { rowsOf } from './reasons.ts'
import type { View } from './view.ts'

const values = z.record(z.string(), z.unknown()).nullable()
const Entry = z.object({
  id: z.number(),
  pair: z.enum(KINDS),
  action: z.enum(['create', 'update', 'delete', 'empty']),
  side: z.enum(SIDES),
  a_ref: z.string().nullable(),
  b_ref: z.string().nullable(),
  before_json: z.string(),
  after_json: z.string(),
})
type Entry = z.infer<typeof Entry>

export function untrue(view: View): string[] {
  const entries = rowsOf(
    view.db,
    `SELECT id, pair, action, side, a_ref, b_ref, before_json, after_json FROM journal
       WHERE flow = ? AND action IN ('create', 'update', 'delete', 'empty')`,
    view.route.id,
  ).map((row) => Entry.parse(row))
  return entries.flatMap((entry) => {
    const what = untrueOf(view, entry)
    return what === null ? [] : [`entry ${entry.id}, to ${entry.action} a ${entry.pair} at ${entry.side}, ${what}`]
  })
}

function untrueOf(view: View, entry: Entry): string | null {
  const { pair, side } = entry
  const ref = entry[`${side}_ref`]
  if (ref === null) return 'names no item there'
  const texts = textsOf(view, side, pair, ref)
  if (texts === null) return `names ${ref}, which never stood there`
  const [before, after] = [textIn(pair, entry.before_json), textIn(pair, entry.after_json)]
  if (before !== null && !texts.includes(before))
    return `tells of ${JSON.stringify(before)} before it, which never stood there`
  if (after !== null && !texts.includes(after))
    return `tells of ${JSON.stringify(after)} after it, which never stood there`
  const isInOrder = before === null || after === null || texts.indexOf(before) <= texts.lastIndexOf(after)
  return isInOrder
    ? null
    : `tells of ${JSON.stringify(before)} and then of ${JSON.stringify(after)}, which stood there the other way round`
}

function textsOf({ ends }: View, side: Side, kind: KindName, ref: string): readonly string[] | null {
  const row = ends[side].board.rows.get(`${kind} ${ref}`)
  return row === undefined ? null : row.history.flatMap(({ item }) => item?.text ?? [])
}

function textIn(kind: KindName, json: string): string | null {
  const text = values.parse(JSON.parse(json))?.[lensOf(kind)]
  return typeof text === 'string' ? text : null
}
