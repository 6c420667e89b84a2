/**
 * The list of changes that Airtable keeps for a webhook. One without an address sends nothing and is read by a cursor of the
 * reader's own, so everybody who wants the same shares one: none is left behind by a lost answer or a lost store.
 */
import { canonical, type Json } from '../../connector/index.ts'
import type { Api } from './api.ts'
import { webhook, webhooks } from './wire.ts'

/** All changes of records, whoever makes them. */
export const SPECIFICATION: Json = { options: { filters: { dataTypes: ['tableData'] } } }

/** Airtable keeps changes for so long, and a webhook that nobody reads. */
export const KEPT_MS = 7 * 24 * 3600_000

export function hooksPath({ config }: Api, ...rest: readonly string[]): string {
  return [`/v0/bases/${config.base}/webhooks`, ...rest].join('/')
}

export interface Place {
  readonly hook: string
  /** The number of the next change. */
  readonly next: number
}

/** Where the list is now. */
export async function beginning(api: Api): Promise<Place> {
  const { webhooks: all } = await api.client.get(hooksPath(api), { as: webhooks })
  const now = api.clock.now()
  const shared = all.find(
    ({ notificationUrl, isHookEnabled, expirationTime, specification }) =>
      (notificationUrl ?? null) === null &&
      isHookEnabled &&
      (expirationTime == null || Date.parse(expirationTime) > now) &&
      canonical(specification) === canonical(SPECIFICATION),
  )
  if (shared !== undefined) return { hook: shared.id, next: shared.cursorForNextPayload }
  const { id } = await api.client.post(hooksPath(api), { body: { specification: SPECIFICATION }, as: webhook })
  return { hook: id, next: 1 }
}
