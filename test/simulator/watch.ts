/** Watches every write that the engine makes, and says at once which promise it breaks. */
import { other } from '../../src/core/flow.ts'
import type { Person } from '../../src/connector/index.ts'
import type { Board, Stored } from './board.ts'
import { BrakeOracle } from './brake-oracle.ts'
import { isAllowed } from './desk.ts'
import { ASIDE, farSide, isTracked, MARK, placesOf, restoredPlaces, routesAt, sideOf } from './flow.ts'
import { unmarked, type Route } from './flow.ts'
import { aboutOf, rootsOfParent, tokenIn, type Ledger } from './ledger.ts'
import { checkNaming } from './people-oracles.ts'
import { directoryOf } from './people.ts'
import { madeFor, noteUnreached, reached } from './owners.ts'
import { PLACES, type Place, type Shapes } from './shape.ts'

/** When a request was sent, and which moment the guard read before it showed; null: there was none. */
export interface Sent {
  readonly at: number
  readonly guarded: number | null
  /** Up to which moment the engine had read what changed in this system. */
  readonly feed: number
}

/** Between the last read of what would be taken along and the delete: slow answers, waiting for limits. */
const UNDER_WAY = 30_000

type Boards = { readonly [place in Place]: Board }

const shapesOf = ({ a, b, c, d }: Boards): Shapes => ({ a: a.shape, b: b.shape, c: c.shape, d: d.shape })

export class Watch {
  readonly ledger: Ledger
  readonly boards: Boards
  /** Tokens that each item has shown, oldest first. */
  private readonly shown = new Map<string, number[]>()
  /** The texts that the engine moved, for the bound on writes. */
  private readonly moved = new Map<string, number>()
  private readonly brake = new BrakeOracle()
  /** Replies that went with a thread before the engine could have read of them. */
  takenUnseen = 0
  /** Whether all that the engine could read of an item was a listing that left it out and called itself complete. */
  isHidden: (side: Place, item: Stored) => boolean = () => false
  /** Whether nothing that the engine reads could have told it of this item. */
  isOutOfReach: (side: Place, item: Stored) => boolean = () => false
  believed: (place: Place, kind: string) => readonly string[] = () => [] // what has live links, as far as was read
  forgivenEdits = 0
  owners: ReadonlyMap<string, Place> = new Map() // of each room of `a` the account's own system

  readonly routes: readonly Route[]
  private readonly restored: ReadonlySet<Place>

  constructor(ledger: Ledger, boards: Boards, routes: readonly Route[]) {
    this.routes = routes
    this.restored = restoredPlaces(routes)
    this.ledger = ledger
    this.boards = boards
  }

  /** Whether texts of a kind travel both ways in every flow. A title that one takes from a text may be a part of that. */
  tracks(kind: string): boolean {
    return this.routes.every((route) => isTracked(route, shapesOf(this.boards), kind))
  }

  /** Texts that took effect at a side, and of which no answer has told the engine yet. */
  private readonly untold = new Set<string>()
  /** Texts of users that were overwritten, or written once more, for what the engine could not know. */
  readonly unaware = new Set<number>()

  took(side: Place, text: string): void {
    const token = tokenIn(text)
    if (token !== null) this.untold.add(`${side} t${token}`)
  }

  /** An answer reached the engine; `told`: what it says of items. */
  answered(side: Place, told: () => string): void {
    if (this.untold.size > 0) for (const [token] of told().matchAll(/t\d+/g)) this.untold.delete(`${side} ${token}`)
  }

  /** Called for every text that an item shows, whoever wrote it. */
  show(side: Place, item: Stored): void {
    const token = tokenIn(item.text)
    if (token === null) return
    const name = `${side} ${item.kind} ${item.ref}`
    const list = this.shown.get(name) ?? []
    list.push(token)
    this.shown.set(name, list)
  }

  /** On a one-way flow nothing is written where changes come from. */
  private wrote(side: Place, what: string): void {
    this.ledger.engineWrites += 1
    const isWritten = (route: Route): boolean => [null, sideOf(route, side)].includes(farSide(route.plan))
    if (!routesAt(this.routes, side).some(isWritten))
      this.ledger.fail('P1', `wrote at ${side}, against the flow's direction: ${what}`)
  }

