/**
 * Scenarios that once failed, or find a wrong engine, one file each: those that are mended have to pass, the others are told.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { Scenario } from './scenario.ts'

const Kept = z.object({
  /** The seed from which it was cut down. */
  seed: z.number(),
  /** Seeds of the sample in npm test that show the same. */
  alsoIn: z.array(z.number()).default([]),
  showed: z.string(),
  /** Where it was mended; null: it still fails. */
  fixedIn: z.string().nullable(),
  /** The wrong engine for which it is kept, that nothing else finds soon; null: it failed itself. */
  finds: z.string().nullable().default(null),
  scenario: Scenario,
})
export type Kept = z.infer<typeof Kept>

const FOLDER = new URL('regressions/', import.meta.url)

export function regressions(): readonly (Kept & { readonly file: string })[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => ({ file, ...readKept(new URL(file, FOLDER)) }))
}

export function readKept(file: URL | string): Kept {
  return Kept.parse(JSON.parse(readFileSync(file, 'utf8')))
}

export function keptScenario(file: string): Scenario {
  return readKept(new URL(file, FOLDER)).scenario
}

/** Answers the name of the file. What was mended stays beside what the same seed shows now. */
export function keep(kept: Kept): string {
  const mended = new Set(regressions().flatMap(({ file, fixedIn }) => (fixedIn === null ? [] : [file])))
  let file = `seed-${kept.seed}.json`
  for (let again = 2; mended.has(file); again += 1) file = `seed-${kept.seed}-${again}.json`
  writeFileSync(new URL(file, FOLDER), `${JSON.stringify(kept, null, 2)}\n`)
  return `test/simulator/regressions/${file}`
}
