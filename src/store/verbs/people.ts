/** The people of each system, and who of them is one: what directories tell, what people say. */
import { z } from 'zod'
import type { Person } from '../../connector/call.ts'
import type { Side } from '../../core/flow.ts'
import { aliasOf, kinOf, personRow, personsOf, saidOf, type By, type PeopleOf, type PersonAt } from './aliases.ts'
import { renewNaming, wakeNaming, type Readings, type Watches } from './naming.ts'
import { jsonIn, numberOf, type Sql } from './rows.ts'
import { refsIn } from '../../core/people.ts'
import type { LoadedPerson, PairSpec } from './subjects.ts'

interface Waking {
  readonly watches: Watches
  readonly now: number
}

/** Carries out a change of who is who. Answers how many items it concerns: they are planned again. */
function changing(sql: Sql, { watches, now }: Waking, persons: readonly PersonAt[], change: () => void): number {
  const before = kinOf(sql, persons)
  change()
  const all = new Map([...before, ...kinOf(sql, persons)].map((each) => [`${each.connection} ${each.ref}`, each]))
  return wakeNaming(sql, watches, [...all.values()], now)
}

export interface NotePeople extends Waking {
  readonly connection: string
  readonly people: readonly Person[]
}

/** What a system's directory tells. Answers how many items are concerned by what is new in it. */
export function notePeople(sql: Sql, input: NotePeople): number {
  const { connection, people, now } = input
  const isOther = ({ ref, email }: Person): boolean =>
    (personRow(sql, { connection, ref })?.email ?? null) !== (email?.toLowerCase() ?? null)
  const moved = people.filter(isOther).map(({ ref }) => ({ connection, ref }))
  return changing(sql, input, moved, () => {
    for (const { ref, name, email } of people)
      sql
        .get(
          `INSERT INTO person (connection, ref, name, email, seen_at, told_at) VALUES (?, ?, ?, ?, ?, ?)
           ON CONFLICT (connection, ref) DO UPDATE SET name = excluded.name, email = excluded.email, told_at = excluded.told_at`,
        )
        .run(connection, ref, name ?? null, email?.toLowerCase() ?? null, now, now)
  })
}

/** Whether items name somebody since then of whom the directory has not told. */
export function strangers(sql: Sql, { connection, since }: { connection: string; since: number }): boolean {
  const row = sql
    .get('SELECT 1 FROM person WHERE connection = ? AND told_at IS NULL AND seen_at >= ? LIMIT 1')
    .get(connection, since)
  return row !== undefined
}

export interface GivePeople extends Waking {
  readonly readings: Readings
  /** Who is one, as the configuration says. */
  readonly people: readonly (readonly PersonAt[])[]
}

/** At the start: what the configuration says goes before what was said by command. */
export function givePeople(sql: Sql, input: GivePeople): number {
  renewNaming(sql, input.readings, input.now)
  const known = sql
    .get(`SELECT connection, ref, one FROM alias WHERE source = 'configuration' ORDER BY connection, ref`)
    .all()
    .map((row) => Given.parse(row))
  const given = input.people.flatMap((one) => one.map((each) => ({ ...each, one: nameOf(one) })))
  const isSame = (left: Given, right: Given): boolean =>
    left.connection === right.connection && left.ref === right.ref && left.one === right.one
  const moved = [
    ...known.filter((each) => !given.some((other) => isSame(each, other))),
    ...given.filter((each) => !known.some((other) => isSame(each, other))),
  ]
  if (moved.length === 0) return 0
  return changing(sql, input, moved, () => {
    sql.get(`DELETE FROM alias WHERE source = 'configuration'`).run()
    for (const each of given) say(sql, each, each.one, 'configuration', input.now)
    dropLonely(sql)
  })
}

const Given = z.object({ connection: z.string(), ref: z.string(), one: z.string() })
type Given = z.infer<typeof Given>

function nameOf(one: readonly PersonAt[]): string {
  return JSON.stringify(one.map(({ connection, ref }) => [connection, ref]).sort())
}

function say(sql: Sql, { connection, ref }: PersonAt, one: string, source: string, now: number): void {
  sql
    .get(
      `INSERT INTO alias (connection, ref, one, source, at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (connection, ref) DO UPDATE SET one = excluded.one, source = excluded.source, at = excluded.at`,
    )
    .run(connection, ref, one, source, now)
}

