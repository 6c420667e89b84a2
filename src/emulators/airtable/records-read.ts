/** Records as they are read: one, and lists in pages that an iterator on the server's side hands out. */
import { z } from 'zod'
import { invalid, leftOut, notFound, outOfReach, unprocessable } from './answers.ts'
import { cellJson, contextOf, isCalled, recordJson } from './cell-views.ts'
import { compile, isTrue } from './formula.ts'
import { Malformed } from './formula-syntax.ts'
import { fieldOf, freshId, type Base, type Field, type Row, type Table, type World } from './state.ts'

export const LIST = z.strictObject({
  fields: z.array(z.string()).optional(),
  filterByFormula: z.string().optional(),
  maxRecords: z.int().positive().optional(),
  pageSize: z.int().positive().max(100).optional(),
  sort: z.array(z.strictObject({ field: z.string(), direction: z.enum(['asc', 'desc']).optional() })).optional(),
  view: z.string().optional(),
  cellFormat: z.enum(['json', 'string']).optional(),
  timeZone: z.string().optional(),
  userLocale: z.string().optional(),
  returnFieldsByFieldId: z.boolean().optional(),
  recordMetadata: z.array(z.literal('commentCount')).optional(),
  offset: z.string().optional(),
  /** What Airtable's own client sends along, and means for itself. */
  method: z.string().optional(),
})
type Asked = z.output<typeof LIST>

interface Iterator {
  readonly query: string
  /** Ids of what is still to be told, where the list was taken down at its first page. */
  readonly rest: readonly string[]
  readonly told: number
  readonly last: string
  readonly at: number
}

/** Iterators of lists that are under way. */
export type Iterators = Map<string, Iterator>

export function getRecord(world: World, base: Base, table: Table, id: string, by: 'name' | 'id') {
  return recordJson(world, base, table, rowOf(world, table, id), by)
}

export function rowOf({ rules }: World, { rows }: Table, id: string): Row {
  const row = rows.get(id)
  if (row === undefined) throw rules.missingRecordStatus === 404 ? notFound() : outOfReach()
  return row
}

export function listRecords(world: World, iterators: Iterators, base: Base, table: Table, value: unknown) {
  const parsed = LIST.safeParse(value)
  if (!parsed.success)
    throw invalid(`${parsed.error.issues[0]?.path.join('.') ?? ''}: ${parsed.error.issues[0]?.message ?? ''}`)
  const asked = parsed.data
  if (asked.cellFormat === 'string') throw leftOut('cells as strings')
  if (asked.recordMetadata !== undefined) throw leftOut('comment counts')
  const { offset, ...query } = asked
  const shown = asked.fields?.map((name) => fieldOf(table, name))
  const found =
    offset === undefined
      ? { rows: matching(world, base, table, asked), told: 0 }
      : resumed(world, iterators, base, table, asked, query, offset)
  const size = Math.min(asked.pageSize ?? 100, (asked.maxRecords ?? Number.POSITIVE_INFINITY) - found.told)
  const page = found.rows.slice(0, size)
  const told = found.told + page.length
  const isOver = page.length === found.rows.length || told === asked.maxRecords
  const records = page.map((row) => shownJson(world, base, table, row, shown, asked.returnFieldsByFieldId === true))
  if (isOver) return { records }
  const next = `${freshId(world.ports, 'itr')}/${page.at(-1)?.id ?? ''}`
  iterators.set(next, {
    query: JSON.stringify(query),
    rest: found.rows.slice(size).map(({ id }) => id),
    told,
    last: page.at(-1)?.id ?? '',
    at: world.ports.now(),
  })
  return { records, offset: next }
}

interface Found {
  readonly rows: readonly Row[]
  readonly told: number
}

