/**
 * The plan: from what is known of some subjects to the ordered actions that would bring the sides together. The brake is
 * applied to it before anything goes (brake.ts). Pure.
 */
import type { Ref } from '../connector/values.ts'
import { stands, type Link, type Observation } from './state.ts'
import { NOTHING, type Decision, type Gap, type Planned, type Settlement, type Subject } from './action.ts'
import { corrected } from './correct.ts'
import { decideNew, passes, RESTING, rests, type Surroundings } from './create.ts'
import { decideGone, endOf, survives } from './gone.ts'
import { decideLinked } from './decide.ts'
import { refusalOf } from './deletion.ts'
import { withoutStaying } from './files.ts'
import { marked } from './mark.ts'
import { decideMoved, movedAway, movedSide } from './moved.ts'
import { inRefs, withPeople } from './people.ts'
import { removeStub } from './stub.ts'
import { carries, other, pairsOf, SIDES, type Flow, type OnLeave, type Side } from './flow.ts'

/** Parents before children, siblings in order. */
export function plan(flow: Flow, subjects: readonly Subject[], around: Surroundings): readonly Planned[] {
  return subjects.toSorted(inOrder(flow)).map((subject) => ({ subject, decision: decide(flow, subject, around) }))
}

export function decide(flow: Flow, known: Subject, around: Surroundings): Decision {
  // What becomes of it is decided once its container is back, or joined, and everything in it planned anew.
  const resting = known.pair === flow.containers ? [] : SIDES.filter((side) => isResting(flow, known, side, around))
  if (resting.length > 0)
    return { ...NOTHING, rests: true, gaps: resting.flatMap((side) => outOfReach(known, side, around)) }
  const named = withPeople(flow, known, around.personOf)
  const { subject: carried, gaps: files } = withoutStaying(flow, named.subject)
  const gaps = [...named.gaps, ...files]
  const subject = { ...carried, a: placed(flow, carried, 'a', around), b: placed(flow, carried, 'b', around) }
  const planned = marked(flow, subject, corrected(subject, decideWrites(flow, subject, around)))
  const decided = inRefs(planned, known, around.personOf)
  const decision = gaps.length === 0 ? decided : { ...decided, gaps: told([...decided.gaps, ...gaps], known.pair.id) }
  const stub = isNothing(decision) ? removeStub(flow, known) : null
  return stub === null ? decision : { ...NOTHING, writes: [{ write: stub, hold: null }] }
}

/** What was deleted in a container that rests, and whose counterpart has moved to where the flow is at work, comes back for nobody. */
function isResting(flow: Flow, subject: Subject, side: Side, around: Surroundings): boolean {
  const { [side]: own, [other(side)]: there } = subject
  const isOver = own?.state === 'deleted' && there !== null && around.instance(other(side), there.scope) !== null
  return !isOver && rests(flow, around, side, own?.scope ?? '')
}

/** What stands where the flow is at work differs for as long as its counterpart rests: that is told. */
function outOfReach({ link, ...sides }: Subject, resting: Side, around: Surroundings): readonly Gap[] {
  const side = other(resting)
  const item = sides[side]
  if (link === null || link.state === 'gone' || item?.state !== 'present') return []
  const isAtWork = around.instance(side, item.scope) !== null
  return isAtWork ? [{ side, ref: item.ref, lens: '(resting)', why: `its counterpart ${RESTING}` }] : []
}

/** What several reasons leave of one lens is told together. */
function told(gaps: readonly Gap[], own: string): readonly Gap[] {
  const byPlace = Map.groupBy(gaps, ({ pair = own, side, ref, lens }) => JSON.stringify([pair, side, ref, lens]))
  return [...byPlace.values()].flatMap((each) => {
    const [first] = each
    if (first === undefined || each.length === 1) return each
    const people = each.flatMap((gap) => gap.people ?? [])
    return [{ ...first, why: each.map(({ why }) => why).join('; '), ...(people.length > 0 ? { people } : {}) }]
  })
}

function isNothing({ settle, writes, gaps, waits, join }: Decision): boolean {
  return join === undefined && settle.length === 0 && writes.length === 0 && gaps.length === 0 && waits === null
}

