/** The files of a made-up system: their bytes carry the token of whoever made them, whatever their names. */
import { createHash } from 'node:crypto'
import { tokenIn } from './ledger.ts'

/** A file as an item shows it, and as the engine may be told of it. */
export interface Attached {
  readonly ref: string
  readonly name: string
  readonly size: number
  readonly digest: string
}

export class Depot {
  private readonly bytes = new Map<string, string>()
  private readonly answers = new Map<string, Attached>()
  /** What the engine sent, and whether an item ever showed it. */
  readonly uploads = new Map<string, { readonly token: number; placed: boolean }>()

  add(name: string, bytes: string): Attached {
    const ref = `f${this.bytes.size + 1}`
    this.bytes.set(ref, bytes)
    return { ref, name, size: bytes.length, digest: createHash('sha256').update(bytes).digest('hex') }
  }

  /** What was sent, as it was answered. */
  sent(ref: string): Attached | null {
    return this.answers.get(ref) ?? null
  }

  upload(name: string, bytes: string): Attached {
    const file = this.add(name, bytes)
    this.answers.set(file.ref, file)
    this.uploads.set(file.ref, { token: tokenIn(bytes) ?? 0, placed: false })
    return file
  }

  read(ref: string): string | null {
    return this.bytes.get(ref) ?? null
  }

  tokenOf(ref: string): number | null {
    return tokenIn(this.bytes.get(ref) ?? '')
  }

  place(files: readonly Attached[]): void {
    for (const { ref } of files) {
      const known = this.uploads.get(ref)
      if (known !== undefined) known.placed = true
    }
  }
}

/** No two tokens have bytes of one length, so that a size tells as much as a digest. */
export function bytesOf(token: number): string {
  return `t${token} `.padEnd(40 + token, '.')
}
