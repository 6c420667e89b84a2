/** People at the tables: what they put beside the rows is theirs; what they change or delete of them goes nowhere. */
import { ANN, BASE } from '../../connectors/airtable-base.ts'
import type { Chance } from '../chance.ts'
import { inBase, NOTES, tableInBase } from './base.ts'
import { inDatabase, type Told } from './told.ts'
import type { TablesWorld } from './world.ts'

/** A column that says something in words. */
const WORDS = ['name', 'subject', 'body_text', 'description']

export class Readers {
  /** By place and key: what stands beside it. */
  readonly notes = new Map<string, string>()
  /** Rows that somebody changed or deleted, by place and key. */
  readonly strays = new Set<string>()
  private readonly world: TablesWorld

  constructor(world: TablesWorld) {
    this.world = world
  }

  /** `n`: of the next text. Answers what was done; null: there was nothing to do it to. */
  act(n: number, chance: Chance): string | null {
    const rows = [...inDatabase(this.world), ...inBase(this.world)].filter(({ isMarked }) => !isMarked)
    if (rows.length === 0) return null
    const row = chance.pick(rows)
    const name = nameOf(row)
    const does = chance.pick(['note', 'note', 'edit', 'delete', 'mark'] as const)
    if (does === 'note') {
      this.notes.set(name, `Note t${n}`)
      this.set(row, row.place === 'base' ? NOTES : 'note', `Note t${n}`)
      return `${name} gets the note t${n}`
    }
    if (does === 'edit') {
      const column = WORDS.find((each) => each in row.says)
      if (column === undefined) return null
      this.strays.add(name)
      this.set(row, column, `Astray t${n}`)
      return `${name} says t${n} in ${column}`
    }
    this.strays.add(name)
    if (does === 'mark' && row.place === 'warehouse')
      this.set(row, 'deleted_at', new Date(this.world.time.now()).toISOString())
    else this.remove(row)
    return `${name} is ${does === 'mark' ? 'marked as deleted' : 'deleted'}`
  }

  private set({ key, place, ref }: Told, column: string, value: string): void {
    const [table = '', source = ''] = key.split(' ')
    if (place === 'base') this.world.airtable.as(ANN, BASE).edit(tableInBase(key) ?? '', ref, { [column]: value })
    else this.world.sql(`UPDATE ${table} SET ${column} = ? WHERE source = ? AND id = ?`, value, source, ref)
  }

  private remove({ key, place, ref }: Told): void {
    this.notes.delete(`${place} ${key}`)
    const [table = '', source = ''] = key.split(' ')
    if (place === 'base') this.world.airtable.as(ANN, BASE).remove(tableInBase(key) ?? '', [ref])
    else this.world.sql(`DELETE FROM ${table} WHERE source = ? AND id = ?`, source, ref)
  }
}

export function nameOf({ place, key }: Pick<Told, 'place' | 'key'>): string {
  return `${place} ${key}`
}
