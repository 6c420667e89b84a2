/** What a connection to a Teamwork site is told, and how fast it may call. */
import { z } from 'zod'
import { rawOption, type Draws, type Limit } from '../../connector/index.ts'

export const configuration = z.object({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .meta({ description: 'Address of the site: https://yourcompany.teamwork.com' }),
  apiKey: z
    .string()
    .min(1)
    .meta({ secret: true, description: 'The API key of the user to act as: Edit my details → API & Mobile' }),
  requestsPerMinute: z.int().min(1).default(150).meta({
    description: "Calls a minute: what the site's plan allows, or less where other programs use its API too",
  }),
  overlapSeconds: z.int().min(10).max(3600).default(120).meta({
    description:
      'So many seconds before the latest change that was seen are read again at each poll: what Teamwork shows late is found within them',
    variable: 'BACKFILL_OVERLAP_SECONDS',
  }),
  raw: rawOption,
})

export type Config = z.infer<typeof configuration>

const BUCKET = 'teamwork.calls'

export function limitsOf(config: Config): { readonly [bucket: string]: Limit } {
  return { [BUCKET]: { requests: config.requestsPerMinute, perSeconds: 60 } }
}

export function drawsOf(config: Config): Draws {
  return { [BUCKET]: config.baseUrl }
}
