/** Where the bytes of files are kept while they travel, and for good where somebody wants that. */

/** Bytes on their way, piece by piece: never a whole file in memory. */
export type Bytes = AsyncIterable<Uint8Array>

/** SHA-256 of the bytes, lower-case hex. */
export type Digest = string

export interface Blob {
  readonly digest: Digest
  readonly size: number
}

/**
 * Bytes by their own digest. What is put is durable before `put` answers, and nobody sees a part of it; the same bytes
 * twice are one. What cannot be kept or read is a `ConnectorError`.
 */
export interface Blobs {
  /** Takes no more than `limit` bytes: `TooLarge` otherwise. An error of `bytes` passes through, and nothing is kept. */
  put(bytes: Bytes, limit: number): Promise<Blob>
  /** Null: it is not here. */
  get(digest: Digest): Promise<Bytes | null>
  /** Also where there is none. */
  drop(digest: Digest): Promise<void>
  /** All that is kept. */
  digests(): AsyncIterable<Digest>
}

/** Folders of the user's own, as a connector reaches them. */
export interface Folders {
  /** One for a path, however often it is asked for; it is made by the first `put`. */
  at(path: string): Blobs
}

export const NO_FOLDERS: Folders = {
  at(path) {
    throw new Error(`no folder is reached here: ${path}`)
  },
}

/** It has more bytes than are taken. */
export class TooLarge extends Error {
  constructor(limit: number) {
    super(`it has more than ${limit} bytes`)
    this.name = 'TooLarge'
  }
}
