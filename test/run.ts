/**
 * Runs all that this machine can: types, lint, format, every test. Ends with what was left out and how to get it;
 * with CI=true anything left out is a failure.
 */
import { spawn } from 'node:child_process'
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ENVIRONMENT, HOW as HOW_POSTGRES, hasOneSession, startPostgres } from './postgres-server.ts'
import { HOW, installPreviousNode } from './simulator/previous-node.ts'
import { regressions } from './simulator/regressions.ts'

interface Step {
  readonly name: string
  readonly command: readonly string[]
}

/** Where the names of tests are kept that did not run. */
const folder = mkdtempSync(join(tmpdir(), 'lockstep-tests-'))
const skipped = join(folder, 'skipped')
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const bin = (name: string): string => `node_modules/.bin/${name}`
const checks: readonly Step[] = [
  { name: 'types', command: [bin('tsc'), '-p', '.'] },
  { name: 'lint', command: [bin('oxlint'), '--type-aware', '--quiet'] },
  { name: 'format', command: [bin('oxfmt'), '--check', 'src', 'test', 'demo', 'crash', 'bench'] },
]
const tests: Step = {
  name: 'tests',
  command: [
    process.execPath,
    '--disable-warning=ExperimentalWarning',
    '--test',
    '--test-concurrency=2',
    // No test takes minutes; one that waits for what never comes is to be named, not waited for.
    '--test-timeout=900000',
    '--test-reporter=spec',
    '--test-reporter-destination=stdout',
    '--test-reporter=./test/skipped.ts',
    `--test-reporter-destination=${skipped}`,
    ...globSync('{src,test}/**/*.test.ts').toSorted(),
  ],
}

const only = process.argv.includes('--check')
/** What needs something that a machine may lack. */
const leftOut: { readonly what: string; readonly how: string }[] = []
if (!only && !installPreviousNode()) leftOut.push({ what: 'the simulator on the Node line before', how: HOW })
const postgres = only ? null : await startPostgres()
const inMemory = postgres !== null && hasOneSession(postgres)
if (inMemory)
  leftOut.push({
    what: 'a real PostgreSQL (its tests ran on PGlite, in memory and with one session)',
    how: HOW_POSTGRES,
  })
if (postgres !== null) {
  process.once('exit', postgres.stop)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
}
const failed: string[] = []
for (const step of only ? checks : [...checks, tests]) {
  console.log(`\n── ${step.name}`)
  const code = await run(step.command)
  if (code !== 0) failed.push(step.name)
}
console.log(leftOut.length === 0 ? '\nLeft out: nothing.' : '\nLeft out:')
for (const { what, how } of leftOut) console.log(`  ${what}: ${how}`)
const notRun = existsSync(skipped) ? readFileSync(skipped, 'utf8') : ''
if (notRun !== '') console.log(`Tests that did not run:\n${notRun.trimEnd()}`)
if (leftOut.length > 0 && process.env['CI'] === 'true') failed.push('something was left out')
if (!only) {
  const open = regressions().filter(({ fixedIn }) => fixedIn === null)
  console.log(`Known violations, excused and still open: ${open.length} of the simulator's sample.`)
  for (const { seed, showed } of open) console.log(`  seed ${seed}: ${showed}`)
}
console.log(failed.length === 0 ? (only ? 'All passed.' : 'All else passed.') : `Failed: ${failed.join(', ')}.`)
process.exitCode = failed.length === 0 ? 0 : 1

function run([command = '', ...args]: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const env = postgres === null ? process.env : { ...process.env, [ENVIRONMENT]: postgres.url }
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], env })
    child.on('exit', (code) => resolve(code ?? 1))
    child.on('error', (error) => {
      console.error(String(error))
      resolve(1)
    })
  })
}
