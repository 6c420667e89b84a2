/** Local stand-ins for systems, with a few people and a container each: to try the product without an account. */
import type { Emulator } from '../emulators/emulator.ts'
import { createAirtable } from '../emulators/airtable/airtable.ts'
import { createDiscourse } from '../emulators/discourse/discourse.ts'
import { createGoogleCalendar } from '../emulators/google-calendar/google-calendar.ts'
import { createGoogleChat } from '../emulators/google-chat/google-chat.ts'
import { createMissive } from '../emulators/missive/missive.ts'
import { createTeamwork } from '../emulators/teamwork/teamwork.ts'
import { realPorts, serve, type Served } from '../emulators/serve.ts'

export interface Emulated {
  readonly name: string
  readonly served: Served
  /** The options of a connection to it. */
  readonly options: Readonly<Record<string, string>>
  /** The ref of the container that it begins with. */
  readonly scope: string
}

const SPACE = 'AAAAteam'
const HOUR_MS = 3600_000

function googleChat(): Emulator {
  const now = Date.now()
  return createGoogleChat(realPorts(), {
    users: [
      { id: '100', displayName: 'Lockstep', email: 'lockstep@example.org' },
      { id: '101', displayName: 'Ann Lee', email: 'ann@example.org' },
      { id: '102', displayName: 'Bob Ray', email: 'bob@example.org' },
    ],
    spaces: [
      {
        id: SPACE,
        displayName: 'Team',
        members: ['101', '102'],
        managers: ['100'],
        createTime: now - 48 * HOUR_MS,
        messages: [
          { thread: 'lunch', sender: '101', text: 'Where do we go for lunch today?', createTime: now - 3 * HOUR_MS },
          { thread: 'lunch', sender: '102', text: 'The new place at the corner', createTime: now - 2 * HOUR_MS },
        ],
      },
      // For "lockstep probe".
      { id: 'AAAAscratch', displayName: 'Scratch', members: ['100'] },
    ],
    ...SIGN_IN,
  })
}

function discourse(): Emulator {
  const now = Date.now()
  const site = createDiscourse(realPorts(), {
    users: [
      { username: 'lockstep', name: 'Lockstep', admin: true, trustLevel: 4, createdAt: now - 96 * HOUR_MS },
      { username: 'cyd', name: 'Cyd Fox', trustLevel: 2, createdAt: now - 96 * HOUR_MS },
    ],
    categories: [{ name: 'Team' }, { name: 'Scratch' }],
    apiKeys: [{ key: KEY }],
    history: [
      {
        username: 'cyd',
        title: 'Notes of the meeting on Monday',
        raw: 'We agreed to move the release to the end of the month.',
        createdAt: now - 4 * HOUR_MS,
        category: 'Team',
      },
    ],
  })
  tellOfChanges(site)
  return site
}

/** Where a service listens unless it is configured otherwise, for a connection of the printed name. */
const LISTENER = 'http://127.0.0.1:8484/webhooks/forum'
const WEBHOOK_SECRET = 'emulated-webhook-secret'
/** Topics, posts and categories. */
const EVENTS = [1, 2, 5]

/** As an administrator sets up a webhook. */
function tellOfChanges(site: Emulator): void {
  const { status, body } = site.handle({
    method: 'POST',
    path: '/admin/api/web_hooks.json',
    query: new URLSearchParams(),
    headers: { 'api-key': KEY, 'api-username': 'lockstep', 'content-type': 'application/json' },
    body: Buffer.from(
      JSON.stringify({
        web_hook: { payload_url: LISTENER, secret: WEBHOOK_SECRET, web_hook_event_type_ids: EVENTS, active: true },
      }),
    ),
    address: '127.0.0.1',
  })
  if (status !== 200) throw new Error(`the stand-in takes no webhook: ${String(body)}`)
}

function googleCalendar(): Emulator {
  const monday = new Date(Date.now() - ((new Date().getUTCDay() + 6) % 7) * 24 * HOUR_MS).toISOString().slice(0, 10)
  return createGoogleCalendar(realPorts(), {
    users: [{ id: '100', displayName: 'Lockstep', email: 'lockstep@example.org', timeZone: 'Europe/Berlin' }],
    calendars: [
      {
        id: CALENDAR,
        summary: 'Team',
        owner: '100',
        timeZone: 'Europe/Berlin',
        events: [
          {
            summary: 'Stand-up',
            start: { dateTime: `${monday}T09:30:00`, timeZone: 'Europe/Berlin' },
            end: { dateTime: `${monday}T09:45:00`, timeZone: 'Europe/Berlin' },
            recurrence: ['RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR'],
          },
        ],
      },
    ],
    ...SIGN_IN,
    loopbackWebhooks: true,
  })
}

function teamwork(): Emulator {
  return createTeamwork(realPorts(), {
    people: [
      { id: 100, firstName: 'Lockstep', lastName: '', email: 'lockstep@example.org', isAdmin: true, apiKey: KEY },
      { id: 101, firstName: 'Ann', lastName: 'Lee', email: 'ann@example.org' },
    ],
    projects: [{ name: 'Team', tasklists: ['Inbox'] }],
    tags: ['urgent'],
  })
}

