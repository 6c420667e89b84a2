/**
 * Persons between two sides. Planning holds a person by the ref on side a, wherever both sides know who it is; whoever
 * cannot travel is held by what keeps them, so that a lens leaves them where they are. Decisions are told in refs again. Pure.
 */
import { canonical, isList, isObject, type Json, type Ref, type Values } from '../connector/values.ts'
import type { Link, Observation } from './state.ts'
import type { Decided, Decision, Disagreement, Gap, Settlement, Subject, Write } from './action.ts'
import { obstacle } from './decide.ts'
import { bySide, isCompared, other, SIDES, travelsFrom, type Flow, type Lens, type Pair, type Side } from './flow.ts'

/** What is known of a person of one side. */
export interface PersonFacts {
  readonly name: string | null
  /** Who they are on the other side; null: nobody there is known to be them. */
  readonly alias: Ref | null
}

export type PersonOf = (side: Side, ref: Ref) => PersonFacts

/** In the values of planning: a person who does not travel. */
type Stays = { readonly stays: Ref; readonly why: string }

export function staysIn(value: Json | undefined): Stays | null {
  if (value === undefined || !isObject(value)) return null
  const { stays, why } = value
  return typeof stays === 'string' && typeof why === 'string' ? { stays, why } : null
}

/** The persons that a field names. */
export function refsIn(value: Json | undefined): readonly Ref[] {
  return (value === undefined || value === null ? [] : isList(value) ? value : [value]).filter(
    (each) => typeof each === 'string',
  )
}

function lensesOf({ lenses }: Pair): readonly Lens[] {
  return lenses.filter((lens) => lens.people === true)
}

/** What one lens finds on a side: who is named now, and who was when the two last agreed; null: they never did. */
interface Named {
  readonly field: string
  readonly many: boolean
  readonly now: readonly Ref[]
  readonly base: readonly Ref[] | null
}
interface BothNamed {
  readonly a: Named
  readonly b: Named
  /** Two items stand for each other; else the one is to be copied, and leaves behind who does not travel. */
  readonly isLinked: boolean
}

function namedIn(pair: Pair, lens: Lens, items: Items, link: Link | null): BothNamed {
  const bases = link === null || link.state === 'gone' ? null : link.base
  const on = (side: Side): Named => {
    const field = lens.fields[side][0] ?? ''
    const isBased = bases !== null && field in bases[side]
    return {
      field,
      many: pair.kinds[side].fields[field]?.many !== undefined,
      now: refsIn(items[side]?.values[field]),
      base: isBased ? refsIn(bases[side][field]) : null,
    }
  }
  return { a: on('a'), b: on('b'), isLinked: bases !== null }
}

type Items = { readonly [side in Side]: Observation | null }

/** The subject with its persons as planning holds them, and the differences that those leave who do not travel. */
export function withPeople(
  flow: Flow,
  subject: Subject,
  personOf: PersonOf,
): { readonly subject: Subject; readonly gaps: readonly Gap[] } {
  const head = subject.head === null ? null : withPeople(flow, subject.head, personOf)
  let known = head === null ? subject : { ...subject, head: head.subject }
  const gaps = head === null ? [] : [...head.gaps]
  for (const lens of lensesOf(subject.pair)) {
    const named = namedIn(subject.pair, lens, subject, subject.link)
    known = held(known, lens, named, personOf)
    for (const side of SIDES) {
      const gap = gapOf(flow, subject, lens, named, side, personOf)
      if (gap !== null) gaps.push(gap)
    }
  }
  return { subject: known, gaps }
}

/** Items that have no link yet, with their persons as planning holds them. */
export function withPeopleIn(pair: Pair, side: Side, item: Observation, personOf: PersonOf): Observation {
  const items = bySide(side, item, null)
  return lensesOf(pair).reduce((known: Observation, lens) => {
    const named = namedIn(pair, lens, items, null)
    return withValue(known, named[side].field, now(named, side, personOf))
  }, item)
}

function held(subject: Subject, lens: Lens, named: BothNamed, personOf: PersonOf): Subject {
  const { a, b, link, decided } = subject
  const based = (side: Side): Values => {
    const { field, base } = named[side]
    const values = link?.base[side] ?? {}
    return base === null ? values : { ...values, [field]: before(named, side, personOf) }
  }
  return {
    ...subject,
    a: a === null ? null : withValue(a, named.a.field, now(named, 'a', personOf)),
    b: b === null ? null : withValue(b, named.b.field, now(named, 'b', personOf)),
    link: link === null ? null : { ...link, base: { a: based('a'), b: based('b') } },
    decided: decided.map((each) => (each.lens === lens.id ? asHeld(each, personOf) : each)),
  }
}

function withValue(item: Observation, field: string, value: Json): Observation {
  return { ...item, shown: item.shown ?? item.values, values: { ...item.values, [field]: value } }
}

function now(named: BothNamed, side: Side, personOf: PersonOf): Json {
  const { many, now: refs } = named[side]
  const all = refs.map((ref) => memberOf(named, side, ref, personOf))
  const shown = named.isLinked ? all : all.filter((each) => typeof each === 'string')
  return many ? shaped(shown) : (shown[0] ?? null)
}

