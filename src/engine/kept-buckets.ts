/** The buckets that there are: as an earlier process left them, and kept for a later one. */
import type { Limit } from '../connector/connector.ts'
import type { Clock, Draws } from '../connector/ports.ts'
import type { Level } from '../store/verbs/levels.ts'
import { fresh, idOf, left, toKeep, type Bucket } from './bucket.ts'

/** Where levels outlive the process. `keep` never fails. */
export interface Levels {
  load(): Promise<readonly Level[]>
  keep(levels: readonly Level[]): Promise<void>
}

export interface KeptBuckets {
  /** Resolves once what an earlier process left is known: before anything is drawn. */
  loaded(): Promise<void>
  of(draws: Draws): Bucket[]
  known(id: string): Bucket | undefined
  /** Keeps what changed of these, as far as what was kept no longer holds: one commit at a time. */
  note(changed: readonly Bucket[]): void
  /** Resolves when what was noted is kept. */
  settled(): Promise<void>
}

export function keptBuckets(clock: Clock, limitOf: (bucket: string) => Limit | null, levels: Levels): KeptBuckets {
  const buckets = new Map<string, Bucket>()
  const stale = new Map<string, Level>()
  let loading: Promise<void> | null = null
  let keeping: Promise<void> | null = null

  const load = async (): Promise<void> => {
    for (const [id, kept] of Map.groupBy(await levels.load(), ({ name }) => name)) {
      const limit = limitOf(id.split(' ')[0] ?? '')
      if (limit !== null) buckets.set(id, left(id, kept, limit, clock.now()))
    }
  }

  const keep = (): void => {
    if (keeping !== null || stale.size === 0) return
    const next = [...stale.values()]
    stale.clear()
    keeping = levels.keep(next).finally(() => {
      keeping = null
      keep()
    })
  }

  return {
    loaded: () => (loading ??= load()),
    of: (draws) =>
      Object.entries(draws).flatMap(([name, whose]) => {
        const limit = limitOf(name)
        if (limit === null) return []
        const id = idOf(name, whose)
        let bucket = buckets.get(id)
        if (bucket === undefined) buckets.set(id, (bucket = fresh(id, limit)))
        return [bucket]
      }),
    known: (id) => buckets.get(id),
    note(changed) {
      for (const bucket of changed) {
        const kept = toKeep(bucket, clock.now())
        if (kept === null) continue
        bucket.kept = kept
        stale.set(bucket.id, { name: bucket.id, ...kept })
      }
      keep()
    },
    async settled() {
      while (keeping !== null) await keeping
    },
  }
}
