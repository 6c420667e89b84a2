/** What is wrong at the end of a run, by the property that it breaks. */
import { overheld } from './braked-oracle.ts'
import { misjudged } from './conflict-oracle.ts'
import { leftBytes, sentTwice } from './file-oracles.ts'
import { unfinished } from './growth.ts'
import { untrue } from './journal-oracle.ts'
import { belated } from './late-oracle.ts'
import { linkedOf } from './linked.ts'
import { differences, disorder, lostTokens, overwritten, remarked } from './oracles.ts'
import { misplaced } from './place-oracle.ts'
import { unfounded } from './reason-oracle.ts'
import { garbled } from './text-oracle.ts'
import { mistold } from './told.ts'
import { viewsOf, type Scene, type View } from './view.ts'

type Finding = readonly [property: string, what: string]

/** `crashes`: how often the engine's process ended; `kept`: the digests of the bytes that it keeps. */
export function findings(scene: Scene, crashes: number, kept: Iterable<string>): readonly Finding[] {
  const all: readonly (readonly [property: string, whats: readonly string[]])[] = [
    ['P1', differences(scene)],
    ['P4', lostTokens(scene)],
    ['P13', disorder(scene)],
    ['P3', overwritten(scene)],
    ['P3', remarked(scene)],
    ['P1', mistold(scene)],
    ['P2', sentTwice(scene, crashes)],
    ['P7', leftBytes(scene.db, kept)],
    ['P7', unfinished(scene.db).map((what) => `still in hand: ${what}`)],
    ...viewsOf(scene).flatMap(findingsOf),
  ]
  return all.flatMap(([property, whats]) => whats.map((what) => [property, what] as const))
}

/** Of one flow. */
function findingsOf(view: View): readonly (readonly [string, readonly string[]])[] {
  const linked = linkedOf(view)
  const own = (whats: readonly string[]): readonly string[] => whats.map((what) => `${view.route.id}: ${what}`)
  return [
    ['P1', own(unfounded(view, linked))],
    ['P1', own(misplaced(view, linked))],
    ['P1', own(garbled(view, linked))],
    ['P4', own(misjudged(view))],
    ['P6', own(overheld(view))],
    ['P13', own(belated(view))],
    ['S21', own(untrue(view))],
  ]
}
