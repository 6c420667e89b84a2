/** Where people can see why an item differs: what the store says about exactly this item, or about what it waits for. */
import type { DatabaseSync } from 'node:sqlite'
import { SIDES, type Side } from '../../src/core/flow.ts'

export interface Reasons {
  /** Why this very item differs; null: nothing says so. */
  why(side: Side, kind: string, ref: string): string | null
  /** The counterpart through a link that is not gone. */
  counterpart(side: Side, kind: string, ref: string): string | null
  /** Whether it is a copy of the engine's own. */
  isCopy(side: Side, kind: string, ref: string): boolean
  /** Whether a room still has the name that it had when it was joined. */
  isAsJoined(side: Side, ref: string, name: string): boolean
}

export function rowsOf(db: DatabaseSync, sql: string, ...bound: readonly string[]): Record<string, unknown>[] {
  return db.prepare(sql).all(...bound)
}

/** Of one flow. */
export function reasonsOf(db: DatabaseSync, flow: string): Reasons {
  const said = saidOf(db, flow)
  const waits = new Map<string, string>()
  for (const row of rowsOf(
    db,
    'SELECT pair, side, ref, waits_for FROM due WHERE waits_for IS NOT NULL AND flow = ?',
    flow,
  ))
    waits.set(nameOf(row['side'], row['pair'], row['ref']), String(row['waits_for']))
  const links = new Map<string, string>()
  const ends = new Map<string, readonly string[]>()
  const copies = new Set<string>()
  for (const row of rowsOf(
    db,
    `SELECT id, pair, a_ref, b_ref, made FROM link WHERE state <> 'gone' AND flow = ? ORDER BY id`,
    flow,
  )) {
    const [a, b] = [nameOf('a', row['pair'], row['a_ref']), nameOf('b', row['pair'], row['b_ref'])]
    links.set(a, String(row['b_ref'])).set(b, String(row['a_ref']))
    if (row['made'] !== null) copies.add(row['made'] === 'a' ? a : b)
    ends.set(`link ${String(row['id'])}`, [a, b])
  }
  // What waits may be named by the end that is gone.
  for (const row of rowsOf(db, `SELECT pair, a_ref, b_ref FROM link WHERE state = 'gone' AND flow = ?`, flow)) {
    const [a, b] = [nameOf('a', row['pair'], row['a_ref']), nameOf('b', row['pair'], row['b_ref'])]
    for (const [one, two] of [
      [a, b],
      [b, a],
    ] as const) {
      const waitsFor = waits.get(one)
      if (waitsFor !== undefined && !waits.has(two) && !links.has(two)) waits.set(two, waitsFor)
    }
  }
  const asJoined = joinedNames(db, flow)
  const why = (name: string, asked: ReadonlySet<string>): string | null => {
    const own = said.get(name)
    if (own !== undefined) return own
    const waitsFor = waits.get(name)
    if (waitsFor === undefined || asked.has(name)) return null
    for (const target of ends.get(waitsFor) ?? [targetOf(waitsFor)]) {
      const reason = why(target, new Set([...asked, name]))
      if (reason !== null) return `waits for ${target}: ${reason}`
    }
    return null
  }
  return {
    why: (side, kind, ref) => why(nameOf(side, kind, ref), new Set()),
    counterpart: (side, kind, ref) => links.get(nameOf(side, kind, ref)) ?? null,
    isCopy: (side, kind, ref) => copies.has(nameOf(side, kind, ref)),
    isAsJoined: (side, ref, name) => asJoined.has(`${side} ${ref} ${name}`),
  }
}

function nameOf(side: unknown, kind: unknown, ref: unknown): string {
  return `${String(side)} ${String(kind)} ${String(ref)}`
}

/** 'item team a thread T3' and 'due team post a P4' both name a subject; 'intent …' a write that a person may be asked about. */
function targetOf(waitsFor: string): string {
  if (waitsFor.startsWith('intent ')) return waitsFor
  const [what, , one = '', two = '', ref = ''] = waitsFor.split(' ')
  return what === 'due' ? nameOf(two, one, ref) : nameOf(one, two, ref)
}

function saidOf(db: DatabaseSync, flow: string): ReadonlyMap<string, string> {
  const said = new Map<string, string>()
  for (const row of rowsOf(
    db,
    `SELECT pair, side, ref, reason, fingerprint FROM held WHERE decision <> 'approved' AND flow = ?`,
    flow,
  ))
    for (const name of [nameOf(row['side'], row['pair'], row['ref']), `intent ${String(row['fingerprint'])}`])
      said.set(name, `held: ${String(row['reason'])}`)
  for (const row of rowsOf(db, `SELECT pair, side, ref, why FROM divergence WHERE lens <> 'who' AND flow = ?`, flow))
    said.set(nameOf(row['side'], row['pair'], row['ref']), `divergence: ${String(row['why'])}`)
  for (const row of rowsOf(
    db,
    `SELECT l.pair, l.a_ref, l.b_ref FROM conflict c JOIN link l ON l.id = c.link
     WHERE (c.resolved_at IS NULL OR c.why = 'the difference was accepted') AND l.flow = ?`,
    flow,
  ))
    for (const side of SIDES) said.set(nameOf(side, row['pair'], row[`${side}_ref`]), 'conflict')
  return said
}

/** Rooms that were joined by hand have names of their own until one is renamed. */
function joinedNames(db: DatabaseSync, flow: string): ReadonlySet<string> {
  const names = new Set<string>()
  for (const row of rowsOf(
    db,
    `SELECT a_ref, b_ref, a_base_json, b_base_json FROM link WHERE pair = 'room' AND flow = ?`,
    flow,
  ))
    for (const side of SIDES) {
      const base: unknown = JSON.parse(String(row[`${side}_base_json`]))
      if (typeof base === 'object' && base !== null && 'name' in base)
        names.add(`${side} ${String(row[`${side}_ref`])} ${String(base.name)}`)
    }
  return names
}
