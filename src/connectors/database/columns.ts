/** Fields as columns. */
import { ConnectorError, type Json, type Values } from '../../connector/index.ts'
import type { Table } from './table.ts'

/** The columns of the fields that are given. Throws `rejected` where one takes no such value. */
export function columnsOf(table: Table, given: Values): { [column: string]: Json } {
  const found: { [column: string]: Json } = {}
  for (const { field, column, values, empty } of table.columns) {
    const value = given[field]
    if (value === undefined) continue
    if (values !== null && typeof value === 'string' && !values.includes(value))
      throw new ConnectorError('rejected', `${column} of ${table.name} takes ${values.join(', ')}, not ${value}`)
    found[column] = value ?? empty
  }
  return found
}

/** Those of a new row: what is not given is empty. */
export function newColumnsOf(table: Table, given: Values): { [column: string]: Json } {
  const empties = table.columns.flatMap(({ column, empty }) => (empty === null ? [] : [[column, empty] as const]))
  return { ...Object.fromEntries(empties), ...columnsOf(table, given) }
}
