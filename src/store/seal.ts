/** Secrets at rest: AES-256-GCM, bound to the place that they are kept in. */
import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { StoreError } from './errors.ts'

/** Where a sealed text is kept. Opened elsewhere it counts as tampered with: a secret cannot be moved to another row. */
export interface Place {
  /** The row, with its table: 'connections/jira'. */
  readonly row: string
  readonly column: string
}

export interface Keyring {
  /** The id of the key that seals. */
  readonly keyId: string
  /** The keys to make and know markers with (markerKey), the current one first. */
  readonly markerKeys: readonly KeyObject[]
  /**
   * The envelope `v1.<keyId>.<nonce>.<ciphertext>.<tag>`. `nonce`: 12 random bytes as hex, new for every envelope: a
   * nonce that is used twice with one key gives both secrets away.
   */
  seal(plain: string, place: Place, nonce: string): string
  /** Throws a StoreError: wrong-key where no key of the ring sealed it, tampered where one did but it is not as sealed. */
  open(envelope: string, place: Place): string
  /** Whether the current key sealed it; what an old key sealed is to be sealed anew. */
  isCurrent(envelope: string): boolean
}

const keyBytes = 32
const nonceBytes = 12
const tagBytes = 16

interface RingKey {
  readonly id: string
  readonly sealing: KeyObject
  readonly marker: KeyObject
}

/** `old`: keys that may still open, for as long as something sealed with them is left. */
export function createKeyring(current: Uint8Array, old: readonly Uint8Array[] = []): Keyring {
  const first = ringKey(current)
  const keys = [first, ...old.map(ringKey)]
  return {
    keyId: first.id,
    markerKeys: keys.map((key) => key.marker),
    seal: (plain, place, nonce) => seal(first, plain, place, nonce),
    open(envelope, place) {
      const parts = envelope.split('.')
      const key = keys.find(({ id }) => id === parts[1])
      if (parts.length !== 5 || parts[0] !== 'v1') throw new StoreError('tampered', `in ${place.row} ${place.column}`)
      if (key === undefined) throw new StoreError('wrong-key', `in ${place.row} ${place.column}`)
      return open(key, parts, place)
    },
    isCurrent: (envelope) => envelope.startsWith(`v1.${first.id}.`),
  }
}

/** The key that markers in other systems are signed with; it says nothing about the key it is derived from. */
export function markerKey(key: Uint8Array): KeyObject {
  return derive(key, 'lockstep marker v1')
}

const checkPlace: Place = { row: 'meta', column: 'key_check' }
const checkText = 'lockstep'

/** An envelope to keep in the store, by which a later start knows whether it was given the right key. */
export function keyCheck(ring: Keyring, nonce: string): string {
  return ring.seal(checkText, checkPlace, nonce)
}

/** Throws a StoreError where the ring does not hold the key that the store's secrets are sealed with. */
export function confirmKey(ring: Keyring, envelope: string): void {
  if (ring.open(envelope, checkPlace) !== checkText) throw new StoreError('tampered', 'the key check')
}

function ringKey(key: Uint8Array): RingKey {
  if (key.length !== keyBytes) throw new StoreError('key-malformed', `it has ${key.length} bytes`)
  const id = createHmac('sha256', key).update('lockstep key id v1').digest('hex').slice(0, 8)
  return { id, sealing: derive(key, 'lockstep seal v1'), marker: markerKey(key) }
}

/** A key object, because printing one does not show the key. */
function derive(key: Uint8Array, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', key, '', purpose, keyBytes)))
}

/** What an envelope is bound to, in a form in which no two places are alike. */
function binding(keyId: string, { row, column }: Place): Buffer {
  return Buffer.from(JSON.stringify(['v1', keyId, row, column]))
}

function seal(key: RingKey, plain: string, place: Place, nonce: string): string {
  if (!/^[0-9a-f]{24}$/.test(nonce)) throw new TypeError(`A nonce is ${nonceBytes} bytes in hex`)
  const iv = Buffer.from(nonce, 'hex')
  const cipher = createCipheriv('aes-256-gcm', key.sealing, iv, { authTagLength: tagBytes })
  cipher.setAAD(binding(key.id, place))
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
  const parts = [iv, sealed, cipher.getAuthTag()].map((bytes) => bytes.toString('base64url'))
  return ['v1', key.id, ...parts].join('.')
}

function open(key: RingKey, parts: readonly string[], place: Place): string {
  const [iv, sealed, tag] = parts.slice(2).map((part) => Buffer.from(part, 'base64url'))
  try {
    const canonical = [iv, sealed, tag].every((bytes, i) => bytes?.toString('base64url') === parts[i + 2])
    if (!canonical) throw new Error('not as it was written')
    if (iv?.length !== nonceBytes || tag?.length !== tagBytes || sealed === undefined) throw new Error('cut short')
    const decipher = createDecipheriv('aes-256-gcm', key.sealing, iv, { authTagLength: tagBytes })
    decipher.setAAD(binding(key.id, place))
    decipher.setAuthTag(tag)
    return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8')
  } catch (error) {
    throw new StoreError('tampered', `in ${place.row} ${place.column}`, error)
  }
}
