/**
 * Takes actions back: from what the journal says was done to one subject, to what would restore it. Pure.
 *
 * What is written is an edit like a person's: it goes to the side that the action was done on, and the ordinary plan
 * carries it to the other. So it is as safe as an edit is, and undone in the same way.
 */
import { filesIn, isList, isObject, sameValue, type Json, type Values } from '../connector/values.ts'
import type { JournalEntry, Observation } from './state.ts'
import type { CreateAction, DeleteAction, Subject, UpdateAction } from './action.ts'
import { untelling } from './correct.ts'
import { hasChanged, pick } from './base.ts'
import { carries, isCompared, other, SIDES, type Flow, type Lens, type Pair, type Side } from './flow.ts'

export type Step =
  | { readonly is: 'write'; readonly write: UpdateAction | DeleteAction | CreateAction }
  /**
   * gone: the ordinary plan makes it anew; asleep: it stays alone; forgotten: the two are two. `link`: of a correction;
   * absent: the subject's own. `first`: what goes back before; absent: there is no call.
   */
  | {
      readonly is: 'part'
      readonly how: 'gone' | 'asleep' | 'forgotten'
      readonly link?: number
      readonly first?: readonly UpdateAction[]
    }
  /** Its parent's write does it. */
  | { readonly is: 'along' }
  | { readonly is: 'nothing'; readonly why: string }
  | { readonly is: 'refused'; readonly why: string }

export interface Undoing {
  readonly entry: JournalEntry
  readonly subject: Subject
  /** The side that the action was done on. */
  readonly side: Side
  readonly step: Step
}

/** The entries that are meant about one subject, in the order in which they were done, and later ones that are not. */
export interface Deeds {
  readonly subject: Subject
  readonly entries: readonly JournalEntry[]
  readonly later: readonly JournalEntry[]
  /** Takes back too what was changed since. */
  readonly over: boolean
}

export function undo(flow: Flow, deeds: Deeds): readonly Undoing[] {
  const { subject, entries } = deeds
  const linked = entries.find((entry) => entry.action === 'link')
  const isRemoved = entries.some((entry) => entry.action === 'delete' || entry.action === 'empty')
  // Two of which one was removed since are not parted before that is back.
  if (linked !== undefined && !isRemoved)
    return [{ entry: linked, subject, side: 'a', step: unlinking(flow, deeds, linked) }]
  const made = entries.find((entry) => entry.action === 'create')
  if (made !== undefined) {
    const both = SIDES.every((side) => entries.some((entry) => entry.action === 'create' && entry.side === side))
    const travels = both || made.undoes !== null
    return [{ entry: made, subject, side: made.side, step: unmaking(deeds, made, travels) }]
  }
  const removed = entries.findLast((entry) => entry.action === 'delete' || entry.action === 'empty')
  const told = entries.findLast((entry) => entry.action === 'correct')
  if (told !== undefined && entries.every((entry) => entry.action === 'correct'))
    return [{ entry: told, subject, side: told.side, step: silencing(subject, told) }]
  if (removed === undefined) return SIDES.flatMap((side) => unwriting(flow, deeds, side))
  const before = { ...valuesIn(removed.before), ...earliest(entries, removed.side) }
  return [{ entry: removed, subject, side: removed.side, step: remaking(flow, subject, removed, before) }]
}

/** What one has written over the other since goes back first: once they are two, nobody could. */
function unlinking(flow: Flow, deeds: Deeds, linked: JournalEntry): Step {
  const { pair, link } = deeds.subject
  if (link === null || link.state === 'gone') return { is: 'nothing', why: 'they are not linked any more' }
  if (pair === flow.containers)
    return { is: 'refused', why: 'two containers are parted by taking them out of the configuration' }
  const since = { ...deeds, entries: deeds.entries.filter(({ id }) => id > linked.id) }
  // Whichever way the flow runs: it does not run between two that are parted.
  const steps = SIDES.flatMap((side) => unwriting({ ...flow, astray: 'leave' }, since, side)).map(({ step }) => step)
  const refused = steps.find((step) => step.is === 'refused')
  if (refused !== undefined) return refused
  const first = steps.flatMap((step) => (step.is === 'write' && step.write.do === 'update' ? [step.write] : []))
  return first.length === 0 ? { is: 'part', how: 'forgotten' } : { is: 'part', how: 'forgotten', first }
}

/** The writes that a step makes. */
export function writesOf(step: Step): readonly (UpdateAction | DeleteAction | CreateAction)[] {
  return step.is === 'write' ? [step.write] : step.is === 'part' ? (step.first ?? []) : []
}

