/** What must hold of files: their bytes stand where their items do, once, and nothing is left of their way. */
import type { DatabaseSync } from 'node:sqlite'
import { SIDES } from '../../src/core/flow.ts'
import type { Stored } from './board.ts'
import { carriesFiles, farSide, placesOf } from './flow.ts'
import { rowsOf } from './reasons.ts'
import type { Place } from './shape.ts'
import type { System } from './system.ts'
import type { Scene, View } from './view.ts'

/** P1: two items that stand for each other have files of the same bytes. */
export function fileDifference({ route, ends }: View, a: Stored, b: Stored): string | null {
  const { plan } = route
  if (!carriesFiles({ a: ends.a.shape, b: ends.b.shape })) return null
  // What people do with files at the far end stays there.
  const far = plan.astray === 'restore' ? null : farSide(plan)
  const isAstray = far !== null && ends[far].board.isTouched('post', { a, b }[far].ref, fileRefs)
  if (isAstray) return null
  const [here, there] = [tokensOf(ends.a, a), tokensOf(ends.b, b)]
  return here === there ? null : `files of post ${a.ref} at a: ${here}; of ${b.ref} at b: ${there}`
}

function fileRefs({ files }: Stored): readonly string[] {
  return files.map(({ ref }) => ref)
}

function tokensOf({ board }: System, { files }: Stored): string {
  const tokens = files.map(({ ref }) => board.depot.tokenOf(ref) ?? 0)
  return tokens
    .sort((left, right) => left - right)
    .map((token) => `t${token}`)
    .join()
}

/** P4: tokens of the files that stand somewhere, or lost a conflict that is listed. */
export function fileTokens({ db, routes, systems }: Scene): number[] {
  const found: number[] = []
  const add = ({ board }: System, refs: readonly string[]): void => {
    for (const ref of refs) found.push(board.depot.tokenOf(ref) ?? 0)
  }
  for (const place of placesOf(routes))
    for (const { files } of systems[place].board.living('post'))
      add(
        systems[place],
        files.map(({ ref }) => ref),
      )
  for (const { id, at } of routes)
    for (const row of rowsOf(db, `SELECT a_json, b_json FROM conflict WHERE flow = ? AND lens = 'files'`, id))
      for (const side of SIDES) {
        const value: unknown = JSON.parse(String(row[`${side}_json`]))
        add(systems[at[side]], Array.isArray(value) ? value.map((each: { ref?: unknown }) => String(each.ref)) : [])
      }
  return found
}

/** P2: what was sent is shown, but for what the engine could not know, and tells. */
export function sentTwice(scene: Scene, crashes: number): string[] {
  return placesOf(scene.routes).flatMap((place) => {
    const { board } = scene.systems[place]
    const standing = new Set(
      board.living('post').flatMap(({ files }) => files.map(({ ref }) => board.depot.tokenOf(ref))),
    )
    const unused = new Map<number, number>()
    for (const { token, placed } of board.depot.uploads.values())
      if (!placed) unused.set(token, (unused.get(token) ?? 0) + 1)
    const again = [...unused]
      .filter(([token]) => standing.has(token))
      .filter(([token, times]) => times > (scene.ledger.unanswered.get(`${place} ${token}`) ?? 0) + crashes)
      .map(([token, times]) => `t${token} was sent to ${place} ${times} times more than it is shown`)
    return [
      ...again,
      ...untold(
        scene,
        place,
        [...unused.values()].reduce((sum, times) => sum + times, 0),
      ),
    ]
  })
}

/** What is still on its way is not told yet. */
function untold({ db, routes }: Scene, place: Place, unused: number): string[] {
  const told = Number(rowsOf(db, 'SELECT orphans FROM connection WHERE id = ?', place)[0]?.['orphans'] ?? 0)
  const going = routes.flatMap(({ id, at }) =>
    SIDES.filter((side) => at[side] === place).map((side) =>
      Number(
        rowsOf(db, `SELECT count(*) AS n FROM file WHERE flow = ? AND side = '${side}' AND state <> 'stays'`, id)[0]?.[
          'n'
        ],
      ),
    ),
  )
  const known = told + going.reduce((sum, count) => sum + count, 0)
  return unused > known ? [`${unused} files that nothing shows stand at ${place}, and ${known} are told`] : []
}

/** P7: bytes are kept for what is on its way alone. */
export function leftBytes(db: DatabaseSync, kept: Iterable<string>): string[] {
  const named = new Set(rowsOf(db, 'SELECT digest FROM file WHERE digest IS NOT NULL').map((row) => row['digest']))
  return [...kept].filter((digest) => !named.has(digest)).map((digest) => `bytes of nothing are kept: ${digest}`)
}
