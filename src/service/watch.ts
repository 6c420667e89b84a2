/** Notices silence: what a person should know is logged once when it begins and once when it is over, and told to a command. */
import { z } from 'zod'
import type { Context } from './context.ts'
import type { Alert } from './operations.ts'
import { currentStatus } from './planning.ts'

const LOOK_MS = 5000
const META = 'alerts'
const Known = z.array(z.object({ id: z.string(), message: z.string(), since: z.number().nullable() }))

/** Looks until it is closed. What was known before a restart is no news. */
export function startWatch(context: Context): { close(): Promise<void> } {
  const end = new AbortController()
  const watching = watch(context, AbortSignal.any([context.signal, end.signal]))
  return {
    close() {
      end.abort()
      return watching
    },
  }
}

async function watch(context: Context, signal: AbortSignal): Promise<void> {
  const { ports } = context
  let failed = false
  while (!signal.aborted) {
    try {
      await look(context)
      failed = false
    } catch (error) {
      // The store may be out of reach for a while; the service says so by itself.
      if (!failed)
        ports.log('warn', `nobody can be told now: ${error instanceof Error ? error.message : String(error)}`)
      failed = true
    }
    await ports.clock.sleep(LOOK_MS, signal).catch(() => undefined)
  }
}

async function look(context: Context): Promise<void> {
  const { owned, ports } = context
  const text = await owned.store.getMeta({ name: META })
  const before: readonly Alert[] = text === null ? [] : Known.parse(JSON.parse(text))
  const { alerts: now, verdict } = await currentStatus(context)
  const began = now.filter(({ id }) => !before.some((each) => each.id === id))
  const ended = before.filter(({ id }) => !now.some((each) => each.id === id))
  if (began.length === 0 && ended.length === 0) return
  for (const { message } of began) ports.log('warn', message)
  for (const { message } of ended) ports.log('info', `over: ${message}`)
  await owned.store.setMeta({ name: META, value: JSON.stringify(now) })
  await tell(context, { at: new Date(ports.clock.now()).toISOString(), verdict, began, ended, now })
}

/** A command that fails is logged, and not tried again: the next change tells it what is so by then. */
async function tell({ config, ports }: Context, news: object): Promise<void> {
  if (config.notify === null) return
  const why = await ports.tell(config.notify, `${JSON.stringify(news)}\n`)
  if (why !== null) ports.log('warn', `the command that is to be told failed: ${why}`, { command: config.notify[0] })
}
