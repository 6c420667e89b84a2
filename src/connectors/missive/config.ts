/** What a connection to Missive is told, and how fast it may call. */
import { z } from 'zod'
import { rawOption, type Draws, type Limit } from '../../connector/index.ts'

export const configuration = z.object({
  token: z.string().min(1).meta({
    secret: true,
    description: 'A personal token of the user whose conversations are read: Preferences → API',
  }),
  overlapSeconds: z.int().min(10).max(3600).default(120).meta({
    description:
      'So many seconds before the latest activity that was seen are looked at again at each poll: what Missive shows late is found within them',
    variable: 'BACKFILL_OVERLAP_SECONDS',
  }),
  raw: rawOption,
  requestsPerMinute: z.int().min(1).default(300).meta({
    description: 'Calls a minute, or less where other programs use the token too',
  }),
  requestsPerQuarter: z.int().min(1).default(900).meta({
    description: 'Calls in fifteen minutes, or less where other programs use the token too',
  }),
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .default('https://public.missiveapp.com/v1')
    .meta({ description: 'Where the API is.' }),
})

export type Config = z.infer<typeof configuration>

const MINUTE = 'missive.minute'
const QUARTER = 'missive.quarter'
const CONCURRENT = 5

export function limitsOf(config: Config): { readonly [bucket: string]: Limit } {
  return {
    [MINUTE]: { requests: config.requestsPerMinute, perSeconds: 60, concurrent: CONCURRENT },
    [QUARTER]: { requests: config.requestsPerQuarter, perSeconds: 900 },
  }
}

export function drawsOf(config: Config): Draws {
  return { [MINUTE]: config.baseUrl, [QUARTER]: config.baseUrl }
}
