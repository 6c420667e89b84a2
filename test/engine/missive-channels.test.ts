/** Missive is asked to send webhooks: what comes by them, and what becomes of it where it refuses. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DATABASES } from '../connectors/database/databases.ts'
import { ORG } from './ingest-systems.ts'
import { FLOWS, warehouseOf, type Warehouse } from './warehouse.ts'

const MINUTE = 60_000
const ORGANIZATION = {
  users: [
    {
      id: 'user-sync',
      name: 'Sync Bot',
      email: 'sync@acme.test',
      organizations: { [ORG]: 'member' as const },
      token: 'token-sync',
    },
  ],
  teams: [{ id: 'team-support', name: 'Support', organization: ORG, members: ['user-sync'] }],
}

const make = DATABASES.find(({ name }) => name === 'SQLite')?.make ?? assert.fail()
const FLOW = { mail: FLOWS.mail }
const subjects = (world: Warehouse): readonly unknown[] =>
  world.rows('SELECT subject FROM emails ORDER BY subject').map((row) => row['subject'])

// Seen red: where nobody asks; where what comes is not looked at.
test('channels: Missive is asked for webhooks by itself, and a mail is there before the next poll', async (t) => {
  const world = await warehouseOf(await make(t), { flows: FLOW, asks: true })
  await world.run(2 * MINUTE)
  const [channel] = await world.store.channels({ connection: 'missive' })
  assert.deepEqual([channel?.scope, channel?.state, channel?.handle?.split(',').length], [ORG, 'open', 6])
  // It polls when it begins, and then again after a minute.
  world.time.after(10_000, () => void world.send('Help', 'hello'))
  await world.run(25_000)
  assert.deepEqual(subjects(world), ['Help'])
  assert.ok(((await world.store.channels({ connection: 'missive' }))[0]?.heardAt ?? 0) > 0)
})

// Seen red: where a channel that cannot be opened ends the turn of its connection.
test('channels: where Missive lets this user make no rules that is said in its words, and polls find what changes', async (t) => {
  const world = await warehouseOf(await make(t), { flows: FLOW, asks: true, organization: ORGANIZATION })
  await world.run(2 * MINUTE)
  world.send('Help', 'hello')
  await world.run(3 * MINUTE)
  assert.deepEqual(subjects(world), ['Help'])
  const { channels } = await world.store.status(undefined)
  assert.deepEqual(
    channels.map(({ why }) => why),
    ['403: Only owners and admins of the organization make rules'],
  )
  const refused = world.events.filter((event) => event.is === 'trouble' && event.where === `missive channel ${ORG}`)
  assert.ok(refused.length >= 2, 'it is asked again')
  assert.ok(world.calls.filter(({ path }) => path === '/v1/hooks').length < 12, 'and not all the time')
})
