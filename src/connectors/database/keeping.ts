import type { Blob, Bytes } from '../../connector/index.ts'

/** A place where the bytes of files are kept for good. */
export interface Kept {
  /** As a person knows the place. */
  readonly at: string
  /** Again, it changes nothing. */
  keep(blob: Blob, bytes: () => Bytes): Promise<void>
  /** Null: they are not here. */
  open(digest: string): Promise<Bytes | null>
}