  /** `asked`: the room that the engine named; its thread may have gone to another one meanwhile. */
  created(side: Place, item: Stored, asked: string): void {
    this.wrote(side, `created ${item.kind} ${item.ref}`)
    this.ledger.effectiveWrites += 1
    if (!this.tracks(item.kind)) return
    if (aboutOf(item.text) !== null) return this.corrected(side, item)
    const token = tokenIn(item.text)
    const root = this.ledger.rootOf(token)
    if (token === null || root === null) {
      if (item.text !== '') this.ledger.fail('P4', `made an item of unknown text at ${side}: ${item.text}`)
      return
    }
    this.ledger.roots.set(`${side} ${item.kind} ${item.ref}`, root)
    noteUnreached(this, side, item, token, asked)
    if (side === 'a') madeFor(this, item, token)
    else reached(this, side, item.kind, item.room, token)
    this.ledger.noteWrite(side, item.kind, root)
    checkNaming({ side, board: this.boards[side], ledger: this.ledger, routes: this.routes }, null, item, null)
    if (item.text.endsWith(ASIDE) && this.routes.every(({ plan }) => plan.filters))
      this.ledger.fail('P1', `made a copy of what the filter leaves out: ${item.text}`)
    if (item.text.startsWith('private'))
      this.ledger.fail('P1', `made a counterpart of what the flow leaves out: ${item.text}`)
    this.show(side, item)
    const copies = this.boards[side]
      .living(item.kind)
      .filter((each) => !each.emptied && this.ledger.roots.get(`${side} ${each.kind} ${each.ref}`) === root)
    const twins = copies.filter((each) => each.ref === item.ref || !this.isOutOfReach(side, each))
    if (twins.length < copies.length) this.unaware.add(token)
    const refs = twins.map((each) => each.ref).join(', ')
    if (twins.length > 1) this.ledger.fail('P2', `${twins.length} copies of t${root} at ${side}: ${refs}`)
  }

  /** P2: one correction an item and flow. */
  private corrected(side: Place, { ref, text }: Stored): void {
    const telling = routesAt(this.routes, side).filter(({ plan }) => plan.onRefused === 'reply')
    const root = this.ledger.rootOf(aboutOf(text))
    const all = this.boards[side]
      .living('post')
      .filter((each) => !each.emptied && aboutOf(each.text) !== null && this.ledger.rootOf(aboutOf(each.text)) === root)
    if (all.length > telling.length)
      this.ledger.fail('P2', `${all.length} corrections of t${root ?? '?'} at ${side}, at last ${ref}`)
  }

  /** The engine writes whom an item names. `rest`: what else it writes at once. */
  naming(side: Place, before: Stored, after: Stored, sent: Sent, rest: unknown): void {
    if (rest === undefined) {
      this.wrote(side, `changed the people of ${before.kind} ${before.ref}`)
      this.ledger.effectiveWrites += 1
    }
    checkNaming({ side, board: this.boards[side], ledger: this.ledger, routes: this.routes }, before, after, sent)
  }

  directory(side: Place): readonly Person[] {
    return directoryOf(side, this.ledger.people)
  }

  uploaded(): void {
    this.ledger.engineWrites += 1
  }

  /** Something was made, and under some faults nobody is told. */
  sending(side: Place, text: string, fault: string | null): void {
    const name = `${side} ${tokenIn(text) ?? 0}`
    if (fault === 'lost-response' || fault === 'error-after' || fault === 'truncated')
      this.ledger.unanswered.set(name, (this.ledger.unanswered.get(name) ?? 0) + 1)
  }

  /** The engine writes what files an item holds: no file twice, and none goes that nobody took away. */
  attached(side: Place, before: Stored, files: Stored['files'], sent: Sent, alone: boolean): void {
    if (alone) {
      this.wrote(side, `changed the files of ${before.kind} ${before.ref}`)
      this.ledger.effectiveWrites += 1
    }
    const { depot } = this.boards[side]
    const tokens = files.map(({ ref }) => depot.tokenOf(ref))
    if (new Set(tokens).size < tokens.length)
      this.ledger.fail('P2', `a file stands twice at ${side} ${before.kind} ${before.ref}: ${tokens.join()}`)
    for (const { ref } of before.files) {
      const token = depot.tokenOf(ref)
      if (token !== null && !tokens.includes(token) && !this.ledger.seen.has(token)) this.forgive(before, token, sent)
    }
  }

