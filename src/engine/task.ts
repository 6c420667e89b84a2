/** A write on its way: what was planned about which subject, and the intent that is committed before its call. */
import type { Item } from '../connector/connector.ts'
import { canonical, type Json, type Values } from '../connector/values.ts'
import type { Hold, UpdateAction, Write } from '../core/action.ts'
import { pick } from '../core/base.ts'
import { other, type KindFacts, type Pair, type Side } from '../core/flow.ts'
import { correctionKey, createKey, fingerprint } from '../core/key.ts'
import type { Intent, Observation } from '../core/state.ts'
import type { DueRow } from '../store/verbs/subjects.ts'
import type { NewHold } from '../store/verbs/held.ts'
import type { SettleSubject } from '../store/verbs/settle.ts'
import type { Waiting } from '../store/verbs/waits.ts'
import type { FlowModel } from './model.ts'
import { sessionOf, type World } from './world.ts'

/** A write as it goes through: what was planned, about which subject. */
export interface Task {
  readonly model: FlowModel
  readonly pair: Pair
  readonly write: Write
  readonly dues: readonly DueRow[]
  readonly seen: { readonly a: Observation | null; readonly b: Observation | null }
  /** What it rests on besides: the source of the head that it makes, or the item that a correction is about. */
  readonly also: Observation | null
  /** How its subject is known to people. */
  readonly named: { readonly side: Side; readonly ref: string }
  /** The subject has a correction, or a mark: it is planned again after this write. */
  readonly more: boolean
  readonly name: string
  readonly first: boolean
  /** What it would be held for, had nobody approved it. */
  readonly hold: Hold | null
}

/** The observations that it rests on. */
export function seenBy(task: Task): { connection: string; kind: string; ref: string; rev: number }[] {
  const sources = [task.seen.a, task.seen.b, task.also].filter((item) => item !== null)
  return sources.map(({ connection, kind, ref, rev }) => ({ connection, kind, ref, rev }))
}

export function intentOf(world: World, { model, pair, write, seen }: Task): Intent {
  const facts = pair.kinds[write.side]
  const source = write.do === 'create' ? write.source.ref : (seen[other(write.side)]?.ref ?? write.ref)
  const sourceKind = pair.kinds[other(write.side)]
  const incarnation = write.do === 'create' ? write.incarnation : -1
  const key =
    write.about === null
      ? createKey(world.markerKey, model.flow.id, { ...identityOf(sourceKind), ref: source }, incarnation)
      : correctionKey(world.markerKey, model.flow.id, { ...identityOf(facts), ref: write.about }, incarnation)
  const parent = facts.parent === null || write.do !== 'create' ? null : write.values[facts.parent.field]
  return {
    key: write.do === 'create' ? key : `${key}-${write.do}-${write.side}`,
    flow: model.flow.id,
    pair: pair.id,
    action: write.do,
    side: write.side,
    connection: facts.connection,
    kind: facts.kind,
    headKind: write.do === 'create' && write.head !== null ? facts.head : null,
    ref: write.do === 'create' ? null : write.ref,
    scope: write.do === 'create' ? write.scope : (seen[write.side]?.scope ?? ''),
    parent: typeof parent === 'string' ? parent : null,
    link: write.link,
    about: write.about,
    sourceRef: source,
    plan: asJson(write.do === 'update' ? { ...write, before: beforeOf(write, seen) } : write),
    fingerprint: fingerprintOf(world, write, seen),
    actor: sessionOf(world, facts.connection).actor?.ref ?? '',
    sentAt: world.clock.now(),
    turnAt: world.clock.now(),
    process: world.process,
    state: 'sent',
    askAt: 0,
    attempts: 0,
  }
}

/** The fields of its side that an update is about, whether or not their base moves. */
export function touchedBy({ fields, changed }: UpdateAction): readonly string[] {
  return [...new Set([...fields, ...Object.keys(changed)])]
}

function beforeOf(write: UpdateAction, seen: Task['seen']): Values {
  return pick(seen[write.side]?.values ?? {}, touchedBy(write))
}

function identityOf({ connection, kind }: KindFacts): { connection: string; kind: string } {
  return { connection, kind }
}

export const AT_ONCE: Waiting = { for: 'time', until: 0, why: '', failed: false }

/** Gives tasks of one flow back without a call: their subjects are planned again, those behind others behind them. */
export async function planAgain(world: World, tasks: readonly Task[], wait: Waiting = AT_ONCE): Promise<void> {
  const first = tasks[0]
  if (first === undefined) return
  const { flow } = first.model
  await world.store.settle({
    flow: flow.id,
    connections: flow.connections,
    now: world.clock.now(),
    subjects: tasks.map(({ pair, dues, seen }) => ({ ...putBack(pair, dues, seen), wait })),
  })
  world.bell.ring('due')
}

/** Nothing is done about a subject now: it is planned again at once. */
export function putBack(pair: Pair, dues: readonly DueRow[], { a, b }: Task['seen']): SettleSubject {
  return {
    pair: pair.id,
    dues,
    refs: { a: a?.ref ?? null, b: b?.ref ?? null },
    settle: [],
    gaps: null,
    holds: [],
    ended: [],
    wait: AT_ONCE,
    going: false,
  }
}

/** An action is plain JSON by construction; what is undefined in it is left out where it is stored. */
export function asJson(write: Write): Json {
  return write as unknown as Json
}

export function itemOf(known: Observation): Item {
  return {
    scope: known.scope,
    ref: known.ref,
    values: known.values,
    version: known.version ?? undefined,
    author: known.author ?? undefined,
    createdAt: known.createdAt ?? undefined,
    editedAt: known.editedAt ?? undefined,
    key: known.key ?? undefined,
    ...(known.may === null ? {} : { may: known.may }),
    ...(known.emptied ? { emptied: true } : {}),
  }
}

/** A hold names the subject by its source, and binds to exactly what would have been done. */
export function holdOf(
  world: World,
  task: Pick<Task, 'write' | 'seen' | 'named' | 'name'>,
  reason: NewHold['reason'],
  detail: string,
): NewHold {
  const { write, seen, named, name } = task
  return { ...named, action: write.do, fingerprint: fingerprintOf(world, write, seen), reason, detail, name }
}

/** Of what a write does. It does something else where something else is written over or taken away. */
export function fingerprintOf(world: World, write: Write, sides: Task['seen']): string {
  if (write.do === 'create')
    return fingerprint(
      world.markerKey,
      canonical(['create', write.side, write.source.ref, write.values, write.head?.action.values ?? null]),
    )
  if (write.do === 'update') {
    // What a correction says is nobody's text.
    const over = write.about === null ? pick(sides[write.side]?.values ?? {}, Object.keys(write.changed)) : {}
    return fingerprint(world.markerKey, canonical(['update', write.side, write.ref, write.changed, over]))
  }
  const taken = write.about === null ? (sides[write.side]?.values ?? {}) : {}
  return fingerprint(world.markerKey, canonical([write.do, write.side, write.ref, taken, write.answers ?? null]))
}

/** A short name of an item, for people. */
export function nameOfItem(item: Observation | null): string {
  return item === null ? '' : (nameOfValues(item.values) ?? item.ref)
}

/** The first line of what people call an item by; null where its values have nothing of the kind. */
export function nameOfValues(values: Values): string | null {
  for (const field of ['title', 'name', 'subject', 'text', 'raw']) {
    const value = values[field]
    if (typeof value === 'string' && value !== '') return (value.split('\n')[0] ?? '').slice(0, 60)
  }
  return null
}
