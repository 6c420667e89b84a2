/** What the engine has in hand and what it keeps: neither may grow while nobody does anything. */
import type { DatabaseSync } from 'node:sqlite'
import { other, type Side } from '../../src/core/flow.ts'
import { isKind, type KindName } from './board.ts'
import { farSide, placesOf, routesAt, sideOf, type Route } from './flow.ts'
import { rowsOf, type Reasons } from './reasons.ts'
import { isInFlow, viewsOf, type Scene, type View } from './view.ts'

/** What nobody waits for, and is in hand all the same. */
export function unfinished(db: DatabaseSync): string[] {
  const told = (what: string, sql: string): string[] =>
    rowsOf(db, sql).map((row) => `${what} ${Object.values(row).map(String).join(' ')}`)
  return [
    ...told('due', 'SELECT side, pair, ref, why, attempts FROM due WHERE waits_for IS NULL'),
    ...told(
      'due',
      `SELECT side, pair, ref, waits_for FROM due WHERE waits_for LIKE 'intent %' AND NOT ${isAsked('substr(waits_for, 8)')}`,
    ),
    ...told('hint', 'SELECT connection, kind, ref, why FROM inbox WHERE attempts < 6'),
    ...told('intent', `SELECT action, side, pair, source_ref, state FROM intent WHERE NOT ${isAsked('key')}`),
  ]
}

/** One that came in a long outage waits for its turn: what it shows is first known then. */
export function isHintWaiting(db: DatabaseSync): boolean {
  return rowsOf(db, 'SELECT 1 FROM inbox LIMIT 1').length > 0
}

/** A person is asked what became of the write with this key. */
function isAsked(key: string): string {
  return `EXISTS (SELECT 1 FROM held h WHERE h.fingerprint = ${key} AND h.decision = 'open')`
}

/**
 * New rows of the store that are about what the flow leaves out, or about what is gone: seen, and left alone. What became
 * of something out of the flow's reach nothing tells at the time; a page that is read again shows it as it is now.
 */
export function isNobodysBusiness(scene: Scene, row: string): boolean {
  const [table = '', first = '', ...rest] = row.split(' ')
  if (table === 'item') return isItemOfNobody(scene, first, rest)
  return viewsOf(scene).some((view) => view.route.id === first && isNobodysIn(view, table, rest))
}

/** Whether something was deleted out of the flows' reach, and the store knows it as it was before: a page read again tells. */
export function hasUntoldEnds(scene: Scene): boolean {
  const rows = rowsOf(scene.db, `SELECT connection, kind, ref FROM item WHERE state <> 'deleted'`)
  return rows.some(({ connection, kind, ref }) => {
    const place = placesOf(scene.routes).find((each) => each === connection)
    const name = String(kind)
    if (place === undefined || !isKind(name)) return false
    const { board } = scene.systems[place]
    const last = board.lastKnown(name, String(ref))
    if (last === null || board.get(name, String(ref)) !== null) return false
    const own = new Set(routesAt(scene.routes, place))
    return viewsOf(scene).every((view) => !own.has(view.route) || !isInFlow(view, sideOf(view.route, place), last))
  })
}

function isItemOfNobody(scene: Scene, where: string, [kind = '', ref = '']: readonly string[]): boolean {
  const place = placesOf(scene.routes).find((each) => each === where)
  if (place === undefined || !isKind(kind)) return false
  const item = scene.systems[place].board.get(kind, ref)
  const own = new Set(routesAt(scene.routes, place))
  return (
    item === null ||
    viewsOf(scene).every((view) => !own.has(view.route) || !isInFlow(view, sideOf(view.route, place), item))
  )
}

function isNobodysIn(view: View, table: string, words: readonly string[]): boolean {
  const ends = endsOf(view.reasons, table, words)
  const isOne = ({ side, kind, ref }: End): boolean => {
    const { board } = view.ends[side]
    const last = board.lastKnown(kind, ref)
    return board.forgotten.has(`${kind} ${ref}`) || (last !== null && !isInFlow(view, side, last))
  }
  const isGone = ({ side, kind, ref }: End): boolean => view.ends[side].board.get(kind, ref) === null
  const isEnd = table === 'link' ? words.at(-1) === 'gone' : table === 'journal' && words[1] === 'unlink'
  return ends.some(isOne) || (isEnd && ends.every(isGone))
}

interface End {
  readonly side: Side
  readonly kind: KindName
  readonly ref: string
}

