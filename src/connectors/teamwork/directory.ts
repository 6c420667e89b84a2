/**
 * Projects, and what belongs to the whole site: people, tags and once more the projects. They have few rows and, but for
 * projects, no time of change.
 */
import { z } from 'zod'
import {
  textOf,
  type Call,
  type Change,
  type Feed,
  type Item,
  type Page,
  type People,
  type Ref,
} from '../../connector/index.ts'
import { pagesOf, V3, type Api } from './api.ts'
import { parsed } from './feeds.ts'
import { changeOf, listedProjectItem, personItem, projectItem, SITE, siteItem, tagItem } from './items.ts'
import { oneProject, onePerson, oneTag, peoplePage, projectsPage, tagsPage, type WireProject } from './wire.ts'

/** How often these are read, where every poll would be a waste. */
const EVERY_MS = 10 * 60_000

const cursorShape = z.object({ form: z.literal(1), readAt: z.number() })

async function* everyProject(api: Api): AsyncGenerator<readonly WireProject[]> {
  const query = { includeArchivedProjects: true }
  for await (const page of pagesOf(api, `${V3}/projects.json`, query, projectsPage)) yield page.projects
}

async function* allProjects(api: Api): AsyncGenerator<readonly Change[]> {
  for await (const page of everyProject(api)) yield page.map((each) => changeOf('project', projectItem(api, each)))
}

async function* ofTheSite(api: Api): AsyncGenerator<readonly Change[]> {
  for await (const page of everyProject(api))
    yield page.map((each) => changeOf('listedProject', listedProjectItem(api, each)))
  for await (const { people } of pagesOf(api, `${V3}/people.json`, {}, peoplePage))
    yield people.map((each) => changeOf('person', personItem(api, each)))
  for await (const { tags } of pagesOf(api, `${V3}/tags.json`, {}, tagsPage))
    yield tags.map((each) => changeOf('tag', tagItem(api, each)))
}

/** A feed that reads everything now and then, where a flow reads its scope ('': the containers themselves). */
function nowAndThen(
  kinds: readonly string[],
  scope: Ref,
  all: (api: Api) => AsyncGenerator<readonly Change[]>,
): Feed<Api> {
  return {
    kinds,
    async *pull({ api, scopes }, cursor): AsyncGenerator<Page> {
      const now = api.clock.now()
      const readAt = cursor === null ? now : parsed(cursor, cursorShape).readAt
      const isDue = (scope === '' || scopes.includes(scope)) && now - readAt >= EVERY_MS
      const last = JSON.stringify({ form: 1, readAt: isDue ? now : readAt })
      if (isDue) for await (const changes of all(api)) yield { changes, cursor: cursor ?? last }
      yield { changes: [], cursor: last }
    },
    async *list(call): AsyncGenerator<Page> {
      if (call.scope === scope) for await (const changes of all(call.api)) yield { changes, cursor: '' }
      yield { changes: [], cursor: '', complete: true }
    },
  }
}

export const projects = nowAndThen(['project'], '', allProjects)
export const site = nowAndThen(['person', 'tag', 'listedProject'], SITE, ofTheSite)

export async function getProject({ api }: Call<Api>, ref: Ref): Promise<Item> {
  if (ref === SITE) return siteItem(api.config.baseUrl)
  return projectItem(api, (await api.client.get(`${V3}/projects/${ref}.json`, { as: oneProject })).project)
}

export async function getListedProject({ api }: Call<Api>, ref: Ref): Promise<Item> {
  return listedProjectItem(api, (await api.client.get(`${V3}/projects/${ref}.json`, { as: oneProject })).project)
}

export async function getPerson({ api }: Call<Api>, ref: Ref): Promise<Item> {
  return personItem(api, (await api.client.get(`${V3}/people/${ref}.json`, { as: onePerson })).person)
}

export async function getTag({ api }: Call<Api>, ref: Ref): Promise<Item> {
  return tagItem(api, (await api.client.get(`${V3}/tags/${ref}.json`, { as: oneTag })).tag)
}

/** People sign in by their e-mail, which they were invited at. */
export const people: People<Api> = {
  async *list({ api }) {
    for await (const page of pagesOf(api, `${V3}/people.json`, {}, peoplePage))
      yield page.people.map((each) => {
        const { ref, values } = personItem(api, each)
        return { ref, name: textOf(values, 'name') ?? '', ...(each.email ? { email: each.email } : {}) }
      })
  },
}
