/** Webhooks of the made-up systems: hints that come late, twice, in another order, never, or from nobody. */
import type { HintRow } from '../../src/store/verbs/inbox.ts'
import type { VirtualTime } from '../../src/testing/virtual-time.ts'
import type { KindName, Stored } from './board.ts'
import { between, type Chance } from './chance.ts'
import type { FaultPlan } from './faults.ts'
import type { Host } from './process.ts'
import type { Place, Shapes } from './shape.ts'
import type { Trace } from './trace.ts'

export interface HooksOptions {
  readonly time: VirtualTime
  readonly chance: Chance
  readonly plan: FaultPlan
  readonly healAt: number
  readonly shapes: Shapes
  readonly counts: Map<string, number>
  readonly trace: Trace
}

/** After the last failure. */
const LONGEST_BACKOFF_MS = 10 * 60_000

export class Hooks {
  host: Host | null = null
  private readonly options: HooksOptions
  private readonly all: { readonly side: Place; readonly hint: HintRow }[] = []

  constructor(options: HooksOptions) {
    this.options = options
  }

  changed(side: Place, kind: KindName, ref: string, room: string): void {
    if (!this.options.shapes[side].hints) return
    const { time, chance } = this.options
    const known = this.hintOf(side, kind, ref, room)
    const hint: HintRow = chance.chance(0.1) ? { feed: known.feed, kind: '', ref: '', scope: '' } : known
    this.all.push({ side, hint })
    if (this.strikes('lost')) return
    const wait = this.strikes('delayed') ? between(chance, 1000, 600_000) : between(chance, 10, 1500)
    time.after(wait, () => this.deliver(side, hint))
    if (this.strikes('doubled')) time.after(wait + chance.int(60_000), () => this.deliver(side, hint))
    if (this.strikes('forged')) {
      const forged = { ...hint, ref: String(chance.int(60)), scope: chance.chance(0.5) ? room : 'nowhere' }
      time.after(chance.int(60_000), () => this.deliver(side, forged))
    }
  }

  private hintOf(side: Place, kind: KindName, ref: string, room: string): HintRow {
    const feed = kind === 'room' && this.options.shapes[side].feeds === 'two' ? 'rooms' : 'items'
    return { feed, kind, ref, scope: room }
  }

  /** Somebody tells of an item of which nothing else tells. */
  tellOf(side: Place, { kind, ref, room }: Stored): void {
    this.deliver(side, this.hintOf(side, kind, ref, room))
  }

  /** Until when nothing may have looked for what was deleted: a cursor that expires takes its tombstone along. */
  looksUntil(side: Place): number {
    const { plan, time, healAt } = this.options
    const mayExpire = plan.spells.some((spell) => spell.side === side && spell.what === 'cursors-expire')
    return Math.max(time.now(), mayExpire ? healAt + LONGEST_BACKOFF_MS : 0)
  }

  private strikes(fault: 'lost' | 'doubled' | 'delayed' | 'forged'): boolean {
    const { plan, chance, time, healAt, counts } = this.options
    const probability = plan.hints[fault]
    if (probability === undefined || time.now() >= healAt || !chance.chance(probability)) return false
    counts.set(`hint ${fault}`, (counts.get(`hint ${fault}`) ?? 0) + 1)
    return true
  }

  private deliver(side: Place, hint: HintRow): void {
    this.options.trace.line(`hint of ${side}: ${hint.kind} ${hint.ref}`)
    this.host?.receive(side, [hint])
  }

  /** Every hint there ever was, once more. */
  replay(): void {
    for (const { side, hint } of this.all) this.deliver(side, hint)
  }
}
