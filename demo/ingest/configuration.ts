/** The configuration of the guide, with the addresses of this run, in a fresh folder. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import type { Place } from '../calendar/application.ts'
import { freePorts, type Configuration } from '../configuration.ts'
import { KEYS, type Systems } from './systems.ts'

export async function writeConfiguration(
  folder: string,
  place: Place,
  urls: Systems['urls'],
  poll = '2s',
): Promise<Configuration> {
  const path = join(folder, 'lockstep.yaml')
  const [webhooks = 0, control = 0] = await freePorts(2)
  const variables = {
    WAREHOUSE_URL: place.url,
    TEAMWORK_API_KEY: KEYS.teamwork,
    MISSIVE_TOKEN: KEYS.missive,
    MISSIVE_WEBHOOK_SECRET: KEYS.hook,
  }
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}`)
  writeFileSync(join(folder, '.env'), `${lines.join('\n')}\n`, { mode: 0o600 })
  const guide = readFileSync(new URL('../../docs/guide/ingest.md', import.meta.url), 'utf8')
  const document = parseDocument(/```yaml\n([^]*?)```/.exec(guide)?.[1] ?? '')
  document.commentBefore = ' Written by "npm run demo:ingest", from docs/guide/ingest.md. Secrets are in .env.'
  // Each poll asks for what is not told by webhooks; once a minute would be enough where nobody waits.
  document.setIn(['poll'], poll)
  document.setIn(['listen', 'webhooks'], `127.0.0.1:${webhooks}`)
  document.setIn(['listen', 'control'], `127.0.0.1:${control}`)
  document.setIn(['listen', 'public_url'], `http://127.0.0.1:${webhooks}`)
  document.setIn(['connections', 'teamwork', 'base_url'], urls.teamwork)
  document.setIn(['connections', 'teamwork', 'requests_per_minute'], 100_000)
  document.setIn(['connections', 'missive', 'base_url'], `${urls.missive}/v1`)
  document.setIn(['connections', 'missive', 'requests_per_minute'], 100_000)
  document.setIn(['connections', 'missive', 'requests_per_quarter'], 1_000_000)
  if (place.schema !== '') document.setIn(['connections', 'warehouse', 'ingest', 'schema'], place.schema)
  writeFileSync(path, document.toString({ lineWidth: 0 }))
  return { folder, path, hook: `http://127.0.0.1:${webhooks}/webhooks/missive`, control: `http://127.0.0.1:${control}` }
}
