/** Runs operations and the service over the store that a configuration names. */
import { alreadyRunning, EXIT, UserError } from '../words/errors.ts'
import type { Shell } from '../cli/shell.ts'
import { eventLevel, eventWords } from '../words/events.ts'
import type { Config } from '../config/index.ts'
import type { EngineEvent } from '../engine/world.ts'
import { serveSocket } from '../server/socket.ts'
import { aloneOperations } from './alone.ts'
import type { SystemPorts } from './ports.ts'
import { assemble, assembleUnstarted, type Assembly } from './assembly.ts'
import type { Context } from './context.ts'
import { createCredentials } from './credentials.ts'
import { createHub } from './hub.ts'
import type { Operations } from './operations.ts'
import type { OwnedStore } from './owned-store.ts'
import { runService } from './service.ts'
import { openAccess, socketOf } from './store-access.ts'

export interface SystemOptions {
  readonly ports: SystemPorts
  readonly release: string
  readonly signal: AbortSignal
  /** Wraps work that ends by itself when `signal` aborts. */
  readonly busy: <T>(work: () => Promise<T>) => Promise<T>
}

export type System = Pick<Shell, 'operate' | 'serve'>

export function createSystem(options: SystemOptions): System {
  const { ports, release, busy } = options
  const access = (config: Config, create: boolean, thread: boolean) =>
    openAccess({ config, clock: ports.clock, random: ports.random, release, create, thread })
  return {
    async operate(config, create, work) {
      const found = await access(config, create, false)
      if (found.is === 'remote') return await work(found.operations)
      return await busy(() => operateAlone(options, config, found.owned, create, work))
    },
    async serve(config, { approve, ready, event }) {
      const found = await access(config, true, true)
      if (found.is === 'remote') throw await occupied(found.operations, config)
      const hub = createHub<EngineEvent>()
      const isRepeated = createRepeats()
      hub.listen((each) => {
        const words = eventWords(each, config)
        if (words !== null) ports.log(isRepeated(each) ? 'debug' : eventLevel(each), words, { event: each })
        event(each)
      })
      const { owned } = found
      const credentials = createCredentials(config, owned, ports)
      const context = { config, owned, ports, credentials, hub, signal: options.signal }
      options.signal.addEventListener('abort', () => ports.log('info', ENDING), { once: true })
      for (const { message, remedy } of config.notices) ports.log('warn', message, { remedy })
      await busy(async () => {
        try {
          await runService(context, {
            release,
            approve,
            ready(listeners) {
              sayReady(ports, listeners)
              ready(listeners)
            },
          })
          ports.log('info', 'ended: nothing was lost, and nothing is under way')
        } finally {
          await found.owned.close()
        }
      })
    },
  }
}

/** The same trouble at the same place is news once, until something goes well there or another trouble comes. */
function createRepeats(): (event: EngineEvent) => boolean {
  const known = new Map<string, string>()
  return (event) => {
    if (event.is === 'read' || event.is === 'listed')
      for (const where of known.keys()) if (where.split(' ')[0] === event.connection) known.delete(where)
    if (event.is !== 'trouble') return false
    const again = known.get(event.where) === event.failure
    known.set(event.where, event.failure)
    return again
  }
}

const ENDING =
  'ending: calls under way, and those that wait for a limit, are finished first; a second signal ends it at once'

function sayReady(
  { log }: SystemPorts,
  { webhooks, control }: Parameters<Parameters<Shell['serve']>[1]['ready']>[0],
): void {
  if (webhooks !== null) log('info', `webhooks are taken at ${webhooks}/webhooks/<connection>`)
  if (control !== null) log('info', `control at ${control}`)
  log('info', 'running; Ctrl-C ends it')
}

async function occupied(operations: Operations, config: Config): Promise<UserError> {
  if ((await operations.status()).running) return alreadyRunning(config.store)
  return new UserError({
    code: 'store-in-use',
    message: `Another command is at work on the store ${config.store}.`,
    remedy: 'Let it end, then start the service.',
    exit: EXIT.failed,
  })
}

async function operateAlone<T>(
  { ports, release, signal }: SystemOptions,
  config: Config,
  owned: OwnedStore,
  serves: boolean,
  work: (operations: Operations) => Promise<T>,
): Promise<T> {
  const hub = createHub<EngineEvent>()
  let assembly: Promise<Assembly> | null = null
  const context: Context = {
    config,
    owned,
    ports,
    credentials: createCredentials(config, owned, ports),
    hub,
    signal,
    running: false,
    assembly: () => (assembly ??= assemble(context, hub.tell)),
    renew() {
      assembly = null
      return Promise.resolve()
    },
    listeners: () => ({ webhooks: null, control: null }),
    trouble: () => null,
  }
  const operations = aloneOperations(context, assembleUnstarted(context).model)
  let socket: { close(): Promise<void> } | null = null
  try {
    // What others may ask meanwhile; a second engine beside this one would write everything twice.
    if (serves)
      socket = await serveSocket({ operations: onlyReading(operations), path: socketOf(config.beside), release })
    return await work(operations)
  } finally {
    await socket?.close()
    await owned.close()
  }
}

/** An engine at work would plan what a backfill wants as from before its start, and leave it where it is. */
function onlyReading(operations: Operations): Operations {
  const refuse = (): Promise<never> =>
    Promise.reject(
      new UserError({
        code: 'store-in-use',
        message: 'Another command is at work on this store.',
        remedy: 'Let it end, and try again; "lockstep run" takes commands at any time.',
        exit: EXIT.failed,
      }),
    )
  return {
    ...operations,
    plan: refuse,
    sync: refuse,
    apply: refuse,
    undo: refuse,
    check: refuse,
    probe: refuse,
    backfill: refuse,
  }
}
