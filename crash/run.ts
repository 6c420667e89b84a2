/** One run: a first sync and people at work, so many deaths, a rest, and the verdict of the demo's judge. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { writeConfiguration, type Configuration } from '../demo/configuration.ts'
import { registerHook } from '../demo/hook.ts'
import { startService, statusOf, type Status } from '../demo/service.ts'
import { startSystems } from '../demo/systems-process.ts'
import { judge } from '../demo/verdict.ts'
import { peopleOf } from './people.ts'
import { chanceOf, pointsFor, wordsOf } from './points.ts'
import { liveUntil, openLog } from './victim.ts'
import { openWire } from './wire.ts'

export interface Options {
  readonly kills: number
  readonly seed: number
  readonly say: (words: string) => void
  readonly signal: AbortSignal
}

export interface Summary {
  readonly ok: boolean
  readonly kills: number
  readonly lost: number
  readonly duplicated: number
  readonly stale: number
  readonly misplaced: number
  readonly disordered: number
  readonly held: number
  readonly items: number
  readonly deeds: number
  /** How many died where they were told to; the others died at a random moment. */
  readonly atPoints: number
  /** Of them within transactions of the store. */
  readonly inStore: number
  /** Of how many different sorts those points were. */
  readonly kinds: number
  readonly seed: number
  readonly seconds: number
}

/** Without any progress: more than a kind's settle time, which is waited for before an open write is given up. */
const REST_MS = 240_000
/** Nobody's mass deletion: the brake has tests of its own. */
const NO_BRAKE = `    brake:
      deletes: { at_least: 100000 }
      writes: { at_least: 100000 }
`

export async function run({ kills, seed, say, signal }: Options): Promise<Summary> {
  const began = performance.now()
  const chance = chanceOf(seed)
  const systems = await startSystems(false)
  const wire = await openWire(systems.ready)
  const evening = new AbortController()
  try {
    const between = { ...systems.ready, chat: wire.chat, forum: wire.forum }
    const configuration = await writeConfiguration(between, NO_BRAKE)
    await registerHook(systems.ready, configuration.hook)
    const log = openLog(join(configuration.folder, 'lockstep.log'))
    const people = peopleOf(systems, chance)
    const work = people.work(AbortSignal.any([signal, evening.signal]))
    const met = new Map<string, number>()
    let atPoints = 0
    let inStore = 0
    for (const [index, point] of pointsFor(kills, chance).entries()) {
      signal.throwIfAborted()
      const death = await liveUntil(point, configuration.path, wire, log)
      const words = death.met ? wordsOf(point) : 'at any moment'
      met.set(words, (met.get(words) ?? 0) + 1)
      if (death.met && point.at !== 'any') atPoints += 1
      if (death.met && point.at === 'store') inStore += 1
      const missed = death.met ? '' : ` (${wordsOf(point)} did not come)`
      say(`${String(index + 1).padStart(4)}  ${words.padEnd(28)} after ${Math.round(death.livedMs)} ms${missed}`)
    }
    evening.abort()
    await work
    const status = await rest(configuration, signal)
    const found = await judge(systems.ready, [])
    for (const list of [found.lost, found.duplicates, found.echoes, found.stale, found.misplaced, found.disordered])
      for (const { system, place, ref, text, why } of list)
        say(`  ${system} ${place} ${ref}: ${JSON.stringify(text)} (${why})`)
    const held = status.flows.reduce((sum, flow) => sum + flow.held + flow.conflicts, 0)
    const ok = found.ok && held === 0
    if (ok) rmSync(configuration.folder, { recursive: true, force: true })
    else say(`The store and the log are in ${configuration.folder}`)
    return {
      ok,
      kills,
      lost: found.lost.length,
      duplicated: found.duplicates.length + found.echoes.length,
      stale: found.stale.length,
      misplaced: found.misplaced.length,
      disordered: found.disordered.length,
      held,
      items: found.items,
      deeds: people.deeds(),
      atPoints,
      inStore,
      kinds: met.size,
      seed,
      seconds: Math.round((performance.now() - began) / 1000),
    }
  } finally {
    evening.abort()
    wire.close()
    await systems.stop()
  }
}

/** Lets a service that nobody kills come to rest; answers what it then says of itself. */
async function rest(configuration: Configuration, signal: AbortSignal): Promise<Status> {
  const service = await startService(configuration, () => undefined)
  let until = performance.now() + REST_MS
  let left = Infinity
  try {
    for (;;) {
      signal.throwIfAborted()
      const status = await statusOf(configuration)
      const stepped = status.flows.every((flow) => flow.in_step_at !== null)
      // What was read last may be two polls old.
      if (stepped && isQuiet(status)) {
        await pause(2500, undefined, { signal })
        const later = await statusOf(configuration)
        if (isQuiet(later)) return later
      }
      const now = status.flows.reduce((sum, flow) => sum + flow.due + flow.open, status.inbox)
      if (now < left) until = performance.now() + REST_MS
      left = now
      if (performance.now() > until) throw new Error(`it did not come to rest: ${status.verdict}`)
      await pause(500, undefined, { signal })
    }
  } finally {
    await service.stop()
  }
}

/** An edit in the forum whose webhook met a dead process is found by the audit, which each start brings forward. */
function isQuiet({ inbox, flows, connections }: Status): boolean {
  return (
    inbox === 0 &&
    flows.every((flow) => flow.due === 0 && flow.open === 0) &&
    connections.every(({ listing }) => listing === 0)
  )
}
