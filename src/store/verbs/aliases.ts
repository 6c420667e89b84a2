/** Who a person of one connection is in another: as people say, else by an e-mail that both systems have verified. */
import { z } from 'zod'
import { other, SIDES, type Side } from '../../core/flow.ts'
import { texts, type Sql } from './rows.ts'
import type { LoadedPerson, PairSpec } from './subjects.ts'

/** Somebody as one system knows them. */
export interface PersonAt {
  readonly connection: string
  readonly ref: string
}

/** A system and its people. `areEmails`: their refs are e-mails, and anybody is known by theirs. */
export interface PeopleOf {
  readonly connection: string
  readonly areEmails: boolean
}

export type By = 'configuration' | 'command' | 'e-mail'

/** The facts of everybody named, and of those whom they are on the other side. */
export function personsOf(
  sql: Sql,
  pair: PairSpec,
  refs: { readonly [side in Side]: readonly string[] },
): readonly LoadedPerson[] {
  const found = new Map<string, LoadedPerson>()
  const at = (side: Side): PeopleOf => ({ connection: pair[side].connection, areEmails: pair[side].people.areEmails })
  const name = (side: Side, ref: string): string | null => personRow(sql, { ...at(side), ref })?.name ?? null
  for (const side of SIDES)
    for (const ref of new Set(refs[side])) {
      const alias = aliasOf(sql, { ...at(side), ref }, at(other(side)))?.ref ?? null
      found.set(`${side} ${ref}`, { side, ref, name: name(side, ref), alias })
    }
  for (const { side, ref, alias } of found.values()) {
    const far = other(side)
    if (alias !== null && !found.has(`${far} ${alias}`))
      found.set(`${far} ${alias}`, { side: far, ref: alias, name: name(far, alias), alias: ref })
  }
  return [...found.values()]
}

/** Null: nobody there is known to be them. The answer is the same from either end. */
export function aliasOf(sql: Sql, at: PersonAt & PeopleOf, to: PeopleOf): { ref: string; by: By } | null {
  const one = oneOf(sql, at)
  const said = one === null ? null : memberOf(sql, one.one, to)
  if (one !== null && said !== null) return said.ref === null ? null : { ref: said.ref, by: said.by }
  if (one !== null && isAlone(sql, one.one)) return null
  const email = emailOf(sql, at)
  if (email === null || (!at.areEmails && onlyWith(sql, at.connection, email) !== at.ref)) return null
  const twin = to.areEmails ? email : onlyWith(sql, to.connection, email)
  if (twin === null) return null
  const its = oneOf(sql, { ...to, ref: twin })
  if (its !== null && (isAlone(sql, its.one) || memberOf(sql, its.one, at) !== null)) return null
  return { ref: twin, by: 'e-mail' }
}

const PersonRow = z.object({ name: z.string().nullable(), email: z.string().nullable() })

export function personRow(sql: Sql, { connection, ref }: PersonAt): z.infer<typeof PersonRow> | null {
  const row = sql.get('SELECT name, email FROM person WHERE connection = ? AND ref = ?').get(connection, ref)
  return row === undefined ? null : PersonRow.parse(row)
}

export function emailOf(sql: Sql, { connection, ref, areEmails }: PersonAt & PeopleOf): string | null {
  if (areEmails) return isEmail(ref) ? ref.toLowerCase() : null
  return personRow(sql, { connection, ref })?.email ?? null
}

export function isEmail(ref: string): boolean {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(ref)
}

/** Null: nobody there has it, or several do, who cannot be told apart by it. */
function onlyWith(sql: Sql, connection: string, email: string): string | null {
  const refs = texts(
    sql.get('SELECT ref FROM person WHERE connection = ? AND email = ? ORDER BY ref LIMIT 2').all(connection, email),
    'ref',
  )
  return refs.length === 1 ? (refs[0] ?? null) : null
}

const AliasRow = z.object({ ref: z.string(), one: z.string(), source: z.enum(['configuration', 'command']) })
export type Said = z.infer<typeof AliasRow>

/** What people say of somebody, by ref or else by e-mail. */
export function oneOf(sql: Sql, at: PersonAt & PeopleOf): Said | null {
  const said = saidOf(sql, at)
  if (said !== null) return said
  const email = emailOf(sql, at)
  const isTheirs = email !== null && (at.areEmails || onlyWith(sql, at.connection, email) === at.ref)
  return isTheirs ? saidOf(sql, { connection: at.connection, ref: email }) : null
}

export function saidOf(sql: Sql, { connection, ref }: PersonAt): Said | null {
  const row = sql.get('SELECT ref, one, source FROM alias WHERE connection = ? AND ref = ?').get(connection, ref)
  return row === undefined ? null : AliasRow.parse(row)
}

/** Null: nobody of that system is one of them. Its ref is null where only an e-mail is known that is nobody's there yet. */
function memberOf(sql: Sql, one: string, to: PeopleOf): { ref: string | null; by: By } | null {
  const row = sql.get('SELECT ref, one, source FROM alias WHERE one = ? AND connection = ?').get(one, to.connection)
  if (row === undefined) return null
  const { ref, source } = AliasRow.parse(row)
  if (to.areEmails || !ref.includes('@') || personRow(sql, { ...to, ref }) !== null) return { ref, by: source }
  const found = onlyWith(sql, to.connection, ref.toLowerCase())
  const isOther = found !== null && oneOf(sql, { ...to, ref: found })?.one !== one
  return { ref: isOther ? null : found, by: source }
}

function isAlone(sql: Sql, one: string): boolean {
  return sql.get('SELECT ref FROM alias WHERE one = ? ORDER BY connection, ref LIMIT 2').all(one).length === 1
}

const At = z.object({ connection: z.string(), ref: z.string() })

/** All whose aliases may depend on one of these: the same e-mail, or said to be one. */
export function kinOf(sql: Sql, persons: readonly PersonAt[]): readonly PersonAt[] {
  const found = new Map<string, PersonAt>()
  const add = (rows: readonly unknown[]): readonly PersonAt[] => {
    const all = rows.map((row) => At.parse(row))
    for (const { connection, ref } of all) found.set(`${connection} ${ref}`, { connection, ref })
    return all
  }
  const WITH = 'SELECT connection, ref FROM person WHERE email = ? ORDER BY connection, ref'
  for (const at of add(persons)) {
    const email = personRow(sql, at)?.email ?? (at.ref.includes('@') ? at.ref.toLowerCase() : null)
    if (email !== null) add(sql.get(WITH).all(email))
    for (const ref of new Set([at.ref, email ?? at.ref])) {
      const said = saidOf(sql, { connection: at.connection, ref })
      if (said === null) continue
      const members = add(
        sql.get('SELECT connection, ref FROM alias WHERE one = ? ORDER BY connection, ref').all(said.one),
      )
      for (const member of members) if (member.ref.includes('@')) add(sql.get(WITH).all(member.ref.toLowerCase()))
    }
  }
  return [...found.values()]
}
