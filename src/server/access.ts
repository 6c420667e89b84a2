/** Who may speak to the control listener: programs of this machine that can read a file of the service's user. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { EXIT, UserError } from '../words/errors.ts'
import { codeOf, messageOf } from '../store/errors.ts'

/** The token in the file at `path`, which is made where it is missing. `fresh`: what it then holds. */
export function controlToken(path: string, fresh: string): string {
  const token = tokenIn(path, fresh)
  if (token === null || token.length < 32) throw exposed(path)
  return token
}

/** Null: others can read it. */
function tokenIn(path: string, fresh: string): string | null {
  try {
    makeWhereMissing(path, fresh)
    const file = openSync(path, 'r')
    try {
      if (process.platform !== 'win32' && (fstatSync(file).mode & 0o077) !== 0) return null
      return readFileSync(file, 'utf8').trim()
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw unusable(path, messageOf(error))
  }
}

function makeWhereMissing(path: string, fresh: string): void {
  try {
    writeFileSync(path, `${fresh}\n`, { flag: 'wx', mode: 0o600, flush: true })
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

function unusable(path: string, why: string): UserError {
  return new UserError({
    code: 'token-unusable',
    message: `The control token ${path} cannot be made or read: ${why}.`,
    remedy:
      'Delete it where another user made it, and let this user write in its folder; or do without it: `listen: { control: off }`.',
    exit: EXIT.configuration,
  })
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
