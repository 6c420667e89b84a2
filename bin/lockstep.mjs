#!/usr/bin/env node
// Starts the product with a Node that can run it: the one in node_modules, else this one. Runs on Node 20 and later.
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NEEDED = 24
// What calls and answers are made of is gone with them: more room for young objects costs 25 MB and saves no time. What has
// grown old meanwhile is collected when there is half as much again: by itself Node lets hundreds of megabytes of it stand.
const MEMORY = ['--max-semi-space-size=8', '--heap-growing-percent=50']
const root = fileURLToPath(new URL('..', import.meta.url))
const own = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
const main = join(root, 'src', 'main.ts')
// What Node has compiled once it need not compile at the next start: half the time, and 30 MB that the compiler takes.
// Where the folder may not be written Node goes on without it.
process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'lockstep')

function refuse(message) {
  process.stderr.write(`lockstep: ${message}\n`)
  process.exit(2)
}

if (!existsSync(join(root, 'node_modules', 'commander')))
  refuse(`its packages are not installed\n  → run "npm ci" in ${root}`)

const current = Number(process.versions.node.split('.')[0])
const program = existsSync(own) ? realpathSync(own) : process.execPath
if (program === process.execPath) {
  if (current < NEEDED)
    refuse(
      `Node ${process.versions.node} is too old, and no newer one came with the packages\n` +
        `  → run "npm ci" in ${root}, which brings its own Node, or use Node ${NEEDED} or later`,
    )
  const { enableCompileCache } = await import('node:module')
  enableCompileCache()
  await import(main)
} else {
  // The channel tells the child when this process is gone, even when it was killed.
  const child = spawn(program, [...MEMORY, main, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  })
  // A terminal sends its signals to both; one sent to this process alone has to be passed on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  child.on('error', (error) => refuse(`Node could not be started: ${error.message}\n  → run "npm ci" in ${root}`))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 1)
  })
}
