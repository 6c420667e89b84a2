import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

export const migrations = new URL('./migrations/', import.meta.url)
export const verbsModule = new URL('./made-up-verbs.ts', import.meta.url)

/** A folder that goes away with the test. */
export function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'lockstep-store-'))
  t.after(() => rmSync(path, { recursive: true, force: true }))
  return path
}