function missive(): Emulator {
  const site = createMissive(realPorts(), {
    organizations: [{ id: 'acme', name: 'Acme' }],
    users: [
      {
        id: 'lockstep',
        name: 'Lockstep',
        email: 'lockstep@example.org',
        organizations: { acme: 'owner' },
        token: KEY,
      },
      { id: 'ann', name: 'Ann Lee', email: 'ann@example.org', organizations: { acme: 'member' } },
    ],
    teams: [{ id: 'support', name: 'Support', organization: 'acme', members: ['lockstep', 'ann'] }],
    labels: [{ id: 'urgent', name: 'Urgent', organization: 'acme' }],
    accounts: [
      {
        id: 'mailbox',
        kind: 'email',
        address: 'support@example.org',
        name: 'Support',
        organization: 'acme',
        team: 'support',
      },
    ],
    contactBooks: [{ id: 'acme-contacts', name: 'Acme', user: 'lockstep', organization: 'acme' }],
  })
  const { conversationId } = site.receive('mailbox', {
    from: { name: 'Dee Roe', address: 'dee@example.com' },
    subject: 'The door does not close',
    body: '<p>It stands open since Monday.</p>',
    attachments: [{ filename: 'door.txt', bytes: Buffer.from('It is a photograph.') }],
  })
  site.as('ann').comment(conversationId, 'I call the locksmith')
  return site
}

function airtable(): Emulator {
  return createAirtable(realPorts(), {
    users: [{ id: 'usrLockstep000000', name: 'Lockstep', email: 'lockstep@example.org' }],
    tokens: [{ token: KEY, user: 'usrLockstep000000' }],
    bases: [
      {
        id: APP,
        name: 'Team',
        tables: [
          {
            name: 'Tasks',
            fields: [
              { name: 'Name', type: 'singleLineText' },
              { name: 'Notes', type: 'multilineText' },
              { name: 'Done', type: 'checkbox', options: { icon: 'check', color: 'greenBright' } },
              { name: 'Files', type: 'multipleAttachments' },
              { name: 'Person', type: 'multipleRecordLinks', options: { linkedTableId: 'People' } },
            ],
            records: [{ Name: 'Call the locksmith', Person: ['Ann Lee'] }],
          },
          {
            name: 'People',
            fields: [
              { name: 'Name', type: 'singleLineText' },
              { name: 'Mail', type: 'email' },
            ],
          },
        ],
      },
    ],
    fetchFile,
  })
}

/** What a cell's new attachment names, as Airtable fetches it. */
async function fetchFile(url: string): Promise<Buffer | null> {
  try {
    const response = await fetch(url)
    return response.ok ? Buffer.from(await response.arrayBuffer()) : null
  } catch {
    return null
  }
}

/** The category that comes first after Discourse's own. */
const CATEGORY = '2'
const KEY = 'emulated-api-key'
const APP = 'appTeam0000000000'
const CALENDAR = 'team@group.calendar.google.com'

const SIGN_IN = {
  clients: [{ id: 'emulated-client', secret: 'emulated-client-secret' }],
  refreshTokens: [{ token: 'emulated-refresh-token', user: '100', client: 'emulated-client' }],
  consentingUser: '100',
}

const signInOptions = (url: string): Record<string, string> => ({
  client_id: 'emulated-client',
  client_secret: 'emulated-client-secret',
  refresh_token: 'emulated-refresh-token',
  base_url: url,
  token_url: `${url}/token`,
  authorization_url: `${url}/o/oauth2/v2/auth`,
  tokeninfo_url: `${url}/tokeninfo`,
  revocation_url: `${url}/revoke`,
})

const systems: Readonly<
  Record<
    string,
    {
      readonly make: () => Emulator
      readonly scope: string
      readonly options: (url: string) => Readonly<Record<string, string>>
    }
  >
> = {
  discourse: {
    make: discourse,
    scope: CATEGORY,
    options: (url) => ({ base_url: url, api_username: 'lockstep', api_key: KEY, webhook_secret: WEBHOOK_SECRET }),
  },
  'google-calendar': {
    make: googleCalendar,
    scope: CALENDAR,
    options: signInOptions,
  },
  // The project, which has the first id.
  teamwork: { make: teamwork, scope: '1', options: (url) => ({ base_url: url, api_key: KEY }) },
  // The team.
  missive: { make: missive, scope: 'acme', options: (url) => ({ base_url: `${url}/v1`, token: KEY }) },
  airtable: {
    make: airtable,
    scope: APP,
    options: (url) => ({ base_url: url, content_url: url, token: KEY, base: APP }),
  },
  'google-chat': { make: googleChat, scope: `spaces/${SPACE}`, options: signInOptions },
}

/** Port 0: any free one. */
export async function emulate(name: string, port: number): Promise<Emulated> {
  const system = systems[name]
  if (system === undefined) throw new Error(`there is no stand-in for ${name}`)
  const served = await serve(system.make(), { port })
  return { name, served, options: system.options(served.url), scope: system.scope }
}
