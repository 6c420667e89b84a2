/**
 * Tells a difference that stays by a correction: a reply of the engine's own, under the item that cannot be changed.
 *
 * One correction an item, made, rewritten and removed by ordinary writes. What is written now comes before what is told,
 * but for a correction that would outlive its item: that one goes first. Pure.
 */
import type { Json, Values } from '../connector/values.ts'
import {
  type Correction,
  type Decision,
  type DeleteAction,
  type Gap,
  type Settlement,
  type Subject,
  type Write,
} from './action.ts'
import { complementOf } from './base.ts'
import { DELETED } from './deletion.ts'
import { other, SIDES, type Side, type Words } from './flow.ts'

export function corrected(subject: Subject, decision: Decision): Decision {
  const { words } = subject.pair
  if (words === undefined || (!isFinal(decision) && !staysParted(subject, decision))) return decision
  if (decision.writes.length > 0) {
    const ends = decision.writes.some(({ write }) => write.do !== 'update')
    return ends
      ? { ...decision, writes: [...SIDES.flatMap((side) => removal(subject, side)), ...decision.writes] }
      : decision
  }
  const unsure = decision.gaps.find(({ side, lens }) => lens === DELETED && isUnsure(subject, side))
  if (unsure !== undefined) return { ...decision, waits: { for: 'reading', side: other(unsure.side) } }
  const settle: Settlement[] = []
  const writes: Decision['writes'][number][] = []
  for (const side of SIDES) {
    const told = toldOf(subject, words, side, decision.gaps)
    const before = subject.corrections[side]
    const isThere = before?.link.state === 'live' && before.item?.state === 'present'
    if (told !== null && before !== null && saidOf(before, words, side) === told && before.link.state === 'live')
      continue
    // Somebody removed it.
    if (before?.link.state === 'live' && !isThere)
      settle.push({ do: 'unlink', link: before.link.id, why: 'the correction was deleted' })
    if (told === null) writes.push(...removal(subject, side))
    else if (isThere && before !== null) writes.push(...rewriting(subject, words, side, before, told))
    else writes.push(...telling(subject, words, side, told))
  }
  return { ...decision, settle: [...decision.settle, ...settle], writes }
}

/** What is planned again at once, or has to be read first, says nothing yet about what stays different. */
export function isFinal({ settle, waits }: Decision): boolean {
  return (
    (waits === null || waits.for === 'siblings') && settle.every(({ do: what }) => what !== 'unlink' && what !== 'wake')
  )
}

/** Its link has ended, and it gets no other one before its parent does: what was told of its counterpart is true no more. */
function staysParted({ link }: Subject, { waits, settle }: Decision): boolean {
  return link?.state === 'gone' && waits?.for === 'parent' && settle.length === 0
}

/** It may have gone with its whole parent: then it is not told by itself. */
function isUnsure({ pair, withParent }: Subject, side: Side): boolean {
  return pair.onRefused[side] === 'reply' && withParent[other(side)] === 'unsure'
}

/** What has to be told on a side; null: nothing. */
function toldOf(
  { pair, withParent, ...subject }: Subject,
  words: Words,
  side: Side,
  gaps: readonly Gap[],
): string | null {
  const item = subject[side]
  const far = subject[other(side)]
  if (pair.onRefused[side] !== 'reply' || item === null || item.parent === null || far === null) return null
  const gap = gaps.find((each) => each.side === side && (each.lens === DELETED || each.lens === words.lens))
  const lens = pair.lenses.find((each) => each.id === words.lens)
  if (gap === undefined || lens === undefined || subject.link === null) return null
  if (gap.lens === DELETED && withParent[other(side)] === 'yes') return null
  const now = gap.lens === DELETED ? null : lens.read(other(side), far.values, complementOf(subject.link, lens))
  return words.opening(side, item) + words.rest(side, now)
}

/** What it was last made to say. */
function saidOf({ link }: Correction, words: Words, side: Side): Json {
  return link.base[other(side)][words.field[side]] ?? null
}

function telling(subject: Subject, words: Words, side: Side, told: string): Decision['writes'] {
  const { pair, link, [side]: item, [other(side)]: far } = subject
  const { parent, can } = pair.kinds[side]
  if (item === null || far === null || link === null || parent === null || !can.create) return []
  const values: Values = { [parent.field]: item.parent, [words.field[side]]: told }
  const before = subject.corrections[side]
  const write: Write = {
    do: 'create',
    side,
    source: { ref: far.ref },
    scope: item.scope,
    values,
    base: { [words.field[side]]: told },
    complement: {},
    createdAt: null,
    author: null,
    incarnation: before === null ? 0 : before.link.incarnation + 1,
    link: link.id,
    about: item.ref,
    head: null,
    late: false,
    disagreements: [],
  }
  return [{ write, hold: null }]
}

function rewriting(
  subject: Subject,
  words: Words,
  side: Side,
  { link, item }: Correction,
  told: string,
): Decision['writes'] {
  const field = words.field[side]
  const may = item?.may?.update === undefined || item.may.update.includes(field)
  if (item === null || !may || !subject.pair.kinds[side].can.update) return []
  const write: Write = {
    do: 'update',
    side,
    link: link.id,
    ref: item.ref,
    changed: { [field]: told },
    base: { [field]: told },
    fields: [field],
    about: link.about,
    disagreements: [],
  }
  return [{ write, hold: null }]
}

function removal(subject: Subject, side: Side): Decision['writes'] {
  return untelling(subject, side).map((write) => ({ write, hold: null }))
}

/** The write that removes what is told on a side; none where nothing is, or it may not be. */
export function untelling(subject: Subject, side: Side): readonly DeleteAction[] {
  const correction = subject.corrections[side]
  const { can } = subject.pair.kinds[side]
  if (correction?.link.state !== 'live' || correction.item?.state !== 'present') return []
  if (correction.item.may?.delete === false || (!can.delete && !can.empty)) return []
  const { link, item } = correction
  const write: DeleteAction = {
    do: can.delete ? 'delete' : 'empty',
    side,
    link: link.id,
    ref: item.ref,
    about: link.about,
  }
  return [write]
}
