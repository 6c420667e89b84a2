/** Writes: the intent before the call, the outcome with its links and its journal after it. */
import type { Change } from '../../connector/connector.ts'
import type { Values } from '../../connector/values.ts'
import type { Disagreement } from '../../core/action.ts'
import { SIDES, type Side } from '../../core/flow.ts'
import type { Intent, NewEntry } from '../../core/state.ts'
import { addDisagreements } from './conflicts.ts'
import { finishFiles, type PlacedFiles } from './files.ts'
import { hasHints } from './inbox.ts'
import { writeJournal } from './journal.ts'
import type { DueRow } from './subjects.ts'
import { dueAgain, goOnElsewhere } from './remade.ts'
import { isReverted } from './reverted.ts'
import { isPaused } from './pausing.ts'
import { endIntent } from './intents.ts'
import { revOf, type Sql } from './rows.ts'
import { hindrance } from './taken.ts'
import { rebase } from './settle.ts'
import { addHold, useApproval, type NewHold } from './held.ts'
import { turnLink } from './turning.ts'
import { finishDue, wake } from './waits.ts'
import { addLink, standsElsewhere, type NewLink } from './new-links.ts'
import { storeDeleted, storeOwn, type Deleted, type Storing } from './stored.ts'

export interface Begin {
  readonly intent: Intent
  /** The observations on which it was planned: it begins only while they stand. */
  readonly seen: readonly {
    readonly connection: string
    readonly kind: string
    readonly ref: string
    readonly rev: number
  }[]
  /** What an update writes; null where it is none. */
  readonly update: Values | null
  readonly disagreements: readonly Disagreement[]
  /** A person wants it now: also where its flow or its instance is paused. */
  readonly whilePaused: boolean
  readonly now: number
}

/**
 * 'moved': the world is not what the plan saw; it is planned again. `open`: another write is, with this key, and it is planned
 * again after that. 'reverted': somebody undoes it each time.
 */
export type Beginning = 'begun' | 'moved' | 'reverted' | { readonly open: string }

export function begin(sql: Sql, { intent, seen, update, disagreements, whilePaused, now }: Begin): Beginning {
  for (const each of seen) if (revOf(sql, each) !== each.rev) return 'moved'
  const hindered = hindrance(sql, intent)
  if (hindered !== null) return hindered === 'settled' ? 'moved' : hindered
  if (!whilePaused && isPaused(sql, intent)) return 'moved'
  if (update !== null && isReverted(sql, intent, update, now)) return 'reverted'
  sql
    .get(
      `INSERT INTO intent (key, flow, pair, action, side, connection, kind, head_kind, ref, scope, parent, link, about, source_ref, plan_json, fingerprint, actor,
         sent_at, turn_at, process, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'sent')`,
    )
    .run(
      intent.key,
      intent.flow,
      intent.pair,
      intent.action,
      intent.side,
      intent.connection,
      intent.kind,
      intent.headKind,
      intent.ref,
      intent.scope,
      intent.parent,
      intent.link,
      intent.about,
      intent.sourceRef,
      JSON.stringify(intent.plan),
      intent.fingerprint,
      intent.actor,
      intent.sentAt,
      intent.turnAt,
      intent.process,
    )
  if (intent.link !== null) addDisagreements(sql, intent.flow, intent.pair, intent.link, disagreements, now)
  return 'begun'
}

export interface Finish extends Storing {
  /** Null: adopted without a call. */
  readonly key: string | null
  readonly dues: readonly DueRow[]
  /** What the system stored, by its own answer. */
  readonly stored: readonly Change[]
  readonly deleted: readonly Deleted[]
  readonly links: readonly NewLink[]
  readonly rebase: { readonly link: number; readonly base: { readonly [side in Side]: Values } } | null
  /** The link that ends, or that sleeps because an emptied item stays. */
  readonly part: { readonly link: number; readonly state: 'gone' | 'asleep' } | null
  readonly journal: readonly NewEntry[]
  /** Asks for the subject to be planned again. */
  readonly again: boolean
  /** Absent: its kind holds no files. */
  readonly files?: PlacedFiles
  /** A container pair: its flow gets an instance. */
  readonly container: boolean
}

export interface Finished {
  /** What was made stands for another item already: nothing was committed, and the intent is open. */
  readonly taken: boolean
  /** Whether something is to be looked at. */
  readonly hints: boolean
  /** Whether a subject can be planned now. */
  readonly dues: boolean
  /** Bytes that nothing needs any more. */
  readonly blobs?: readonly string[]
}

