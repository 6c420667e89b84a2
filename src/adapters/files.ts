/** The file system, as far as commands need it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { messageOf } from '../store/errors.ts'
import { cannotRead, cannotWrite } from '../words/errors.ts'

/** Null: there is no such file. Throws a user error where it cannot be read. */
export function readFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw cannotRead(path, messageOf(error))
  }
}

/** Texts may be of a company's own: only this user may read them. Throws a user error where it cannot be written. */
export function writeFile(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600 })
  } catch (error) {
    throw cannotWrite(path, messageOf(error))
  }
}
