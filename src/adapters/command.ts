/** Runs a person's own command. */
import { spawn } from 'node:child_process'

const PATIENCE_MS = 30_000

/**
 * Hands it a text on stdin, without a shell and without this process's variables, among which are secrets. Null: it
 * ended well; else why not. One that takes longer than `patienceMs` is killed, whatever it makes of signals.
 */
export function tellCommand(
  [program, ...rest]: readonly [string, ...string[]],
  text: string,
  patienceMs = PATIENCE_MS,
): Promise<string | null> {
  return new Promise((resolve) => {
    const env = Object.fromEntries(['PATH', 'HOME', 'LANG'].map((name) => [name, process.env[name]]))
    const bounds = { timeout: patienceMs, killSignal: 'SIGKILL' } as const
    const child = spawn(program, rest, { stdio: ['pipe', 'ignore', 'ignore'], env, ...bounds })
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(code === 0 ? null : `it ended with ${signal ?? String(code)}`))
    // A command that does not read is not at fault.
    child.stdin.on('error', () => undefined)
    child.stdin.end(text)
  })
}
