/** Webhook signatures: computed over the raw bytes and compared in constant time. */
import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * Whether `given` is the HMAC of `body` in lower- or upper-case hex, after `prefix` ("sha256=").
 * An absent or malformed signature is false, never an error.
 */
export function hmacMatches(
  body: Buffer,
  secret: string | Buffer,
  given: string | undefined,
  { prefix = '', algorithm = 'sha256' }: { prefix?: string; algorithm?: string } = {},
): boolean {
  if (given === undefined || !given.startsWith(prefix)) return false
  const expected = createHmac(algorithm, secret).update(body).digest()
  const hex = given.slice(prefix.length)
  if (!/^[0-9a-fA-F]*$/.test(hex) || hex.length !== expected.length * 2) return false
  return timingSafeEqual(Buffer.from(hex, 'hex'), expected)
}
