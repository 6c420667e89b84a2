/** Worlds of a product with three accounts. */
import { FILE_DEEDS } from './attachments.ts'
import { CALENDAR } from './calendar.ts'
import { between, type Chance } from './chance.ts'
import { OWN, type FlowPlan } from './flow.ts'
import { OPERATOR_DEEDS, PEOPLE_DEEDS } from './people.ts'
import type { PlannedDeed, Scenario } from './scenario.ts'
import type { Place } from './shape.ts'
import type { Deed } from './users.ts'

const MINUTE = 60_000

/**
 * A product: `a` holds what is of three accounts, each in a room of its own, and each account has a system of its own.
 * Threads change hands, and often somebody cleans up at `a`, or thins out what is of each.
 */
export function withAccounts(chance: Chance, scenario: Scenario): Scenario {
  const { faults, playMs, shapes } = scenario
  const plain = { series: false, files: null, people: null }
  const changes = chance.chance(0.8)
    ? ({ threads: 'headed', moves: true, empties: true, retentionMin: null } as const)
    : {}
  const flow: FlowPlan = { ...scenario.flow, rooms: 'pinned', filters: false }
  const own = (side: Place): Place => (side === 'b' ? chance.pick(OWN) : side)
  const deeds = scenario.deeds
    .filter(({ deed }) => !ALONE.has(deed))
    .map((deed): PlannedDeed => ({ ...deed, side: own(deed.side) }))
  const add = (deed: Deed, at: number | null, side: Place = 'a'): void => {
    deeds.push({ n: 10_000 + deeds.length, at, side, deed })
  }
  for (const side of [...OWN, 'a', 'a', 'a'] as const) add('thread', null, side)
  if (changes.moves) for (let left = between(chance, 2, 10); left > 0; left -= 1) add('move', chance.int(playMs))
  if (chance.chance(0.3)) {
    for (let left = 30; left > 0; left -= 1) add('reply', null)
    for (const share of [0.4, 0.5, 0.6]) add('purge', Math.round(playMs * share))
  }
  const dead = chance.chance(0.35) ? { place: chance.pick(OWN), from: chance.int(playMs) } : null
  const thinned = chance.chance(0.6)
  if (thinned) {
    for (let left = 30; left > 0; left -= 1) add('reply', null)
    add('thin-out', Math.round(playMs * 0.4))
  }
  return {
    ...scenario,
    shapes: {
      a: { ...shapes.a, ...plain, ...changes },
      b: { ...shapes.b, ...plain },
      c: { ...shapes.c, ...plain },
      d: { ...shapes.d, ...plain },
    },
    flow: thinned ? { ...flow, direction: 'both', onDelete: { ...flow.onDelete, a: 'delete' } } : flow,
    accounts: { dead },
    faults: { ...faults, spells: faults.spells.map((spell) => ({ ...spell, side: own(spell.side) })) },
    auditMs: Math.min(scenario.auditMs, 30 * MINUTE),
    deeds,
  }
}

/** What only some worlds of one flow have. */
const ALONE: ReadonlySet<Deed> = new Set<Deed>([
  ...CALENDAR,
  ...FILE_DEEDS,
  ...PEOPLE_DEEDS,
  ...OPERATOR_DEEDS,
  'enclose',
  'aside',
  'delete-room',
])
