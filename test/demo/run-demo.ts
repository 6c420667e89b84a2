/** A demo as its user runs it, until it ends by itself. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'

export interface Ended {
  /** The last line of stdout, parsed. */
  readonly summary: unknown
  /** What it said on stderr. */
  readonly told: string
}

/** `url`: of the database; empty: the one that the demo makes. */
export async function runDemo(t: TestContext, name: 'calendar' | 'ingest', url: string): Promise<Ended> {
  const script = fileURLToPath(new URL(`../../demo/${name}/main.ts`, import.meta.url))
  const child = spawn(process.execPath, [script, '--once', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DATABASE_URL: url },
  })
  t.after(() => child.kill())
  const [out, told, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  assert.equal(code, 0, told)
  return { summary: JSON.parse(out.trimEnd().split('\n').at(-1) ?? ''), told }
}
