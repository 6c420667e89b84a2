/** Secrets at rest, sealed by the caller. */
import { z } from 'zod'
import { setMeta } from './flows.ts'
import type { Sql } from './rows.ts'

const SecretRow = z.object({ name: z.string(), sealed: z.string() })

export function secrets(sql: Sql): readonly z.infer<typeof SecretRow>[] {
  return sql
    .get('SELECT name, sealed FROM secret ORDER BY name')
    .all()
    .map((row) => SecretRow.parse(row))
}

export interface Reseal {
  readonly secrets: readonly { readonly name: string; readonly was: string | null; readonly sealed: string }[]
  /** By which a later start knows the key. */
  readonly check: string
  readonly now: number
}

/** All of them, or none: answers false where one has changed since it was read. */
export function reseal(sql: Sql, { secrets: resealed, check, now }: Reseal): boolean {
  const known = new Map(secrets(sql).map(({ name, sealed }) => [name, sealed]))
  const isSame = resealed.every(({ name, was }) => (known.get(name) ?? null) === was)
  if (!isSame || [...known.keys()].some((name) => !resealed.some((each) => each.name === name))) return false
  for (const { name, sealed } of resealed)
    sql
      .get(
        'INSERT INTO secret (name, sealed, at) VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed, at = excluded.at',
      )
      .run(name, sealed, now)
  setMeta(sql, { name: 'key_check', value: check })
  return true
}
