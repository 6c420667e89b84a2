/** Outcomes of calls as they are committed: links, bases, journal. */
import type { Change, Create, Made } from '../connector/connector.ts'
import { ConnectorError } from '../connector/failure.ts'
import type { Ref, Values } from '../connector/values.ts'
import type { CreateAction, DeleteAction, Disagreement, UpdateAction, Write } from '../core/action.ts'
import { pick } from '../core/base.ts'
import { filesOf, withTakenAway } from '../core/files.ts'
import { withoutUnagreed } from '../core/people.ts'
import { bySide, comparedFields, isCompared, isDerived, other, type Flow, type Pair, type Side } from '../core/flow.ts'
import { createKey } from '../core/key.ts'
import type { Intent, NewEntry, Observation } from '../core/state.ts'
import type { Finish } from '../store/verbs/write.ts'
import type { NewLink } from '../store/verbs/new-links.ts'
import { hasFiles, type FlowModel } from './model.ts'
import { touchedBy, type Task } from './task.ts'
import type { World } from './world.ts'

/** As much of a task as an outcome needs: a create that is asked about later has no more. */
export type Settled = Pick<Task, 'model' | 'pair' | 'dues'> & { readonly seen?: Task['seen']; readonly more?: boolean }

/** What a connector is asked to create, with the key of its head where there is one. */
export function createOf(world: World, model: FlowModel, action: CreateAction, key: string, since: number): Create {
  const { head } = action
  const headPair = head === null ? undefined : model.pairs.get(head.pair)
  return {
    key,
    values: action.values,
    since,
    createdAt: action.createdAt ?? undefined,
    head:
      head === null || headPair === undefined
        ? undefined
        : {
            key: createKey(
              world.markerKey,
              model.flow.id,
              sourceOf(headPair, action.side, head.action.source.ref),
              head.action.incarnation,
            ),
            values: head.action.values,
            since,
            createdAt: head.action.createdAt ?? undefined,
          },
  }
}

function sourceOf(pair: Pair, side: Side, ref: string): { connection: string; kind: string; ref: string } {
  const facts = pair.kinds[other(side)]
  return { connection: facts.connection, kind: facts.kind, ref }
}

/** The links that a create made, each with the base that both sides now have. */
export function created(
  world: World,
  task: Settled,
  intent: Intent,
  write: CreateAction,
  made: Made,
  how: 'answered' | 'found',
): Finish {
  const links: NewLink[] = []
  const own = made.find((change) => change.kind === intent.kind)
  if (own === undefined) throw new ConnectorError('unavailable', `${intent.connection} did not say what it made`)
  links.push(linkOf(task.pair, write, own, task.model.flow, how))
  const head = write.head
  const headPair = head === null ? undefined : task.model.pairs.get(head.pair)
  const headMade = made.find((change) => change.kind === intent.headKind)
  if (head !== null && headPair !== undefined && headMade !== undefined)
    links.push(linkOf(headPair, withParent(headPair, write, own.ref, head.action), headMade, task.model.flow, how))
  const entry = entryOf(world, task, intent)
  return {
    ...outcomeOf(world, task, intent),
    // What was made again may stand for an item that bears a mark; what it refers to may have come; it may be gone since.
    wish:
      wishOf(write) ??
      (write.about === null &&
      (write.link !== null || write.open === true || 'gone' in own || isLookedAt(task.pair, write.side))
        ? 'travels'
        : null),
    stored: made,
    madeIn: intent.scope,
    madeUnder: {
      [intent.kind]: intent.parent,
      ...(intent.headKind === null ? {} : { [intent.headKind]: own.ref }),
    },
    links,
    ...placedFiles(task.model, intent, write),
    journal: links.map((link) => ({
      ...entry,
      pair: link.pair,
      refs: write.about === null ? link.refs : bySide(write.side, own.ref, null),
      after: pickAll(made.find(({ kind, ref }) => kind === link.kinds[write.side] && ref === link.refs[write.side])),
      why: write.late ? 'late: a later sibling arrived before it' : '',
      ...undoing(write),
    })),
    container: task.pair === task.model.flow.containers,
  }
}

