/** P6: what the brake holds is too much. */
import { z } from 'zod'
import { DEFAULT_BRAKE } from '../../src/core/flow.ts'
import { rowsOf } from './reasons.ts'
import type { View } from './view.ts'

const Held = z.object({ pair: z.string(), action: z.string(), detail: z.string(), since: z.number() })

export function overheld({ db, route, routes }: View): string[] {
  const held = rowsOf(
    db,
    `SELECT pair, action, detail, since FROM held WHERE reason = 'brake' AND decision = 'open' AND flow = ?`,
    route.id,
  ).map((row) => Held.parse(row))
  // Those that are alive now and were made before. One that slept meanwhile may not have been alive then.
  const alive = db.prepare(
    `SELECT count(*) AS n FROM link l WHERE flow = ? AND pair = ? AND state = 'live' AND about IS NULL AND made_at <= ?
       AND NOT EXISTS (SELECT 1 FROM journal j WHERE j.link = l.id AND j.action = 'wake')`,
  )
  return held.flatMap(({ pair, action, detail, since }) => {
    const counted = detail.includes('over all accounts') ? routes : [route]
    const links = counted.reduce((sum, { id }) => sum + Number(alive.get(id, pair, since)?.['n'] ?? 0), 0)
    const total = Number(/^\d+/.exec(detail)?.[0] ?? 0)
    const isRemoval = action === 'delete' || action === 'empty'
    const { atLeast, share } = isRemoval ? DEFAULT_BRAKE.deletes : DEFAULT_BRAKE.writes
    const isMany = total > Math.max(atLeast, Math.floor(share * links))
    const isAll = isRemoval && total >= Math.max(3, links)
    return isMany || isAll
      ? []
      : [`the brake holds ${action}s of ${pair}, though ${total} of ${links} are not too many`]
  })
}
