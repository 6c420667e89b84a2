/** The connection to one site: who calls, what a refusal means, and the reads that several files share. */
import {
  ConnectorError,
  failedAs,
  httpClient,
  jsonIn,
  type Client,
  type Failure,
  type HttpResponse,
  type Runtime,
  type Standing,
} from '../../connector/index.ts'
import { drawsOf, type Config } from './config.ts'
import { latestPosts, refusal, session, topic, type Post, type Topic } from './wire.ts'

export interface Api {
  readonly client: Client
  readonly config: Config
}

export function connect(config: Config, runtime: Runtime): Api {
  const client = httpClient(
    {
      baseUrl: config.baseUrl,
      headers: { 'api-key': config.apiKey, 'api-username': config.apiUsername },
      draw: drawsOf(config),
      failure,
      words,
    },
    runtime,
  )
  return { client, config }
}

export async function probe(api: Api): Promise<Standing> {
  const { current_user: user } = await api.client
    .get('/session/current.json', { as: session })
    .catch((error: unknown) => {
      throw failedAs(error, 'forbidden', 'missing') ? unauthorized(error) : error
    })
  const staff = user.admin === true || user.moderator === true
  return {
    actor: { ref: user.username, name: user.name || user.username },
    problems: staff
      ? []
      : [
          {
            message: `${user.username} is neither administrator nor moderator: texts of others, old posts and closed topics cannot be written, and deleted posts cannot be seen`,
            remedy: `Grant ${user.username} moderation in Admin → Users, or name a staff user as api_username`,
          },
        ],
  }
}

/**
 * A bad key is a 403 like any other, but names no user in the answer's headers, and says so in the site's language.
 * An inactive or suspended user is told apart only by `probe`.
 */
function failure(response: HttpResponse): Failure | null {
  if (response.status !== 403 && response.status !== 422) return null
  const text = words(response) ?? response.body.trim()
  if (response.status === 403 && response.headers['x-discourse-username'] === undefined)
    return /API username or key is invalid|BAD CSRF/.test(text) ? 'unauthorized' : null
  if (response.status === 422 && /^External (id )?has already been taken/i.test(text)) return 'key-taken'
  return null
}

/** Error texts are JSON in several shapes. */
function words({ body }: HttpResponse): string | null {
  return refusal.safeParse(jsonIn(body)).data ?? null
}

function unauthorized(error: ConnectorError): ConnectorError {
  return new ConnectorError('unauthorized', error.message, error.status === undefined ? {} : { status: error.status })
}

/** Ids that one window of the latest posts spans. */
export const WINDOW = 50

/**
 * Public posts with texts, titles and categories: of the newest ids, or of the ids in (before − 50, before].
 * Deleted, unlisted, private and service posts are left out, so that a short window is not the end.
 */
export async function postsUpTo(api: Api, before: number | null): Promise<readonly Post[]> {
  const answer = await api.client.get('/posts.json', {
    query: { before: before ?? undefined },
    as: latestPosts,
  })
  return answer.latest_posts.toSorted((left, right) => left.id - right.id)
}

/**
 * A topic with its first posts, or those around the number of one, and the ids of all unless there are very many. Staff see
 * deleted ones.
 */
export async function readTopic(api: Api, ref: string | number, near?: number): Promise<Topic> {
  const path = near === undefined ? encodeURIComponent(ref) : `${encodeURIComponent(ref)}/${near}`
  return api.client.get(`/t/${path}.json`, { query: { include_raw: true }, as: topic })
}
