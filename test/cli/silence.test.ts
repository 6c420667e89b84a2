import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { READY, json, SECRETS, SPACE, until, worldOf } from './world.ts'

const Told = z.object({
  verdict: z.string(),
  began: z.array(z.object({ id: z.string(), message: z.string(), since: z.number().nullable() })),
  ended: z.array(z.object({ id: z.string() })),
})

// Seen red: when what was known was not kept, a restart told it again; when the end was not told, nobody knew it was over.
test('F56 something held and a dead connection are logged once, told to a command, and told to be over', async (t) => {
  const world = await worldOf(t)
  const file = join(world.folder, 'told.jsonl')
  const script = `import { appendFileSync, readFileSync } from 'node:fs'
appendFileSync(${JSON.stringify(file)}, readFileSync(0, 'utf8') + (Object.values(process.env).join(' ').includes('LEAK') ? 'LEAK' : ''))`
  writeFileSync(join(world.folder, 'tell.mjs'), script)
  world.configure(
    (text) => `notify: { command: [${process.execPath}, ${join(world.folder, 'tell.mjs')}] }\npoll: 1s\n${text}`,
  )
  const told = (): z.infer<typeof Told>[] =>
    existsSync(file)
      ? readFileSync(file, 'utf8')
          .trim()
          .split('\n')
          .map((line) => Told.parse(JSON.parse(line)))
      : []
  assert.equal((await world.run('sync', '--yes')).code, 0)
  const first = world.chat.as('101').post(SPACE, 'a beginning of something')
  world.chat.as('101').post(SPACE, 'an unwanted word', { thread: first.name })
  world.meddle(null, (request) =>
    request.method === 'POST' && request.body.toString().includes('unwanted')
      ? { status: 422, headers: {}, body: '{"errors":["Body contains a blocked word"]}' }
      : null,
  )
  let service = world.start('run')
  await service.says(/team: 1 held/)
  await until('the command is told', () => told().some(({ began }) => began.some(({ id }) => id === 'held team')))
  assert.notEqual(told().at(-1)?.began[0]?.since, null)
  const status = z
    .object({ alerts: z.array(z.object({ id: z.string() })) })
    .parse(json(await world.run('status', '--json')))
  assert.deepEqual(
    status.alerts.map(({ id }) => id),
    ['held team'],
  )
  service.child.kill('SIGTERM')
  await service.ended

  world.meddle(null, (request) =>
    request.path === '/session/current.json' ? { status: 403, headers: {}, body: '{}' } : null,
  )
  const before = told().length
  service = world.start('run')
  await service.says(READY)
  await world.run('held', 'retry', '--all')
  world.meddle(null, null)
  await service.says(/over: team: 1 held/)
  assert.equal(service.err().match(/"message":"team: 1 held/g), null)
  await until('its end is told', () =>
    told()
      .slice(before)
      .some(({ ended }) => ended.some(({ id }) => id === 'held team')),
  )

  world.meddle(null, () => ({ status: 403, headers: {}, body: '{"errors":["BAD CSRF"]}' }))
  await until('that is told', () => told().some(({ began }) => began.some(({ id }) => id === 'dead forum')))
  world.meddle(null, null)
  await service.says(/over: forum is dead/)
  const dead = service.err().match(/"level":"warn","message":"forum[ /].*?unauthorized/g) ?? []
  assert.ok(dead.length <= 4, service.err())
  for (const secret of Object.values(SECRETS)) assert.ok(!readFileSync(file, 'utf8').includes(secret))
  service.child.kill('SIGTERM')
  await service.ended
})
