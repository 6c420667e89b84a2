/** What an operator says about one Google Calendar connection. */
import { z } from 'zod'
import type { Limit, OAuthClient } from '../../connector/index.ts'
import { credentials, endpoints, notGranted, oauthClient, projectId } from '../google/sign-in.ts'

export const SCOPES = [
  'https://www.googleapis.com/auth/calendar.events',
  'https://www.googleapis.com/auth/calendar.calendarlist.readonly',
] as const
/** Whatever one of these allows, `https://www.googleapis.com/auth/calendar` allows too. */
const EVERYTHING = 'https://www.googleapis.com/auth/calendar'

export const calendarConfig = z.object({
  ...credentials,
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
  projectId,
  baseUrl: z.url().default('https://www.googleapis.com').meta({ description: 'Where the Calendar API is.' }),
  ...endpoints,
})

export type CalendarConfig = z.infer<typeof calendarConfig>

export const bucket = { project: 'google-calendar.project', account: 'google-calendar.account' } as const

export function limits(): { readonly [name: string]: Limit } {
  return {
    [bucket.project]: { requests: 10_000, perSeconds: 60 },
    [bucket.account]: { requests: 600, perSeconds: 60 },
  }
}

export function oauth(config: CalendarConfig): OAuthClient {
  return oauthClient(config, SCOPES, config.email)
}

/** The scopes without which the connection cannot work, out of those that a token was given. */
export function missingScopes(granted: string): readonly string[] {
  return notGranted([EVERYTHING], granted).length === 0 ? [] : notGranted(SCOPES, granted)
}
