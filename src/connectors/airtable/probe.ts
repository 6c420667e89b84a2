/** Whose token it is, and what stands in the way: a scope, a table, a field, the right to have webhooks. */
import type { Finding, Standing } from '../../connector/index.ts'
import { isForbidden, type Api } from './api.ts'
import { beginning } from './hook.ts'
import { misfits } from './schema.ts'
import { whoami } from './wire.ts'

export async function probe(api: Api): Promise<Standing> {
  const { id, email } = await api.client.get('/v0/meta/whoami', { as: whoami })
  const actor = { ref: email?.toLowerCase() ?? id }
  const problems = [
    ...(await orWhy(() => misfits(api), {
      message: 'the token may not read the structure of this base',
      remedy: 'give it the scope schema.bases:read and this base, at airtable.com/create/tokens',
    })),
    ...(api.config.changes === 'poll' ? [] : await orWhy(() => listable(api), NO_WEBHOOKS)),
  ]
  return { actor, problems }
}

const NO_WEBHOOKS: Finding = {
  message: 'the token may not have webhooks in this base',
  remedy: 'give it the scope webhook:manage, of a user who is a creator there; or say `changes: poll`',
}

/** A webhook without an address sends nothing; the one that is made here is read later. */
async function listable(api: Api): Promise<readonly Finding[]> {
  await beginning(api)
  return []
}

async function orWhy(look: () => Promise<readonly Finding[]>, why: Finding): Promise<readonly Finding[]> {
  try {
    return await look()
  } catch (error) {
    if (!isForbidden(error)) throw error
    return [{ ...why, message: `${why.message} (${error.message})` }]
  }
}