/** Who stays is no change: a set that was agreed on holds them too. */
function before(named: BothNamed, side: Side, personOf: PersonOf): Json {
  const { many, now: refs, base } = named[side]
  const was = (base ?? []).map((ref) => memberOf(named, side, ref, personOf))
  if (!many) return was[0] ?? null
  const staying = refs.map((ref) => memberOf(named, side, ref, personOf)).filter((each) => typeof each !== 'string')
  return shaped([...was.filter((each) => typeof each === 'string'), ...staying])
}

/** Empty is null, whatever a system calls it; who travels comes first, in one order on both sides. */
function shaped(members: readonly Json[]): Json {
  const byText = new Map(members.map((each) => [`${typeof each === 'string' ? 0 : 1}${canonical(each)}`, each]))
  const sorted = [...byText.keys()].sort()
  return sorted.length === 0 ? null : sorted.map((text) => byText.get(text) ?? null)
}

function memberOf(named: BothNamed, side: Side, ref: Ref, personOf: PersonOf): Json {
  const why = whyStays(named, side, ref, personOf)
  if (why !== null) return { stays: ref, why }
  return side === 'a' ? ref : personOf(side, ref).alias
}

function whyStays(named: BothNamed, side: Side, ref: Ref, personOf: PersonOf): string | null {
  const { alias } = personOf(side, ref)
  if (alias === null) return 'nobody there is known to be the same person'
  const [own, far] = [named[side], named[other(side)]]
  // Both were as they are now when the two last agreed: only the table has changed.
  const isIn = (refs: readonly Ref[]): boolean => refs.some((each) => personOf(other(side), each).alias === ref)
  const isSettled =
    far.base !== null && own.base?.includes(ref) === true && own.now.includes(ref) && !isIn(far.base) && !isIn(far.now)
  return isSettled
    ? `${alias} does not stand there: the two agreed before it was known that this is the same person`
    : null
}

function gapOf(
  flow: Flow,
  { pair, ...items }: Subject,
  lens: Lens,
  named: BothNamed,
  side: Side,
  personOf: PersonOf,
): Gap | null {
  const item = items[side]
  if (item?.state !== 'present' || !isCompared(lens)) return null
  // Whoever is unknown at the end from where nothing travels is nobody's concern; whom the table alone parts is told there too.
  const isTold = (ref: Ref): boolean => travelsFrom(flow, lens, side) || personOf(side, ref).alias !== null
  const staying = named[side].now.flatMap((ref) => {
    const why = whyStays(named, side, ref, personOf)
    return why === null || !isTold(ref) ? [] : [{ ref, why }]
  })
  const far = named[other(side)]
  const isOpen = travelsFrom(flow, lens, other(side)) && obstacle(pair, lens, side, item) === null
  const isCarried = far.now.every((ref) => whyStays(named, other(side), ref, personOf) === null)
  const isWrittenOver =
    isOpen && isCarried && !named[side].many && !isNew(named[side]) && far.base !== null && isNew(far)
  if (staying.length === 0 || isWrittenOver) return null
  const why = staying.map((each) => `${calledOf(side, each.ref, personOf)} stays here: ${each.why}`).join('; ')
  const people = staying.map(({ ref }) => ref).filter((ref) => personOf(side, ref).alias === null)
  return { pair: pair.id, side, ref: item.ref, lens: lens.id, why, people }
}

function isNew({ now: refs, base }: Named): boolean {
  return base === null || canonical([...refs]) !== canonical([...base])
}

function calledOf(side: Side, ref: Ref, personOf: PersonOf): string {
  const { name } = personOf(side, ref)
  return name === null ? ref : `${name} (${ref})`
}

/** What a person decided was shown to them in each side's own refs. */
function asHeld(decided: Decided, personOf: PersonOf): Decided {
  const text = (side: Side): string => {
    const value: Json = JSON.parse(decided[side])
    const refs = refsIn(value).map((ref) => (side === 'a' ? ref : (personOf(side, ref).alias ?? ref)))
    return canonical(isList(value) ? (shaped(refs) ?? []) : (refs[0] ?? null))
  }
  return { ...decided, a: text('a'), b: text('b') }
}

/** The decision about a subject in the refs of each side. `subject`: as it was before persons were told apart. */
export function inRefs(decision: Decision, subject: Subject, personOf: PersonOf): Decision {
  const pairs = [subject.pair, ...(subject.head === null ? [] : [subject.head.pair])]
  if (pairs.every((pair) => lensesOf(pair).length === 0)) return decision
  const tell = teller(subject, personOf)
  return {
    ...decision,
    settle: decision.settle.map(tell.settlement),
    writes: decision.writes.map((each) => ({ ...each, write: tell.write(each.write) })),
  }
}

interface Teller {
  settlement(each: Settlement): Settlement
  write(write: Write): Write
}

