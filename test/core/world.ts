/** A small made-up world for the planner: one pair of kinds, one or more fields, actions carried out by assignment. */
import type { Json, Values } from '../../src/connector/values.ts'
import type { Decision, Subject, Write } from '../../src/core/action.ts'
import { pick } from '../../src/core/base.ts'
import {
  DEFAULT_BRAKE,
  other,
  type Direction,
  type Flow,
  type KindFacts,
  type OnDelete,
  type OnLeave,
  type Pair,
  type Policy,
  type Side,
} from '../../src/core/flow.ts'
import type { Surroundings } from '../../src/core/create.ts'
import { direct } from '../../src/mappings/direct.ts'
import type { Link, Observation } from '../../src/core/state.ts'
import type { BrakeCounts } from '../../src/core/brake.ts'

export interface Rules {
  readonly policy: Policy
  readonly direction: Direction
  readonly astray: Flow['astray']
  readonly onDelete: OnDelete
  readonly onLeave: OnLeave
}

export const PLAIN: Rules = {
  policy: 'newest',
  direction: 'both',
  astray: 'leave',
  onDelete: 'delete',
  onLeave: 'keep',
}

function facts(connection: string, kind: string, fields: readonly string[], container: boolean): KindFacts {
  return {
    connection,
    kind,
    fields: Object.fromEntries(fields.map((field) => [field, { type: 'text' as const }])),
    container,
    parent: null,
    siblings: false,
    head: null,
    takes: [],
    unique: [],
    scopeField: null,
    can: { create: true, update: true, delete: true, empty: true },
  }
}

export function pairOfFields(fields: readonly string[], { onDelete, onLeave }: Rules = PLAIN): Pair {
  return {
    id: 'item-item',
    kinds: { a: facts('left', 'item', fields, false), b: facts('right', 'item', fields, false) },
    lenses: fields.map((field) => direct({ id: field, a: field, b: field })),
    onDelete: { a: onDelete, b: onDelete },
    onLeave: { a: onLeave, b: onLeave },
    onRefused: { a: 'declare', b: 'declare' },
    match: [],
  }
}

export function flowOf(pair: Pair, rules: Rules = PLAIN): Flow {
  return {
    id: 'flow',
    title: 'Flow',
    connections: { a: 'left', b: 'right' },
    direction: rules.direction,
    astray: rules.astray,
    policy: rules.policy,
    containers: { ...pairOfFields(['name']), id: 'box-box' },
    pairs: [pair],
    scopes: [{ a: { ref: 'A' }, b: { ref: 'B' } }],
    each: null,
    start: null,
    brake: DEFAULT_BRAKE,
  }
}

export const AROUND: Surroundings = {
  resolve: (_from, _kind, ref) => ref,
  personOf: () => ({ name: null, alias: null }),
  isKept: () => false,
  standsIn: () => null,
  occupant: () => null,
  isAtRest: () => false,
  unjoined: () => null,
  instance: (_from, scope) => (scope === 'A' ? 'B' : scope === 'B' ? 'A' : null),
}

export function item(side: Side, values: Values, more: Partial<Observation> = {}): Observation {
  return {
    connection: side === 'a' ? 'left' : 'right',
    kind: 'item',
    ref: `${side}1`,
    scope: side === 'a' ? 'A' : 'B',
    state: 'present',
    values,
    version: null,
    author: null,
    createdAt: '2026-11-02T09:00:00.000Z',
    editedAt: null,
    key: null,
    may: null,
    parent: null,
    slot: null,
    rev: 1,
    emptied: false,
    firstSeen: 0,
    movedAt: null,
    acceptedAt: 0,
    unread: false,
    ...more,
  }
}

export function linkOf(base: Values, state: Link['state'] = 'live'): Link {
  return {
    id: 1,
    flow: 'flow',
    pair: 'item-item',
    refs: { a: 'a1', b: 'b1' },
    base: { a: base, b: base },
    complement: {},
    state,
    incarnation: 0,
    late: false,
    made: null,
    about: null,
  }
}

const NOBODY = { living: 0, surviving: 0, answers: '', staying: 0, unread: 0, open: null }

export function subjectOf(pair: Pair, link: Link | null, a: Observation | null, b: Observation | null): Subject {
  return {
    pair,
    link,
    a,
    b,
    decided: [],
    contested: [],
    head: null,
    leads: { a: false, b: false },
    endsChanged: { a: false, b: false },
    remade: { a: false, b: false },
    children: { a: NOBODY, b: NOBODY },
    goesWithParent: null,
    withParent: { a: 'no', b: 'no' },
    corrections: { a: null, b: null },
    raised: false,
    late: false,
    incarnation: link === null ? 0 : link.incarnation + 1,
    maybeOurs: null,
  }
}

/** The world once a decision was carried out, one write of it: the engine plans anew after each. */
export function carriedOut(subject: Subject, decision: Decision, which = 0): Subject {
  let { link } = subject
  for (const each of decision.settle) {
    if (link === null) throw new Error('a settlement without a link')
    if (each.do === 'rebase') link = rebased(link, each.base)
    else if (each.do === 'unlink') link = { ...link, state: 'gone' }
    else if (each.do === 'sleep') link = { ...link, state: 'asleep' }
    else if (each.do === 'wake') link = { ...link, state: 'live' }
  }
  const write = decision.writes[which % Math.max(1, decision.writes.length)]?.write
  const settled = { ...subject, link }
  return write === undefined ? settled : written(settled, write)
}

function rebased(link: Link, base: Link['base']): Link {
  return { ...link, base: { a: { ...link.base.a, ...base.a }, b: { ...link.base.b, ...base.b } } }
}

function written(subject: Subject, write: Write): Subject {
  const { side } = write
  const from = other(side)
  if (write.do === 'create') {
    const incarnation = write.incarnation
    const made = item(side, write.values, { ref: `${side}${incarnation + 2}` })
    const source = subject[from]
    if (source === null) throw new Error('a create without a source')
    const refs = { [side]: made.ref, [from]: source.ref }
    const base = { [side]: write.values, [from]: write.base }
    const link: Link = { ...linkOf({}), refs: { a: '', b: '', ...refs }, base: { a: {}, b: {}, ...base }, incarnation }
    return { ...subject, link, [side]: made }
  }
  const { link } = subject
  const known = subject[side]
  if (link === null || known === null) throw new Error('a write about nothing')
  if (write.do === 'update') {
    const next: Observation = { ...known, values: { ...known.values, ...write.changed }, rev: known.rev + 1 }
    const there = { ...pick(next.values, write.fields), ...write.agreed }
    const base = side === 'b' ? { a: write.base, b: there } : { a: there, b: write.base }
    return { ...subject, link: rebased(link, base), [side]: next }
  }
  if (write.do === 'empty') {
    const emptied: { [field: string]: Json } = {}
    for (const field of Object.keys(known.values)) emptied[field] = '(emptied)'
    return { ...subject, link: { ...link, state: 'gone' }, [side]: { ...known, values: emptied, emptied: true } }
  }
  return { ...subject, link: { ...link, state: 'gone' }, [side]: { ...known, state: 'deleted' } }
}

export const NO_COUNTS: BrakeCounts = { pairs: {}, accounts: null, inStep: false, together: 50, lifted: false }
