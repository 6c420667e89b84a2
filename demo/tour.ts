/** The two runs of the demo: one to watch, one that ends by itself. */
import { rmSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { writeConfiguration, type Configuration } from './configuration.ts'
import { registerHook } from './hook.ts'
import { WORDS } from './limits.ts'
import { playOn, type Play } from './play.ts'
import { bar, type Screen } from './screen.ts'
import { lockstep, startService, statusOf, type Service, type Status } from './service.ts'
import { smallTalk, STORIES } from './stories.ts'
import { startSystems, type Systems } from './systems-process.ts'
import { excuses, judge, showSummary, type Summary } from './verdict.ts'

const PACE_MS = 2500
/** Longer than a first sync or a quiet moment may take here. */
const PATIENCE_MS = 90_000

interface Stage {
  readonly systems: Systems
  readonly configuration: Configuration
  readonly began: number
}

/** Goes on until it is stopped. */
export async function watch(screen: Screen, signal: AbortSignal): Promise<void> {
  const systems = await startSystems(true)
  let service: Service | null = null
  try {
    const stage = await open(systems, screen, signal, (started) => (service = started))
    const play = playOn(systems, screen, () => pause(PACE_MS, undefined, { signal }))
    for (const [index, story] of STORIES.entries()) {
      screen.head(story.title)
      await story.tell(play)
      await play.settled()
      if (index === 1) await show(screen, stage.configuration, ['status'])
      if (index === 3) await show(screen, stage.configuration, ['divergences'])
      if (index === 4) await showExplained(screen, stage.configuration, play)
      if (index === 6) await show(screen, stage.configuration, ['plan'])
    }
    screen.head('It goes on until you press Ctrl-C')
    for (;;) await smallTalk(play)
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await close(screen, systems, service)
  }
}

/** Ends by itself: everybody acts at once, then both systems are compared. */
export async function once(screen: Screen, signal: AbortSignal): Promise<Summary> {
  const systems = await startSystems(false)
  let service: Service | null = null
  try {
    const stage = await open(systems, screen, signal, (started) => (service = started))
    const play = playOn(systems, screen, () => Promise.resolve(signal.throwIfAborted()))
    screen.head(`${STORIES.length} stories at once`)
    await Promise.all(STORIES.map((story) => story.tell(play)))
    await play.settled()
    const { configuration } = stage
    const status = await untilQuiet(configuration, play.tally.declared, signal)
    await show(screen, configuration, ['status'])
    await showExplained(screen, configuration, play)
    await show(screen, configuration, ['divergences'])
    await show(screen, configuration, ['plan'])
    const excused = await excuses(configuration)
    screen.say()
    screen.say('Lockstep is told to stop (SIGTERM); then both systems are read by somebody else.')
    const code = await ended(service)
    service = null
    const found = await judge(systems.ready, excused)
    const summary = await summaryOf(stage, play, status, { ...found, ok: found.ok && code === 0 })
    showSummary(screen, summary, found)
    if (summary.ok) rmSync(configuration.folder, { recursive: true, force: true })
    return summary
  } finally {
    await close(screen, systems, service)
  }
}

async function summaryOf(
  { systems, began }: Stage,
  play: Play,
  status: Status,
  found: Awaited<ReturnType<typeof judge>>,
): Promise<Summary> {
  const { writes } = await systems.calls()
  const calls = Object.values(writes).reduce((sum, each) => sum + each, 0)
  const changes = toTravel(systems) + play.tally.travelled
  const sum = (pick: (flow: Status['flows'][number]) => number): number =>
    status.flows.reduce((total, flow) => total + pick(flow), 0)
  return {
    ok: found.ok,
    items: found.items,
    duplicates: found.duplicates.length,
    echoes: found.echoes.length,
    lost: found.lost.length,
    stale: found.stale.length,
    misplaced: found.misplaced.length,
    disordered: found.disordered.length,
    declared: found.excused.length,
    conflicts: sum(({ conflicts, settled }) => conflicts + settled),
    actions: play.tally.actions,
    changes,
    calls,
    callsPerChange: Math.round((calls / changes) * 100) / 100,
    latencyMs: { p50: status.latencyMs.p50, p99: status.latencyMs.p99 },
    seconds: Math.round((performance.now() - began) / 100) / 10,
  }
}

/** `started` is told of the service before anything else can fail, so that it is ended in any case. */
async function open(
  systems: Systems,
  screen: Screen,
  signal: AbortSignal,
  started: (service: Service) => void,
): Promise<Stage> {
  const began = performance.now()
  const { chat, forum, texts } = systems.ready
  const configuration = await writeConfiguration(systems.ready)
  screen.head('Lockstep keeps two systems saying the same thing, in both directions.')
  screen.say()
  screen.say(`  Google Chat (local)   ${chat}`)
  screen.say(`  Discourse (local)     ${forum}`)
  screen.say(`  configuration         ${configuration.path}`)
  screen.say()
  screen.say('Both were started just now and hold the history of a team: people talked in')
  screen.say(`Chat, and others in the forum; ${texts} texts of which none is on the other side yet.`)
  screen.say('Which of their real limits hold here:')
  for (const words of WORDS) screen.say(`  ${words}`)
  screen.say()
  screen.say('Each line below with a time is something that a person does in one system; the')
  screen.say('arrow tells when it stands in the other one. In a second terminal, try:')
  screen.say(`  node bin/lockstep.mjs status -c ${configuration.path}`)
  screen.head('First sync: lockstep run --yes')
  let written = 0
  const service = await startService(configuration, (event) => {
    if (event.is === 'wrote') written += 1
  })
  started(service)
  await registerHook(systems.ready, configuration.hook)
  await firstSync(screen, configuration, toTravel(systems), () => written, signal)
  return { systems, configuration, began }
}

/** Texts, and the spaces and categories that have to be made. */
function toTravel({ ready: { texts, spaces, categories } }: Systems): number {
  const ignored = new Set(['Uncategorized'])
  const alone = [...Object.keys(spaces), ...Object.keys(categories)].filter(
    (name) => !ignored.has(name) && (spaces[name] === undefined || categories[name] === undefined),
  )
  return texts + alone.length
}

async function firstSync(
  screen: Screen,
  configuration: Configuration,
  total: number,
  written: () => number,
  signal: AbortSignal,
): Promise<void> {
  const draw = (): void => screen.progress(`  ${bar(written(), total)} ${written()} of ${total} written`)
  const timer = setInterval(draw, 100)
  const began = performance.now()
  try {
    const { flows } = await until(configuration, ({ flows: [flow] }) => (flow?.in_step_at ?? null) !== null, signal)
    draw()
    screen.keep()
    const links = flows.reduce((sum, flow) => sum + flow.links, 0)
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    screen.say(`  in step after ${seconds} s: ${links} pairs of spaces, threads and messages are linked`)
  } finally {
    clearInterval(timer)
  }
}

/** Until nothing is due and everything that cannot travel is listed. */
function untilQuiet(configuration: Configuration, declared: number, signal: AbortSignal): Promise<Status> {
  return until(
    configuration,
    ({ flows, inbox }) =>
      inbox === 0 &&
      flows.every((flow) => flow.due === 0 && flow.open === 0) &&
      flows.reduce((sum, flow) => sum + flow.divergences, 0) >= declared,
    signal,
  )
}

async function until(
  configuration: Configuration,
  holds: (status: Status) => boolean,
  signal: AbortSignal,
): Promise<Status> {
  const began = performance.now()
  for (;;) {
    signal.throwIfAborted()
    const status = await statusOf(configuration)
    if (holds(status)) return status
    if (performance.now() - began > PATIENCE_MS)
      throw new Error(`it did not become quiet: ${status.verdict}; ${JSON.stringify(status.flows)}`)
  }
}

async function show(screen: Screen, configuration: Configuration, command: readonly string[]): Promise<void> {
  const { out, err } = await lockstep(configuration, ...command)
  screen.quote(`lockstep ${command.join(' ')}`, out + err, 24)
}

/** What two people edited at once has the most to tell. */
async function showExplained(screen: Screen, configuration: Configuration, play: Play): Promise<void> {
  if (play.tally.contested !== null) await show(screen, configuration, ['explain', play.tally.contested])
}

async function ended(service: Service | null): Promise<number | null> {
  return service === null ? null : service.stop()
}

async function close(screen: Screen, systems: Systems, service: Service | null): Promise<void> {
  if (service !== null) {
    const code = await service.stop()
    screen.say()
    screen.say(`Lockstep has ended (exit code ${code ?? 'none'}). Its log:`)
    screen.say(`  ${service.log}`)
  }
  await systems.stop()
}