  updated(side: Place, before: Stored, text: string, sent: Sent): void {
    this.wrote(side, `updated ${before.kind} ${before.ref}`)
    if (aboutOf(before.text) !== null) {
      this.ledger.effectiveWrites += 1
      return
    }
    if (!this.tracks(before.kind)) return
    this.filtered(side, before, text)
    const old = tokenIn(before.text)
    const token = tokenIn(text)
    const name = `${side} ${before.kind} ${before.ref}`
    const what = `${name}: t${old ?? '?'} → t${token ?? '?'}`
    if (text !== before.text) {
      this.ledger.effectiveWrites += 1
      const root = this.ledger.roots.get(name)
      if (unmarked(text) === unmarked(before.text) || this.isMarkAlone(name, text)) this.ledger.noteMark(name, root)
      else this.ledger.noteWrite(side, before.kind, root)
    }
    if (token === null || old === null || token === old) return
    this.ledger.noteOverruled(side, old, token)
    noteUnreached(this, side, before, token)
    if (!this.hasMoved(before, sent)) reached(this, side, before.kind, before.room, token)
    if (this.ledger.rootOf(token) !== this.ledger.roots.get(name))
      this.ledger.fail('P4', `text of another item: ${what}`)
    // That an edit was made on top of its own text the engine cannot know where nothing has shown that text.
    const forgiven = this.forgive(before, old, sent) || this.forgiveUntold(side, token, old)
    const isOlder = this.ledger.isIn(token, old) && !this.restored.has(side) && !this.isFromSource(old)
    // Where it was settled so at another place, that is where it is judged: here it follows.
    const follows = placesOf(this.routes).some((place) => place !== side && this.ledger.hasOverruled(place, old, token))
    if (isOlder && !forgiven && !follows && !this.isMarkElsewhere(text + before.text))
      this.ledger.fail('P8', `an older text came back: ${what}`)
    const times = (this.moved.get(`${name} t${token}`) ?? 0) + 1
    this.moved.set(`${name} t${token}`, times)
    if (times > 1 && !forgiven && !this.userWroteSince(name, token))
      this.ledger.fail('P3', `the same text was written ${times} times: ${what}`)
  }

  /** To another room, since the engine looked, and nothing told it so. */
  private hasMoved(item: Stored, sent: Sent): boolean {
    const board = this.board(item)
    const moment = (sent.guarded ?? sent.at) - board.shape.lagMs
    const seen = board.at(item.kind, item.ref, moment)
    return typeof seen !== 'string' && seen.room !== item.room
  }

  /**
   * A copy does not follow what has left the filter. Where both are by the engine's account, what was deleted was made
   * again from its copy, which is the original since then: what somebody writes into a copy travels to what it stands for.
   */
  private filtered(side: Place, before: Stored, text: string): void {
    const isNew = text.endsWith(ASIDE) && !before.text.endsWith(ASIDE) && before.author.ref === 'bot'
    if (isNew && this.routes.every(({ plan }) => plan.filters) && !this.isRemade(side, before))
      this.ledger.fail('P1', `wrote what the filter leaves out to ${side} ${before.kind} ${before.ref}: ${text}`)
  }

  /** Whether what stands elsewhere for an item is by the engine's account as well. */
  private isRemade(side: Place, { kind, ref }: Stored): boolean {
    const root = this.ledger.roots.get(`${side} ${kind} ${ref}`)
    return placesOf(this.routes)
      .filter((place) => place !== side)
      .flatMap((place) => this.boards[place].living(kind).map((each) => ({ place, each })))
      .filter(({ place, each }) => this.ledger.roots.get(`${place} ${kind} ${each.ref}`) === root)
      .every(({ each }) => each.author.ref === 'bot')
  }

  /** A mark that one flow puts or takes is a text to the others: it may win a conflict, which is listed (docs/design.md, 11). */
  private isMarkElsewhere(text: string): boolean {
    return this.routes.length > 1 && text.includes(MARK)
  }

