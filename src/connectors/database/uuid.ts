/** The key of a new row, from the key of the intent that makes it: the same at every try. */
import { createHash } from 'node:crypto'

/** Version 8 (RFC 9562): what it is made from is the maker's affair. */
export function uuidOf(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex')
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