/** The head's parent is the item that the same call copied, and where it was written what that call made. */
function withParent(pair: Pair, { source }: CreateAction, made: Ref, head: CreateAction): CreateAction {
  const { [head.side]: to, [other(head.side)]: from } = pair.kinds
  return {
    ...head,
    base: from.parent === null ? head.base : { ...head.base, [from.parent.field]: source.ref },
    values: to.parent === null ? head.values : { ...head.values, [to.parent.field]: made },
  }
}

/** What is found later may have been edited since: then what was written is what the two agreed on. */
function linkOf(pair: Pair, write: CreateAction, made: Change, flow: Flow, how: 'answered' | 'found'): NewLink {
  const to = write.side
  const answered = 'values' in made ? made.values : {}
  const stored = how === 'answered' ? { ...write.values, ...answered } : { ...answered, ...write.values }
  return {
    pair: pair.id,
    connections: flow.connections,
    kinds: { a: pair.kinds.a.kind, b: pair.kinds.b.kind },
    refs: bySide(to, made.ref, write.about === null ? write.source.ref : ''),
    base: bySide(to, pick(stored, comparedFields(pair, to)), write.base),
    complement: write.complement,
    incarnation: write.incarnation,
    late: write.late,
    ...(write.about === null && write.undoes === undefined ? { made: to } : {}),
    ...(write.undoes === undefined ? {} : { state: 'gone' }),
    about: write.about,
  }
}

/** What the journal says of a write that takes something back. */
export function undoing({ undoes }: Write): Partial<NewEntry> {
  return undoes === undefined ? {} : { undoes: undoes.entry, why: `undo of ${undoes.entry}` }
}

export function wishOf({ undoes }: Write): Finish['wish'] {
  return undoes === undefined ? null : undoes.travels ? 'travels' : 'stays'
}

export function outcomeOf(world: World, task: Settled, intent: Intent): Finish {
  return {
    key: intent.key,
    flow: intent.flow,
    connection: intent.connection,
    now: world.clock.now(),
    dues: task.dues,
    stored: [],
    written: {},
    deleted: [],
    emptied: false,
    kinds: world.model.readings(intent.connection),
    watches: world.model.watches(intent.connection),
    seenRev: task.seen?.[intent.side]?.rev ?? null,
    links: [],
    rebase: null,
    part: null,
    wish: null,
    journal: [],
    again: task.more === true,
    container: false,
  }
}

/** Said of every write that is done, once it is committed. */
export function tellWrote(world: World, intent: Intent, waitedMs: number | null): void {
  const { flow, pair, side, sourceRef: ref } = intent
  world.events({ is: 'wrote', flow, pair, action: deedOf(intent), side, ref, waitedMs })
}

/** What the journal calls it. */
function deedOf({ action, about, ref }: Intent): string {
  if (about === null) return action
  return about === ref ? 'mark' : 'correct'
}

/** Which items a write was about, where nothing else tells it any more. */
function itemsOf({ side, ref, sourceRef, about }: Intent): Finish['journal'][number]['refs'] {
  return bySide(side, ref, about !== null && sourceRef === ref ? null : sourceRef)
}

export function entryOf(world: World, task: Settled, intent: Intent): Finish['journal'][number] {
  const { dues } = task
  return {
    at: world.clock.now(),
    flow: intent.flow,
    pair: intent.pair,
    link: intent.link,
    action: deedOf(intent),
    side: intent.side,
    refs: task.seen === undefined ? itemsOf(intent) : { a: task.seen.a?.ref ?? null, b: task.seen.b?.ref ?? null },
    before: null,
    after: null,
    why: '',
    undoes: null,
    waitedMs: dues.length === 0 ? null : Math.max(0, intent.sentAt - Math.min(...dues.map((due) => due.since))),
  }
}

