/** How people sign in to any of Google's APIs: one OAuth client, its options, what a token may do. */
import { z } from 'zod'
import type { OAuthClient } from '../../connector/index.ts'

/** Whose client it is, and the refresh token where nobody signs in. */
export const credentials = {
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
}

export const projectId = z.string().min(1).optional().meta({
  description: 'Shares the quotas of one Google Cloud project between OAuth clients; absent: the client id.',
})

/** Google's own, unless a test or a proxy says otherwise. */
export const endpoints = {
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
    .meta({ description: 'Where a token tells whose it is and what it may do.' }),
}

const options = z.object({ ...credentials, ...endpoints })

/**
 * Google hands out a refresh token only when `access_type=offline` is asked for. `hint`: the address of the account that
 * is proposed on Google's page.
 */
export function oauthClient(config: z.infer<typeof options>, scopes: readonly string[], hint?: string): OAuthClient {
  const authorization = new URL(config.authorizationUrl)
  authorization.searchParams.set('access_type', 'offline')
  authorization.searchParams.set('prompt', 'consent')
  if (hint !== undefined) authorization.searchParams.set('login_hint', hint)
  return {
    issuer: 'https://accounts.google.com',
    tokenUrl: config.tokenUrl,
    authorizationUrl: authorization.href,
    revocationUrl: config.revocationUrl,
    clientId: config.clientId,
    clientSecret: config.clientSecret,
    refreshToken: config.refreshToken,
    scopes,
  }
}

/** Those of `needed` that a token was not given: `granted` is the list that Google answers with it. */
export function notGranted(needed: readonly string[], granted: string): readonly string[] {
  const given = new Set(granted.split(' '))
  return needed.filter((scope) => !given.has(scope))
}
