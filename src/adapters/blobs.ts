/** Blobs in a folder: each under its digest, put there whole by a rename. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { TooLarge, type Blob, type Blobs, type Folders, type Bytes } from '../connector/blobs.ts'
import { ConnectorError } from '../connector/failure.ts'

const PARTIAL = '.partial'
const DIGEST = /^[0-9a-f]{64}$/

export function createFolders(): Folders {
  const known = new Map<string, Blobs>()
  return {
    at(path) {
      const blobs = known.get(path) ?? folderBlobs(path)
      known.set(path, blobs)
      return blobs
    },
  }
}

/**
 * The first put takes the folder over: what an earlier process began and did not finish is removed, so one process at a
 * time may put. The folder is made by it as well.
 */
export function folderBlobs(folder: string): Blobs {
  let swept: Promise<void> | null = null
  let puts = 0
  const pathOf = (digest: string): string => {
    if (!DIGEST.test(digest)) throw new TypeError('this is no digest')
    return join(folder, digest)
  }
  return {
    async put(bytes, limit) {
      await known((swept ??= sweep(folder)))
      await known(mkdir(folder, { recursive: true, mode: 0o700 }))
      puts += 1
      const partial = join(folder, `${puts}${PARTIAL}`)
      try {
        const blob = await write(partial, bytes, limit)
        await known(rename(partial, pathOf(blob.digest)).then(() => synced(folder)))
        return blob
      } catch (error) {
        await rm(partial, { force: true })
        throw error
      }
    },
    async get(digest) {
      const path = pathOf(digest)
      return (await known(unlessMissing(stat(path), null))) === null ? null : read(path)
    },
    drop: (digest) => known(rm(pathOf(digest), { force: true })),
    async *digests() {
      for (const name of await known(unlessMissing(readdir(folder), []))) if (DIGEST.test(name)) yield name
    },
  }
}

async function sweep(folder: string): Promise<void> {
  const names = await unlessMissing(readdir(folder), [])
  for (const name of names) if (name.endsWith(PARTIAL)) await rm(join(folder, name), { force: true })
}

async function write(path: string, bytes: Bytes, limit: number): Promise<Blob> {
  const hash = createHash('sha256')
  let size = 0
  const file = await known(open(path, 'w', 0o600))
  try {
    for await (const piece of bytes) {
      size += piece.length
      if (size > limit) throw new TooLarge(limit)
      hash.update(piece)
      await known(file.writeFile(piece))
    }
    await known(file.sync())
  } finally {
    await file.close()
  }
  return { digest: hash.digest('hex'), size }
}

/** A rename lasts once its folder is on the disk. */
async function synced(folder: string): Promise<void> {
  const handle = await open(folder)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function* read(path: string): AsyncGenerator<Uint8Array> {
  const stream: AsyncIterable<Buffer> = createReadStream(path)
  yield* stream
}

async function unlessMissing<T, U>(work: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await work
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise
    throw error
  }
}

/** A full or broken disk is a trouble that passes: nothing was sent to anybody. */
async function known<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    throw new ConnectorError('unavailable', `files cannot be kept: ${words}`, { noEffect: true })
  }
}
