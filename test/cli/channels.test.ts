/** Push channels of the real service, between two calendars of an emulated Google. */
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createGoogleCalendar, type GoogleCalendar } from '../../src/emulators/google-calendar/google-calendar.ts'
import { realPorts, serve } from '../../src/emulators/serve.ts'
import { freePort } from '../free-port.ts'
import { READY, until, worldOf } from './world.ts'

const TEAM = 'team@group.calendar.google.com'

async function google(t: TestContext): Promise<{ emulator: GoogleCalendar; url: string }> {
  const emulator = createGoogleCalendar(realPorts(), {
    users: [{ id: '100', displayName: 'Sync', email: 'sync@example.org' }],
    calendars: [{ id: TEAM, summary: 'Team', owner: '100' }],
    clients: [{ id: 'client', secret: 'secret' }],
    refreshTokens: [{ token: 'refresh', user: '100', client: 'client' }],
    loopbackWebhooks: true,
  })
  const served = await serve(emulator, { port: 0 })
  t.after(() => served.close())
  return { emulator, url: served.url }
}

function configOf(url: string, port: number): string {
  const connection = `
    connector: google-calendar
    client_id: client
    client_secret: secret
    refresh_token: refresh
    base_url: ${url}
    token_url: ${url}/token
    authorization_url: ${url}/o/oauth2/v2/auth
    tokeninfo_url: ${url}/tokeninfo
    revocation_url: ${url}/revoke`
  return `poll: 1h
listen: { webhooks: "127.0.0.1:${port}", control: off, public_url: "http://127.0.0.1:${port}" }
connections:
  work:${connection}
  home:${connection}
flows:
  both:
    between: [work, home]
    scopes: [[${TEAM}, primary]]
    kinds:
      calendar: { a: calendar, b: calendar }
      event:
        a: event
        b: event
        fields:
          title: { a: summary, b: summary }
          when: { as: span, a: { start: start, end: end, zone: zone }, b: { start: start, end: end, zone: zone } }
`
}

test('the service opens channels, changes travel by them alone, and `channels` lists and renews them', async (t) => {
  const { emulator, url } = await google(t)
  const world = await worldOf(t)
  writeFileSync(join(world.folder, 'lockstep.yaml'), configOf(url, await freePort()))
  const none = await world.run('channels')
  assert.match(none.out, /No channel is open yet/)
  const service = world.start('run', '--yes')
  await service.says(READY)
  await until('both channels are open', () => Promise.resolve(emulator.channels().length === 2))
  await until('the first sync is done', async () => (await world.run('status', '--json')).out.includes('"in step"'))

  const sync = emulator.as('100')
  const day = { start: { date: '2099-12-24' }, end: { date: '2099-12-25' } }
  sync.add('primary', { summary: 'by hand', ...day })
  await service.says(/created an event in work/)
  assert.deepEqual(
    sync.events(TEAM).map((event) => event['summary']),
    ['by hand'],
  )

  const listed = await world.run('channels')
  assert.match(listed.out, /home +primary +open +7 days/)
  assert.match((await world.run('channels', 'renew', 'work')).out, /1 channel will be renewed now/)
  await until('another one is open', () => Promise.resolve(emulator.channels().length === 3))
  const strange = await world.run('channels', 'renew', 'office')
  assert.equal(strange.code, 2)
  assert.match(strange.err, /There is no connection "office"[^]*work, home/)
  service.child.kill('SIGTERM')
  assert.equal((await service.ended).code, 0)
})

// Seen red: when channels are left open.
test('who signs out closes the channels of that connection before its token is revoked', async (t) => {
  const { emulator, url } = await google(t)
  const world = await worldOf(t)
  writeFileSync(join(world.folder, 'lockstep.yaml'), configOf(url, await freePort()))
  const service = world.start('run', '--yes')
  await service.says(READY)
  await until('both channels are open', () => emulator.channels().length === 2)
  const done = await world.run('disconnect', 'work', '--yes')
  assert.equal(done.code, 0, done.err)
  assert.match(done.out, /its token is revoked and forgotten/)
  assert.match(done.out, /home may be signed out as well/)
  assert.doesNotMatch(done.out, /could not be closed/)
  assert.equal(emulator.channels().length, 1)
  assert.doesNotMatch((await world.run('channels')).out, /^work/m)
})