function decideWrites(flow: Flow, subject: Subject, around: Surroundings): Decision {
  const { link, a, b } = subject
  if (link === null) return decideUnlinked(flow, subject, around)
  if (link.state === 'gone') return decideDead(flow, subject, link.id, around)
  for (const side of SIDES) {
    const item = subject[side]
    if (item === null || item.unread) return { ...NOTHING, waits: { for: 'reading', side } }
  }
  if (a === null || b === null) return NOTHING
  if (link.state === 'asleep') return decideAsleep(flow, subject, link, a, b)
  if (a.state === 'present' && b.state === 'present') {
    const moved = movedSide(flow, subject, around)
    return moved === null
      ? decideLinked(flow, subject, link, a, b, around.resolve)
      : decideMoved(flow, subject, link, moved, { a, b }, around)
  }
  const decision =
    a.state !== 'deleted' && b.state !== 'deleted'
      ? decideLeft(flow, subject, link.id)
      : (movedAway(flow, subject, link, around) ?? decideGone(flow, subject, link))
  return subject.contested.length === 0 ? decision : uncontested(subject, link, decision)
}

/** What stands on one side alone is no question of which value stands. */
function uncontested(subject: Subject, link: Link, decision: Decision): Decision {
  const side = SIDES.find((each) => subject[each]?.state !== 'present') ?? 'a'
  const why = subject[side]?.state === 'deleted' ? `it was deleted at side ${side}` : `it left the flow at side ${side}`
  const closed = subject.contested.map((lens): Settlement => ({ do: 'close', link: link.id, lens, why }))
  return { ...decision, settle: [...closed, ...decision.settle] }
}

/**
 * What was emptied counts as deleted, also once it is older than its system keeps, or moved away. A linked item has left
 * the flow where its scope is outside of it, and where the filter does not let it through any more: a copy stays for as
 * long as what it stands for does, whatever it says.
 */
function placed(flow: Flow, { pair, link, ...sides }: Subject, side: Side, around: Surroundings): Observation | null {
  const item = sides[side]
  if (item?.emptied === true) return { ...item, state: 'deleted' }
  if (link === null || item?.state !== 'present' || pair === flow.containers) return item
  const isFiltered = link.state !== 'gone' && link.made !== side && !passes(flow, pair, side, item)
  return isFiltered || around.instance(side, item.scope) === null ? { ...item, state: 'left' } : item
}

function decideUnlinked(flow: Flow, subject: Subject, around: Surroundings): Decision {
  if (subject.a !== null) return decideNew(flow, subject, 'a', around)
  return subject.b !== null ? decideNew(flow, subject, 'b', around) : NOTHING
}

/** The two were parted. An item that is present on one side alone gets a new counterpart; both present are joined again. */
function decideDead(flow: Flow, subject: Subject, link: number, around: Surroundings): Decision {
  const present = SIDES.filter((side) => subject[side]?.state === 'present')
  const only = present[0]
  if (present.length === 2) return { ...NOTHING, settle: [{ do: 'wake', link }] }
  // It was one of the flow's once, whatever its age.
  return only === undefined ? NOTHING : decideNew(flow, { ...subject, raised: true }, only, around)
}

/** What was deleted on one side and may not be on the other stays a difference, until it is edited: an edit survives. */
function decideAsleep(flow: Flow, subject: Subject, link: Link, a: Observation, b: Observation): Decision {
  if (a.state === 'present' && b.state === 'present') return { ...NOTHING, settle: [{ do: 'wake', link: link.id }] }
  const gone = SIDES.filter((side) => subject[side]?.state === 'deleted')
  const stays = subject.pair === flow.containers
  if (gone.length === 2)
    return stays ? NOTHING : { ...NOTHING, settle: [endOf(flow, subject, link, 'deleted on both sides')] }
  const left = SIDES.find((side) => ['left', 'moved'].includes(subject[side]?.state ?? ''))
  if (left !== undefined) return leftAlone(flow, subject, left)
  const from = gone[0]
  const there = from === 'a' ? b : a
  if (from === undefined || there.state !== 'present') return NOTHING
  if (!carries(flow.direction, from)) {
    const why = `deleted at ${from}, against the flow's direction, while this one was out of the flow: restored`
    return flow.astray === 'restore' && !stays ? { ...NOTHING, settle: [endOf(flow, subject, link, why)] } : NOTHING
  }
  if (subject.pair.onDelete[from] === 'keep') return NOTHING
  const refused = refusalOf(subject, from, there)
  if (stays) return refused ?? NOTHING
  if (refused === null) {
    const why =
      'its counterpart was deleted while this one was out of the flow, or by somebody who wanted this one to stay'
    return { ...NOTHING, gaps: [{ side: other(from), ref: there.ref, lens: '(asleep)', why }] }
  }
  return survives(flow, subject, link, other(from), there) ?? refused
}

