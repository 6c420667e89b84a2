import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { READY, assertSecretsKept, json, SECRETS, SPACE, until, worldOf, type World } from './world.ts'

const Polled = z.object({ connections: z.array(z.object({ polledAt: z.number().nullable() })) })

/** Where the service of this folder listens. */
async function listeners(world: World): Promise<{ webhooks: string; control: string }> {
  const { listeners: found } = json(await world.run('status', '--json'))
  assert.ok(typeof found === 'object' && found !== null && 'webhooks' in found && 'control' in found)
  return { webhooks: String(found.webhooks), control: String(found.control) }
}

test('the service carries changes both ways at once, and ends with 0 on SIGTERM', async (t) => {
  const world = await worldOf(t)
  const service = world.start('run', '--yes')
  await service.says(READY)
  const { webhooks } = await listeners(world)
  subscribe(world, `${webhooks}/webhooks/forum`)
  await until('the first sync is done', async () => (await world.run('status', '--json')).out.includes('"in step"'))

  const topic = { title: 'A question about the harvest', raw: 'When do we begin with it?', category: 2 }
  assert.ok(world.forum.as('cyd').topic(topic).ok)
  await service.says(/created a thread in chat for the topic/)
  const texts = world.chat
    .as('101')
    .messages(SPACE)
    .map((message) => message.text ?? '')
  assert.ok(
    texts.some((text) => text.includes('A question about the harvest')),
    texts.join('\n'),
  )
  const token = readFileSync(join(world.folder, 'lockstep.db.token'), 'utf8').trim()
  const { control } = await listeners(world)
  assert.equal((await fetch(`${webhooks}/webhooks/forum`, { method: 'POST', body: '{}' })).status, 401)
  const metrics = await fetch(`${control}/metrics`, { headers: { authorization: `Bearer ${token}` } })
  const counted = await metrics.text()
  assert.match(counted, /^lockstep_writes_total\{flow="team",pair="thread-topic",action="create",side="a"\} \d/m)
  assert.match(counted, /^lockstep_renewals_total\{connection="chat",of="token"\} 1$/m)
  assert.match(counted, /^lockstep_webhooks_refused_total\{connection="forum"\} 1$/m)
  assert.match(counted, /^lockstep_write_wait_seconds_count\{flow="team"\} \d/m)

  service.child.kill('SIGTERM')
  const ended = await service.ended
  assert.equal(ended.code, 0, ended.err)
  assert.match(ended.err, /"ending: calls under way/)
  assertSecretsKept(ended)
  for (const line of ended.err.trim().split('\n')) assert.doesNotThrow(() => JSON.parse(line), line)
  const after = await world.run('status')
  assert.equal(after.code, 0)
  assert.match(after.out, /no service running/)
})

/** Makes the forum send webhooks to an address. */
function subscribe(world: World, url: string): void {
  const answer = world.forum.handle({
    method: 'POST',
    path: '/admin/api/web_hooks.json',
    query: new URLSearchParams(),
    headers: { 'api-key': SECRETS.key, 'api-username': 'sync_bot', 'content-type': 'application/json' },
    body: Buffer.from(
      JSON.stringify({
        web_hook: { payload_url: url, content_type: 1, secret: SECRETS.webhook, web_hook_event_type_ids: [1, 2, 5] },
      }),
    ),
    address: '127.0.0.1',
  })
  assert.equal(answer.status, 200, String(answer.body))
}

test('commands speak to the service that runs, and print the same', async (t) => {
  const world = await worldOf(t)
  const message = world.chat.as('101').post(SPACE, 'said before the service ran')
  const service = world.start('run')
  await service.says(READY)
  assert.equal(statSync(join(world.folder, 'lockstep.db.sock')).mode & 0o777, 0o600)
  assert.equal(statSync(join(world.folder, 'lockstep.db.token')).mode & 0o777, 0o600)

  const plan = await world.run('plan')
  assert.match(plan.out, /create +forum +topic +said before/)
  const asked = await world.run('sync')
  assert.equal(asked.code, 3)
  const yes = await world.run('sync', '--yes')
  assert.equal(yes.code, 0, yes.out + yes.err)
  assert.match(yes.out, /in step/)
  assert.match((await world.run('explain', message.name)).out, /created the/)
  assert.match((await world.run('held')).out, /Nothing is held/)
  assert.match((await world.run('conflicts')).out, /no conflicts/)
  assert.equal((await world.run('check')).code, 0)
  const status = await world.run('status')
  assert.equal(status.code, 0)
  assert.match(status.out, /service running/)

  const second = await world.run('run')
  assert.equal(second.code, 1)
  assert.match(second.err, /already running/)
  service.child.kill('SIGINT')
  assert.equal((await service.ended).code, 0)
})

test('the control listener answers this machine alone, and only with the token', async (t) => {
  const world = await worldOf(t)
  const service = world.start('run', '--yes')
  await service.says(READY)
  const { control } = await listeners(world)
  const token = readFileSync(join(world.folder, 'lockstep.db.token'), 'utf8').trim()
  const headers = { authorization: `Bearer ${token}` }
  assert.equal((await fetch(`${control}/health`)).status, 401)
  assert.equal((await fetch(`${control}/health`, { headers: { authorization: 'Bearer wrong' } })).status, 401)
  assert.equal(
    (await fetch(`${control}/health`, { headers: { ...headers, 'x-forwarded-for': '1.2.3.4' } })).status,
    403,
  )
  const health = await fetch(`${control}/health`, { headers })
  assert.equal(health.status, 200)
  assert.match(await health.text(), /"ok":true/)
  const counted = await (await fetch(`${control}/metrics`, { headers })).text()
  assert.match(counted, /^lockstep_due\{flow="team"\} \d+$/m)
  assert.match(counted, /^lockstep_connection_up\{connection="chat"\} 1$/m)
  const asJson = { ...headers, 'content-type': 'application/json' }
  const unknown = await fetch(`${control}/sync`, { method: 'POST', headers: asJson, body: '{"flow":"nope"}' })
  assert.equal(unknown.status, 400)
  assert.match(await unknown.text(), /"error":"unknown-flow".*nope.*"remedy"/)
  const form = await fetch(`${control}/sync`, { method: 'POST', headers, body: 'flow=team' })
  assert.equal(form.status, 415)
  const post = await fetch(`${control}/sync`, { method: 'POST', headers: asJson, body: '{}' })
  assert.equal(post.status, 202)
  assert.equal((await fetch(`${control}/webhooks/forum`, { method: 'POST', headers })).status, 415)
})

test('a sync that is under way when the service is told to end is no failure', async (t) => {
  const world = await worldOf(t)
  const service = world.start('run')
  await service.says(READY)
  const { control } = await listeners(world)
  const token = readFileSync(join(world.folder, 'lockstep.db.token'), 'utf8').trim()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  await until('everything is read', async () => (await world.run('status', '--json')).out.includes('"not started"'))
  world.meddle(() => ({ status: 429, headers: { 'retry-after': '1' }, body: '{}' }), null)
  await fetch(`${control}/sync`, { method: 'POST', headers, body: '{}' })
  service.child.kill('SIGTERM')
  await service.says(/"ending: /)
  world.meddle(null, null)
  const ended = await service.ended
  assert.equal(ended.code, 0, ended.err)
  assert.doesNotMatch(ended.err, /"level":"error"/)
  assert.match(ended.err, /ends with the service/)
})

test('a port in use is told with the option that names it', async (t) => {
  const world = await worldOf(t)
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', () => resolve()))
  t.after(() => other.close())
  const address = other.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  world.configure((text) => text.replace('webhooks: 127.0.0.1:0', `webhooks: 127.0.0.1:${port}`))
  const ran = await world.run('run')
  assert.equal(ran.code, 2)
  assert.match(ran.err, new RegExp(`the webhook listener cannot listen on 127\\.0\\.0\\.1:${port}`))
  assert.match(ran.err, /listen\.webhooks/)
})

test('a service that is killed in the middle leaves nothing in the way, and writes nothing twice', async (t) => {
  const world = await worldOf(t)
  const ann = world.chat.as('101')
  for (let index = 0; index < 8; index += 1) ann.post(SPACE, `a message that may be hit, number ${index}`)
  const service = world.start('run', '--yes')
  await service.says(/created a topic/)
  service.child.kill('SIGKILL')
  await service.ended
  const killedAt = Date.now()
  const again = world.start('run')
  await again.says(READY)
  await until('it reads again', async () => {
    const { connections } = Polled.parse(JSON.parse((await world.run('status', '--json')).out))
    return connections.every(({ polledAt }) => (polledAt ?? 0) > killedAt)
  })
  const titles = [...world.forum.state().topics.values()].map((topic) => topic.title)
  assert.equal(new Set(titles).size, titles.length)
  again.child.kill('SIGTERM')
  assert.equal((await again.ended).code, 0)
})
