/** Whether the tables tell what their sources hold. */
import { inHand } from '../shipped.ts'
import { inBase, tableInBase } from './base.ts'
import { PINNED } from './configuration.ts'
import { missiveSays } from './missive.ts'
import { nameOf, type Readers } from './readers.ts'
import { teamworkSays, type Said, type Tables } from './said.ts'
import { inDatabase, type Told } from './told.ts'
import type { TablesWorld } from './world.ts'

export interface Judged extends TablesWorld {
  readonly readers: Readers
  /** What was there once, and then not. */
  readonly gone: ReadonlySet<string>
  fail(property: string, what: string): void
}

export function judge(run: Judged): void {
  const { db, host, say, fail } = run
  for (const what of differences(run)) fail('P1', what)
  for (const what of twins(run)) fail('P2', what)
  for (const what of lost(run)) fail('P4', what)
  for (const what of host.writes) if (what.includes('DELETE FROM')) fail('P4', `a row is gone: ${what}`)
  for (const row of db.prepare('SELECT pair, side, ref, reason, detail FROM held').all())
    fail('P1', `held: ${JSON.stringify(row)}`)
  for (const row of db.prepare('SELECT id, paused_at, paused_why FROM flow WHERE paused_at IS NOT NULL').all())
    fail('P1', `paused: ${JSON.stringify(row)}`)
  for (const row of db.prepare('SELECT * FROM divergence').all()) say(`divergence ${JSON.stringify(row)}`)
  for (const what of underWay(run)) fail('P7', `still in hand: ${what}`)
}

/** What both systems hold, by table, source and id. */
export function sourcesSay({ teamwork, missive }: Pick<TablesWorld, 'teamwork' | 'missive'>): Tables {
  return new Map([...teamworkSays(teamwork), ...missiveSays(missive)])
}

export function differences(run: Judged): readonly string[] {
  const said = sourcesSay(run)
  const told = [...inDatabase(run), ...inBase(run)].filter(({ isMarked }) => !isMarked)
  const byName = new Map(told.map((each) => [nameOf(each), each.says]))
  const wanted = new Map(
    [...said].flatMap(([key, says]) =>
      isCarried(run, key, says) ? [[nameOf({ place: placeOf(run, key), key }), says]] : [],
    ),
  )
  return [
    ...[...wanted].flatMap(([name, says]) => {
      if (isAstray(run, name)) return []
      const named = Object.keys(LINKS).map((column) => [column, targetOf(name, column, says)] as const)
      // What is new under something whose row somebody deleted is told, and stays.
      if (!byName.has(name)) return named.some(([, target]) => isAstray(run, target)) ? [] : [`${name} has no row`]
      const loose = named.filter(([, target]) => isAstray(run, target) || !wanted.has(target)).map(([column]) => column)
      return differs(name, says, byName.get(name) ?? {}, loose)
    }),
    ...told
      .filter((each) => !wanted.has(nameOf(each)) && !isAstray(run, nameOf(each)) && !hasLeft(each, said))
      .map((each) => `${nameOf(each)} is there no more, and its row is`),
  ]
}

/** Somebody has changed it, and nothing changes it back. */
function isAstray({ scenario, readers }: Judged, name: string): boolean {
  return scenario.astray === 'leave' && readers.strays.has(name)
}

/** Of what both know. `loose`: links lead to what they led to before where the record that they name now is not there. */
function differs(name: string, said: Said, row: Said, loose: readonly string[]): readonly string[] {
  return Object.entries(said).flatMap(([column, value]) => {
    const shown = row[column] ?? value
    return shown === value || loose.includes(column) ? [] : [`${name} has ${column} "${value}", and its row "${shown}"`]
  })
}

/** The row that a column names. */
function targetOf(name: string, column: string, said: Said): string {
  const [place, , source] = name.split(' ')
  return [place, LINKS[column], source, said[column]].join(' ')
}

const LINKS: { readonly [column: string]: string } = {
  task_id: 'tasks',
  task_list_id: 'task_lists',
  conversation_id: 'conversations',
}

/** What the engine has still to do. To link to what was deleted, at either side, waits for its return, which may never come. */
export function underWay(run: Judged): readonly string[] {
  const said = sourcesSay(run)
  return inHand(run.db).filter((what) => {
    const [, flow, kind = '', ref] = /"waits_for":"item (\w+) a (\w+) (\S+)"/.exec(what) ?? []
    const table = TABLE_OF[kind]
    const key = `${table ?? ''} ${flow === 'work' ? 'teamwork' : 'missive'} ${ref ?? ''}`
    return table === undefined || (said.has(key) && !isAstray(run, nameOf({ place: placeOf(run, key), key })))
  })
}

const TABLE_OF: { readonly [kind: string]: string } = {
  task: 'tasks',
  tasklist: 'task_lists',
  conversation: 'conversations',
}

function placeOf({ scenario }: Judged, key: string): Told['place'] {
  return key.includes(' teamwork ') ? scenario.workInto : scenario.mailInto
}

/** Not every table is in the base, nor is every project. */
function isCarried(run: Judged, key: string, { scope = '' }: Said): boolean {
  if (placeOf(run, key) === 'warehouse') return true
  return tableInBase(key) !== null && (key.includes(' missive ') || PINNED.includes(scope))
}

/** What went to a project that the flow does not read stays in the base. */
function hasLeft({ key, place }: Told, said: Tables): boolean {
  return place === 'base' && said.has(key)
}

function twins(run: Judged): readonly string[] {
  const all = Map.groupBy([...inDatabase(run), ...inBase(run)], nameOf)
  return [...all].flatMap(([name, told]) =>
    told.length < 2 ? [] : [`${name} stands at ${told.map(({ ref }) => ref).join()}`],
  )
}

/** What people put beside a row stays with it. A record goes with what it shows, and its note with it. */
function lost(run: Judged): readonly string[] {
  const told = new Map([...inDatabase(run), ...inBase(run)].map((each) => [nameOf(each), each.note]))
  return [...run.readers.notes].flatMap(([name, note]) =>
    told.get(name) === note || run.gone.has(name.replace(/^base /, ''))
      ? []
      : [`the note "${note}" of ${name} is gone`],
  )
}
