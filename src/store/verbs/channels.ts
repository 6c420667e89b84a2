/** Where systems were asked to send their webhooks: what is open, what is to be, and what came by it. */
import { z } from 'zod'
import type { Sql } from './rows.ts'

const Row = z.object({
  id: z.string(),
  connection: z.string(),
  scope: z.string(),
  address: z.string(),
  handle: z.string().nullable(),
  state: z.enum(['opening', 'open', 'closing']),
  opened_at: z.number(),
  expires_at: z.number().nullable(),
  renew_at: z.number().nullable(),
  heard_at: z.number().nullable(),
  tries: z.number(),
  not_before: z.number(),
  failing_since: z.number().nullable(),
  why: z.string(),
})

export interface Channel {
  readonly id: string
  readonly connection: string
  readonly scope: string
  readonly address: string
  /** By which its system knows it; null: that is not told yet. */
  readonly handle: string | null
  readonly state: 'opening' | 'open' | 'closing'
  readonly openedAt: number
  readonly expiresAt: number | null
  readonly renewAt: number | null
  readonly heardAt: number | null
  /** How often opening, renewing or closing it failed in a row. */
  readonly tries: number
  readonly notBefore: number
  readonly failingSince: number | null
  readonly why: string
}

/** Of a connection, or of all. */
export function channels(sql: Sql, { connection }: { readonly connection: string | null }): Channel[] {
  const rows =
    connection === null
      ? sql.get('SELECT * FROM channel ORDER BY connection, scope, opened_at, id').all()
      : sql.get('SELECT * FROM channel WHERE connection = ? ORDER BY scope, opened_at, id').all(connection)
  return rows.map((row) => channelOf(Row.parse(row)))
}

function channelOf(row: z.infer<typeof Row>): Channel {
  const { opened_at, expires_at, renew_at, heard_at, not_before, failing_since, ...same } = row
  return {
    ...same,
    openedAt: opened_at,
    expiresAt: expires_at,
    renewAt: renew_at,
    heardAt: heard_at,
    notBefore: not_before,
    failingSince: failing_since,
  }
}

/** As it is now; when it was last heard of is noted by what comes. `instead`: the one whose place it takes. */
export function putChannel(
  sql: Sql,
  { channel, instead = null }: { readonly channel: Channel; readonly instead?: string | null },
): null {
  if (instead !== null) dropChannel(sql, { id: instead })
  const { id, connection, scope, address, handle, state, openedAt, expiresAt, renewAt } = channel
  const { tries, notBefore, failingSince, why } = channel
  sql
    .get(
      `INSERT INTO channel (id, connection, scope, address, handle, state, opened_at, expires_at, renew_at, tries, not_before, failing_since, why)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET handle = coalesce(excluded.handle, channel.handle), state = excluded.state, expires_at = excluded.expires_at,
         renew_at = excluded.renew_at, tries = excluded.tries, not_before = excluded.not_before, failing_since = excluded.failing_since, why = excluded.why`,
    )
    .run(
      id,
      connection,
      scope,
      address,
      handle,
      state,
      openedAt,
      expiresAt,
      renewAt,
      tries,
      notBefore,
      failingSince,
      why,
    )
  return null
}

export function dropChannel(sql: Sql, { id }: { readonly id: string }): null {
  sql.get('DELETE FROM channel WHERE id = ?').run(id)
  return null
}

export interface HearChannel {
  readonly connection: string
  readonly id: string
  readonly address: string
  /** As the message tells it; null: it does not. */
  readonly handle: string | null
  readonly now: number
}

/** Notes that a message came. False: the channel is known no more, or is to go; where its handle is told it is closed. */
export function hearChannel(sql: Sql, { connection, id, address, handle, now }: HearChannel): boolean {
  const known = sql.get('SELECT state FROM channel WHERE id = ? AND connection = ?').get(id, connection)
  if (known !== undefined) {
    sql.get('UPDATE channel SET heard_at = ?, handle = coalesce(handle, ?) WHERE id = ?').run(now, handle, id)
    return known['state'] !== 'closing'
  }
  if (handle !== null) putChannel(sql, { channel: { ...GONE, id, connection, address, handle, openedAt: now } })
  return false
}

const GONE = {
  scope: '',
  state: 'closing',
  expiresAt: null,
  renewAt: null,
  heardAt: null,
  tries: 0,
  notBefore: 0,
  failingSince: null,
  why: '',
} as const

/** Wants what is open renewed now: of a connection, or all. Answers how many that are. */
export function renewChannels(
  sql: Sql,
  { connection, now }: { readonly connection: string | null; readonly now: number },
): number {
  const of = connection === null ? '' : ' AND connection = ?'
  const rest = connection === null ? [] : [connection]
  sql.get(`UPDATE channel SET not_before = 0 WHERE state = 'opening'${of}`).run(...rest)
  const renewed = sql.get(`UPDATE channel SET renew_at = ?, not_before = 0 WHERE state = 'open'${of}`)
  return Number(renewed.run(now, ...rest).changes)
}
