import type { Blob } from '../../connector/index.ts'

/** No bytes, and their SHA-256. */
export const NOTHING: Blob = {
  digest: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  size: 0,
}
