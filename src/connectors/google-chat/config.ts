/** What an operator says about one Google Chat connection. */
import { z } from 'zod'
import type { Limit, OAuthClient } from '../../connector/index.ts'

const SCOPES = [
  'openid',
  'https://www.googleapis.com/auth/chat.spaces',
  'https://www.googleapis.com/auth/chat.messages',
] as const

export const chatConfig = z.object({
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
    .meta({ description: 'A refresh token of the user to act as; absent: the user signs in.', secret: true }),
  manager: z.boolean().default(false).meta({
    description: 'The user manages the synced spaces, so that messages of other people may be deleted too.',
  }),
  deletedText: z.string().min(1).default('(deleted)').meta({
    description: 'What replaces the text of a deleted message whose thread lives on.',
  }),
  quietSpacesPerPull: z.int().min(0).max(100).default(1).meta({
    description: 'How many spaces without new messages are searched in each pull for edits and deletions of old ones.',
  }),
  lagSeconds: z.number().min(0).max(3600).default(20).meta({
    description:
      'How far reads overlap: covers events and lists that show late, and the difference between the two clocks.',
  }),
  projectId: z.string().min(1).optional().meta({
    description: 'Shares the quotas of one Google Cloud project between OAuth clients; absent: the client id.',
  }),
  baseUrl: z.url().default('https://chat.googleapis.com').meta({ description: 'Where the Chat API is.' }),
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
    .meta({ description: 'Where a token tells whose it is.' }),
})

export type ChatConfig = z.infer<typeof chatConfig>

export const bucket = {
  reads: 'google-chat.project.reads',
  writes: 'google-chat.project.writes',
  spaceChanges: 'google-chat.project.space-changes',
  spaceCreation: 'google-chat.project.space-creation',
  readsOfSpace: 'google-chat.space.reads',
  writesOfSpace: 'google-chat.space.writes',
} as const

export function limits(): { readonly [name: string]: Limit } {
  return {
    [bucket.reads]: { requests: 3000, perSeconds: 60 },
    [bucket.writes]: { requests: 3000, perSeconds: 60 },
    [bucket.spaceChanges]: { requests: 60, perSeconds: 60 },
    [bucket.spaceCreation]: { requests: 35, perSeconds: 60 },
    [bucket.readsOfSpace]: { requests: 900, perSeconds: 60 },
    [bucket.writesOfSpace]: { requests: 60, perSeconds: 60 },
  }
}

/** Google hands out a refresh token only when `access_type=offline` is asked for. */
export function oauth(config: ChatConfig): OAuthClient {
  const authorization = new URL(config.authorizationUrl)
  authorization.searchParams.set('access_type', 'offline')
  authorization.searchParams.set('prompt', 'consent')
  return {
    issuer: 'https://accounts.google.com',
    tokenUrl: config.tokenUrl,
    authorizationUrl: authorization.href,
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
  return SCOPES.filter((scope) => scope !== 'openid' && !given.has(scope))
}
