/** Decides about a link of which a side is gone: what follows it, what survives, and what is kept. Pure. */
import type { Link, Observation } from './state.ts'
import { NOTHING, type Decision, type Hold, type Settlement, type Subject } from './action.ts'
import { hasChanged } from './base.ts'
import { deletionOf } from './deletion.ts'
import { carries, isCompared, other, SIDES, type Flow, type Side } from './flow.ts'

/** Decides about a link of which a side is gone. */
export function decideGone(flow: Flow, subject: Subject, link: Link): Decision {
  const gone = SIDES.filter((side) => subject[side]?.state === 'deleted')
  if (gone.length === 2) return { ...NOTHING, settle: [endOf(flow, subject, link, 'deleted on both sides')] }
  const from = gone[0]
  if (from === undefined) return NOTHING
  const to = other(from)
  const there = subject[to]
  if (there === null || there.state !== 'present') return partedAway(flow, subject, link, to)
  const { open, unread } = subject.children[to]
  if (unread > 0) return { ...NOTHING, waits: { for: 'reading', side: from } }
  return (
    survives(flow, subject, link, to, there) ??
    awaited(open) ??
    strayed(flow, subject, link, from, there) ??
    goesAlong(flow, subject, link, from) ??
    keptUnder(subject, link, from) ??
    deletion(flow, subject, link, from, there)
  )
}

/** What does not survive by what is known already may do so by what an open write about a child tells. */
function awaited(open: string | null): Decision | null {
  return open === null ? null : { ...NOTHING, waits: { for: 'intent', key: open } }
}

/**
 * One side's item has left, and the other side's is deleted. Where that was to follow, nothing is left to stand for it: what
 * comes back is new. Else only then the delete reaches it.
 */
function partedAway(flow: Flow, { pair, ...sides }: Subject, link: Link, left: Side): Decision {
  const { state } = sides[left] ?? {}
  const isFollowed = pair.onLeave[left] === 'delete' && carries(flow.direction, left) && pair !== flow.containers
  if (!isFollowed || (state !== 'left' && state !== 'moved')) return NOTHING
  return {
    ...NOTHING,
    settle: [{ do: 'unlink', link: link.id, why: `left at ${left}, and deleted at ${other(left)}` }],
  }
}

/** With its last child an item may end: of those before, whose counterparts left, nobody deleted any. */
function keptUnder({ children }: Subject, link: Link, from: Side): Decision | null {
  if (children[other(from)].staying === 0) return null
  const why = `deleted at ${from}; what is under it here left there before, and is kept`
  return { ...NOTHING, settle: [{ do: 'sleep', link: link.id, why }] }
}

/** The two are parted; containers only sleep, for what is missing may be out of reach and come back. */
export function endOf(flow: Flow, { pair }: Subject, link: Link, why: string): Settlement {
  return pair === flow.containers ? { do: 'sleep', link: link.id, why } : { do: 'unlink', link: link.id, why }
}

/** What was deleted with its parent has no delete of its own: it waits for what becomes of the parent, and shares it. */
function goesAlong(flow: Flow, { goesWithParent }: Subject, link: Link, from: Side): Decision | null {
  if (goesWithParent?.side !== from) return null
  if (!goesWithParent.survived) return { ...NOTHING, waits: { for: 'link', link: goesWithParent.link } }
  // Another flow has made the parent again: from here nothing would be made again with it.
  if (!carries(flow.direction, other(from))) return null
  const why = `deleted at ${from} with its parent, which survives at ${other(from)}`
  return { ...NOTHING, settle: [{ do: 'unlink', link: link.id, why }] }
}

/** Edit against delete: null where the living side was not edited since the two agreed. */
export function survives(flow: Flow, subject: Subject, link: Link, alive: Side, there: Observation): Decision | null {
  const kept = keptBy(subject, link, alive, there)
  if (kept === null || !carries(flow.direction, alive)) return null
  const why = `deleted at ${other(alive)}, but ${kept} at ${alive}: that survives`
  return { ...NOTHING, settle: [endOf(flow, subject, link, why)] }
}

/** What somebody did on the living side, so that no delete may take it along. */
export function keptBy(
  subject: Subject,
  link: Link,
  alive: Side,
  there: Observation,
): 'edited' | 'answered' | 'the last of what was changed' | null {
  const isEdited = subject.pair.lenses.some(
    (lens) => isCompared(lens) && lens.to === undefined && hasChanged(subject.pair, lens, alive, link, there),
  )
  if (isEdited) return 'edited'
  if (subject.endsChanged[alive]) return 'the last of what was changed'
  return subject.children[alive].surviving > 0 ? 'answered' : null
}

/** The same at the far end of a one-way flow, from where the edit cannot travel: it is left alone, held, or taken back. */
function strayed(flow: Flow, subject: Subject, link: Link, from: Side, there: Observation): Decision | null {
  const to = other(from)
  const kept = keptBy(subject, link, to, there)
  if (kept === null || flow.astray === 'restore' || carries(flow.direction, to)) return null
  const why = `deleted at ${from}, but ${kept} at ${to}, against the flow's direction`
  if (flow.astray === 'leave')
    return {
      ...NOTHING,
      settle: [{ do: 'sleep', link: link.id, why }],
      gaps: [{ side: to, ref: there.ref, lens: '(astray)', why }],
    }
  const planned = goesAlong(flow, subject, link, from) ?? deletion(flow, subject, link, from, there)
  const hold: Hold = { reason: 'policy', detail: why }
  return { ...planned, writes: planned.writes.map(({ write }) => ({ write, hold })) }
}

function deletion(flow: Flow, subject: Subject, link: Link, from: Side, there: Observation): Decision {
  if (!carries(flow.direction, from) && flow.astray === 'restore')
    return {
      ...NOTHING,
      settle: [endOf(flow, subject, link, `deleted at ${from}, against the flow's direction: restored`)],
    }
  if (!carries(flow.direction, from))
    return {
      ...NOTHING,
      settle: [{ do: 'sleep', link: link.id, why: `deleted at ${from}, against the flow's direction` }],
    }
  const rule = subject.pair.onDelete[from]
  if (rule === 'keep')
    return { ...NOTHING, settle: [{ do: 'sleep', link: link.id, why: `deleted at ${from}; kept, as configured` }] }
  const planned = deletionOf(subject, link, from, there)
  const [refused] = planned.waits === null && planned.writes.length === 0 ? planned.gaps : []
  return refused === undefined ? planned : { ...planned, settle: [{ do: 'sleep', link: link.id, why: refused.why }] }
}
