/** The connection to Missive: who calls, what a refusal says, and lists by offset. */
import type { ZodType } from 'zod'
import {
  ConnectorError,
  failedAs,
  httpClient,
  jsonIn,
  type Client,
  type Clock,
  type HttpResponse,
  type Runtime,
  type Standing,
} from '../../connector/index.ts'
import { drawsOf, type Config } from './config.ts'
import { refusal, users, type WireUser } from './wire.ts'

export interface Api {
  readonly client: Client
  readonly config: Config
  readonly clock: Clock
}

export function connect(config: Config, runtime: Runtime): Api {
  const headers = { authorization: `Bearer ${config.token}` }
  const client = httpClient({ baseUrl: config.baseUrl, headers, draw: drawsOf(config), words }, runtime)
  return { client, config, clock: runtime.clock }
}

export async function probe(api: Api): Promise<Standing> {
  try {
    for await (const page of allUsers(api)) {
      const me = page.find((each) => each.me === true)
      if (me !== undefined) return { actor: { ref: me.id, name: me.name || me.id }, problems: [] }
    }
  } catch (error) {
    if (!failedAs(error, 'forbidden')) throw error
    const why = "tokens need Missive's plan Productive or Business, and a user who is a member of the organization"
    throw new ConnectorError('forbidden', `${error.message} (${why})`, { status: 403 })
  }
  throw new ConnectorError('unauthorized', 'Missive does not tell whose the token is')
}

function words({ body }: HttpResponse): string | null {
  return refusal.safeParse(jsonIn(body)).data ?? null
}

const MOST = 200

/** Every page of a list that is read by offset. `organization`: absent: of all. */
export async function* pagesOf<Answer, Row>(
  { client }: Api,
  path: string,
  organization: string | undefined,
  as: ZodType<Answer>,
  rowsOf: (answer: Answer) => readonly Row[],
): AsyncGenerator<readonly Row[]> {
  for (let offset = 0; ; offset += MOST) {
    const rows = rowsOf(await client.get(path, { query: { limit: MOST, offset, organization }, as }))
    yield rows
    if (rows.length < MOST) return
  }
}

export function allUsers(api: Api, organization?: string): AsyncGenerator<readonly WireUser[]> {
  return pagesOf(api, '/users', organization, users, (answer) => answer.users)
}