/** What an update brings about: both bases move, unless it takes something back. */
export function updated(
  world: World,
  task: Settled,
  intent: Intent,
  write: UpdateAction,
  values: Values,
): Pick<Finish, 'rebase' | 'journal' | 'wish' | 'part' | 'files'> {
  const { undoes, side, link } = write
  const fields = touchedBy(write)
  const known = task.seen?.[side]
  const pair = task.model.pairs.get(intent.pair)
  const after = { stored: pick(values, write.fields), written: write.changed, before: known?.values ?? {} }
  const stored = pair === undefined ? after.stored : withTakenAway(pair, side, after)
  const own = { ...withoutUnagreed(stored, write.unagreed), ...write.agreed }
  return {
    rebase: undoes === undefined ? { link, base: bySide(side, own, write.base) } : null,
    part: undoes === undefined || undoes.travels ? null : { link, state: 'gone' },
    wish: undoes === undefined ? null : 'travels',
    ...placedFiles(task.model, intent, write),
    journal: [
      {
        ...entryOf(world, task, intent),
        before: known === undefined || known === null ? (write.before ?? null) : pick(known.values, fields),
        after: pick(values, fields),
        why: whyOf(write.disagreements),
        ...undoing(write),
      },
    ],
  }
}

/** Whether a lens derives something for the other side from what stands there now. */
function isLookedAt(pair: Pair, side: Side): boolean {
  return pair.lenses.some((lens) => isCompared(lens) && isDerived(lens, side))
}

/** What was on its way to the written items stands there now. */
function placedFiles(
  { pairs }: FlowModel,
  { pair: id, sourceRef, side }: Intent,
  write: CreateAction | UpdateAction,
): Pick<Finish, 'files'> {
  // What is on its way waits for the write that shows it: one of other fields says nothing of it.
  if (write.do === 'update' && !writesFiles(pairs.get(id), side, write.changed)) return {}
  const head = write.do === 'create' ? write.head : null
  const parts = [
    { id, source: sourceRef, values: write.do === 'create' ? write.values : write.changed },
    ...(head === null ? [] : [{ id: head.pair, source: head.action.source.ref, values: head.action.values }]),
  ].flatMap(({ id: name, source, values }) => {
    const pair = pairs.get(name)
    return pair === undefined || !hasFiles(pair) || write.about !== null ? [] : [{ pair, source, values }]
  })
  if (parts.length === 0) return {}
  const placed = parts.flatMap(({ pair, values }) => filesOf(pair, side, values).map(({ ref }) => ref))
  return { files: { side, sources: parts.map(({ pair, source }) => ({ pair: pair.id, source })), placed } }
}

function writesFiles(pair: Pair | undefined, side: Side, changed: Values): boolean {
  return Object.keys(changed).some((field) => pair?.kinds[side].fields[field]?.type === 'file')
}

/** What becomes of the link of an item that was deleted or emptied. */
export function parted(write: DeleteAction): Pick<Finish, 'part' | 'wish'> & Partial<Pick<Finish, 'again'>> {
  const { link, undoes, about, moved } = write
  // As where a person removes a correction: its link tells what was told last.
  if (about !== null && undoes !== undefined) return { part: null, wish: null }
  if (undoes?.travels === true) return { part: null, wish: 'travels' }
  const state = undoes === undefined ? 'gone' : 'asleep'
  return { part: { link, state }, wish: wishOf(write), ...(moved === true ? { again: true } : {}) }
}

export function removal(
  world: World,
  task: Settled,
  intent: Intent,
  write: DeleteAction,
  known: Observation,
): NewEntry {
  return {
    ...entryOf(world, task, intent),
    before: { ...known.values, ...write.stub },
    why:
      intent.about === null
        ? `${write.moved === true ? 'moved' : 'deleted'} at ${other(intent.side)}`
        : 'there is nothing left to tell',
    ...undoing(write),
  }
}

function pickAll(change: Change | undefined): Values {
  return change !== undefined && 'values' in change ? change.values : {}
}

export function whyOf(disagreements: readonly Disagreement[]): string {
  return disagreements.map((each) => `${each.lens}: ${each.why}`).join('; ')
}