/** What was deleted meanwhile is left out. */
function resumed(
  world: World,
  iterators: Iterators,
  base: Base,
  table: Table,
  asked: Asked,
  query: object,
  offset: string,
): Found {
  if (!/^itr[^/]+\/rec/.test(offset))
    throw unprocessable('INVALID_OFFSET_VALUE', `The value of offset ${offset} is invalid`)
  const iterator = iterators.get(offset)
  const { rules, ports } = world
  if (iterator === undefined || ports.now() - iterator.at > rules.iteratorMinutes * 60_000)
    throw unprocessable('LIST_RECORDS_ITERATOR_NOT_AVAILABLE', 'The iterator is not available any more')
  if (iterator.query !== JSON.stringify(query))
    throw unprocessable('INVALID_OFFSET_VALUE', `The value of offset ${offset} is invalid`)
  if (rules.listsAreSnapshots)
    return { rows: iterator.rest.flatMap((id) => table.rows.get(id) ?? []), told: iterator.told }
  const rows = matching(world, base, table, asked)
  const after = rows.findIndex(({ id }) => id === iterator.last)
  return { rows: rows.slice(after === -1 ? iterator.told : after + 1), told: iterator.told }
}

function matching(world: World, base: Base, table: Table, { filterByFormula, sort, view }: Asked): readonly Row[] {
  if (view !== undefined && view !== table.viewId && view !== 'Grid view')
    throw unprocessable('VIEW_NAME_NOT_FOUND', `View ${view} not found`)
  const fits = filterOf(world, base, table, filterByFormula ?? '')
  const found = [...table.rows.values()].filter(fits)
  if (sort !== undefined && sort.length > 0) {
    const keys = sort.map(({ field, direction }) => ({
      field: fieldOf(table, field),
      sign: direction === 'desc' ? -1 : 1,
    }))
    const valueOf = (row: Row, field: Field): unknown => cellJson(world, base, table, row, field, 'v1')
    return found.toSorted((one, other) => {
      for (const { field, sign } of keys) {
        const order = compare(valueOf(one, field), valueOf(other, field))
        if (order !== 0) return sign * order
      }
      return one.number - other.number
    })
  }
  // An id is chance, so its order means nothing.
  return view !== undefined || !world.rules.orderIsArbitrary
    ? found
    : found.toSorted((one, other) => (one.id < other.id ? -1 : 1))
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Empty cells come first. */
function compare(one: unknown, other: unknown): number {
  if (one === null || other === null) return one === other ? 0 : one === null ? -1 : 1
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return textOf(one).localeCompare(textOf(other))
}

/** A record for which the formula cannot be worked out is left out. */
function filterOf(world: World, base: Base, table: Table, formula: string): (row: Row) => boolean {
  if (formula.trim() === '') return () => true
  try {
    const run = compile(formula, (name) => table.fields.some((field) => isCalled(field, name)))
    return (row) => {
      try {
        return isTrue(run(contextOf(world, base, table, row)))
      } catch (error) {
        if (error instanceof Malformed) return false
        throw error
      }
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    throw unprocessable('INVALID_FILTER_BY_FORMULA', `The formula for filtering records is invalid: ${error.message}`)
  }
}

function shownJson(
  world: World,
  base: Base,
  table: Table,
  row: Row,
  shown: readonly Field[] | undefined,
  byId: boolean,
) {
  const by = byId ? 'id' : 'name'
  const whole = recordJson(world, base, table, row, by)
  if (shown === undefined) return whole
  const keys = shown.map((field) => field[by])
  return { ...whole, fields: Object.fromEntries(Object.entries(whole.fields).filter(([key]) => keys.includes(key))) }
}

/** The parameters of an address as the object that `listRecords` takes. */
export function askedOf(search: URLSearchParams): Record<string, unknown> {
  const asked: Record<string, unknown> = {}
  const sort: Record<string, unknown>[] = []
  for (const [name, value] of search) {
    const [, list] = /^(fields|recordMetadata)(?:\[\d*\])?$/.exec(name) ?? []
    const [, index, key] = /^sort\[(\d+)\]\[(field|direction)\]$/.exec(name) ?? []
    if (list !== undefined) asked[list] = [...listAt(asked[list]), value]
    else if (index !== undefined && key !== undefined) sort[Number(index)] = { ...sort[Number(index)], [key]: value }
    else if (name === 'pageSize' || name === 'maxRecords') asked[name] = Number(value)
    else if (name === 'returnFieldsByFieldId') asked[name] = value === 'true' || value === '1'
    else asked[name] = value
  }
  return sort.length === 0 ? asked : { ...asked, sort: sort.filter((each) => each !== undefined) }
}

function listAt(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
