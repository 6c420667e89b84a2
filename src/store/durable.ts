/** What makes a file survive a power cut: its bytes, and its name in the folder. */
import { closeSync, fsyncSync, openSync } from 'node:fs'
import { codeOf } from './errors.ts'

export function syncFile(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Where a system cannot sync a folder (Windows, some network file systems), nothing is done. */
export function syncFolder(path: string): void {
  let folder
  try {
    folder = openSync(path, 'r')
    fsyncSync(folder)
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EINVAL', 'ENOTSUP'].includes(codeOf(error) ?? '')) throw error
  } finally {
    if (folder !== undefined) closeSync(folder)
  }
}
