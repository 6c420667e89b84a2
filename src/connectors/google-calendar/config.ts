/** What an operator says about one Google Calendar connection. */
import { z } from 'zod'
import type { Limit, OAuthClient } from '../../connector/index.ts'

export const SCOPES = [
  'https://www.googleapis.com/auth/calendar.events',
  'https://www.googleapis.com/auth/calendar.calendarlist.readonly',
] as const
/** Whatever one of these allows, `https://www.googleapis.com/auth/calendar` allows too. */
const EVERYTHING = 'https://www.googleapis.com/auth/calendar'

export const calendarConfig = z.object({
  clientId: z
    .string()
    .min(1)
    .meta({ description: 'The OAuth client id of your Google Cloud project.', variable: 'GOOGLE_CLIENT_ID' }),
  clientSecret: z
    .string()
    .min(1)
    .meta({ description: 'The secret of that OAuth client.', secret: true, variable: 'GOOGLE_CLIENT_SECRET' }),
  refreshToken: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'A refresh token of the account to act as; absent: the user signs in.', secret: true }),
  email: z.string().min(1).optional().meta({
    description:
      'The e-mail address of the account: whose quota its calls draw on. Absent: the connections of one OAuth client share the quota of one account.',
  }),
  daysBack: z.int().min(0).max(36_500).default(30).meta({
    description: 'Events that ended more days ago than this have left, and are neither copied nor compared.',
  }),
  sendUpdates: z.enum(['none', 'externalOnly', 'all']).default('none').meta({
    description:
      'To which guests Google sends mail about what the engine writes: to nobody, to those without Google Calendar, or to all. Mail cannot be taken back.',
  }),
  writeAttendees: z.boolean().default(false).meta({
    description:
      'Guests travel to Google too: whoever is named is invited, and whoever is named no more is not. `sendUpdates` says whether they get mail.',
  }),
  projectId: z.string().min(1).optional().meta({
    description: 'Shares the quotas of one Google Cloud project between OAuth clients; absent: the client id.',
  }),
  baseUrl: z.url().default('https://www.googleapis.com').meta({ description: 'Where the Calendar API is.' }),
  tokenUrl: z.url().default('https://oauth2.googleapis.com/token').meta({ description: 'Where tokens are made.' }),
  authorizationUrl: z
    .url()
    .default('https://accounts.google.com/o/oauth2/v2/auth')
    .meta({ description: 'Where the user signs in.' }),
  revocationUrl: z
    .url()
    .default('https://oauth2.googleapis.com/revoke')
    .meta({ description: 'Where a token is revoked when the user signs out.' }),
  tokeninfoUrl: z
    .url()
    .default('https://oauth2.googleapis.com/tokeninfo')
    .meta({ description: 'Where a token tells what it may do.' }),
})

export type CalendarConfig = z.infer<typeof calendarConfig>

export const bucket = { project: 'google-calendar.project', account: 'google-calendar.account' } as const

export function limits(): { readonly [name: string]: Limit } {
  return {
    [bucket.project]: { requests: 10_000, perSeconds: 60 },
    [bucket.account]: { requests: 600, perSeconds: 60 },
  }
}

/** Google hands out a refresh token only when `access_type=offline` is asked for. */
export function oauth(config: CalendarConfig): OAuthClient {
  const authorization = new URL(config.authorizationUrl)
  authorization.searchParams.set('access_type', 'offline')
  authorization.searchParams.set('prompt', 'consent')
  if (config.email !== undefined) authorization.searchParams.set('login_hint', config.email)
  return {
    tokenUrl: config.tokenUrl,
    authorizationUrl: authorization.href,
    issuer: 'https://accounts.google.com',
    revocationUrl: config.revocationUrl,
    clientId: config.clientId,
    clientSecret: config.clientSecret,
    refreshToken: config.refreshToken,
    scopes: SCOPES,
  }
}

/** The scopes without which the connection cannot work, out of those that a token was given. */
export function missingScopes(granted: string): readonly string[] {
  const given = new Set(granted.split(' '))
  if (given.has(EVERYTHING)) return []
  return SCOPES.filter((scope) => !given.has(scope))
}