/** The items that a row of `workload` is about: one, or the two of a link. */
function endsOf(reasons: Reasons, table: string, words: readonly string[]): readonly End[] {
  if (table === 'link' || table === 'journal') {
    const [kind = '', a = '', b = ''] = table === 'link' ? words : words.slice(2)
    if (!isKind(kind)) return []
    return [
      ...(a === '' ? [] : [{ side: 'a' as const, kind, ref: a }]),
      ...(b === '' ? [] : [{ side: 'b' as const, kind, ref: b }]),
    ]
  }
  const [side, kind = '', ref = ''] = table === 'held' ? words.slice(1) : words
  if ((side !== 'a' && side !== 'b') || !isKind(kind)) return []
  const there = reasons.counterpart(side, kind, ref)
  return [{ side, kind, ref }, ...(there === null ? [] : [{ side: other(side), kind, ref: there }])]
}

/** A row about what began at the far end of a one-way flow: whenever it is first read, it concerns nobody. */
export function isOfFarEnd({ routes, ledger }: Scene, row: string): boolean {
  const [table, where, kind, ref = ''] = row.split(' ')
  const place = placesOf(routes).find((each) => each === where)
  if (table !== 'item' || place === undefined) return false
  const root = ledger.roots.get(`${place} ${kind ?? ''} ${ref}`)
  const isOf = (route: Route): boolean => farSide(route.plan) === sideOf(route, place)
  if (!routesAt(routes, place).every(isOf)) return false
  return kind === 'thread' || (root !== undefined && ledger.tokens.get(root)?.side === place)
}

/** How many hints of a place wait to be looked at. */
export function hintsAt(db: DatabaseSync, place: string): number {
  return Number(rowsOf(db, 'SELECT count(*) AS n FROM inbox WHERE connection = ?', place)[0]?.['n'] ?? 0)
}

/** How often each write at a place whose outcome is open was asked about. */
export function asksAt(db: DatabaseSync, place: string): ReadonlyMap<string, number> {
  const rows = rowsOf(db, 'SELECT key, attempts FROM intent WHERE connection = ?', place)
  return new Map(rows.map((row) => [String(row['key']), Number(row['attempts'])]))
}

/** What the engine still has in hand, and what it keeps: neither may grow while nobody does anything. */
export function workload(db: DatabaseSync): { readonly open: number; readonly kept: readonly string[] } {
  const count = (table: string): number => Number(rowsOf(db, `SELECT count(*) AS n FROM ${table}`)[0]?.['n'] ?? 0)
  const names = (table: string, name: string): string[] =>
    rowsOf(db, `SELECT ${name} AS name FROM ${table}`).map((row) => `${table} ${String(row['name'])}`)
  return {
    open: count('due') + count('inbox WHERE attempts < 6') + count('intent'),
    kept: [
      ...names('item', `connection || ' ' || kind || ' ' || ref || ' ' || state`),
      ...names('link', `flow || ' ' || pair || ' ' || a_ref || ' ' || b_ref || ' ' || state`),
      ...names(
        'journal',
        `flow || ' ' || id || ' ' || action || ' ' || pair || ' ' || coalesce(a_ref, '') || ' ' || coalesce(b_ref, '')`,
      ),
      ...names('held', `flow || ' ' || reason || ' ' || side || ' ' || pair || ' ' || ref`),
      ...names('conflict', 'id'),
      ...names('divergence', `flow || ' ' || side || ' ' || pair || ' ' || ref`),
    ],
  }
}

/** What the store holds at the end, for a person who looks for the reason. */
export function dump(db: DatabaseSync): string[] {
  const all = (sql: string): string[] => rowsOf(db, sql).map((row) => Object.values(row).map(String).join(' '))
  const told = (title: string, sql: string): string[] => all(sql).map((row) => `${title} ${row}`)
  return [
    ...told('link', 'SELECT id, pair, a_ref, b_ref, state, incarnation, late, a_base_json, b_base_json FROM link'),
    ...told('journal', 'SELECT at, pair, link, action, side, a_ref, b_ref, before_json, after_json, why FROM journal'),
    ...told('due', 'SELECT pair, side, ref, generation, not_before, waits_for, attempts, claimed, why FROM due'),
    ...told('inbox', 'SELECT connection, feed, kind, ref, scope, not_before, attempts, claimed, why FROM inbox'),
    ...told('intent', 'SELECT key, pair, action, side, ref, source_ref, state, ask_at, attempts FROM intent'),
    ...told('held', 'SELECT pair, side, ref, action, reason, decision, detail FROM held'),
    ...told('divergence', 'SELECT pair, side, ref, lens, why FROM divergence'),
    ...told('conflict', 'SELECT link, lens, a_json, b_json, winner, why, resolved_at FROM conflict'),
    ...told('item', 'SELECT connection, kind, ref, scope, parent, state, unread, version, values_json FROM item'),
    ...told('instance', 'SELECT a_scope, b_scope, state FROM instance'),
    ...told('feed', 'SELECT connection, feed, cursor, failing_since, why FROM feed'),
  ]
}
