import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Configured } from '../../src/connector/index.ts'
import { missive } from '../../src/connectors/missive/index.ts'
import { teamwork } from '../../src/connectors/teamwork/index.ts'
import { askingWith } from '../../src/init/asking.ts'
import { askedForWebhooks } from '../../src/init/webhooks.ts'
import { seeded } from '../../src/testing/virtual-time.ts'
import { ORG, SYNC as USER, testSite as testOrganization } from '../connectors/missive-site.ts'
import { SYNC, testSite } from '../connectors/teamwork-site.ts'

async function told(connector: Configured, api: unknown, ref: string): Promise<readonly string[]> {
  const said: string[] = []
  const asking = askingWith(new Map(), null, (text) => void said.push(text))
  const actor = { ref }
  await askedForWebhooks({ asking, random: seeded(1) }, { connector, api, actor }, 'https://sync.example.org/')
  return said
}

// Seen red: where what was asked for stays; where the words of the refusal are not told.
test('init asks each system for webhooks and takes that back; a refusal is told in its words, and changes are polled', async () => {
  const site = testSite({ webhooksEnabled: true })
  assert.deepEqual(await told(teamwork as Configured, site.api, String(SYNC)), [
    'Teamwork: sends webhooks where it is asked to',
  ])
  const addresses = site.runtime.sent
    .map(({ body }) => body ?? '')
    .filter((body) => body.includes('https://sync.example.org'))
  assert.ok(addresses.length > 0 && addresses.every((body) => body.includes('/webhooks/tried-by-init/')))
  assert.equal(site.requests().filter((each) => each.startsWith('DELETE /webhooks/')).length, addresses.length)

  const organization = testOrganization()
  assert.deepEqual(await told(missive as Configured, organization.api, USER), [
    'Missive: sends webhooks where it is asked to',
  ])
  const asked = organization.requests()
  assert.equal(asked.filter((each) => each === 'POST /hooks').length, 6)
  assert.equal(asked.filter((each) => each.startsWith('DELETE /hooks/')).length, 6)

  const off = testSite({ webhooksEnabled: false })
  const [refused = ''] = await told(teamwork as Configured, off.api, String(SYNC))
  assert.match(refused, /^Teamwork: sends no webhooks: .*webhooks.*\n→ changes are polled every minute; /i)
  const organizations = { [ORG]: 'member' as const }
  const user = { id: USER, name: 'Sync Bot', email: 'sync@acme.test', organizations, token: 'token-sync' }
  const member = testOrganization({ users: [user], teams: [], accounts: [] })
  const [forbidden = ''] = await told(missive as Configured, member.api, USER)
  assert.match(forbidden, /^Missive: sends no webhooks: .*Only owners and admins of the organization make rules\n→ /)
})