/** Deletes what was made. What called for it stays where it is, alone; `travels`: it goes as well. */
function unmaking({ subject, later, over }: Deeds, { id, side }: JournalEntry, travels: boolean): Step {
  const { pair, link } = subject
  const item = subject[side]
  const facts = pair.kinds[side]
  if (item === null || item.state !== 'present') return { is: 'nothing', why: 'it is gone already' }
  if (link === null || link.state === 'gone') return { is: 'refused', why: 'it stands for nothing any more' }
  const touched = later.some(({ action }) => action === 'update') || isEdited(pair, subject, side)
  if (touched && !over) return { is: 'refused', why: 'it was edited since' }
  if (!facts.can.delete && facts.head !== null) return { is: 'part', how: 'asleep' }
  if (!facts.can.delete) return { is: 'refused', why: `a ${facts.kind} cannot be deleted` }
  if (item.may?.delete === false)
    return { is: 'refused', why: item.may.why ?? 'it cannot be deleted with this credential' }
  const write: DeleteAction = {
    do: 'delete',
    side,
    link: link.id,
    ref: item.ref,
    about: null,
    undoes: { entry: id, travels },
  }
  return { is: 'write', write }
}

/** Removes a correction, which stays away until there is something else to tell; an undo of that tells it again. */
function silencing(subject: Subject, { id, side, undoes }: JournalEntry): Step {
  const correction = subject.corrections[side]
  const isThere = correction?.link.state === 'live' && correction.item?.state === 'present'
  if (undoes !== null && correction !== null && !isThere) return { is: 'part', how: 'gone', link: correction.link.id }
  if (!isThere) return { is: 'nothing', why: 'nothing is told any more' }
  const [removal] = untelling(subject, side)
  if (removal === undefined) return { is: 'refused', why: 'the reply cannot be deleted with this credential' }
  return { is: 'write', write: { ...removal, undoes: { entry: id, travels: false } } }
}

/** Brings a deleted or emptied item back. */
function remaking(flow: Flow, subject: Subject, { id, side, action }: JournalEntry, before: Values): Step {
  const { pair, link } = subject
  const item = subject[side]
  const far = subject[other(side)]
  if (link === null || item === null || far === null) return { is: 'nothing', why: 'it was made anew since' }
  if (action === 'empty') {
    if (item.state !== 'present') return { is: 'refused', why: 'it was deleted since' }
    return rewriting(subject, side, before, { entry: id, travels: false })
  }
  if (item.state === 'present') return { is: 'nothing', why: 'it is there again' }
  if (far.state === 'present') return { is: 'part', how: 'gone' }
  if (!pair.kinds[side].can.create) return { is: 'refused', why: `a ${pair.kinds[side].kind} cannot be created` }
  return { is: 'write', write: creation(flow, subject, id, side, before) }
}

/** As it was, under a new incarnation. Its place under its parent is found when it is made. */
export function creation(flow: Flow, subject: Subject, entry: number, side: Side, before: Values): CreateAction {
  const { pair, link } = subject
  const item = subject[side]
  const far = subject[other(side)]
  const { fields } = pair.kinds[side]
  const known = Object.keys(fields).filter((field) => fields[field]?.written !== 'never')
  const values: Record<string, Json> = {}
  // Of files that were deleted nobody has the bytes.
  for (const field of known)
    if ((before[field] ?? null) !== null && fields[field]?.type !== 'file') values[field] = before[field] ?? null
  return {
    do: 'create',
    side,
    source: { ref: far?.ref ?? '' },
    scope: item?.scope ?? '',
    values,
    base: {},
    complement: link?.complement ?? {},
    createdAt: flow.start === null ? (item?.createdAt ?? null) : null,
    author: item?.author ?? null,
    incarnation: (link?.incarnation ?? 0) + 1,
    link: link?.id ?? null,
    about: null,
    head: null,
    late: false,
    disagreements: [],
    undoes: { entry, travels: true },
  }
}

