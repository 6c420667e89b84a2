/**
 * The state of an emulated Airtable. A base is changed in transactions: what throws changes nothing, and what does not is told
 * to webhooks as one change.
 */
import type { EmulatorPorts } from '../emulator.ts'
import { outOfReach, unprocessable } from './answers.ts'
import type { AirtableOptions, Permission, Rules, TokenSeed, UserSeed } from './options.ts'

export interface Choice {
  readonly id: string
  readonly name: string
  readonly color?: string
}

/** What the emulator knows of a field's options, beside what it only keeps and tells. */
export interface FieldOptions {
  readonly choices?: readonly Choice[]
  readonly linkedTableId?: string
  readonly inverseLinkFieldId?: string
  readonly recordLinkFieldId?: string
  readonly fieldIdInLinkedTable?: string
  readonly formula?: string
  readonly max?: number
  readonly [name: string]: unknown
}

export interface Field {
  readonly id: string
  readonly name: string
  readonly type: string
  readonly description?: string
  readonly options?: FieldOptions
}

/** Of selects the ids of choices, of links those of records, of collaborators those of users, of files those of attachments. */
export type Cell = string | number | true | readonly string[] | Barcode
export interface Barcode {
  readonly text: string
  readonly type?: string
}

export interface Row {
  readonly id: string
  readonly createdAt: number
  readonly createdBy: string
  readonly modifiedAt: number
  readonly modifiedBy: string
  readonly number: number
  /** By field. An empty cell is absent. */
  readonly cells: ReadonlyMap<string, Cell>
}

export interface Table {
  readonly id: string
  readonly name: string
  readonly description?: string
  readonly primaryFieldId: string
  readonly viewId: string
  readonly fields: readonly Field[]
  readonly rows: Map<string, Row>
}

export interface Base {
  readonly id: string
  readonly name: string
  readonly permissions: Readonly<Record<string, Permission>> | null
  readonly tables: Map<string, Table>
}

export interface Attachment {
  readonly id: string
  readonly filename: string
  /** Null until the file is hosted. */
  readonly file: { readonly bytes: Buffer; readonly type: string } | null
}

export type Source = 'client' | 'publicApi' | 'formSubmission' | 'automation' | 'system'

/** Who changes something, and through what. */
export interface Actor {
  readonly user: string
  readonly source: Source
}

export interface Transaction {
  readonly number: number
  readonly at: number
  readonly actor: Actor
  readonly before: Base
  readonly after: Base
}

export interface World {
  readonly ports: EmulatorPorts
  readonly rules: Rules
  readonly fetchFile: AirtableOptions['fetchFile'] | undefined
  /** Where addresses of attachments begin: as given, or the origin of the call that is being answered. */
  filesUrl: string
  readonly users: ReadonlyMap<string, UserSeed>
  readonly tokens: ReadonlyMap<string, TokenSeed>
  readonly bases: Map<string, Base>
  readonly attachments: Map<string, Attachment>
  /** How many transactions each base has seen. */
  readonly transactions: Map<string, number>
  /** The last number that each table gave to a record. */
  readonly numbers: Map<string, number>
  /** What the transaction under way does once it counts. */
  readonly after: (() => void)[]
  happened(transaction: Transaction): void
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** `rec` and fourteen letters and digits, and so on. */
export function freshId(ports: EmulatorPorts, prefix: string): string {
  return prefix + Array.from({ length: 14 }, () => LETTERS[Math.floor(ports.random() * LETTERS.length)] ?? 'A').join('')
}

export function timeText(at: number): string {
  return new Date(at).toISOString()
}

/** What `run` does to the draft of a base counts when it does not throw. */
export function transact<T>(world: World, baseId: string, actor: Actor, run: (draft: Base) => T): T {
  const before = world.bases.get(baseId)
  if (before === undefined) throw outOfReach()
  const draft: Base = {
    ...before,
    tables: new Map([...before.tables].map(([id, table]) => [id, { ...table, rows: new Map(table.rows) }])),
  }
  world.after.length = 0
  const result = run(draft)
  const number = (world.transactions.get(baseId) ?? 0) + 1
  world.bases.set(baseId, draft)
  world.transactions.set(baseId, number)
  world.happened({ number, at: world.ports.now(), actor, before, after: draft })
  for (const task of world.after.splice(0)) task()
  return result
}

export function tableOf(base: Base, idOrName: string): Table {
  const found = base.tables.get(idOrName) ?? [...base.tables.values()].find(({ name }) => name === idOrName)
  if (found === undefined) throw outOfReach()
  return found
}

export function fieldOf({ fields }: Table, idOrName: string): Field {
  const found = fields.find(({ id, name }) => id === idOrName || name === idOrName)
  if (found === undefined) throw unprocessable('UNKNOWN_FIELD_NAME', `Unknown field name: "${idOrName}"`)
  return found
}

export function keepTable(base: Base, table: Table): void {
  base.tables.set(table.id, table)
}

export function keepField(base: Base, tableId: string, field: Field): void {
  const table = tableOf(base, tableId)
  const isKnown = table.fields.some(({ id }) => id === field.id)
  const fields = isKnown ? table.fields.map((each) => (each.id === field.id ? field : each)) : [...table.fields, field]
  keepTable(base, { ...table, fields })
}

/** What a record is called: the text of its primary cell. */
export function textCell(row: Row, fieldId: string): string {
  const cell = row.cells.get(fieldId)
  return typeof cell === 'string' || typeof cell === 'number' ? String(cell) : ''
}

/** A record that nobody has seen yet. */
export function newRow(world: World, { user }: Actor, tableId: string, cells: ReadonlyMap<string, Cell>): Row {
  const number = (world.numbers.get(tableId) ?? 0) + 1
  world.numbers.set(tableId, number)
  const at = world.ports.now()
  return {
    id: freshId(world.ports, 'rec'),
    createdAt: at,
    createdBy: user,
    modifiedAt: at,
    modifiedBy: user,
    number,
    cells,
  }
}
