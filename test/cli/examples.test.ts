/** Every command line that the documents show is run by the real binary, each in a folder of its own. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { documentedExamples, root, type Example } from './examples.ts'
import { SPACE, worldOf, type World } from './world.ts'

/** Why it is not run here. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  connect: 'a person signs in, which test/cli/connect.test.ts does',
  init: 'a person answers, as in test/cli/init.test.ts',
  disconnect: 'all examples share the account, and test/cli/sign-in.test.ts does it',
}
/** What they run until they are told to end, and what they say once they are up. */
const LASTING: Readonly<Record<string, RegExp>> = { run: /running; Ctrl-C ends it/, emulate: /base_url/ }
const AT_ONCE = 2
/** What no example may end with: a fault of the program, or words that the program does not take. */
const FAULT = /\n\s+at .*:\d+|unknown (command|option)|missing required|too many arguments|\bbug\b/i

const STRANGE = /^r?\d+$|^spaces\/|^old-team$|^events\/ann$|^work:/

const DATABASE = `  app:
    connector: database
    url: sqlite:app.db
    tables:
      bill: { table: bills, key: id, columns: { title: text } }
  warehouse:
    connector: database
    url: sqlite:warehouse.db
    capture: off
    ingest: {}
`

/** A folder as somebody has it who follows the guide: in step, with a backup, a kept plan, links as CSV, another key. */
async function prepared(world: World): Promise<void> {
  world.configure((text) => text.replace('  forum:\n', `${DATABASE}  forum:\n`))
  const app = new DatabaseSync(join(world.folder, 'app.db'))
  app.exec('CREATE TABLE bills (id INTEGER PRIMARY KEY, title TEXT NOT NULL)')
  app.close()
  assert.equal((await world.run('capture', 'install', 'app', '--yes')).code, 0)
  assert.equal((await world.run('tables', 'create', 'warehouse', '--yes')).code, 0)
  world.chat.as('101').post(SPACE, 'said before anything ran')
  assert.equal((await world.run('sync', '--yes')).code, 0)
  mkdirSync(join(world.folder, 'safe'))
  assert.equal((await world.run('backup', 'lockstep.backup')).code, 0)
  cpSync(join(world.folder, 'lockstep.backup'), join(world.folder, 'safe', 'lockstep.backup'))
  world.chat.as('101').post(SPACE, 'said after the backup')
  assert.equal((await world.run('plan', '--out', 'plan.json')).code, 0)
  writeFileSync(join(world.folder, 'links.csv'), (await world.run('links', 'export')).out)
  writeFileSync(join(world.folder, 'new.key'), 'ab'.repeat(32), { mode: 0o600 })
  cpSync(join(world.folder, 'lockstep.yaml'), join(world.folder, 'team.yaml'))
}

interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

async function runIn(folder: string, argv: readonly string[]): Promise<Outcome> {
  const lasting = LASTING[argv[0] ?? '']
  const child = spawn(process.execPath, [join(root, 'bin/lockstep.mjs'), ...argv], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const hear = (chunk: Buffer): void => {
    const wasUp = lasting?.test(said) === true
    said += chunk.toString()
    if (!wasUp && lasting?.test(said) === true) child.kill('SIGTERM')
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const [out, err, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ])
  return { code, out, err }
}

function judge({ document, line, argv }: Example, { code, out, err }: Outcome): void {
  const told = `${document}: ${line}\nexit code ${code ?? 'none'}\n${out}${err}`
  assert.ok(code !== null && code >= 0 && code <= 4, told)
  assert.doesNotMatch(out + err, FAULT, told)
  assert.ok(out + err !== '', told)
  if (argv.includes('--json')) assert.doesNotThrow(() => JSON.parse(out), told)
  if (code !== 1 && code !== 2) return
  // The documents name items, actions, flows and accounts that are not there: that is said, with what to do. Nothing else
  // may fail.
  assert.ok(
    argv.some((word) => STRANGE.test(word)),
    told,
  )
  assert.match(out + err, argv.includes('--json') ? /remedy/ : /→ /, told)
}

// Seen red: when `divergences` threw.
test('every documented example runs', { timeout: 600_000 }, async (t) => {
  const world = await worldOf(t)
  await prepared(world)
  const examples = documentedExamples().filter(({ argv }) => LEFT_OUT[argv[0] ?? ''] === undefined)
  const once = [...new Map(examples.map((each) => [each.argv.join(' '), each])).values()]
  const waiting = once.map((example, index) => ({ example, index }))
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const folder = join(world.folder, `example-${next.index}`)
      mkdirSync(folder)
      for (const name of [
        'lockstep.yaml',
        'app.db',
        'warehouse.db',
        'lockstep.db',
        'lockstep.db.key',
        'lockstep.backup',
        'safe',
        'plan.json',
        'links.csv',
        'new.key',
        'team.yaml',
      ])
        cpSync(join(world.folder, name), join(folder, name), { recursive: true })
      if (next.example.argv[0] === 'backup')
        for (const made of ['lockstep.backup', 'safe/lockstep.backup']) rmSync(join(folder, made))
      const argv = next.example.argv.map((word) => word.replace(/^\/safe\//, './safe/'))
      judge(next.example, await runIn(folder, argv))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  assert.ok(once.length > 50, `${once.length} examples`)
})
