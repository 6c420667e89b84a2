/** Writes the configuration that keeps the table and the calendars in step, into a fresh folder. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { freePorts, type Configuration } from '../configuration.ts'
import type { Application, Place } from './application.ts'

/** Users of the application, and their calendars. */
export const OWNERS = { '17': 'mira@group.calendar.google.com', '18': 'jonas@group.calendar.google.com' } as const
export type Owner = keyof typeof OWNERS

export const CLIENT = { id: 'lockstep-demo', secret: 'demo-client-secret' } as const
/** Of each user's account at Google. */
export const TOKENS = { '17': 'refresh-token-of-mira', '18': 'refresh-token-of-jonas' } as const

/** What the names of all that notes changes begin with, or the schema that it is in. */
export function captureOf({ schema }: Place): string {
  return schema === '' ? 'lockstep_capture' : `${schema}_capture`
}

export function folderOf(): string {
  return mkdtempSync(join(tmpdir(), 'lockstep-demo-'))
}

/** `DATABASE_URL` where it names a PostgreSQL, else a SQLite file in the folder. */
export function placeIn(folder: string, given = process.env['DATABASE_URL']): Place {
  if (given?.startsWith('postgres') === true) return { url: given, schema: `lockstep_demo_${process.pid}` }
  return { url: `sqlite:${join(folder, 'application.db')}`, schema: '' }
}

export async function writeConfiguration(
  folder: string,
  application: Application,
  google: string,
): Promise<Configuration> {
  const path = join(folder, 'lockstep.yaml')
  const [webhooks = 0, control = 0] = await freePorts(2)
  const variables = {
    APPLICATION_DATABASE: application.place.url,
    GOOGLE_CLIENT_ID: CLIENT.id,
    GOOGLE_CLIENT_SECRET: CLIENT.secret,
    MIRA_TOKEN: TOKENS['17'],
    JONAS_TOKEN: TOKENS['18'],
  }
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
  writeFileSync(join(folder, '.env'), `${lines.join('\n')}\n`, { mode: 0o600 })
  writeFileSync(path, yaml(application, google, webhooks, control))
  return { folder, path, hook: '', control: `http://127.0.0.1:${control}` }
}

/** The configuration of the guide, with the addresses of this run. */
function yaml({ table, place }: Application, google: string, webhooks: number, control: number): string {
  const guide = readFileSync(new URL('../../docs/guide/table-and-calendar.md', import.meta.url), 'utf8')
  const document = parseDocument(/```yaml\n([^]*?)```/.exec(guide)?.[1] ?? '')
  document.commentBefore =
    ' Written by "npm run demo:calendar", from docs/guide/table-and-calendar.md. Secrets are in .env.'
  // The calendar tells of its changes by push, the database by its triggers.
  document.setIn(['poll'], '1h')
  document.setIn(['listen', 'webhooks'], `127.0.0.1:${webhooks}`)
  document.setIn(['listen', 'control'], `127.0.0.1:${control}`)
  document.setIn(['listen', 'public_url'], `http://127.0.0.1:${webhooks}`)
  document.setIn(['connections', 'app', 'capture_schema'], captureOf(place))
  for (const kind of ['entry', 'exception']) document.setIn(['connections', 'app', 'tables', kind, 'table'], table)
  document.setIn(['connections', 'calendar', 'base_url'], google)
  document.setIn(['connections', 'calendar', 'token_url'], `${google}/token`)
  document.setIn(['connections', 'calendar', 'tokeninfo_url'], `${google}/tokeninfo`)
  return document.toString({ lineWidth: 0 })
}
