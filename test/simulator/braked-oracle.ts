/** P6: what the brake holds is too much. */
import { z } from 'zod'
import { DEFAULT_BRAKE, SIDES } from '../../src/core/flow.ts'
import { rowsOf } from './reasons.ts'
import type { View } from './view.ts'

const Held = z.object({
  pair: z.string(),
  side: z.enum(SIDES),
  ref: z.string(),
  action: z.string(),
  detail: z.string(),
})

export function overheld({ db, route, routes }: View): string[] {
  const held = rowsOf(
    db,
    `SELECT pair, side, ref, action, detail FROM held WHERE reason = 'brake' AND decision = 'open' AND flow = ?`,
    route.id,
  ).map((row) => Held.parse(row))
  // At least those that were made before what is held, and live still: that is asked in another way later, with the same words.
  // One that slept meanwhile may not have been alive then.
  const alive = db.prepare(
    `SELECT count(*) AS n FROM link l WHERE flow = ? AND pair = ? AND state = 'live' AND about IS NULL
       AND made_at <= (SELECT min(made_at) FROM link WHERE flow = ? AND pair = ? AND (a_ref = ? OR b_ref = ?))
       AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.link = l.id AND j.action = 'wake')`,
  )
  return held.flatMap(({ pair, side, ref, action, detail }) => {
    const counted = detail.includes('over all accounts') ? routes : [route]
    const own = side === 'a' ? [ref, null] : [null, ref]
    const links = counted.reduce(
      (sum, { id }) => sum + Number(alive.get(id, pair, route.id, pair, ...own)?.['n'] ?? 0),
      0,
    )
    const total = Number(/^\d+/.exec(detail)?.[0] ?? 0)
    const isRemoval = action === 'delete' || action === 'empty'
    const { atLeast, share } = isRemoval ? DEFAULT_BRAKE.deletes : DEFAULT_BRAKE.writes
    const isMany = total > Math.max(atLeast, Math.floor(share * links))
    const isAll = isRemoval && total >= Math.max(3, links)
    return isMany || isAll
      ? []
      : [`the brake holds to ${action} ${pair} ${ref} of ${side}, though ${total} of ${links} are not too many`]
  })
}
