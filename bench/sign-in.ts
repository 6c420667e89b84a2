/** An access token for a bare loop. */
import { z } from 'zod'
import type { Http } from '../src/connector/index.ts'
import { KEYS } from './lay.ts'

export async function signIn(http: Http, chat: string): Promise<string> {
  const { body } = await http.send({
    method: 'POST',
    url: `${chat}/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: KEYS.refreshToken,
      client_id: KEYS.clientId,
      client_secret: KEYS.clientSecret,
    }).toString(),
    timeoutMs: 30_000,
    maxBytes: 1024 * 1024,
  })
  return z.object({ access_token: z.string() }).parse(JSON.parse(body)).access_token
}