/** Puts the values back that one side had before the first of its updates. */
function unwriting(flow: Flow, deeds: Deeds, side: Side): readonly Undoing[] {
  const { subject, entries, later, over } = deeds
  const first = entries.find((entry) => entry.action === 'update')
  const entry = entries.find((each) => each.action === 'update' && each.side === side)
  if (entry === undefined || first === undefined) return []
  const before = earliest(entries, side)
  // What the other side's update was about as well goes back from there.
  const covered =
    side === first.side ? [] : lensesOf(subject.pair, first.side, Object.keys(earliest(entries, first.side)))
  const lenses = lensesOf(subject.pair, side, Object.keys(before)).filter((lens) => !covered.includes(lens))
  const fields = lenses.flatMap((lens) => lens.fields[side])
  if (fields.length === 0) return []
  const said = (step: Step): readonly Undoing[] => [{ entry, subject, side, step }]
  const since = lenses.filter((lens) => isChangedSince(lens, subject, later))
  if (since.length > 0 && !over)
    return said({ is: 'refused', why: `${since.map(({ id }) => id).join(', ')} was changed since` })
  if (!carries(flow.direction, side) && flow.astray !== 'leave')
    return said({ is: 'refused', why: `the flow runs ${flow.direction}: change it on the other side` })
  return said(rewriting(subject, side, pick(before, fields), { entry: entry.id, travels: true }))
}

function rewriting(subject: Subject, side: Side, before: Values, undoes: UpdateAction['undoes']): Step {
  const { pair, link } = subject
  const item = subject[side]
  const facts = pair.kinds[side]
  if (link === null || item === null || item.state !== 'present') return { is: 'nothing', why: 'it is gone' }
  const changed: Record<string, Json> = {}
  const lost: string[] = []
  for (const lens of pair.lenses.filter(isCompared))
    for (const field of lens.fields[side]) {
      if (!(field in before) || facts.fields[field]?.written !== undefined) continue
      const isFile = facts.fields[field]?.type === 'file'
      if (isFile) lost.push(...goneFrom(before[field], item.values[field]))
      const value = isFile ? remaining(before[field], item.values[field]) : (before[field] ?? null)
      if (!sameValue(value, item.values[field])) changed[field] = value
    }
  const fields = Object.keys(changed)
  if (fields.length === 0 && lost.length > 0)
    return { is: 'refused', why: `the bytes of ${lost.join(', ')} are kept nowhere` }
  if (fields.length === 0) return { is: 'nothing', why: 'it is as it was' }
  const refused = fields.find((field) => item.may?.update !== undefined && !item.may.update.includes(field))
  if (refused !== undefined || !facts.can.update)
    return { is: 'refused', why: item.may?.why ?? `a ${facts.kind} cannot be changed with this credential` }
  const write: UpdateAction = {
    do: 'update',
    side,
    link: link.id,
    ref: item.ref,
    about: null,
    changed,
    base: {},
    fields: [],
    disagreements: [],
    ...(undoes === undefined ? {} : { undoes }),
  }
  return { is: 'write', write }
}

/** Of the files that a field held, those that it still holds. */
function remaining(before: Json | undefined, now: Json | undefined): Json {
  const files = filesIn(before).filter((file) => filesIn(now).some((each) => sameValue(each, file)))
  return isList(before ?? null) ? (files.length === 0 ? null : files) : (files[0] ?? null)
}

function goneFrom(before: Json | undefined, now: Json | undefined): string[] {
  return filesIn(before).flatMap((file) =>
    filesIn(now).some((each) => sameValue(each, file)) ? [] : [`"${file.name}"`],
  )
}

/** What the fields of a side held before the first of the entries that changed them. */
function earliest(entries: readonly JournalEntry[], side: Side): Values {
  const updates = entries.filter((entry) => entry.action === 'update' && entry.side === side)
  return Object.assign({}, ...updates.toReversed().map((entry) => valuesIn(entry.before)))
}

function isChangedSince(lens: Lens, subject: Subject, later: readonly JournalEntry[]): boolean {
  const { link, pair } = subject
  if (link === null) return true
  const touched = later.some(({ action, side, after }) =>
    action === 'update' ? lens.fields[side].some((field) => field in valuesIn(after)) : action !== 'link',
  )
  const edited = SIDES.some((side) => isPresent(subject[side]) && hasChanged(pair, lens, side, link, subject[side]))
  return touched || edited
}

function isEdited(pair: Pair, subject: Subject, side: Side): boolean {
  const { link } = subject
  const item = subject[side]
  return (
    link !== null &&
    isPresent(item) &&
    pair.lenses.some((lens) => isCompared(lens) && hasChanged(pair, lens, side, link, item))
  )
}

function isPresent(item: Observation | null): item is Observation {
  return item !== null && item.state === 'present'
}

function lensesOf(pair: Pair, side: Side, fields: readonly string[]): readonly Lens[] {
  return pair.lenses.filter((lens) => lens.fields[side].some((field) => fields.includes(field)))
}

export function valuesIn(json: Json): Values {
  return isObject(json) ? json : {}
}
