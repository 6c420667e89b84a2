/** Variables of other programs that stand in the environment and change nothing here: told, so that nobody counts on them. */
import { z } from 'zod'
import { BACKEND } from './aliases.ts'
import type { Config, Notice } from './config.ts'

const ATTEMPTS = 'MAX_QUEUE_ATTEMPTS'

/** Destinations of rows, as the variable and people name them. */
const DESTINATIONS: readonly { readonly words: string; readonly named: readonly string[] }[] = [
  { words: 'PostgreSQL', named: ['postgres', 'postgresql'] },
  { words: 'SQLite', named: ['sqlite'] },
  { words: 'Airtable', named: ['airtable'] },
]

type Known = Pick<Config, 'connections' | 'flows'>

export function noticesOf(config: Known, valueOf: (variable: string) => string | undefined): readonly Notice[] {
  const given = (name: string): string => valueOf(name)?.trim() ?? ''
  return [
    ...(given(ATTEMPTS) === '' ? [] : [attemptsNotice()]),
    ...(given(BACKEND) === '' ? [] : backendNotice(config, given(BACKEND))),
  ]
}

function attemptsNotice(): Notice {
  return {
    variable: ATTEMPTS,
    message: `${ATTEMPTS} has no effect: nothing is given up after a number of tries`,
    remedy:
      'what fails is tried again, up to ten minutes apart, and holds up nothing else: "lockstep queue" lists it with its cause; what a system refuses for good waits in "lockstep held"',
  }
}

/** The configuration says where rows go. Whoever has no tables there may have the variable for another program. */
function backendNotice({ connections, flows }: Known, value: string): readonly Notice[] {
  const ends = new Set(flows.flatMap(({ flow }) => [flow.connections.a, flow.connections.b]))
  const there = connections.filter(({ id }) => ends.has(id)).flatMap((each) => destinationOf(each) ?? [])
  const meant = DESTINATIONS.find(({ named }) => named.includes(value.toLowerCase()))
  if (there.length === 0 || (meant !== undefined && there.includes(meant.words))) return []
  return [
    {
      variable: BACKEND,
      message: `${BACKEND} is "${value}", and has no effect: by the configuration the tables are in ${[...new Set(there)].join(' and ')}`,
      remedy: 'the connections of the flows say where the tables are: change them, or take the variable away',
    },
  ]
}

const Located = z.object({ url: z.string() })

function destinationOf({ connector, config }: Config['connections'][number]): string | null {
  if (connector.name === 'airtable') return 'Airtable'
  if (connector.name !== 'database') return null
  const located = Located.safeParse(config)
  return located.success && located.data.url.startsWith('sqlite:') ? 'SQLite' : 'PostgreSQL'
}