/** Who was one with somebody that left is no longer said to be anybody: only who was parted by themselves stays alone. */
function dropLonely(sql: Sql): void {
  sql
    .get(
      `DELETE FROM alias WHERE source = 'command' AND one NOT LIKE 'alone %'
       AND NOT EXISTS (SELECT 1 FROM alias o WHERE o.one = alias.one AND o.connection <> alias.connection)`,
    )
    .run()
}

export interface MapPeople extends Waking {
  readonly persons: readonly PersonAt[]
}

/** `refused`: whom the configuration maps. `concerned`: how many items are planned again. */
export type Mapped = { readonly refused: PersonAt } | { readonly concerned: number }

/** Says that these are one. Whoever of them was one with others is so no more. */
export function mapPeople(sql: Sql, input: MapPeople): Mapped {
  const { persons, now } = input
  const refused = persons.find((each) => saidOf(sql, each)?.source === 'configuration')
  if (refused !== undefined) return { refused }
  const one = nameOf(persons)
  const concerned = changing(sql, input, persons, () => {
    for (const each of persons) say(sql, each, one, 'command', now)
    dropLonely(sql)
  })
  return { concerned }
}

/** Says that somebody is nobody else, whatever their e-mail. */
export function unmapPerson(sql: Sql, input: Waking & { readonly person: PersonAt }): Mapped {
  const { person, now } = input
  if (saidOf(sql, person)?.source === 'configuration') return { refused: person }
  const concerned = changing(sql, input, [person], () => {
    say(sql, person, `alone ${nameOf([person])}`, 'command', now)
    dropLonely(sql)
  })
  return { concerned }
}

export interface People {
  /** Flows that relate persons, with the systems at their two ends. */
  readonly flows: readonly { readonly flow: string; readonly a: PeopleOf; readonly b: PeopleOf }[]
}

export interface PersonEntry extends PersonAt {
  readonly name: string | null
  readonly email: string | null
  readonly seenAt: number
  /** How many items name them. */
  readonly items: number
  /** How many of those wait to name them on another side too. */
  readonly waiting: number
  readonly aliases: readonly (PersonAt & { readonly by: By })[]
}

const Row = z.object({
  connection: z.string(),
  ref: z.string(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  seen_at: z.number(),
})

/** Everybody who was seen in a system that some flow relates to another, by connection. */
export function people(sql: Sql, { flows }: People): readonly PersonEntry[] {
  const waiting = waitingFor(sql, flows)
  const ends = new Map(flows.flatMap(({ a, b }) => [a, b].map((each) => [each.connection, each] as const)))
  return sql
    .get('SELECT connection, ref, name, email, seen_at FROM person ORDER BY connection, ref')
    .all()
    .map((row) => Row.parse(row))
    .flatMap(({ seen_at: seenAt, ...person }) => {
      const at = ends.get(person.connection)
      if (at === undefined) return []
      const { connection, ref } = person
      const far = new Map(
        flows.flatMap(({ a, b }) =>
          a.connection === connection ? [[b.connection, b]] : b.connection === connection ? [[a.connection, a]] : [],
        ),
      )
      const aliases = [...far.values()].flatMap((to) => {
        const alias = aliasOf(sql, { ...at, ref }, to)
        return alias === null ? [] : [{ connection: to.connection, ...alias }]
      })
      const items = numberOf(
        sql.get('SELECT count(*) AS n FROM naming WHERE connection = ? AND person = ?').get(connection, ref),
      )
      return [{ ...person, seenAt, items, waiting: waiting.get(`${connection} ${ref}`) ?? 0, aliases }]
    })
}

function waitingFor(sql: Sql, flows: People['flows']): ReadonlyMap<string, number> {
  const counted = new Map<string, number>()
  for (const row of sql
    .get(
      `SELECT flow, side, people_json FROM divergence WHERE people_json <> '[]' ORDER BY flow, pair, side, ref, lens`,
    )
    .all()) {
    const flow = flows.find((each) => each.flow === row['flow'])
    const end = row['side'] === 'a' ? flow?.a : flow?.b
    if (end === undefined) continue
    for (const ref of refsIn(jsonIn(String(row['people_json'])))) {
      const name = `${end.connection} ${ref}`
      counted.set(name, (counted.get(name) ?? 0) + 1)
    }
  }
  return counted
}

/** What is known of the persons that items name which no plan has handed out. */
export function personFacts(
  sql: Sql,
  { pair, refs }: { readonly pair: PairSpec; readonly refs: { readonly [side in Side]: readonly string[] } },
): readonly LoadedPerson[] {
  return personsOf(sql, pair, refs)
}
