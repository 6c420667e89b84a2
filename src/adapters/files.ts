/** The file system, as far as commands need it. */
import { readFileSync, writeFileSync } from 'node:fs'

/** What editors on Windows begin a file with: it is no part of the text. */
const MARK = /^\uFEFF/

/** Null: there is no such file. Throws where it cannot be read. */
export function readFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').replace(MARK, '')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** Texts may be of a company's own: only this user may read them. */
export function writeFile(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600 })
}
