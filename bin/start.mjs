// Begins every npm script: installs what is missing, then goes on with the project's own Node.
// Plain JavaScript that Node 20 runs: whoever starts it may have nothing newer.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import path from 'node:path'

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)))
const ownNode = path.join(root, 'node_modules', 'node', 'bin', 'node')

const verbs = {
  demo: ['demo/main.ts'],
  'demo:calendar': ['demo/calendar/main.ts'],
  'demo:ingest': ['demo/ingest/main.ts'],
  test: ['test/run.ts'],
  check: ['test/run.ts', '--check'],
  sim: ['test/simulator/main.ts'],
  crash: ['crash/main.ts'],
  bench: ['bench/main.ts'],
  'sim:entries': ['test/simulator/entries/main.ts'],
  'sim:tables': ['test/simulator/tables/main.ts'],
  'sim:threads': ['test/simulator/threads/main.ts'],
  'sim:mutants': ['test/simulator/main.ts', '--mutants'],
  'sim:crash-points': ['test/simulator/points-main.ts'],
}

const [verb = '', ...rest] = process.argv.slice(2)
const entry = verbs[verb]
if (entry === undefined) {
  console.error(`start: no verb "${verb}". There are: ${Object.keys(verbs).join(', ')}.`)
  process.exit(2)
}

if (!isInstalled()) install()
if (!existsSync(ownNode)) {
  console.error("The project's own Node is missing: its install script did not run.")
  console.error('Remedy: run "npm rebuild node" (or "npm ci" without --ignore-scripts) in this folder, then try again.')
  process.exit(2)
}

const child = spawn(ownNode, ['--disable-warning=ExperimentalWarning', ...entry, ...rest], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, PATH: `${path.dirname(ownNode)}${path.delimiter}${process.env.PATH ?? ''}` },
})
// The terminal sends Ctrl-C to the child too; it decides how to end, and this process ends with it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => signal === 'SIGTERM' && child.kill(signal))
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1))

function isInstalled() {
  const installed = path.join(root, 'node_modules', '.package-lock.json')
  return (
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(path.join(root, 'package-lock.json')).mtimeMs - 1000
  )
}

function install() {
  console.error('Installing dependencies (npm ci), once …')
  const npm = process.env.npm_execpath
  // Errors are told. Which Node packages warn of is the one that installs them, while they run on the project's own.
  const ci = ['ci', '--loglevel=error']
  const [command, args] = npm === undefined ? ['npm', ci] : [process.execPath, [npm, ...ci]]
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
  if (status === 0) return
  console.error('npm ci failed; its words are above. Nothing was started.')
  process.exit(1)
}
