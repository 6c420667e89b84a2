/**
 * Passes in which nothing has changed, in a process of its own that owns the store: everything that is linked is read
 * anew (the pages are fetched before the clock starts), then made due and planned. Answers both times, in milliseconds.
 */
import { createFolders } from '../src/adapters/blobs.ts'
import { systemClock } from '../src/adapters/clock.ts'
import { readFile } from '../src/adapters/files.ts'
import { createHttp } from '../src/adapters/http.ts'
import { systemRandom } from '../src/adapters/random.ts'
import { loadConfig, type Config } from '../src/config/index.ts'
import { connectors } from '../src/connectors/index.ts'
import { NO_DATABASES, type Page } from '../src/connector/index.ts'
import { AUDIT } from '../src/engine/buckets.ts'
import { observe } from '../src/engine/feeds.ts'
import { pass } from '../src/engine/pass.ts'
import { createStrands } from '../src/engine/strands.ts'
import { sessionOf, type World } from '../src/engine/world.ts'
import { assemble, type Assembly } from '../src/service/assembly.ts'
import { createCredentials } from '../src/service/credentials.ts'
import { openOwnedStore } from '../src/service/owned-store.ts'

const TIMES = Number(process.argv[3] ?? 7)

const { config } = loadConfig({ path: process.argv[2] ?? '', readFile, env: {}, connectors })
if (config === null) throw new Error('the configuration has problems')
const http = createHttp(() => undefined)
const ports = {
  clock: systemClock,
  random: systemRandom,
  http,
  databases: NO_DATABASES,
  folders: createFolders(),
  log: () => undefined,
  learned: () => undefined,
  tell: () => Promise.resolve(null),
  skew: () => new Map<string, number>(),
}
const owned = await openOwnedStore({
  path: config.store,
  sealing: config.sealing,
  clock: systemClock,
  random: systemRandom,
  thread: true,
})
if (owned === 'held' || owned === 'none') throw new Error('another process owns the store')
const credentials = createCredentials(config, owned, ports)
const assembly = await assemble({ config, owned, ports, credentials }, () => undefined)
const { world } = assembly.engine
/** In milliseconds: by the clock, and of processor time in all threads, which other work on the machine does not add to. */
interface Took {
  readonly ms: number
  readonly cpuMs: number
}
const read: Took[] = []
const planned: Took[] = []
// The first turn finds cold code.
for (let turn = -1; turn < TIMES; turn += 1) {
  const [reading, planning] = [await timeToRead(world, config), await timeToPlan(assembly)]
  if (turn >= 0) read.push(reading)
  if (turn >= 0) planned.push(planning)
}
await owned.close()
http.close()
process.send?.({ read, planned })
process.disconnect?.()

function stopwatch(): () => Took {
  const began = performance.now()
  const cpu = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(cpu)
    return { ms: performance.now() - began, cpuMs: (user + system) / 1000 }
  }
}

async function timeToRead(world: World, config: Config): Promise<Took> {
  const pages: { connection: string; feed: string; scope: string; pages: Page[] }[] = []
  for (const { id } of config.connections) {
    const session = sessionOf(world, id)
    session.actor ??= await session.probe()
    for (const { feed, scope } of await world.store.listings({ connection: id })) {
      const listed: Page[] = []
      const declared = session.setup.connector.feeds[feed]
      if (declared === undefined) continue
      for await (const page of declared.list(session.call(scope, AUDIT, [scope]), null)) listed.push(page)
      pages.push({ connection: id, feed, scope, pages: listed })
    }
  }
  const stop = stopwatch()
  for (const { connection, feed, scope, pages: listed } of pages) {
    const { run } = await world.store.beginListing({ connection, feed, scope, now: world.clock.now() })
    for (const { changes, cursor, complete } of listed) {
      const listing = { feed, scope, run, position: cursor, complete: complete === true }
      const { changed } = await observe(world, { connection, readAt: world.clock.now(), changes, listing })
      if (changed > 0) throw new Error(`${changed} items of ${connection} changed`)
    }
  }
  return stop()
}

async function timeToPlan({ model: { flows }, engine: { world } }: Assembly): Promise<Took> {
  let took: Took = { ms: 0, cpuMs: 0 }
  for (const model of flows) {
    const { flow, specs: pairs } = model
    for (const { scopes } of await world.store.instances({ flow: flow.id }))
      await world.store.replan({ flow: flow.id, scopes, pairs, now: world.clock.now() })
    const strands = createStrands(world, (error) => {
      throw error
    })
    const stop = stopwatch()
    while ((await pass(world, model, strands, [])).handled > 0)
      if (strands.busy > 0) throw new Error('something had changed')
    const { ms, cpuMs } = stop()
    took = { ms: took.ms + ms, cpuMs: took.cpuMs + cpuMs }
  }
  return took
}