function teller(subject: Subject, personOf: PersonOf): Teller {
  const { pair, link } = subject
  const disagreements = (all: readonly Disagreement[]): readonly Disagreement[] =>
    all.map((each) => (lensesOf(pair).some(({ id }) => id === each.lens) ? disagreementIn(each, personOf) : each))
  const agreed = (side: Side, values: Values): Values => agreedOn(pair, link, side, values, personOf)
  return {
    settlement(each) {
      if (each.do === 'disagree') return { ...each, disagreements: disagreements(each.disagreements) }
      if (each.do !== 'rebase') return each
      const base = { a: agreed('a', each.base.a), b: agreed('b', each.base.b) }
      return { ...each, base }
    },
    write(write) {
      if (write.do === 'update') {
        const { side, changed } = write
        return {
          ...write,
          changed: valuesIn(pair, side, changed, personOf),
          base: agreed(other(side), write.base),
          ...(write.agreed === undefined ? {} : { agreed: agreed(side, write.agreed) }),
          disagreements: disagreements(write.disagreements),
          ...unagreedIn(subject, side, changed, personOf),
        }
      }
      if (write.do !== 'create') return write
      const head = write.head === null || subject.head === null ? null : teller(subject.head, personOf)
      const action = write.head === null ? undefined : head?.write(write.head.action)
      return {
        ...write,
        values: valuesIn(pair, write.side, write.values, personOf),
        base: valuesIn(pair, other(write.side), write.base, personOf),
        disagreements: disagreements(write.disagreements),
        head: write.head === null || action?.do !== 'create' ? write.head : { ...write.head, action },
      }
    },
  }
}

/** Each member in the refs of a side; `keeps`: of those who stay, these. */
function refsOf(side: Side, value: Json, personOf: PersonOf, keeps: (ref: Ref) => boolean): Json {
  const one = (each: Json): Json => {
    if (typeof each === 'string') return side === 'a' ? each : (personOf('a', each).alias ?? each)
    const ref = staysIn(each)?.stays
    return ref === undefined ? each : keeps(ref) ? ref : null
  }
  if (!isList(value)) return one(value)
  const refs = value.map(one).filter((each) => each !== null)
  return refs.length === 0 ? null : refs
}

function mapped(pair: Pair, side: Side, values: Values, told: (field: string, value: Json) => Json): Values {
  const whole: Record<string, Json> = { ...values }
  for (const { fields } of lensesOf(pair))
    for (const field of fields[side]) if (field in values) whole[field] = told(field, values[field] ?? null)
  return whole
}

function valuesIn(pair: Pair, side: Side, values: Values, personOf: PersonOf): Values {
  return mapped(pair, side, values, (_, value) => refsOf(side, value, personOf, () => true))
}

/** Of those who stay, a base holds whom it held before: the others are still to travel once it is known who they are. */
function agreedOn(pair: Pair, link: Link | null, side: Side, values: Values, personOf: PersonOf): Values {
  const was = link?.base[side] ?? {}
  return mapped(pair, side, values, (field, value) => {
    const before = refsIn(was[field])
    const stays = staysIn(value)?.stays
    if (stays !== undefined && !before.includes(stays)) return was[field] ?? null
    return refsOf(side, value, personOf, (ref) => before.includes(ref))
  })
}

/** Who stands on the written side and is still to travel. */
function unagreedIn(subject: Subject, side: Side, changed: Values, personOf: PersonOf): { unagreed?: Values } {
  const unagreed: Record<string, Json> = {}
  for (const { fields } of lensesOf(subject.pair))
    for (const field of fields[side]) {
      const before = refsIn(subject.link?.base[side][field])
      const refs = refsIn(subject[side]?.values[field])
      const open = refs.filter((ref) => personOf(side, ref).alias === null && !before.includes(ref))
      if (field in changed && open.length > 0) unagreed[field] = open
    }
  return Object.keys(unagreed).length === 0 ? {} : { unagreed }
}

/** What the two agree on of what a system holds: all but those who are still to travel. */
export function withoutUnagreed(values: Values, unagreed: Values = {}): Values {
  const agreed: Record<string, Json> = { ...values }
  for (const [field, open] of Object.entries(unagreed)) {
    const value = agreed[field] ?? null
    if (!isList(value)) continue
    const rest = value.filter((each) => typeof each !== 'string' || !refsIn(open).includes(each))
    agreed[field] = rest.length === 0 ? null : rest
  }
  return agreed
}

/** Two that stand for each other, with the persons of their bases in refs. */
export function baseInRefs<Of extends { readonly base: { readonly [side in Side]: Values } }>(
  pair: Pair,
  match: Of,
  personOf: PersonOf,
): Of {
  const { a, b } = match.base
  const told = (side: Side, values: Values): Values => agreedOn(pair, null, side, values, personOf)
  return { ...match, base: { a: told('a', a), b: told('b', b) } }
}

function disagreementIn(each: Disagreement, personOf: PersonOf): Disagreement {
  const told = (side: Side, value: Json): Json => {
    const refs = refsOf(side, value, personOf, () => true)
    return isList(value) ? (shaped(isList(refs) ? refs : []) ?? []) : refs
  }
  return {
    ...each,
    base: told('a', each.base),
    values: { a: told('a', each.values.a), b: told('b', each.values.b) },
  }
}
