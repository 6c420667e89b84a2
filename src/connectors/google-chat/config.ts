/** What an operator says about one Google Chat connection. */
import { z } from 'zod'
import type { Limit, OAuthClient } from '../../connector/index.ts'
import { credentials, endpoints, notGranted, oauthClient, projectId } from '../google/sign-in.ts'

const SCOPES = ['https://www.googleapis.com/auth/chat.spaces', 'https://www.googleapis.com/auth/chat.messages'] as const

export const chatConfig = z.object({
  ...credentials,
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
  projectId,
  baseUrl: z.url().default('https://chat.googleapis.com').meta({ description: 'Where the Chat API is.' }),
  ...endpoints,
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

export function oauth(config: ChatConfig): OAuthClient {
  return oauthClient(config, ['openid', ...SCOPES])
}

/** The scopes without which the connection cannot work, out of those that a token was given. */
export function missingScopes(granted: string): readonly string[] {
  return notGranted(SCOPES, granted)
}
