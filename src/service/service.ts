/** The service: listeners first, then the engine, until it is told to stop. */
import { userError } from '../words/errors.ts'
import { channelSecret } from '../core/key.ts'
import type { Engine } from '../engine/engine.ts'
import { controlServer } from '../server/control.ts'
import { controlToken } from '../server/access.ts'
import { listen, type Listening } from '../server/listen.ts'
import { serveSocket } from '../server/socket.ts'
import { webhookServer } from '../server/webhooks.ts'
import { StoreError } from '../store/errors.ts'
import { assemble, type Assembly } from './assembly.ts'
import { chosenFlows, type Context } from './context.ts'
import { besideStore } from './owned-store.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { currentStatus, isReadable, unapproved } from './planning.ts'
import { createProbes } from './probing.ts'
import { createSignIns, type SignIns } from './signing-in.ts'
import { runningOperations } from './running.ts'
import { socketOf } from './store-access.ts'
import { startWatch } from './watch.ts'
import type { Status } from './operations.ts'

export interface ServiceOptions {
  readonly release: string
  /** Approves first syncs once they are planned. */
  readonly approve: boolean
  /** Called when everything listens. */
  readonly ready: (listeners: Status['listeners']) => void
}

/** What a failing disk may recover from by itself. */
const PASSING: ReadonlySet<string> = new Set(['store-full', 'store-locked', 'store-failed'])
const RETRY_MS = 15_000

/** Resolves when `context.signal` has aborted and the calls in flight are done. */
export async function runService(
  base: Omit<Context, 'running' | 'assembly' | 'renew' | 'listeners' | 'trouble'>,
  options: ServiceOptions,
) {
  const { config, hub, signal } = base
  const urls = { webhooks: null as string | null, control: null as string | null }
  let trouble: string | null = null
  const renewal = createRenewal()
  const metrics = createMetrics()
  hub.listen(metrics.note)
  let assembly = await assemble(base, hub.tell)
  const context: Context = {
    ...base,
    running: true,
    assembly: () => Promise.resolve(assembly),
    renew: () => renewal.ask(),
    listeners: () => urls,
    trouble: () => trouble,
  }
  const open: { close(): Promise<void> }[] = []
  try {
    const signIns = createSignIns(context, (connection) => assembly.engine.reconnect(connection))
    open.push(signIns)
    const webhooks = await openWebhooks(context, () => assembly.engine, signIns, metrics)
    if (webhooks !== null) open.push(webhooks)
    urls.webhooks = webhooks?.url ?? null
    const probes = createProbes(context)
    // What a probe made is removed before the store is given up.
    open.push({ close: probes.ended })
    const operations = runningOperations(context, assembly, probes, signIns)
    const control = await openControl(context, operations, metrics)
    if (control !== null) open.push(control)
    urls.control = control?.url ?? null
    open.push(await serveSocket({ operations, path: socketOf(config.beside), release: options.release }))
    options.ready(urls)
    open.push(startWatch(context))
    if (options.approve) void approveWhenRead(context, signal)
    await keepRunning(context, {
      current: () => assembly,
      renewal,
      renew: (next) => (assembly = next),
      tell: (words) => (trouble = words),
    })
  } finally {
    await Promise.all(open.map((each) => each.close()))
  }
}

async function openWebhooks(
  { config, owned, ports }: Context,
  engine: () => Engine,
  signIns: SignIns,
  metrics: Metrics,
): Promise<Listening | null> {
  const { webhooks, maxBody, maxPerMinute, publicUrl } = config.listen
  if (webhooks === null) return null
  const server = webhookServer({
    connections: config.connections,
    store: owned.store,
    now: () => ports.clock.now(),
    log: ports.log,
    wake: () => engine().hinted(),
    refused: metrics.refused,
    astray: () => engine().world.bell.ring('channel'),
    channelSecret: (connection, id) => channelSecret(owned.markerKey, connection, id),
    browsers: publicUrl === null ? null : { publicUrl, signIns },
    maxBody,
    maxPerMinute,
  })
  return await listen(server, { ...webhooks, what: 'the webhook listener', option: 'listen.webhooks' })
}

async function openControl(
  { config, ports }: Context,
  operations: Parameters<typeof controlServer>[0]['operations'],
  metrics: Metrics,
): Promise<Listening | null> {
  const { control } = config.listen
  if (control === null) return null
  const token = controlToken(besideStore(config.beside, '.token'), ports.random.hex(32))
  let port = 0
  const server = controlServer({
    operations,
    assertFlow: (flow) => void chosenFlows(config, flow),
    token,
    log: ports.log,
    metrics: metrics.text,
    port: () => port,
  })
  const listening = await listen(server, { ...control, what: 'the control listener', option: 'listen.control' })
  port = listening.port
  return listening
}

interface Life {
  current(): Assembly
  readonly renewal: Renewal
  renew(next: Assembly): void
  /** Says what keeps the engine from working; null: nothing any more. */
  tell(trouble: string | null): void
}

/** Ends the engine's run so that the next one begins with another model; resolves when that one is there. */
interface Renewal {
  readonly isAsked: boolean
  ask(): Promise<void>
  /** The next run has begun. */
  begin(): AbortSignal
}

function createRenewal(): Renewal {
  let end = new AbortController()
  let waiting: (() => void)[] = []
  return {
    get isAsked() {
      return waiting.length > 0
    },
    ask: () =>
      new Promise((resolve) => {
        waiting.push(resolve)
        end.abort()
      }),
    begin() {
      end = new AbortController()
      for (const resolve of waiting) resolve()
      waiting = []
      return end.signal
    },
  }
}

/** A disk that is full for a while must not end the service: it answers 503 meanwhile, and goes on after. */
async function keepRunning(context: Context, { current, renewal, renew, tell }: Life): Promise<void> {
  const { ports, hub, signal } = context
  for (let failed = false; !signal.aborted;) {
    try {
      if (failed || renewal.isAsked) renew(await assemble(context, hub.tell))
      failed = false
      tell(null)
      await current().engine.run(AbortSignal.any([signal, renewal.begin()]))
    } catch (error) {
      if (signal.aborted || !(error instanceof StoreError) || !PASSING.has(error.code)) throw error
      failed = true
      tell(`the engine waits: ${error.message}`)
      ports.log('error', error.message, { code: error.code, remedy: error.remedy })
      await ports.clock.sleep(RETRY_MS, signal).catch(() => undefined)
    }
  }
}

/** Approves each first sync as soon as both of its sides were read. */
async function approveWhenRead(context: Context, signal: AbortSignal): Promise<void> {
  const { owned, ports, config } = context
  try {
    for (;;) {
      const assembly = await context.assembly()
      const { bell } = assembly.engine.world
      const { rung } = bell
      const waiting = await unapproved(context, chosenFlows(config, null))
      if (waiting.length === 0) return
      const status = await currentStatus(context)
      for (const flow of waiting)
        if (isReadable(status, assembly, flow)) {
          await owned.store.approve({ flow, now: ports.clock.now() })
          ports.log('info', `${flow}: the first sync begins`)
          assembly.engine.wake()
        }
      await bell.wait(rung, ports.clock.now() + 1000, signal)
    }
  } catch (error) {
    if (!signal.aborted) ports.log('error', `approving failed: ${userError(error)?.message ?? String(error)}`)
  }
}
