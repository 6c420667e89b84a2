/** What an operator decides: about what is held and contested, and for how long nothing is written. */
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { SIDES } from '../../src/core/flow.ts'
import type { VerbCall } from '../../src/store/driver.ts'
import type { VirtualTime } from '../../src/testing/virtual-time.ts'
import { KINDS, type Board, type Stored } from './board.ts'
import { between, type Chance } from './chance.ts'
import type { Route } from './flow.ts'
import { rootsOfParent, tokenIn, type Ledger } from './ledger.ts'
import { OPERATOR_DEEDS } from './people.ts'
import type { Systems } from './system.ts'
import type { Trace } from './trace.ts'

export const DESK_DEEDS = [
  /** One of the things that are held is let go, left alone, or tried anew. */
  'answer',
  /** One of the conflicts that are open is settled. */
  'settle',
  /** Nothing of a flow is written for a while. */
  'pause',
] as const
export type DeskDeed = (typeof DESK_DEEDS)[number]

/** All that an operator does. */
export const DECISIONS = [...OPERATOR_DEEDS, ...DESK_DEEDS] as const

export function isDeskDeed(deed: string): deed is DeskDeed {
  return DESK_DEEDS.some((each) => each === deed)
}

/** In some worlds an operator decides, mostly once something is held. `at`: in milliseconds after the first sync. */
export function drawDecisions(
  chance: Chance,
  playMs: number,
): readonly { readonly at: number; readonly deed: DeskDeed }[] {
  if (!chance.chance(0.25)) return []
  return Array.from({ length: between(chance, 3, 16) }, () => ({
    at: Math.round(playMs * (0.2 + chance.next() * 0.8)),
    deed: chance.pick(['answer', 'answer', 'answer', 'answer', 'settle', 'settle', 'pause'] as const),
  }))
}

const HeldRow = z.object({
  id: z.number(),
  flow: z.string(),
  pair: z.enum(KINDS),
  side: z.enum(SIDES),
  ref: z.string(),
  action: z.string(),
  reason: z.string(),
})
const ContestedRow = z.object({ id: z.number(), lens: z.string(), a_json: z.string(), b_json: z.string() })

export interface DeskOptions {
  readonly db: DatabaseSync
  readonly routes: readonly Route[]
  readonly systems: Systems
  readonly ledger: Ledger
  readonly trace: Trace
  readonly time: VirtualTime
  /** Runs a verb, whether a process is there or not, and wakes the one that is. */
  readonly ask: (call: VerbCall) => void
}

export class Desk {
  private readonly options: DeskOptions

  constructor(options: DeskOptions) {
    this.options = options
  }

  act(deed: DeskDeed, chance: Chance): void {
    if (deed === 'answer') this.answer(chance)
    else if (deed === 'settle') this.settle(chance)
    else this.pause(chance)
  }

  private answer(chance: Chance): void {
    const { db, ask, time, trace } = this.options
    const open = db
      .prepare(`SELECT id, flow, pair, side, ref, action, reason FROM held WHERE decision = 'open' ORDER BY id`)
      .all()
      .map((row) => HeldRow.parse(row))
    if (open.length === 0) return
    const held = chance.pick(open)
    const decision = chance.pick(['approved', 'discarded', 'retry'] as const)
    // That a copy is made of what may have one already is what the operator wants then.
    if (held.reason === 'ambiguous' && decision !== 'discarded') return
    if (decision === 'approved') this.allow(held)
    trace.tell(`the operator says of the held ${held.action} of ${held.side} ${held.pair} ${held.ref}: ${decision}`)
    ask({ verb: 'decideHeld', input: { ids: [held.id], decision, ranks: {}, now: time.now() } })
  }

  /** What stands there now may give way to it, on both sides. */
  private allow({ flow, pair, side, ref }: z.infer<typeof HeldRow>): void {
    const { routes, systems, ledger } = this.options
    const route = routes.find(({ id }) => id === flow)
    if (route === undefined) return
    const { board: own } = systems[route.at[side]]
    const under = pair === 'thread' ? [...own.postsOf(ref), ...own.pastPostsOf(ref)] : []
    const concerned = new Set(
      [{ kind: pair, ref }, ...under].flatMap(
        (each) => ledger.roots.get(`${route.at[side]} ${each.kind} ${each.ref}`) ?? [],
      ),
    )
    for (const root of concerned) for (const place of Object.values(route.at)) ledger.noteDone(place, root)
    for (const place of Object.values(route.at)) {
      const { board } = systems[place]
      for (const item of KINDS.flatMap((kind) => board.living(kind))) {
        const root = ledger.roots.get(`${place} ${item.kind} ${item.ref}`)
        const roots = [...(root === undefined ? [] : [root]), ...rootsOfParent(board, ledger, item)]
        if (!roots.some((each) => concerned.has(each))) continue
        if (root !== undefined) ledger.allowed.add(root)
        for (const token of [tokenIn(item.text), ...item.files.map((file) => board.depot.tokenOf(file.ref))])
          if (token !== null) ledger.forgiven.add(token)
      }
    }
    for (const root of concerned) ledger.allowed.add(root)
  }

  private settle(chance: Chance): void {
    const { db, ledger, ask, time, trace } = this.options
    const open = db
      .prepare(
        `SELECT id, lens, a_json, b_json FROM conflict WHERE resolved_at IS NULL AND lens IN ('body', 'title', 'name') ORDER BY id`,
      )
      .all()
      .map((row) => ContestedRow.parse(row))
    if (open.length === 0) return
    const { id, lens, a_json, b_json } = chance.pick(open)
    for (const text of [a_json, b_json]) {
      const token = tokenIn(String(JSON.parse(text)))
      if (token !== null) ledger.forgiven.add(token)
    }
    const winner = chance.pick(['a', 'b'] as const)
    trace.tell(`the operator settles the conflict ${id} about ${lens}: ${winner}`)
    ask({ verb: 'resolveConflict', input: { id, winner, ranks: {}, now: time.now() } })
  }

  private pause(chance: Chance): void {
    const { routes, ask, time, trace } = this.options
    const { id: flow } = chance.pick(routes)
    trace.tell(`the operator pauses ${flow}`)
    ask({ verb: 'pauseFlow', input: { flow, scopes: null, why: 'a person paused it', now: time.now() } })
    time.after(between(chance, 1000, 8 * 60_000), () => {
      trace.tell(`the operator resumes ${flow}`)
      ask({ verb: 'resumeFlow', input: { flow, scopes: null } })
    })
  }
}

/** Whether an operator let go what becomes of an item, or of what takes it along. */
export function isAllowed(ledger: Ledger, board: Board, item: Stored): boolean {
  if (ledger.allowed.size === 0) return false
  const own = ledger.roots.get(`${board.shape.side} ${item.kind} ${item.ref}`)
  return [...(own === undefined ? [] : [own]), ...rootsOfParent(board, ledger, item)].some((root) =>
    ledger.allowed.has(root),
  )
}
