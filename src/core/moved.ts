/** Decides about a linked item that went from one scope of its flow to another, where no field says so. Pure. */
import type { Link, Observation } from './state.ts'
import { NOTHING, type Decision, type Subject } from './action.ts'
import type { Surroundings } from './create.ts'
import { decideLinked } from './decide.ts'
import { keptBy } from './gone.ts'
import { deletionOf } from './deletion.ts'
import { carries, movesByField, other, SIDES, type Flow, type Side } from './flow.ts'

/** Of an item that stands where its counterpart does not. */
const MOVED = '(moved)'

/**
 * The side whose item went to another scope of the flow than that of its counterpart; null: both stand in scopes that belong
 * together. What moves with its parent, or by a field that travels, is not looked at here.
 */
export function movedSide(flow: Flow, subject: Subject, around: Surroundings): Side | null {
  const { pair, a, b } = subject
  if (a === null || b === null || pair === flow.containers || movesByField(pair)) return null
  if (SIDES.some((side) => pair.kinds[side].parent !== null && (subject[side]?.parent ?? null) !== null)) return null
  if (around.instance('a', a.scope) === b.scope || around.instance('b', b.scope) === a.scope) return null
  if (a.movedAt === null && b.movedAt === null) return null
  return (a.movedAt ?? 0) >= (b.movedAt ?? 0) ? 'a' : 'b'
}

/**
 * Its counterpart cannot be moved: what was done there travels first, then it goes, and another one is made where the item
 * is now.
 */
export function decideMoved(
  flow: Flow,
  subject: Subject,
  link: Link,
  from: Side,
  { a, b }: { readonly a: Observation; readonly b: Observation },
  around: Surroundings,
): Decision {
  const to = other(from)
  const there = to === 'a' ? a : b
  const decided = decideLinked(flow, subject, link, a, b, around.resolve)
  // What agrees by now is noted, and keeps nothing back.
  const settle = decided.settle.filter((each) => each.do === 'rebase' || each.do === 'close')
  const told = (why: string): Decision => ({
    ...NOTHING,
    settle,
    gaps: [{ side: to, ref: there.ref, lens: MOVED, why }],
  })
  // What loses a conflict there is listed by the write that settles it.
  const first = decided.writes.filter(
    ({ write }) => write.side === from || (write.do === 'update' && write.disagreements.length > 0),
  )
  if (first.length > 0 || decided.settle.length > settle.length) return { ...decided, writes: first }
  if (!carries(flow.direction, from)) return told(`its counterpart was moved, against the flow's direction`)
  if (subject.pair.onDelete[from] === 'keep') return told('its counterpart was moved; it stays, as configured')
  const { open, unread, surviving } = subject.children[to]
  if (open !== null) return { ...NOTHING, settle, waits: { for: 'intent', key: open } }
  // What was done there goes along once it is here, or never comes.
  const kept = carries(flow.direction, to) ? null : keptBy(subject, link, to, there)
  if (unread > 0 || (surviving > 0 && kept === null)) return { ...NOTHING, settle, waits: { for: 'reading', side: to } }
  const strayed = `it was ${kept ?? 'changed'} there, against the flow's direction`
  if (kept !== null && flow.astray === 'leave') return told(`its counterpart was moved; ${strayed}`)
  const { writes, gaps, waits } = deletionOf(subject, link, from, there)
  const [refused] = waits === null && writes.length === 0 ? gaps : []
  if (refused !== undefined) return told(`its counterpart was moved; ${refused.why}`)
  return {
    ...NOTHING,
    settle,
    gaps,
    waits,
    writes: writes.map(({ write, hold }) => ({
      write: write.do === 'delete' ? { ...write, moved: true } : write,
      hold:
        kept !== null && flow.astray === 'hold'
          ? { reason: 'policy', detail: `moved at ${from}; ${strayed}` }
          : hold === null
            ? null
            : { ...hold, detail: `moved at ${from}` },
    })),
  }
}

/** A counterpart that was deleted where it was left behind: the move survives, and another one is made. */
export function movedAway(flow: Flow, subject: Subject, link: Link, around: Surroundings): Decision | null {
  const from = movedSide(flow, subject, around)
  if (from === null || subject[from]?.state !== 'present' || !carries(flow.direction, from)) return null
  const why = `deleted at ${other(from)}, but moved at ${from}: that survives`
  return { ...NOTHING, settle: [{ do: 'unlink', link: link.id, why }] }
}
