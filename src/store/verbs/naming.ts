/** Which items name a person, so that what concerns them is planned again once it is known who they are. */
import { canonical } from '../../connector/values.ts'
import { refsIn } from '../../core/people.ts'
import type { Observation } from '../../core/state.ts'
import { isEmail, type PersonAt } from './aliases.ts'
import { makeDue, type Watch } from './due.ts'
import { getMeta, setMeta } from './flows.ts'
import type { KindReading } from './kin.ts'
import { itemOf, texts, toObservation, type Sql } from './rows.ts'

/** Everybody who reads anything, by connection. */
export type Watches = { readonly [connection: string]: readonly Watch[] }
export type Readings = { readonly [connection: string]: readonly KindReading[] }

export function noteNaming(
  sql: Sql,
  item: Pick<Observation, 'connection' | 'kind' | 'ref' | 'values'>,
  { people }: Pick<KindReading, 'people'>,
  now: number,
): void {
  if (people.fields.length === 0) return
  const { connection, kind, ref } = item
  const named = new Set(people.fields.flatMap((field) => refsIn(item.values[field])))
  const known = texts(
    sql
      .get('SELECT person FROM naming WHERE connection = ? AND kind = ? AND item = ? ORDER BY person')
      .all(connection, kind, ref),
    'person',
  )
  for (const person of known)
    if (!named.has(person))
      sql
        .get('DELETE FROM naming WHERE connection = ? AND person = ? AND kind = ? AND item = ?')
        .run(connection, person, kind, ref)
  for (const person of named) {
    if (known.includes(person)) continue
    sql
      .get('INSERT INTO naming (connection, person, kind, item) VALUES (?, ?, ?, ?)')
      .run(connection, person, kind, ref)
    sql
      .get(`INSERT INTO person (connection, ref, email, seen_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`)
      .run(connection, person, people.areEmails || isEmail(person) ? person.toLowerCase() : null, now)
  }
}

/** Plans again what names one of these. Answers how many items that are. */
export function wakeNaming(sql: Sql, watches: Watches, persons: readonly PersonAt[], now: number): number {
  const woken = new Set<string>()
  for (const { connection, ref } of persons)
    for (const row of sql
      .get('SELECT kind, item FROM naming WHERE connection = ? AND person = ? ORDER BY kind, item')
      .all(connection, ref)) {
      const [kind, name] = [String(row['kind']), String(row['item'])]
      const item = itemOf(sql, { connection, kind, ref: name })
      if (item?.state !== 'present') continue
      woken.add(canonical([connection, kind, name]))
      for (const watch of watches[connection] ?? []) if (watch.kind === kind) makeDue(sql, watch, item, null, now)
    }
  return woken.size
}

const FIELDS = 'fields of people'

/** After other fields came to be related than before: what was read already is looked through. */
export function renewNaming(sql: Sql, readings: Readings, now: number): void {
  const kinds = Object.entries(readings).flatMap(([connection, all]) =>
    all.filter(({ people }) => people.fields.length > 0).map((reading) => ({ connection, reading })),
  )
  const said = canonical(kinds.map(({ connection, reading }) => [connection, reading.kind, reading.people.fields]))
  if ((getMeta(sql, { name: FIELDS }) ?? '[]') === said) return
  sql.get('DELETE FROM naming').run()
  for (const { connection, reading } of kinds)
    for (const row of sql
      .get('SELECT * FROM item WHERE connection = ? AND kind = ? ORDER BY ref')
      .all(connection, reading.kind))
      noteNaming(sql, toObservation(row), reading, now)
  setMeta(sql, { name: FIELDS, value: said })
}
