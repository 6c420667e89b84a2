/** Variables by which other programs call the same thing: they give an option that the file does not. */
import { z } from 'zod'
import type { Connectors } from '../connectors/index.ts'
import { templateOf } from './accounts.ts'
import { optionsOf, takesSecret } from './connection-options.ts'
import { placeOf } from './problem.ts'

/** An option that a variable gave. */
export interface Alias {
  /** 'connections.chat.client_id' */
  readonly place: string
  readonly variable: string
}

const SEALING_KEY = 'TOKENS_ENCRYPTION_KEY'
const WEBHOOK_SECRET = 'WEBHOOK_SECRET'

/** Where rows go, in the words of services that copy into tables: by value, the connector. */
export const BACKEND = 'DB_BACKEND'
const BACKENDS: ReadonlyMap<string, string> = new Map([
  ['postgres', 'database'],
  ['postgresql', 'database'],
  ['sqlite', 'database'],
  ['airtable', 'airtable'],
])

const Written = z.looseObject({
  sealing: z.record(z.string(), z.unknown()).optional(),
  connections: z.record(z.string(), z.unknown()).optional(),
})
const Options = z.record(z.string(), z.unknown())

/** The configuration with them filled in. */
export function withAliases(
  data: unknown,
  connectors: Connectors,
  valueOf: (variable: string) => string | undefined,
): { readonly data: unknown; readonly aliases: readonly Alias[] } {
  const parsed = Written.safeParse(data)
  if (!parsed.success) return { data, aliases: [] }
  const told = new Map<string, string>()
  const fill = (path: readonly string[], options: Readonly<Record<string, unknown>>, names: Names) => {
    const given: Record<string, unknown> = { ...options }
    for (const [name, variable, isNumber = false] of names) {
      const value = valueOf(variable)
      if (value === undefined || value === '' || name in options || `${name}_file` in options) continue
      // What is no number is told as such, in its place; so is what is no connector.
      const word = variable === BACKEND ? (BACKENDS.get(value.toLowerCase()) ?? value) : value
      given[name] = isNumber && /^\d+(\.\d+)?$/.test(value) ? Number(value) : word
      told.set(placeOf([...path, name]), variable)
    }
    return given
  }
  const { sealing = {}, connections } = parsed.data
  const filled = Object.entries(connections ?? {}).map(([id, written]) => {
    const options = Options.safeParse(written)
    // What a template leaves out is told once.
    const place = ['connections', templateOf(id)?.template ?? id]
    if (!options.success) return [id, written]
    const named = fill(place, options.data, [['connector', BACKEND]])
    return [id, fill(place, named, namesOf(named, connectors))]
  })
  const sealed = fill(['sealing'], sealing, Object.keys(sealing).length === 0 ? [['key', SEALING_KEY]] : [])
  return {
    data: {
      ...parsed.data,
      ...(connections === undefined ? {} : { connections: Object.fromEntries(filled) }),
      ...(Object.keys(sealed).length === 0 ? {} : { sealing: sealed }),
    },
    aliases: [...told].map(([place, variable]) => ({ place, variable })),
  }
}

type Names = readonly (readonly [option: string, variable: string, isNumber?: boolean])[]

function namesOf(options: Readonly<Record<string, unknown>>, connectors: Connectors): Names {
  const name = options['connector']
  const connector = typeof name === 'string' ? connectors.get(name) : undefined
  if (connector === undefined) return []
  const own = optionsOf(connector).flatMap(({ name, variable, isNumber }): Names =>
    variable === null ? [] : [[name, variable, isNumber]],
  )
  const isSigned = takesSecret(connector) && (options['webhooks'] ?? 'signed') === 'signed'
  return isSigned ? [...own, ['webhook_secret', WEBHOOK_SECRET]] : own
}
