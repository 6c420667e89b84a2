/** The local Teamwork and Missive on loopback HTTP. */
import { createMissive, type Missive } from '../../src/emulators/missive/missive.ts'
import { realPorts, serve } from '../../src/emulators/serve.ts'
import { createTeamwork, type Teamwork } from '../../src/emulators/teamwork/teamwork.ts'
import { JUDGE } from './question.ts'

export const KEYS = { teamwork: 'key-of-lockstep', missive: 'token-of-lockstep', hook: 'secret-of-the-rules' } as const
export const [ANN, BEN] = [101, 102]
/** In the order of the seeds: three projects with their lists, then tags. */
export const LISTS = [2, 3, 5, 7] as const
export const TAGS = [8, 9, 10] as const
export const LABELS = ['label-urgent', 'label-invoice'] as const
export const ORG = 'org-harbour'

export interface Systems {
  readonly teamwork: Teamwork
  readonly missive: Missive
  readonly urls: { readonly teamwork: string; readonly missive: string }
  /** Requests that were answered; Lockstep and the judge are all who ask. */
  calls(): number
  close(): Promise<void>
}

/** `now`: by the clock of both systems. */
export async function startSystems(now: () => number = Date.now): Promise<Systems> {
  const ports = { ...realPorts(), now }
  const teamwork = createTeamwork(ports, {
    people: [
      {
        id: 100,
        firstName: 'Lock',
        lastName: 'Step',
        email: 'lockstep@harbour.test',
        isAdmin: true,
        apiKey: KEYS.teamwork,
      },
      { id: ANN, firstName: 'Ann', lastName: 'Lee', email: 'ann@harbour.test' },
      { id: BEN, firstName: 'Ben', lastName: 'Okoro', email: 'ben@harbour.test' },
      {
        id: 103,
        firstName: 'Judge',
        lastName: 'Reads',
        email: 'judge@harbour.test',
        isAdmin: true,
        apiKey: JUDGE.teamwork,
      },
    ],
    projects: [
      { name: 'Workshop', tasklists: ['Repairs', 'Orders'] },
      { name: 'Website', tasklists: ['Pages'] },
      { name: 'Last year', archived: true, tasklists: ['Done'] },
    ],
    tags: ['urgent', 'customer', 'idea'],
    webhooksEnabled: true,
    webhookDelay: [5, 300],
    webhookDuplication: 0.1,
    callsPerMinute: null,
  })
  const everywhere = { [ORG]: 'owner' as const }
  const missive = createMissive(ports, {
    organizations: [{ id: ORG, name: 'Harbour Bikes' }],
    users: [
      {
        id: 'lockstep',
        name: 'Lockstep',
        email: 'lockstep@harbour.test',
        organizations: everywhere,
        token: KEYS.missive,
      },
      { id: 'ann', name: 'Ann Lee', email: 'ann@harbour.test', organizations: everywhere },
      { id: 'judge', name: 'Judge', email: 'judge@harbour.test', organizations: everywhere, token: JUDGE.missive },
    ],
    teams: [{ id: 'support', name: 'Support', organization: ORG, members: ['lockstep', 'ann', 'judge'] }],
    labels: LABELS.map((id) => ({ id, name: id.replace('label-', ''), organization: ORG })),
    accounts: [
      {
        id: 'mailbox',
        kind: 'email',
        address: 'hello@harbour.test',
        name: 'Harbour',
        organization: ORG,
        team: 'support',
      },
    ],
    hookDelay: [5, 300],
    hookDuplication: 0.1,
    callsPerMinute: null,
    callsPer15Minutes: null,
    concurrentCalls: null,
  })
  const served = { teamwork: await serve(teamwork, { latencyMs: 3 }), missive: await serve(missive, { latencyMs: 3 }) }
  return {
    teamwork,
    missive,
    urls: { teamwork: served.teamwork.url, missive: served.missive.url },
    calls: () => teamwork.counters().reads + missive.counters().reads,
    close: async () => {
      await Promise.all([served.teamwork.close(), served.missive.close()])
    },
  }
}
