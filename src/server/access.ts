/** Who may speak to the control listener: programs of this machine that can read a file of the service's user. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { EXIT, UserError } from '../words/errors.ts'
import { codeOf } from '../store/errors.ts'

/** The token in the file at `path`, which is made where it is missing. `fresh`: what it then holds. */
export function controlToken(path: string, fresh: string): string {
  try {
    writeFileSync(path, `${fresh}\n`, { flag: 'wx', mode: 0o600, flush: true })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
  const file = openSync(path, 'r')
  try {
    if (process.platform !== 'win32' && (fstatSync(file).mode & 0o077) !== 0) throw exposed(path)
    const token = readFileSync(file, 'utf8').trim()
    if (token.length < 32) throw exposed(path)
    return token
  } finally {
    closeSync(file)
  }
}

function exposed(path: string): UserError {
  return new UserError({
    code: 'token-exposed',
    message: `The control token in ${path} is not private: others can read it, or it is too short.`,
    remedy: 'Delete the file; a new one is made at the next start.',
    exit: EXIT.configuration,
  })
}

/** Compares in constant time, whatever the lengths. */
export function isToken(given: string | undefined, token: string): boolean {
  const bearer = /^Bearer (.+)$/i.exec(given ?? '')?.[1] ?? ''
  return timingSafeEqual(digest(bearer), digest(token))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
