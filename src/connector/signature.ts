/** What webhooks show: signatures, computed over the raw bytes, and secrets; compared in constant time. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

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

/** Whether a secret was shown as it is. Takes as long whatever is given, and however long it is. */
export function secretMatches(given: string, secret: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(secret))
}
