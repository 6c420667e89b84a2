/** The keys of a store: what its secrets are sealed with, and what markers in the systems are made with. */
import { randomBytes, type KeyObject } from 'node:crypto'
import type { SealingKey } from '../config/index.ts'
import type { Clock, Random } from '../connector/ports.ts'
import { StoreError } from '../store/errors.ts'
import { dropNextKey, loadKey, loadMarker, loadNextKey, takeNextKey, writeNextKey } from '../store/key-source.ts'
import { confirmKey, createKeyring, keyCheck, markerKey, type Keyring } from '../store/seal.ts'
import type { Store } from '../store/verbs/index.ts'

export interface Keys {
  /** Seals and opens with the key of the moment. */
  readonly ring: Keyring
  /** The same for the life of the store, whatever key seals. */
  readonly markerKey: KeyObject
  /**
   * Seals everything anew, while the store is in use; one rotation after the other. `next` null: a key is made. Answers the
   * id of the new key.
   */
  rotate(next: Uint8Array | null): Promise<string>
}

const MARKER = 'marker'

function placeOf(name: string): { row: string; column: string } {
  return { row: `secret/${name}`, column: 'sealed' }
}

/** A key is made only for a store that has none; from then on no other is taken. */
export async function openKeys(
  store: Store,
  source: SealingKey,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<Keys> {
  const first = await currentKey(store, source, random)
  /** `old`: those that something may be sealed with still. */
  let current: { readonly key: Buffer; readonly old: readonly Buffer[]; readonly ring: Keyring } = sealingWith(
    first,
    [],
  )
  const sealedMarker = await store.getSecret({ name: MARKER })
  const root =
    loadMarker(source) ??
    (sealedMarker === null ? first : Buffer.from(current.ring.open(sealedMarker, placeOf(MARKER)), 'hex'))
  const ring: Keyring = {
    get keyId() {
      return current.ring.keyId
    },
    get markerKeys() {
      return current.ring.markerKeys
    },
    seal: (plain, place, nonce) => current.ring.seal(plain, place, nonce),
    open: (envelope, place) => current.ring.open(envelope, place),
    isCurrent: (envelope) => current.ring.isCurrent(envelope),
  }
  /** The file does not hold the key yet that the store is sealed with. */
  let owed: (() => void) | null = null
  const settle = (): void => {
    owed?.()
    owed = null
  }
  const sealAll = async (by: Keyring): Promise<void> => {
    while (!(await sealAnew(store, by, root, { clock, random })));
  }
  const rotate = async (given: Uint8Array | null): Promise<string> => {
    settle()
    const { key, old } = current
    const next = Buffer.from(given ?? randomBytes(32))
    const before = ring.keyId
    if (source.from === 'file') writeNextKey(source.path, next, root)
    const after = sealingWith(next, [key, ...old])
    // Until the store is sealed with the next key the old one seals: where that fails, nothing has changed.
    current = sealingWith(key, [next, ...old])
    await sealAll(after.ring)
    current = after
    if (source.from === 'file') owed = () => takeNextKey(source.path, oldOf(source.path, before))
    settle()
    // What was sealed with the old key in the last moment.
    await sealAll(after.ring)
    current = sealingWith(next, [])
    return ring.keyId
  }
  let last: Promise<unknown> = Promise.resolve()
  return {
    ring,
    markerKey: markerKey(root),
    rotate(next) {
      const rotated = last.then(() => rotate(next))
      last = rotated.catch(() => undefined)
      return rotated
    },
  }
}

function sealingWith(key: Buffer, old: readonly Buffer[]) {
  return { key, old, ring: createKeyring(key, old) }
}

async function currentKey(store: Store, source: SealingKey, random: Random): Promise<Buffer> {
  const check = await store.getMeta({ name: 'key_check' })
  if (check === null) {
    const made = loadKey(source, randomBytes(32))
    await store.setMeta({ name: 'key_check', value: keyCheck(createKeyring(made), random.hex(12)) })
    return made
  }
  const key = loadKey(source)
  try {
    confirmKey(createKeyring(key), check)
    dropNextKey(source)
    return key
  } catch (error) {
    return interrupted(source, key, check, error)
  }
}

/** A rotation ended between the store and the key file: the store is sealed with the next key already. */
function interrupted(source: SealingKey, key: Buffer, check: string, error: unknown): Buffer {
  const next = error instanceof StoreError && error.code === 'wrong-key' ? loadNextKey(source) : null
  if (next === null || source.from !== 'file') throw error
  confirmKey(createKeyring(next), check)
  takeNextKey(source.path, oldOf(source.path, createKeyring(key).keyId))
  return next
}

function oldOf(path: string, keyId: string): string {
  return `${path}.old-${keyId}`
}

async function sealAnew(
  store: Store,
  ring: Keyring,
  root: Buffer,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<boolean> {
  const known = (await store.secrets(undefined)).filter(({ name }) => name !== MARKER)
  const marker = await store.getSecret({ name: MARKER })
  const seal = (name: string, plain: string): string => ring.seal(plain, placeOf(name), random.hex(12))
  const secrets = known.map(({ name, sealed }) => ({
    name,
    was: sealed,
    sealed: seal(name, ring.open(sealed, placeOf(name))),
  }))
  return store.reseal({
    secrets: [...secrets, { name: MARKER, was: marker, sealed: seal(MARKER, root.toString('hex')) }],
    check: keyCheck(ring, random.hex(12)),
    now: clock.now(),
  })
}