  /** Of what it writes over an edit only the mark is news: the rest stood there before that. */
  private isMarkAlone(name: string, text: string): boolean {
    return this.isMarkElsewhere(text) && (this.shown.get(name) ?? []).includes(tokenIn(text) ?? 0)
  }

  /** What is made again from where it came stands as it is there, whatever it was at the far end of that flow since. */
  private isFromSource(old: number): boolean {
    const oneWay = this.routes.some(({ plan }) => farSide(plan) === 'a')
    return this.routes.length > 1 && oneWay && this.ledger.deletions.has(this.ledger.rootOf(old) ?? 0)
  }

  /** Whether something else was shown since the engine wrote this token last: then writing it again has a reason. */
  private userWroteSince(name: string, token: number): boolean {
    const list = this.shown.get(name) ?? []
    return list.lastIndexOf(token) < list.length - 1
  }

  removed(side: Place, item: Stored, sent: Sent, along: boolean): void {
    const token = tokenIn(item.text)
    if (isAllowed(this.ledger, this.boards[side], item)) return void this.forgive(item, token, sent)
    if (!along) {
      this.wrote(side, `removed ${item.kind} ${item.ref}`)
      this.ledger.effectiveWrites += 1
      if (!item.emptied && aboutOf(item.text) === null) this.brake.count(this, side, item)
    }
    if (!this.tracks(item.kind) || item.emptied || aboutOf(item.text) !== null) return
    const root = this.ledger.rootOf(token)
    if (token === null || root === null) return
    if (!along) this.ledger.noteWrite(side, item.kind, root)
    if (this.routes.length > 1) this.ledger.noteRemoval(side, root)
    const what = `deleted ${side} ${item.kind} ${item.ref} (t${token})`
    const isShell = item.kind === 'thread' && this.boards[side].postsOf(item.ref).every(({ emptied }) => emptied)
    const takers = along ? rootsOfParent(this.boards[side], this.ledger, item) : []
    const reasons = routesAt(this.routes, side).map((route) => this.reasonsFor(route, side, { root, isShell, takers }))
    const ruled = reasons.filter(({ rule }) => rule === null)
    if (ruled.length === 0) this.ledger.fail('P5', `${what}, which a delete is to ${reasons[0]?.rule ?? ''}`)
    const causes = (ruled.length === 0 ? reasons : ruled).flatMap((each) => each.causes)
    this.removedFiles(side, item, sent, { along, what, isCertain: ruled.length > 0 && reasons.length === 1 })
    // First: what came after the look before the delete is lost, whatever else would have been a reason.
    if (this.forgive(item, token, sent)) return
    if (causes.some((seen) => this.ledger.isIn(token, seen))) return
    if (this.restored.has(side) && (along || causes.length > 0)) {
      // What stood astray under what went was deleted here by nobody; the flows beyond follow it as any delete.
      if (along && this.routes.length > 1) this.ledger.noteDeletion(side, token)
      return
    }
    if (along && (this.isTooLateToSee(side, item, sent) || this.isHidden(side, item))) {
      this.takenUnseen += 1
      this.ledger.forgiven.add(token)
      // To the flows beyond it was deleted as it was.
      if (this.routes.length > 1) this.ledger.noteDeletion(side, token)
      return
    }
    // A title of which nothing that was said is left goes with the last of that.
    if (isShell && this.boards[side].pastPostsOf(item.ref).length > 0) return void this.ledger.forgiven.add(token)
    const why = causes.length === 0 ? 'though nobody deleted its counterpart' : 'though it was edited since'
    this.ledger.fail('P5', `${what} ${why}`)
  }

  /** P5: what was enclosed since somebody deleted the counterpart keeps the item alive. */
  private removedFiles(
    side: Place,
    item: Stored,
    sent: Sent,
    { along, what, isCertain }: { along: boolean; what: string; isCertain: boolean },
  ): void {
    const { depot } = this.boards[side]
    for (const { ref, size } of item.files) {
      const token = depot.tokenOf(ref)
      if (token === null || this.ledger.seen.has(token)) continue
      const far = this.routes.flatMap(({ at }) => [at.a, at.b]).find((place) => place !== side) ?? side
      const stays = size > (this.boards[far].shape.files?.mostBytes ?? Infinity)
      const isLeft = this.ledger.leaves.has(this.ledger.roots.get(`${side} ${item.kind} ${item.ref}`) ?? 0)
      const excused = !isCertain || along || stays || isLeft || this.routes.some(({ plan }) => farSide(plan) !== null)
      if (!excused && !this.forgive(item, token, sent)) this.ledger.fail('P5', `${what} with the file t${token}`)
      this.ledger.noteSeen(token)
    }
  }

