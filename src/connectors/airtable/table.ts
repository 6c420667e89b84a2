/** The tables of a configuration, as the rest of the connector sees them. */
import type { Field } from '../../connector/index.ts'
import { isFieldId, namesIn, type Config, type TableConfig } from './config.ts'

export interface Column {
  readonly field: string
  /** As it is asked for: an id, or a name. */
  readonly name: string
  readonly declared: Field
}

export interface Table {
  readonly kind: string
  /** An id, or a name. */
  readonly name: string
  readonly columns: readonly Column[]
  /** All that is asked for. */
  readonly names: readonly string[]
  /** Whether fields are named by their ids. */
  readonly byId: boolean
  readonly config: TableConfig
}

export function tablesOf({ tables }: Config): readonly Table[] {
  return Object.entries(tables).map(([kind, config]) => {
    const names = namesIn(config)
    return {
      kind,
      name: config.table ?? kind,
      columns: Object.entries(config.fields).map(([field, given]) => columnOf(field, given)),
      names,
      byId: names.every(isFieldId),
      config,
    }
  })
}

function columnOf(field: string, given: TableConfig['fields'][string]): Column {
  const said = typeof given === 'string' ? { type: given, required: false } : given
  const { type, required, field: name = field, written, many, to } = said
  return {
    field,
    name,
    declared: {
      type,
      ...(required ? { required: true } : {}),
      ...(written === undefined ? {} : { written }),
      ...(many === undefined ? {} : { many }),
      ...(to === undefined ? {} : { to }),
    },
  }
}

export function isTableId(name: string): boolean {
  return /^tbl[A-Za-z0-9]{14}$/.test(name)
}
