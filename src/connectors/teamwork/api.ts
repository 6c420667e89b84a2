/** The connection to one site: who calls, what a refusal says, and pages. */
import type { ZodType } from 'zod'
import {
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
import { me, projectsPage, refusal } from './wire.ts'

export interface Api {
  readonly client: Client
  readonly config: Config
  readonly clock: Clock
}

export const V3 = '/projects/api/v3'

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

export function connect(config: Config, runtime: Runtime): Api {
  const authorization = `Basic ${Buffer.from(`${config.apiKey}:x`).toString('base64')}`
  const client = httpClient(
    {
      baseUrl: config.baseUrl,
      headers: { authorization },
      draw: drawsOf(config),
      words,
      resets: 'x-rate-limit-reset',
    },
    runtime,
  )
  return { client, config, clock: runtime.clock }
}

export async function probe(api: Api): Promise<Standing> {
  const { person } = await api.client.get('/me.json', { as: me })
  const name = `${person['first-name']} ${person['last-name']}`.trim()
  return { actor: { ref: person.id, name }, problems: await problems(api, name) }
}

async function problems(api: Api, name: string): Promise<Standing['problems']> {
  try {
    await api.client.get(`${V3}/projects.json`, { query: { pageSize: 1 }, as: projectsPage })
    return []
  } catch (error) {
    if (!failedAs(error, 'forbidden')) throw error
    return [
      {
        message: `Teamwork does not let ${name} list projects (${error.message})`,
        remedy: 'Use the key of a user who is a member of the projects; the plan of the site has to include the API',
      },
    ]
  }
}

/** Both versions of the API refuse in their own form. */
function words({ body }: HttpResponse): string | null {
  return refusal.safeParse(jsonIn(body)).data ?? null
}

/** Rows of one page, and whether there is another one. */
export interface Rows<Row> {
  readonly rows: readonly Row[]
  readonly more: boolean
}

export const PAGE_SIZE = 250

/** Every page of a list from the first on. */
export async function* pagesOf<Page extends { readonly meta: { readonly page: { readonly hasMore: boolean } } }>(
  { client }: Api,
  path: string,
  query: Query,
  as: ZodType<Page>,
): AsyncGenerator<Page> {
  for (let page = 1, more = true; more; page += 1) {
    const answer = await client.get(path, { query: { ...query, page, pageSize: PAGE_SIZE, skipCounts: true }, as })
    yield answer
    more = answer.meta.page.hasMore
  }
}
