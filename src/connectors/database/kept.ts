/** Where the bytes of files are kept for good, each under its digest. */
import { ConnectorError, TooLarge, type Blobs, type Draws, type Runtime } from '../../connector/index.ts'
import type { DatabaseConfig } from './config.ts'
import type { Kept } from './keeping.ts'
import { bucketOf, storageOf } from './storage.ts'

export function keptIn({ files, filesKey = '', filesSecret = '' }: DatabaseConfig, runtime: Runtime): Kept | null {
  if (files === undefined) return null
  if ('folder' in files) return inFolder(files.folder, runtime.folders.at(files.folder))
  return storageOf({ ...files, key: filesKey, secret: filesSecret }, runtime)
}

/** A folder costs no call. */
export function storageDraws({ files }: Pick<DatabaseConfig, 'files'>): readonly Draws[] {
  return files === undefined || 'folder' in files ? [] : [bucketOf(files)]
}

function inFolder(folder: string, blobs: Blobs): Kept {
  return {
    at: folder,
    async keep({ digest, size }, bytes) {
      const kept = await blobs.put(bytes(), size).catch((error: unknown) => {
        throw error instanceof TooLarge ? cutShort() : error
      })
      if (kept.digest !== digest) throw cutShort()
    },
    open: (digest) => blobs.get(digest),
  }
}

function cutShort(): ConnectorError {
  return new ConnectorError('unavailable', 'its bytes did not arrive as they were sent', { noEffect: true })
}