  /** What those saw who deleted its counterpart, or took it out of a flow that follows; and what forbids to follow. */
  private reasonsFor(
    route: Route,
    side: Place,
    { root, isShell, takers }: { readonly root: number; readonly isShell: boolean; readonly takers: readonly number[] },
  ): { readonly causes: readonly number[]; readonly rule: string | null } {
    const far = other(sideOf(route, side))
    const there = (each: { readonly side: Place }): boolean => sideOf(route, each.side) === far
    const leftOf = (each: number): readonly { readonly side: Place; readonly seen: number }[] =>
      this.ledger.leavesOf(each, route.at.b).filter((leave) => there(leave) && this.follows(leave.side))
    const left = leftOf(root)
    const deleted = (this.ledger.deletions.get(root) ?? []).filter((each) => there(each) || isShell)
    const rule = route.plan.onDelete[far]
    // What goes along has no rule of its own: a parent that left is followed by what `on_leave` says.
    const isLeft = left.length > 0 || takers.some((taker) => leftOf(taker).length > 0)
    // What one flow brought, and another's policy settled against and listed, whoever deletes the winner has seen answered.
    const overruled =
      this.routes.length === 1
        ? []
        : deleted.flatMap(({ seen }) => placesOf(this.routes).flatMap((place) => this.ledger.overruledBy(place, seen)))
    return {
      causes: [...[...deleted, ...left].map(({ seen }) => seen), ...overruled],
      rule: !isLeft && (rule === 'keep' || rule === 'hold') ? rule : null,
    }
  }

  /** Whether what leaves a flow in this system is deleted elsewhere. */
  private follows(place: Place): boolean {
    return routesAt(this.routes, place).some((route) => route.plan.onLeave[sideOf(route, place)] === 'delete')
  }

  /**
   * With its only post a thread went as well, which no system compares: what the last read of it did not show cannot be known.
   * `sent`: when the post was asked to go, and what that read showed.
   */
  ended(side: Place, thread: string, sent: Sent): void {
    this.ledger.noteEnd(side, this.ledger.roots.get(`${side} thread ${thread}`))
    const token = tokenIn(this.boards[side].get('thread', thread)?.text ?? '')
    if (token === null || this.boards[side].changedAt('thread', thread) <= (sent.guarded ?? sent.at)) return
    this.takenUnseen += 1
    this.ledger.forgiven.add(token)
  }

  /** What comes along is read just before: what has come since, or what a lagging read does not show, cannot be known. */
  private isTooLateToSee(side: Place, item: Stored, sent: Sent): boolean {
    const changed = this.board(item).changedAt(item.kind, item.ref)
    return changed > sent.feed && changed > sent.at - this.boards[side].shape.lagMs - UNDER_WAY
  }

  /** A system without conditional writes cannot tell what came between the guard read and the write. */
  private forgive(item: Stored, token: number | null, sent: Sent): boolean {
    const board = this.board(item)
    const isUnseen = !board.shape.guarded && board.changedAt(item.kind, item.ref) > (sent.guarded ?? sent.at)
    if (!isUnseen) return isAllowed(this.ledger, board, item)
    this.forgivenEdits += 1
    if (token !== null) this.ledger.forgiven.add(token)
    return true
  }

  /** The loser has to be listed all the same. */
  private forgiveUntold(side: Place, token: number, old: number): boolean {
    if (!this.untold.has(`${side} t${token}`)) return false
    this.forgivenEdits += 1
    this.unaware.add(old)
    return true
  }

  private board(item: Stored): Board {
    return (
      PLACES.map((place) => this.boards[place]).find((each) => each.get(item.kind, item.ref) === item) ?? this.boards.b
    )
  }
}
