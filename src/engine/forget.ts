/** The journal is kept for a time: what is older goes, a little at once, so that nobody waits for it. */
import type { World } from './world.ts'

const EVERY_MS = 3600_000
const AT_ONCE = 500

/** Until aborted. */
export async function forget({ store, clock, settings }: World, signal: AbortSignal): Promise<void> {
  const { journalMs } = settings
  if (journalMs === null) return
  while (!signal.aborted) {
    const gone = await store.purge({ before: clock.now() - journalMs, limit: AT_ONCE })
    if (gone < AT_ONCE) await clock.sleep(EVERY_MS, signal).catch(() => undefined)
  }
}
