/** The file system, as far as configuration and tokens need it. */
import { readFileSync } from 'node:fs'

/** Null: there is no such file. Throws where it cannot be read. */
export function readFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}
