/**
 * Tables that keep what the API told of each row: the connections from which flows come then tell it, without being asked
 * twice.
 */
import { z } from 'zod'
import type { Connectors } from '../connectors/index.ts'
import { optionsOf } from './connection-options.ts'

const RAW = 'raw'

const Written = z.looseObject({
  connections: z.record(z.string(), z.unknown()),
  flows: z.record(z.string(), z.unknown()),
})
const Flow = z.looseObject({ between: z.tuple([z.string(), z.string()]) })
const Options = z.record(z.string(), z.unknown())
const Asking = z.looseObject({ ingest: z.looseObject({ [RAW]: z.literal(true) }) })

/** The configuration with that option, where the file does not give it. */
export function withRaw(data: unknown, connectors: Connectors): unknown {
  const parsed = Written.safeParse(data)
  if (!parsed.success) return data
  const { connections, flows } = parsed.data
  const asks = (id: string): boolean => Asking.safeParse(connections[id]).success
  const asked = new Set(
    Object.values(flows).flatMap((each) => {
      const { success, data: flow } = Flow.safeParse(each)
      if (!success) return []
      const [one, two] = flow.between
      return [...(asks(two) ? [one] : []), ...(asks(one) ? [two] : [])]
    }),
  )
  const filled = Object.entries(connections).map(([id, written]) => {
    const options = asked.has(id) ? Options.safeParse(written).data : undefined
    const isTold = options !== undefined && !(RAW in options) && tells(options['connector'], connectors)
    return [id, isTold ? { ...options, [RAW]: true } : written]
  })
  return asked.size === 0 ? data : { ...parsed.data, connections: Object.fromEntries(filled) }
}

function tells(name: unknown, connectors: Connectors): boolean {
  const connector = typeof name === 'string' ? connectors.get(name) : undefined
  return connector !== undefined && optionsOf(connector).some((each) => each.name === RAW)
}