/** Commits an outcome with its links. */
export function finish(sql: Sql, input: Finish): Finished {
  if (input.links.some((link) => standsElsewhere(sql, input.flow, link)))
    return { ...workIn(sql, input.now), taken: true }
  if (input.key !== null) {
    const ended = endIntent(sql, input.key)
    if (ended === null) return workIn(sql, input.now)
    useApproval(sql, ended)
  }
  for (const change of input.stored) storeOwn(sql, input, change)
  for (const each of input.deleted) storeDeleted(sql, input, each)
  const made = input.links.map((link) => ({ link, id: addLink(sql, input.flow, link, input.now, input.container) }))
  for (const { link, id } of made) goOnElsewhere(sql, { ...link, id, flow: input.flow }, input)
  if (input.rebase !== null) rebase(sql, input.rebase.link, input.rebase.base)
  if (input.part !== null) {
    turnLink(sql, input.part.link, input.part.state, input.now)
    if (input.deleted.length > 0 || input.emptied) dueAgain(sql, input.part.link, input)
  }
  for (const entry of input.journal) {
    const own = made.find(
      ({ link }) => link.pair === entry.pair && SIDES.every((side) => link.refs[side] === entry.refs[side]),
    )
    writeJournal(sql, own === undefined ? entry : { ...entry, link: own.id })
  }
  for (const each of input.dues) {
    if (input.again) again(sql, input.flow, each)
    else finishDue(sql, input.flow, each)
  }
  if (input.key !== null) wake(sql, `intent ${input.key}`)
  const done = workIn(sql, input.now)
  if (input.files === undefined) return done
  return { ...done, blobs: finishFiles(sql, input.flow, input.connection, input.files) }
}

function workIn(sql: Sql, now: number): Finished {
  const due = sql.get('SELECT 1 FROM due WHERE claimed = 0 AND waits_for IS NULL AND not_before <= ? LIMIT 1').get(now)
  return { hints: hasHints(sql), dues: due !== undefined, taken: false }
}

function again(sql: Sql, flow: string, each: DueRow): void {
  sql
    .get(
      'UPDATE due SET claimed = 0, not_before = 0, waits_for = NULL, generation = generation + 1 WHERE flow = ? AND pair = ? AND side = ? AND ref = ?',
    )
    .run(flow, each.pair, each.side, each.ref)
}

export interface Fail {
  readonly key: string
  readonly flow: string
  readonly pair: string
  readonly now: number
  readonly dues: readonly DueRow[]
  /** unknown: asked about later, with a hold a person is asked too; nothing: it had no effect, and is planned again then. */
  readonly outcome:
    | { readonly is: 'unknown'; readonly askAt: number }
    | { readonly is: 'nothing'; readonly notBefore: number }
  readonly hold: NewHold | null
  /** Other items that are held with it. */
  readonly alsoHeld?: readonly NewHold[]
  readonly why: string
  /** Whether trying again counts towards giving up. */
  readonly counts: boolean
}

/** A call failed, or had no answer. Answers whether a person is asked from now on what became of it. */
export function fail(sql: Sql, input: Fail): boolean {
  if (input.outcome.is === 'unknown') {
    sql
      .get(`UPDATE intent SET state = 'unknown', ask_at = ?, attempts = attempts + 1 WHERE key = ?`)
      .run(input.outcome.askAt, input.key)
    const isAsked = input.hold !== null && addHold(sql, input.flow, input.pair, input.hold, input.now)
    // From now on only what stands where it was to be made waits for it.
    if (isAsked) wake(sql, `intent ${input.key}`)
    for (const each of input.dues)
      sql
        .get('UPDATE due SET claimed = 0, waits_for = ?, why = ? WHERE flow = ? AND pair = ? AND side = ? AND ref = ?')
        .run(`intent ${input.key}`, input.why, input.flow, each.pair, each.side, each.ref)
    return isAsked
  }
  const ended = endIntent(sql, input.key)
  if (input.hold !== null) {
    // What was let go and is refused is asked about again.
    if (ended !== null) useApproval(sql, ended)
    addHold(sql, input.flow, input.pair, input.hold, input.now)
  }
  for (const hold of input.alsoHeld ?? []) addHold(sql, input.flow, input.pair, hold, input.now)
  for (const each of input.dues) {
    if (input.hold !== null && input.outcome.notBefore === 0) finishDue(sql, input.flow, each)
    else
      sql
        .get(
          'UPDATE due SET claimed = 0, waits_for = NULL, not_before = ?, why = ?, attempts = attempts + ? WHERE flow = ? AND pair = ? AND side = ? AND ref = ?',
        )
        .run(input.outcome.notBefore, input.why, input.counts ? 1 : 0, input.flow, each.pair, each.side, each.ref)
  }
  wake(sql, `intent ${input.key}`)
  return false
}
