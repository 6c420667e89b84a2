import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test, type TestContext } from 'node:test'
import { systemClock } from '../../src/adapters/clock.ts'
import { systemRandom } from '../../src/adapters/random.ts'
import { openOwnedStore, type OwnedStore } from '../../src/service/owned-store.ts'
import { folder } from '../store/folder.ts'

const SECRET = 'what a person signed in with'
const NAME = 'connection/chat/refresh_token'
const PLACE = { row: `secret/${NAME}`, column: 'sealed' }

interface Kept {
  readonly path: string
  open(): Promise<OwnedStore>
}

function keptAt(place: string): Kept {
  const path = join(place, 'lockstep.db')
  return {
    path,
    async open() {
      const sealing = { from: 'file', path: `${path}.key` } as const
      const owned = await openOwnedStore({ path, sealing, clock: systemClock, random: systemRandom, thread: false })
      if (typeof owned === 'string') throw new Error(owned)
      return owned
    },
  }
}

/** A store with one secret in it. */
async function keptIn(t: TestContext): Promise<Kept> {
  const kept = keptAt(folder(t))
  const first = await kept.open()
  const sealed = first.ring.seal(SECRET, PLACE, systemRandom.hex(12))
  await first.store.putSecret({ name: NAME, sealed, now: 1 })
  await first.close()
  return kept
}

async function secretIn({ store, ring }: OwnedStore): Promise<string> {
  return ring.open((await store.getSecret({ name: NAME })) ?? '', PLACE)
}

/** After a restart. */
async function secretKept(kept: Kept): Promise<string> {
  const owned = await kept.open()
  try {
    return await secretIn(owned)
  } finally {
    await owned.close()
  }
}

/** While it lasts, nobody else writes to the store. */
function writing(path: string): { end(): void } {
  const other = new DatabaseSync(path)
  other.exec('BEGIN IMMEDIATE')
  return {
    end() {
      other.exec('ROLLBACK')
      other.close()
    },
  }
}

// Seen red: when both wrote their next key at once, the file held the one and the store was sealed with the other.
test('two rotations that are asked for at once come one after the other, and the store opens with its file', async (t) => {
  const kept = await keptIn(t)
  const owned = await kept.open()
  await Promise.all([owned.rotate(null), owned.rotate(null)])
  assert.equal(await secretIn(owned), SECRET)
  await owned.close()
  assert.equal(await secretKept(kept), SECRET)
})

// Seen red: when the next key sealed from the beginning, what was sealed after the failure was lost with the restart,
// and the second try could not open what the first key had sealed.
test('a rotation that the store refuses changes nothing: what is sealed after it opens, after a restart and after another try', async (t) => {
  const kept = await keptIn(t)
  const owned = await kept.open()
  const before = owned.ring.keyId
  const other = writing(kept.path)
  await assert.rejects(owned.rotate(null), { code: 'store-locked' })
  other.end()
  assert.equal(owned.ring.keyId, before)
  const sealed = owned.ring.seal('refreshed', PLACE, systemRandom.hex(12))
  await owned.store.putSecret({ name: NAME, sealed, now: 2 })
  const ended = folder(t)
  cpSync(dirname(kept.path), ended, { recursive: true })
  assert.equal(await secretKept(keptAt(ended)), 'refreshed')

  assert.notEqual(await owned.rotate(null), before)
  assert.equal(await secretIn(owned), 'refreshed')
  await owned.close()
  assert.equal(await secretKept(kept), 'refreshed')
})
