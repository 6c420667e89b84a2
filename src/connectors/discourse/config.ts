/** What a connection to a Discourse site is told, and how fast it may call. */
import { z } from 'zod'
import type { Draws, Limit } from '../../connector/index.ts'

export const configuration = z.object({
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .meta({ description: 'Address of the forum, with its folder if it has one: https://forum.example.org' }),
  apiKey: z.string().min(1).meta({
    secret: true,
    description: 'A key from Admin → API, for all users or for the user of `api_username` alone',
  }),
  apiUsername: z
    .string()
    .min(1)
    .meta({ description: 'The user who writes what the engine writes; an administrator or a moderator' }),
  requestsPerMinute: z.int().min(1).default(60).meta({
    description:
      'Calls a minute to this site, all its keys together: max_admin_api_reqs_per_minute of the site, or less where other programs use its API too',
  }),
  addressPerMinute: z.int().min(1).default(200).meta({
    description:
      "Calls a minute from this machine's address: max_reqs_per_ip_per_minute of the site; raise it only where the site did",
  }),
  addressBurst: z.int().min(1).default(50).meta({
    description: "Calls in ten seconds from this machine's address: max_reqs_per_ip_per_10_seconds of the site",
  }),
  categoryReaders: z.array(z.string().min(1)).min(1).default(['staff']).meta({
    description:
      'Groups that may read and write in categories which the engine creates; ["everyone"] makes them public. Existing categories keep their permissions',
  }),
  emptiedText: z.string().min(20).default('*(message deleted in the other system)*').meta({
    description:
      'Takes the place of a first post that was deleted while its replies live on, and of what `on_delete: empty` empties',
  }),
  editReason: z
    .string()
    .min(1)
    .max(255)
    .default('synchronised')
    .meta({ description: "Stands in the edit history where the engine changes another person's post" }),
})

export type Config = z.infer<typeof configuration>

/** The buckets of a site, and of this machine's address at it. */
export function limitsOf(config: Config): { readonly [bucket: string]: Limit } {
  return {
    'discourse.admin-api': { requests: config.requestsPerMinute, perSeconds: 60 },
    'discourse.ip-minute': { requests: config.addressPerMinute, perSeconds: 60 },
    'discourse.ip-burst': { requests: config.addressBurst, perSeconds: 10 },
  }
}

export function drawsOf(config: Config): Draws {
  return {
    'discourse.admin-api': config.baseUrl,
    'discourse.ip-minute': config.baseUrl,
    'discourse.ip-burst': config.baseUrl,
  }
}
