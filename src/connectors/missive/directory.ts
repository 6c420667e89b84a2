/** Organizations, and the people, teams and labels of each: few, and without times of change. */
import { z } from 'zod'
import {
  type Call,
  type Change,
  type Feed,
  type Item,
  type Page,
  type People,
  type Ref,
  ConnectorError,
  eachScope,
} from '../../connector/index.ts'
import { allUsers, pagesOf, type Api } from './api.ts'
import { parsed } from './feeds.ts'
import { labelItem, organizationItem, personItem, teamItem } from './items.ts'
import { labels, organizations, teams } from './wire.ts'

/** How often these are read, where every poll would be a waste. */
const EVERY_MS = 10 * 60_000

const cursorShape = z.object({ form: z.literal(1), readAt: z.number() })

type All = (api: Api, scope: Ref) => AsyncGenerator<readonly Change[]>

const tell = (kind: string, items: readonly Item[]): readonly Change[] => items.map((each) => ({ kind, ...each }))

const allOrganizations: All = async function* (api) {
  for await (const page of pagesOf(api, '/organizations', undefined, organizations, (answer) => answer.organizations))
    yield tell(
      'organization',
      page.map((each) => organizationItem(api, each)),
    )
}

const allPeople: All = async function* (api, scope) {
  for await (const page of allUsers(api, scope))
    yield tell(
      'person',
      page.map((each) => personItem(api, each, scope)),
    )
}

const allTeams: All = async function* (api, scope) {
  for await (const page of pagesOf(api, '/teams', scope, teams, (answer) => answer.teams))
    yield tell(
      'team',
      page.map((each) => teamItem(api, each, scope)),
    )
}

const allLabels: All = async function* (api, scope) {
  for await (const page of pagesOf(api, '/shared_labels', scope, labels, (answer) => answer.shared_labels))
    yield tell(
      'label',
      page.map((each) => labelItem(api, each, scope)),
    )
}

/** A feed that reads everything now and then: in each scope that flows read, or the containers themselves. */
function nowAndThen(kind: string, isIn: 'scopes' | 'connection', all: All): Feed<Api> {
  return {
    kinds: [kind],
    async *pull({ api, scopes }, cursor): AsyncGenerator<Page> {
      const now = api.clock.now()
      const readAt = cursor === null ? now : parsed(cursor, cursorShape).readAt
      const isDue = now - readAt >= EVERY_MS
      const last = JSON.stringify({ form: 1, readAt: isDue ? now : readAt })
      const told = async function* (scope: Ref): AsyncGenerator<Page> {
        for await (const changes of all(api, scope)) yield { changes, cursor: cursor ?? last }
      }
      if (isDue) yield* isIn === 'scopes' ? eachScope('organization', scopes, told) : told('')
      yield { changes: [], cursor: last }
    },
    async *list({ api, scope }): AsyncGenerator<Page> {
      if ((scope === '') === (isIn === 'connection'))
        for await (const changes of all(api, scope)) yield { changes, cursor: '' }
      yield { changes: [], cursor: '', complete: true }
    },
  }
}

export const directory = {
  organizations: nowAndThen('organization', 'connection', allOrganizations),
  people: nowAndThen('person', 'scopes', allPeople),
  teams: nowAndThen('team', 'scopes', allTeams),
  labels: nowAndThen('label', 'scopes', allLabels),
} as const

/** One of them, which Missive tells in lists alone. */
function getting(kind: string, all: All) {
  return async ({ api, scope }: Call<Api>, ref: Ref): Promise<Item> => {
    for await (const page of all(api, scope))
      for (const each of page) if (each.ref === ref && 'values' in each) return each
    throw new ConnectorError('missing', `there is no ${kind} ${ref}`)
  }
}

export const getOrganization = getting('organization', allOrganizations)
export const getPerson = getting('person', allPeople)
export const getTeam = getting('team', allTeams)
export const getLabel = getting('label', allLabels)

/** People sign in by their e-mail. */
export const people: People<Api> = {
  async *list({ api }) {
    for await (const page of allUsers(api))
      yield page.map(({ id, name, email }) => ({ ref: id, name: name || id, ...(email ? { email } : {}) }))
  },
}
