/** Blobs in memory, which outlive the processes of a simulated machine. */
import { createHash } from 'node:crypto'
import { TooLarge, type Blobs } from '../connector/blobs.ts'

export function memoryBlobs(): Blobs & { readonly kept: ReadonlyMap<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>()
  return {
    kept,
    async put(bytes, limit) {
      const pieces: Uint8Array[] = []
      let size = 0
      for await (const piece of bytes) {
        size += piece.length
        if (size > limit) throw new TooLarge(limit)
        pieces.push(piece)
      }
      const whole = Buffer.concat(pieces)
      const digest = createHash('sha256').update(whole).digest('hex')
      kept.set(digest, whole)
      return { digest, size }
    },
    get: (digest) => {
      const found = kept.get(digest)
      return Promise.resolve(found === undefined ? null : inPieces(found))
    },
    drop: (digest) => {
      kept.delete(digest)
      return Promise.resolve()
    },
    async *digests() {
      yield* kept.keys()
    },
  }
}

/** So that whoever takes them for one piece is found out. */
export async function* inPieces(bytes: Uint8Array, size = 16): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}
