/** Keys of intents: authenticated, the same for every try, another for every incarnation. */
import { createHmac, type KeyObject } from 'node:crypto'
import type { Identity } from './state.ts'

const DIGITS = '0123456789abcdefghijklmnopqrstuv'

/** 40 characters of lower-case base32hex over (flow, source identity, incarnation). */
export function createKey(markerKey: KeyObject, flow: string, source: Identity, incarnation: number): string {
  return keyOf(markerKey, [flow, source.connection, source.kind, source.ref, incarnation])
}

/** The same of a correction about an item. */
export function correctionKey(markerKey: KeyObject, flow: string, about: Identity, incarnation: number): string {
  return keyOf(markerKey, [flow, about.connection, about.kind, about.ref, incarnation, 'correction'])
}

/** The same of a file that is copied from an item. */
export function fileKey(markerKey: KeyObject, flow: string, item: Identity, file: string): string {
  return keyOf(markerKey, [flow, item.connection, item.kind, item.ref, file, 'file'])
}

/** What a channel's messages have to show: known again though the store is lost. */
export function channelSecret(markerKey: KeyObject, connection: string, id: string): string {
  return keyOf(markerKey, [connection, id, 'channel'])
}

function keyOf(markerKey: KeyObject, parts: readonly (string | number)[]): string {
  const text = JSON.stringify(parts)
  return base32hex(createHmac('sha256', markerKey).update(text).digest().subarray(0, 25))
}

/** Whether an engine like this one made it, whosever. */
export function isKey(text: string | null): boolean {
  return text !== null && /^[0-9a-v]{40}$/.test(text)
}

/** Tells an installation from others; nobody learns of the key from it. */
export function installationId(markerKey: KeyObject): string {
  return fingerprint(markerKey, 'installation')
}

/** What was shown to a person, so that an approval binds to exactly that. */
export function fingerprint(markerKey: KeyObject, shown: string): string {
  return base32hex(createHmac('sha256', markerKey).update(shown).digest().subarray(0, 15))
}

function base32hex(bytes: Buffer): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += DIGITS[(value >> bits) & 31]
    }
  }
  return bits === 0 ? text : text + DIGITS[(value << (5 - bits)) & 31]
}
