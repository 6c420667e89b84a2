/** The Node line before the project's own: from npm, in a folder of its own, since both bring a command of one name. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('previous-node/', import.meta.url))
const BINARY = `${FOLDER}node_modules/node/bin/node`

export const HOW = 'npm ci --prefix test/simulator/previous-node'

/** Null: it is not installed. */
export function previousNode(): string | null {
  return existsSync(BINARY) ? BINARY : null
}

/** Answers whether it is there now. */
export function installPreviousNode(): boolean {
  if (previousNode() !== null) return true
  const npm = process.env['npm_execpath']
  const [command, args] = npm === undefined ? ['npm', ['ci']] : [process.execPath, [npm, 'ci']]
  spawnSync(command, args, { cwd: FOLDER, stdio: ['ignore', 'ignore', 'inherit'] })
  return previousNode() !== null
}
