/** Randomness fit for keys and nonces. */
import { randomBytes } from 'node:crypto'
import type { Random } from '../connector/ports.ts'

export const systemRandom: Random = {
  next: () => randomBytes(6).readUIntBE(0, 6) / 2 ** 48,
  hex: (bytes) => randomBytes(bytes).toString('hex'),
}
