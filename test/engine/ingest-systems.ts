/** Emulated Teamwork and Missive of one team, as tests of ingest have them. */
import type { Configured } from '../../src/connector/index.ts'
import { missive } from '../../src/connectors/missive/index.ts'
import { teamwork } from '../../src/connectors/teamwork/index.ts'
import { createMissive, type Missive } from '../../src/emulators/missive/missive.ts'
import type { MissiveOptions } from '../../src/emulators/missive/options.ts'
import type { TeamworkOptions } from '../../src/emulators/teamwork/options.ts'
import { createTeamwork, type Teamwork } from '../../src/emulators/teamwork/teamwork.ts'

export const SYNC = 100
export const ANN = 101
/** In the order of the seeds: a project with two lists, then two tags. */
export const [PROJECT, LATER, BUGS, RED, BLUE] = [1, 2, 3, 4, 5]
export const ORG = 'org-acme'
export const MAILBOX = 'account-support'
export const URGENT = 'label-urgent'
/** With which Teamwork signs its webhooks. */
export const SECRET = 'token of the hooks'

type Ports = Parameters<typeof createTeamwork>[0]

/** The connections to both. `raw`: their items tell all that the API told of them. */
export function sourcesOf({ raw = false }: { readonly raw?: boolean } = {}) {
  const work: unknown = teamwork.config.parse({ baseUrl: 'http://teamwork.test', apiKey: 'key-sync', raw })
  const mail: unknown = missive.config.parse({ baseUrl: 'http://missive.test/v1', token: 'token-sync', raw })
  return {
    teamwork: { id: 'teamwork', connector: teamwork as Configured, config: work },
    missive: { id: 'missive', connector: missive as Configured, config: mail },
  }
}

export function siteOf(ports: Ports, otherwise: Partial<TeamworkOptions> = {}): Teamwork {
  return createTeamwork(ports, {
    people: [
      { id: SYNC, firstName: 'Sync', lastName: 'Bot', email: 'sync@acme.test', isAdmin: true, apiKey: 'key-sync' },
      { id: ANN, firstName: 'Ann', lastName: 'Lee', email: 'ann@acme.test', apiKey: 'key-ann' },
    ],
    projects: [{ name: 'Site', tasklists: ['Later', 'Bugs'] }],
    tags: ['red', 'blue'],
    webhooksEnabled: true,
    ...otherwise,
  })
}

export function organizationOf(ports: Ports, otherwise: Partial<MissiveOptions> = {}): Missive {
  return createMissive(ports, {
    organizations: [{ id: ORG, name: 'Acme' }],
    users: [
      {
        id: 'user-sync',
        name: 'Sync Bot',
        email: 'sync@acme.test',
        organizations: { [ORG]: 'owner' },
        token: 'token-sync',
      },
      {
        id: 'user-ann',
        name: 'Ann Lee',
        email: 'ann@acme.test',
        organizations: { [ORG]: 'owner' },
        token: 'token-ann',
      },
    ],
    teams: [{ id: 'team-support', name: 'Support', organization: ORG, members: ['user-sync', 'user-ann'] }],
    labels: [{ id: URGENT, name: 'Urgent', organization: ORG }],
    accounts: [
      {
        id: MAILBOX,
        kind: 'email',
        address: 'support@acme.test',
        name: 'Support',
        organization: ORG,
        team: 'team-support',
      },
    ],
    ...otherwise,
  })
}

const EVENTS = [
  'TASK.CREATED',
  'TASK.UPDATED',
  'TASK.COMPLETED',
  'TASK.DELETED',
  'COMMENT.CREATED',
  'COMMENT.DELETED',
  'TIME.DELETED',
  'TASKLIST.DELETED',
  'TASKLIST.UPDATED',
]

export function subscribe(site: Teamwork): void {
  for (const event of EVENTS)
    site.handle({
      method: 'POST',
      path: '/webhooks.json',
      query: new URLSearchParams(),
      headers: { authorization: `Basic ${Buffer.from('key-sync:x').toString('base64')}` },
      body: Buffer.from(
        JSON.stringify({
          webhook: {
            event,
            url: 'https://lockstep.test/hook',
            version: '2',
            contentType: 'application/json',
            token: SECRET,
          },
        }),
      ),
      address: '10.0.0.9',
    })
}
