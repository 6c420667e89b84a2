/** The real engine over a store, a clock and a network that a test hands in. */
import { compileFlows, flowAt } from '../../src/config/flows.ts'
import { flowSchema } from '../../src/config/flow-schema.ts'
import type { Configured } from '../../src/connector/index.ts'
import { NO_FOLDERS } from '../../src/connector/blobs.ts'
import { NO_TOKENS } from '../../src/connector/runtime.ts'
import { NO_DATABASES } from '../../src/connector/sql.ts'
import type { Delivery } from '../../src/emulators/emulator.ts'
import { createEngine, type Engine } from '../../src/engine/engine.ts'
import { modelOf, type ConnectionSetup, type Model } from '../../src/engine/model.ts'
import { DEFAULT_SETTINGS, type Ports } from '../../src/engine/world.ts'
import { markerKey } from '../../src/store/seal.ts'
import type { Store } from '../../src/store/verbs/index.ts'
import { memoryBlobs } from '../../src/testing/memory-blobs.ts'

export const MARKER_KEY = markerKey(Buffer.alloc(32, 7))

/** What is not given is nowhere: no database, no folder, no sign-in, no log. */
export type Given = Pick<Ports, 'clock' | 'random' | 'http' | 'store' | 'events'> & Partial<Ports>

export function engineOf(given: Given, model: Model, process: number): Engine {
  return createEngine(
    {
      databases: NO_DATABASES,
      folders: NO_FOLDERS,
      log: () => undefined,
      blobs: memoryBlobs(),
      markerKey: MARKER_KEY,
      tokens: () => NO_TOKENS,
      ...given,
    },
    model,
    DEFAULT_SETTINGS,
    process,
  )
}

/** An engine that keeps these flows, as the configuration writes them, in step; each is approved. */
export async function flowing(
  settings: { readonly [flow: string]: unknown },
  setups: readonly ConnectionSetup[],
  given: Given,
): Promise<Engine> {
  const { clock, store } = given
  const parsed = Object.entries(settings).map(([id, flow]) => [id, flowSchema.parse(flow)])
  const known = new Map(setups.map(({ id, connector }) => [id, connector]))
  const { flows, findings } = compileFlows(Object.fromEntries(parsed), known)
  if (findings.length > 0) throw new Error(JSON.stringify(findings))
  const { process } = await store.start({
    now: clock.now(),
    flows: flows.map(({ flow: { id, title } }) => ({ id, title, fingerprint: id })),
    connections: setups.map(({ id, connector }) => ({ id, connector: connector.name })),
  })
  const begun = flows.map((each) => flowAt(each, new Date(clock.now()).toISOString()))
  const engine = engineOf(given, modelOf(begun, setups), process)
  for (const { id } of begun) await store.approve({ flow: id, now: clock.now() })
  return engine
}

export interface Taker {
  readonly connection: string
  readonly connector: Configured
  readonly secret: string
  readonly store: Store
  readonly now: () => number
  readonly wake: () => void
}

/** Takes a delivery as the listener does: verified, read for hints, committed, and only then answered. */
export async function take({ headers, body }: Delivery, taker: Taker): Promise<number> {
  const { connection, connector, secret, store } = taker
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  const request = { headers: lower, body: Buffer.from(body) }
  if (connector.webhook?.verify(request, secret) !== true) return 401
  const hints = connector.webhook.hints(request).map((hint) => ({ ...hint, kind: hint.kind ?? '' }))
  await store.receive({ connection, hints, now: taker.now() })
  taker.wake()
  return 200
}
