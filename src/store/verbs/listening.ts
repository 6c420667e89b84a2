/** When a connection was last listened to, and when it last sent a webhook. */
import { z } from 'zod'
import type { Sql } from './rows.ts'

const Row = z.object({ last_webhook: z.number().nullable(), listened_at: z.number().nullable() })

export interface Listened {
  readonly lastWebhook: number | null
  /** Null: never, or no process has noted it yet. */
  readonly listenedAt: number | null
}

export function listened(sql: Sql, { connection }: { readonly connection: string }): Listened {
  const row = sql.get('SELECT last_webhook, listened_at FROM connection WHERE id = ?').get(connection)
  if (row === undefined) return { lastWebhook: null, listenedAt: null }
  const { last_webhook, listened_at } = Row.parse(row)
  return { lastWebhook: last_webhook, listenedAt: listened_at }
}

export function noteListening(
  sql: Sql,
  { connection, now }: { readonly connection: string; readonly now: number },
): null {
  sql.get('UPDATE connection SET listened_at = ? WHERE id = ?').run(now, connection)
  return null
}