/** Where a leaving is to be followed and was not, because of an edit, that is told. */
function leftAlone(flow: Flow, subject: Subject, left: Side): Decision {
  const there = subject[other(left)]
  const isFollowed = subject.pair.onLeave[left] !== 'keep' && carries(flow.direction, left)
  if (there?.state !== 'present' || !isFollowed || subject.pair === flow.containers) return NOTHING
  const why = 'its counterpart left the flow, but this one was edited or answered since: it stays'
  return { ...NOTHING, gaps: [{ side: other(left), ref: there.ref, lens: '(left)', why }] }
}

/** An item that moved out of the flow, or past the retention: its link sleeps unless the configuration says otherwise. */
function decideLeft(flow: Flow, subject: Subject, link: number): Decision {
  const from = SIDES.find((side) => subject[side]?.state !== 'present') ?? 'a'
  const rule = leaveRule(flow, subject, from)
  if (rule === 'keep' || subject.link === null)
    return { ...NOTHING, settle: [{ do: 'sleep', link, why: `left at ${from}` }] }
  const there = from === 'a' ? subject.b : subject.a
  const asDeleted: Subject = {
    ...subject,
    pair: { ...subject.pair, onDelete: { a: rule, b: rule } },
    [from]: { ...(from === 'a' ? subject.a : subject.b), state: 'deleted' },
  }
  if (there?.state !== 'present') return NOTHING
  const decision = decideGone(flow, asDeleted, subject.link)
  // It still stands where it went: what survives here is not made there a second time.
  if (decision.settle.every(({ do: what }) => what !== 'unlink')) return decision
  const settle = decision.settle.map((each) => (each.do === 'unlink' ? { ...each, do: 'sleep' as const } : each))
  return { ...leftAlone(flow, subject, from), settle }
}

/**
 * A leaving against the flow's direction is never followed: what stands at its source stays as it is. What was deleted, and
 * made again by another flow out of this one's reach, was deleted for this one: where that is to change less, it does.
 */
function leaveRule(flow: Flow, { pair: { onLeave, onDelete }, remade }: Subject, from: Side): OnLeave {
  if (!carries(flow.direction, from)) return 'keep'
  const rules = remade[from] ? [onLeave[from], onDelete[from]] : [onLeave[from]]
  return (['keep', 'hold'] as const).find((rule) => rules.includes(rule)) ?? onLeave[from]
}

function inOrder(flow: Flow): (left: Subject, right: Subject) => number {
  const rank = new Map(pairsOf(flow).map((pair, index) => [pair.id, index]))
  return (left, right) => {
    const byPair = (rank.get(left.pair.id) ?? 0) - (rank.get(right.pair.id) ?? 0)
    return byPair !== 0 ? byPair : compareItems(standing(left), standing(right))
  }
}

/** What it is made again from, where its counterpart is gone: in that order siblings wait for each other. */
function standing(subject: Subject): Observation | null {
  return subject[nameOf(subject).side]
}

/** Source order: by creation, then by ref. */
export function compareItems(left: Observation | null, right: Observation | null): number {
  return compare(left?.createdAt ?? '', right?.createdAt ?? '') || compareRefs(left?.ref ?? '', right?.ref ?? '')
}

/** Shorter first, then as text: numbers go by value. The store orders in the same way. */
export function compareRefs(left: Ref, right: Ref): number {
  return left.length - right.length || compare(left, right)
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

/** The side on which a subject stands, else on which it is known, and its ref there: how people name it. */
export function nameOf(subject: Subject): { side: Side; ref: Ref } {
  const standing = SIDES.find((each) => subject[each] !== null && stands(subject[each]))
  const side = standing ?? (subject.a === null ? 'b' : 'a')
  return { side, ref: subject[side]?.ref ?? '' }
}
