/** What a subject waits for before anything is done about it: a write, its parent, its siblings, a scope, a time. */
import type { Decision } from '../core/action.ts'
import { other, type Side } from '../core/flow.ts'
import { nameOf } from '../core/plan.ts'
import type { LoadedSubject } from '../store/verbs/subjects.ts'
import type { Waiting } from '../store/verbs/waits.ts'
import { placeToken } from '../store/verbs/places.ts'
import { isArriving } from './arriving.ts'
import type { FlowModel } from './model.ts'
import type { World } from './world.ts'
import type { PlannedLoaded } from './planning.ts'

export function waitOf(world: World, model: FlowModel, loaded: LoadedSubject, decision: Decision): Waiting | null {
  if (loaded.busy !== null) return { for: 'intent', key: loaded.busy }
  const { waits } = decision
  if (waits?.for === 'intent') return { for: 'intent', key: waits.key }
  if (waits?.for === 'link') return { for: 'link', link: waits.link }
  if (waits?.for === 'siblings') return waits
  if (waits?.for === 'place') {
    const { held } = waits
    const { slot } = held
    return slot === null ? null : { for: 'place', token: placeToken({ ...held, slot }), held, slot }
  }
  if (waits?.for === 'parent') return parentWait(model, loaded, waits)
  if (waits !== null)
    return { for: 'time', until: world.clock.now() + 5000, why: `waits for ${waits.for}`, failed: false }
  const creates = decision.writes.some(({ write }) => write.do === 'create')
  if (!creates) return null
  const side = loaded.a?.state === 'present' ? 'a' : 'b'
  if (loaded.isScopeUnread) return scopeWait(model, loaded, side)
  if (isArriving(world, model, loaded, side))
    return { for: 'time', until: world.clock.now() + 5000, why: 'its feed is read to its end first', failed: false }
  return loaded.behind === null ? null : { for: 'sibling', side, ref: loaded.behind }
}

/** By parent: the first of the siblings handed out together that has to wait. Those after it go behind it. */
export type Firsts = Map<string, Extract<Waiting, { for: 'sibling' }>>

export function waitInLine(planned: PlannedLoaded, firsts: Firsts): Waiting | null {
  const line = lineOf(planned)
  const creates = planned.decision.writes.some(({ write }) => write.do === 'create' && write.about === null)
  return line !== null && creates ? (firsts.get(line) ?? null) : null
}

export function keepsBack(planned: PlannedLoaded, firsts: Firsts): void {
  const line = lineOf(planned)
  const due = planned.loaded.dues[0]
  if (line !== null && due !== undefined && !firsts.has(line))
    firsts.set(line, { for: 'sibling', side: due.side, ref: due.ref })
}

/** The siblings among which it has an order. Null: it has a counterpart, or its kind has none. */
function lineOf({ subject }: PlannedLoaded): string | null {
  const { pair, link } = subject
  // Also of what was deleted since, which may have been made: its create has no answer yet.
  const { side } = nameOf(subject)
  const item = subject[side]
  const parent = item?.parent ?? null
  // What was just made elsewhere has no place in the order until it is read.
  if (item?.unread === true && item.createdAt === null) return null
  if ((link !== null && link.state !== 'gone') || parent === null) return null
  return pair.kinds[other(side)].siblings ? `${pair.id} ${side} ${parent}` : null
}

function scopeWait(model: FlowModel, loaded: LoadedSubject, side: Side): Waiting | null {
  const item = loaded[side]
  if (item === null) return null
  const { connection, kind, scope } = item
  return { for: 'scope', connection, feed: model.feedOf(side, kind), scope }
}

function parentWait(
  model: FlowModel,
  loaded: LoadedSubject,
  waits: { side: Side; kind: string; ref: string; isAway?: boolean },
): Waiting | null {
  const spec = model.specs.find((each) => each[waits.side].kind === waits.kind)
  if (spec === undefined) return null
  return {
    for: 'parent',
    isAway: waits.isAway === true,
    side: waits.side,
    kind: waits.kind,
    ref: waits.ref,
    pair: spec.id,
    rank: spec.rank,
    feed: model.feedOf(waits.side, waits.kind),
    scope: loaded[waits.side]?.scope ?? '',
  }
}
